"""A process that is killed while it applies an HR file leaves the old register or the new one, and says which."""

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

# It has a database of its own, which is the same whatever the other tests run on.
pytestmark = pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="runs once, on SQLite")
ROWS = 2000
KILLS = 4
PREPARE = """
import django; django.setup()
from datetime import date
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Site
from learning.organisation.hr.services import choose_columns, confirm, receive, work
from learning.organisation.models import HrImport
from learning.organisation.services import found_municipality
from learning.organisation.tasks import work_on_import
work_on_import.delay = lambda pk: None
call_command("migrate", verbosity=0)
site = Site.objects.get(is_default_site=True)
place = found_municipality(name="Provkommun", slug="prov", site=site, on=date(2009, 1, 1))
content = "Anst.nr;Namn;Enhet\\n" + "\\n".join(f"{n};Kim Nr{n};Enhet {n % 30}" for n in range(ROWS))
hr_import = receive(municipality=place, filename="hr.csv", content=content.encode(), on=date(2026, 3, 2))
choose_columns(hr_import=hr_import, columns=hr_import.columns, opens_units=True)
work(hr_import.pk, now=timezone.now())
hr_import.refresh_from_db()
confirm(hr_import=hr_import, by=None)
"""
APPLY = """
import django; django.setup()
from django.utils import timezone
from learning.organisation.hr.services import work
from learning.organisation.models import HrImport
pk = HrImport.objects.get().pk
print("begins", flush=True)
work(pk, now=timezone.now())
print("ends", flush=True)
"""


def process(folder: Path, script: str) -> subprocess.Popen:
    settings = {"DJANGO_SETTINGS_MODULE": "learning.settings.test", "DATA_DIR": str(folder)}
    settings["DATABASE_URL"] = f"sqlite:///{folder / 'register.sqlite3'}"
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | settings,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def told(folder: Path) -> tuple[str, str]:
    """What the import says of itself, and the hash of the register."""
    database = sqlite3.connect(folder / "register.sqlite3")
    (state,) = database.execute("SELECT state FROM organisation_hrimport").fetchone()
    rows = []
    for query in (
        "SELECT external_id, first_name, last_name FROM organisation_person ORDER BY external_id",
        "SELECT person_id, unit_id, starts_on, ends_on, is_main FROM organisation_employment ORDER BY id",
        "SELECT path, name FROM organisation_orgunit ORDER BY path",
    ):
        rows += database.execute(query).fetchall()
    database.close()
    return state, hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    child = process(folder, PREPARE.replace("ROWS", str(ROWS)))
    assert child.wait(120) == 0
    return folder


def applied(folder: Path) -> float:
    """Let the file be applied to its end; returns the seconds that it took."""
    child = process(folder, APPLY)
    assert child.stdout.readline() == "begins\n"
    start = time.monotonic()
    assert child.stdout.readline() == "ends\n"
    seconds = time.monotonic() - start
    assert child.wait(30) == 0
    return seconds


def test_the_register_is_the_old_one_or_the_new_one(prepared, tmp_path):
    whole = shutil.copytree(prepared, tmp_path / "whole")
    state, old = told(whole)
    assert state == "applying"
    seconds = applied(whole)
    state, new = told(whole)
    assert (state, new != old) == ("applied", True)
    met = set()
    for number in range(KILLS):
        folder = shutil.copytree(prepared, tmp_path / str(number))
        child = process(folder, APPLY)
        child.stdout.readline()
        # Now in the middle, now about when it is committed.
        time.sleep(seconds * random.uniform(*((0.05, 0.95) if number else (0.05, 0.3))))
        child.kill()
        child.wait(30)
        state, register = told(folder)
        assert (state, register) in {("applying", old), ("applied", new)}
        met.add(state)
        applied(folder)
        assert told(folder) == ("applied", new)
    assert "applying" in met

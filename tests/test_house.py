"""The rules of the house that no other tool holds. Each pattern carries a line that passes and one that fails."""

import fnmatch
import os
import re
import secrets
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import polib
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {
    *["courses", "home", "learning", "quizzes"],
    *["docs", "locale", "static", "templates", "tests"],
    *["CHANGELOG.md", "Makefile", "README.md", "manage.py", "pyproject.toml"],
    *["requirements.txt", "requirements-dev.txt"],
}
# Where text is marked as safe, and why it is.
SAFE = {
    "learning/templatetags/ui.py": "the text and the municipality's words are each escaped before they are joined",
}


@dataclass
class Rule:
    """A pattern that must not occur in the files, and what to do instead."""

    name: str
    files: str
    pattern: str
    instead: str
    good: str
    bad: str
    excepted: tuple[str, ...] = ()

    def breach(self, text: str) -> re.Match | None:
        return re.search(self.pattern, text, re.MULTILINE)


RULES = [
    Rule(
        "migrations stand alone",
        "*/migrations/*.py",
        r"^\s*(from|import) (home|courses|quizzes|learning)\b",
        "Use apps.get_model(), and copy what is needed: a migration must outlive the code of its day.",
        good="from django.db import migrations",
        bad="from courses.models import CoursePage",
    ),
    Rule(
        "locks name no host",
        "requirements*.txt",
        r"://|^--(index|extra|find)",
        "Recompile with make lock.",
        good="amqp==5.4.2 \\",
        bad="--index-url https://packages.example/simple",
    ),
    Rule(
        "no paths of a machine",
        "*",
        r"(?<![\w.}*-])/(home|root|work|Users)/\w",
        "Start from BASE_DIR, DATA_DIR or a temporary folder.",
        good='template = "courses/home/start.html"',
        bad='template = "/home/anna/start.html"',
    ),
    Rule(
        "templates mark nothing as safe",
        "templates/*.html",
        r"\|\s*safe(seq)?\b|autoescape off",
        "Use richtext, a block's own rendering, or format_html; an exception belongs in SAFE, with its reason.",
        good="{{ page.summary|linebreaks }}",
        bad="{{ page.summary|safe }}",
        excepted=tuple(SAFE),
    ),
    Rule(
        "code marks nothing as safe",
        "*.py",
        r"\bmark_safe\b|\bSafeString\(",
        "Use format_html; an exception belongs in SAFE, with its reason.",
        good='format_html("<b>{}</b>", title)',
        bad='mark_safe(f"<b>{title}</b>")',
        excepted=tuple(SAFE),
    ),
    Rule(
        "nothing runs inline",
        "templates/*.html",
        r"<script\b(?![^>]*\ssrc=)|<[a-z][^>]*\son[a-z]+=",
        "Put it in static/js/ and load it with src: the content security policy refuses anything else.",
        good="""<script src="{% static 'js/confirm.js' %}" defer></script>""",
        bad="""<button class="primary" onclick="hand_in()">""",
    ),
    Rule(
        "nothing is styled inline",
        "templates/*.html",
        r"<style\b|<[a-z][^>]*\sstyle=",
        "Put it in static/css/: the content security policy refuses anything else.",
        good="""<p class="callout">""",
        bad="""<p class="callout" style="color: red">""",
        excepted=("templates/mail/*",),  # mail programs read no style sheets
    ),
    Rule(
        "texts are marked by names that are gathered",
        "*.py",
        r"\bn?p?gettext(_lazy|_noop)? as (?!(_|n?p?gettext)\b)\w",
        "Import it by its own name or as _: makemessages finds no other, and the text would stay English.",
        good="from django.utils.translation import gettext_lazy as _",
        bad="from django.utils.translation import gettext_lazy as _lazy",
    ),
    Rule(
        "no check is switched off in passing",
        "*.py",
        r"#\s*(noqa|ruff:|type:\s*ignore|pragma: no cover)",
        "Change the code, or make the exception in pyproject.toml, with its reason.",
        good="# The order need not be unguessable.",
        bad="from .base import *  # noqa: F403",
    ),
]


def files(*patterns: str) -> list[str]:
    """The paths that match one of the patterns, among all that .gitignore leaves; never this file."""
    return [path for path in ALL if any(fnmatch.fnmatch(path, pattern) for pattern in patterns)]


def _all_files() -> list[str]:
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]
    ignored = re.compile("|".join(map(fnmatch.translate, [".git", *ignored])))
    found, folders = [], [ROOT]
    for folder in folders:
        for path in folder.iterdir():
            if not ignored.match(path.name) and path != Path(__file__):
                (folders if path.is_dir() else found).append(path)
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


ALL = _all_files()


def text_of(path: str) -> str:
    """The text of the file; empty for a picture and the like."""
    try:
        return (ROOT / path).read_text()
    except UnicodeDecodeError:
        return ""


each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@each_rule
def test_the_rule_knows_good_from_bad(rule):
    assert rule.breach(rule.good) is None
    assert rule.breach(rule.bad) is not None


@each_rule
def test_the_rule_is_kept(rule):
    excepted = files(*rule.excepted)
    breaches = [
        f"{path}: {breach[0].strip()}"
        for path in files(rule.files)
        if path not in excepted and (breach := rule.breach(text_of(path)))
    ]
    assert breaches == [], rule.instead


def test_each_exception_from_marking_as_safe_is_in_use():
    patterns = [rule for rule in RULES if rule.excepted == tuple(SAFE)]
    assert [path for path in SAFE if not any(rule.breach(text_of(path)) for rule in patterns)] == []


def test_everything_at_the_top_has_its_place():
    at_the_top = {path.split("/")[0] for path in ALL}
    assert {name for name in at_the_top if not name.startswith(".")} - TOP_LEVEL == set()


def test_docs_index_lists_every_page():
    index = (ROOT / "docs/README.md").read_text()
    pages = [path.removeprefix("docs/") for path in files("docs/*.md") if path != "docs/README.md"]
    assert [page for page in pages if f"({page})" not in index] == []


def test_docs_name_every_environment_variable():
    settings = "".join(map(text_of, files("learning/settings/*.py")))
    names = set(re.findall(r"""\benv(?:\.\w+)?\(\s*"([A-Z_]+)\"""", settings)) | {"HOST", "PORT"}
    table = (ROOT / "docs/development.md").read_text()
    assert {name for name in names if f"| `{name}` |" not in table} == set()


def test_every_module_stands_on_a_floor():
    contract = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]
    placed = set(re.findall(r"[\w.]+", " ".join(contract["layers"])))
    modules = {path.removesuffix(".py").replace("/", ".") for path in files("learning/*.py") if path.count("/") == 1}
    packages = {path.rpartition("/")[0].replace("/", ".") for path in files("learning/*/__init__.py")}
    rooms = {name for name in modules | packages if name.count(".") == 1} - {"learning.__init__"}
    assert rooms - placed == set()


def test_the_production_settings_pass_the_checks_of_django(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "ALLOWED_HOSTS": "kunskap.example",
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "learning.settings.production",
        "SECRET_KEY": secrets.token_hex(32),
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    checked = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def pins(lock: str) -> dict[str, str]:
    """The packages of the lock and their versions."""
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[[^\]]*\])?==(\S+)", text_of(lock), re.MULTILINE))


def test_the_development_lock_holds_all_of_the_other():
    assert pins("requirements.txt").items() - pins("requirements-dev.txt").items() == set()


def test_the_locks_keep_what_the_project_asks_for():
    project = tomllib.loads(text_of("pyproject.toml"))
    asked = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": project["dependency-groups"]["dev"],
    }
    for lock, lines in asked.items():
        locked = pins(lock)
        for requirement in map(Requirement, lines):
            assert requirement.specifier.contains(locked.get(requirement.name.lower(), "")), f"{requirement} in {lock}"


@pytest.fixture
def catalogue():
    return polib.pofile((ROOT / "locale/sv/LC_MESSAGES/django.po").read_text())


def test_all_is_translated_into_swedish(catalogue):
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_the_compiled_catalogue_is_that_of_its_source(catalogue):
    compiled = polib.mofile((ROOT / "locale/sv/LC_MESSAGES/django.mo").read_bytes())

    def messages(entries):
        return {(entry.msgctxt or "", entry.msgid): entry.msgstr or entry.msgstr_plural for entry in entries}

    assert messages(compiled) == messages(catalogue.translated_entries())
    assert compiled.metadata["Plural-Forms"] == catalogue.metadata["Plural-Forms"]

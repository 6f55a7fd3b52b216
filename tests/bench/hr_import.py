"""An HR file of 100,000 rows beside COPY of the same rows: rows a second, and the peak of memory.

Run by `make bench`, against the database that DATABASE_URL names; it must be empty.
"""

import io
import os
import resource
import sys
import time
from datetime import date

import django

ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
TODAY = date(2026, 3, 2)


def content() -> bytes:
    """A file in the manner of an HR system: a hundred units, a few employments without an address."""
    file = io.BytesIO()
    text = io.TextIOWrapper(file, "cp1252", write_through=True)
    text.write("Anst.nr;Förnamn;Efternamn;E-post;Förvaltning;Enhet;Orgkod;Befattning;Anst fr.o.m.;Anst t.o.m.\n")
    for n in range(ROWS):
        email = f"person{n}@kommun.example" if n % 10 else ""
        unit = n % 100
        text.write(
            f"{n};Förnamn{n % 997};Efternamn{n % 4999};{email};Förvaltning {unit % 7};Enhet {unit};E{unit};"
            f"Befattning {n % 31};20{10 + n % 15}-0{1 + n % 9}-15;9999-12-31\n"
        )
    return file.getvalue()


def timed(what: str, act) -> float:
    start = time.perf_counter()
    act()
    seconds = time.perf_counter() - start
    print(f"{what:<28} {seconds:7.2f} s  {ROWS / seconds:10,.0f} rows/s  peak {peak():5.0f} MB", flush=True)
    return seconds


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def copy(file: bytes) -> None:
    """The quickest way that rows get into PostgreSQL."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bench (a text, b text, c text, d text, e text, f text, g text, h text, i text, j text)"
        )
        with cursor.copy("COPY bench FROM STDIN (FORMAT csv, DELIMITER ';', HEADER)") as stream:
            for line in io.TextIOWrapper(io.BytesIO(file), "cp1252"):
                stream.write(line.encode())


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone
    from wagtail.models import Site

    from learning.coverage.services import held_back
    from learning.organisation.hr.services import choose_columns, confirm, receive, work
    from learning.organisation.models import Employment, HrImport
    from learning.organisation.services import found_municipality
    from learning.organisation.tasks import work_on_import

    # Each step is taken, and timed, by itself.
    work_on_import.delay = lambda pk: None
    call_command("migrate", verbosity=0)
    site = Site.objects.get(is_default_site=True)
    municipality = found_municipality(name="Provkommun", slug="prov", site=site, on=date(2009, 1, 1))
    file = content()
    copied = timed("COPY", lambda: copy(file))
    now = timezone.now()

    def step() -> None:
        work(HrImport.objects.latest("pk").pk, now=now)

    def bring() -> None:
        hr_import = receive(municipality=municipality, filename="hr.csv", content=file, on=TODAY)
        choose_columns(hr_import=hr_import, columns=hr_import.columns, opens_units=True)

    def accept() -> None:
        confirm(hr_import=HrImport.objects.latest("pk"), by=None)

    with held_back():
        total = timed("receive", bring) + timed("compare", step)
        accept()
        total += timed("apply", step)
        assert Employment.objects.count() == ROWS
        again = timed("receive the same again", bring) + timed("compare the same again", step)
    print(f"diff and apply: {ROWS / total:,.0f} rows/s, {total / copied:.0f} × COPY")
    print(f"the same file again: {again / total:.2f} × that")
    print(f"peak {peak():.0f} MB")


if __name__ == "__main__":
    sys.exit(main())

"""The pages of people at 100,000 of them, beside a bare view that reads one row: server time and queries a page.

Run by `make bench`, against the database that DATABASE_URL names; it must be empty.
"""

import os
import random
import sys
import time
from datetime import date

import django

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
UNITS = 1000
TIMES = 15
FOUNDED = date(2009, 1, 1)
FIRST_NAMES = ["Åsa", "Kim", "Björn", "Örjan", "Anna", "Erik", "Maria", "Karin", "Lars", "Nils"]
LAST_NAMES = ["Ek", "Berg", "Lund", "Öberg", "Åkesson", "Svensson", "Lind"]


def fill():
    """A municipality of so many people; returns its coordinator, and a unit."""
    from django.db import connection
    from wagtail.models import Site

    from learning.bulk import insert
    from learning.coverage.services import held_back
    from learning.organisation.models import Employment, Person
    from learning.organisation.reorganisation import open_unit
    from learning.organisation.services import appoint, employ, enrol_person, found_municipality

    site = Site.objects.get(is_default_site=True)
    municipality = found_municipality(name="Provkommun", slug="prov", site=site, on=FOUNDED)
    departments = [
        open_unit(parent=municipality.root, name=f"Förvaltning {n}", kind="förvaltning", on=FOUNDED) for n in range(20)
    ]
    units = [open_unit(parent=departments[n % 20], name=f"Enhet {n}", kind="enhet", on=FOUNDED) for n in range(UNITS)]
    chance = random.Random(1)
    names = ["municipality_id", "external_id", "first_name", "last_name", "email", "is_protected", "password"]
    insert(
        Person,
        names,
        (
            (
                municipality.pk,
                str(n),
                f"{chance.choice(FIRST_NAMES)}{n % 97}",
                f"{chance.choice(LAST_NAMES)}{n % 4999}",
                f"person{n}@kommun.example" if n % 10 else None,
                False,
                "!",
            )
            for n in range(PEOPLE)
        ),
    )
    names = ["person_id", "unit_id", "role", "population", "is_main", "external_no", "starts_on", "ends_on"]
    pks = Person.objects.order_by("pk").values_list("pk", flat=True)
    insert(
        Employment,
        names,
        (
            (
                pk,
                units[n % UNITS].pk,
                f"Befattning {n % 31}",
                "elected" if n % 50 == 0 else "partner" if n % 51 == 0 else "employee",
                True,
                "",
                date(2010 + n % 15, 1, 1),
                date(2025, 1, 1) if n % 7 == 0 else None,
            )
            for n, pk in enumerate(pks)
        ),
    )
    with held_back():
        keeper = enrol_person(municipality=municipality, first_name="Love", last_name="Ek", email="love@prov.example")
        employ(person=keeper, unit=units[0], starts_on=FOUNDED)
        appoint(person=keeper, unit=municipality.root, function="coordinator", starts_on=FOUNDED)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return keeper, units[7], departments[3]


def timed(client, address: str) -> tuple[float, int]:
    """The least server time of several in ms, so that it tells of nothing else on the machine; and how many queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200, address
    queries = len(captured)
    times = []
    for _time in range(TIMES):
        start = time.perf_counter()
        client.get(address)
        times.append(1000 * (time.perf_counter() - start))
    return min(times), queries


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    call_command("migrate", verbosity=0)
    settings.ROOT_URLCONF = "tests.bench.urls"
    keeper, unit, department = fill()
    client = Client()
    client.force_login(keeper)
    bare, _queries = timed(client, "/bare/")
    print(f"{'a bare view':<36} {bare:7.1f} ms")
    people = reverse("register:people")
    pages = {
        "everyone there today": people,
        "the last page": f"{people}?p=40",
        "elected officials": f"{people}?grupp=elected",
        "a unit": f"{people}?enhet={unit.pk}",
        "a department": f"{people}?enhet={department.pk}",
        "without e-mail": f"{people}?vilka=utan-epost",
        "have left": f"{people}?vilka=slutat",
        "a name that few have": f"{people}?q=åsa+öberg17",
        "a name that many have": f"{people}?q=berg",
        "an HR id": f"{people}?q=77777",
        "a name that nobody has": f"{people}?q=xyzq",
        "one person": reverse("register:person", args=[keeper.uuid]),
        "the functions": reverse("register:appointments"),
    }
    for name, address in pages.items():
        ms, queries = timed(client, address)
        print(f"{name:<36} {ms:7.1f} ms  {ms / bare:6.1f} × bare  {queries} queries", flush=True)


if __name__ == "__main__":
    sys.exit(main())

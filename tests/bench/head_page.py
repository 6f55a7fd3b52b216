"""The head's page in a municipality of 100,000, beside a bare view that reads one row: server time and queries.

Run by `make bench`, against the database that DATABASE_URL names. Where it is empty, the municipality is made in it;
one that is there is measured again.
"""

import random
import sys
import time
from datetime import timedelta

import django

from tests.bench.register_pages import PEOPLE, fill, timed

DAYS = 3 * 365  # through which people have completed the course


def fill_coverage(keeper) -> None:
    """A goal a year ahead, which four of five have completed at some time."""
    from django.utils import timezone

    from learning.bulk import insert
    from learning.coverage.models import Mark
    from learning.coverage.services import settle
    from learning.coverage.tasks import tick_sum_up
    from learning.organisation.models import Employment
    from learning.records.models import Completion, EvidenceLevel
    from learning.records.services import record_completion
    from tests.factories import make_course, make_goal

    today = timezone.localdate()
    course = make_course(keeper.municipality)
    make_goal(course, keeper.municipality, due_on=today + timedelta(days=365))
    known = {"course": course, "on": today, "evidence_level": EvidenceLevel.REPORTED}
    edition = record_completion(person=keeper, **known).edition_id
    names = [
        "uuid",
        "person_id",
        "course_id",
        "course_key",
        "course_title",
        "edition_id",
        "completed_on",
        "valid_through",
    ]
    names += ["evidence_level", "time", "recorded_at"]
    chance, now = random.Random(2), timezone.now()
    people = list(Employment.objects.exclude(person=keeper).values_list("person", flat=True).distinct())
    rows = []
    for pk in people:
        day = today - timedelta(days=chance.randrange(DAYS))
        if chance.random() < 0.8:
            about = [course.pk, course.key, course.title, edition, day, day + timedelta(days=730)]
            rows.append((Completion().uuid, pk, *about, EvidenceLevel.REPORTED, 1, now))
    insert(Completion, names, rows)
    insert(Mark, ["person_id"], ((pk,) for pk in people))
    start = time.perf_counter()
    settle()
    print(f"{'standings of everyone derived':<36} {time.perf_counter() - start:7.1f} s", flush=True)
    tick_sum_up()


def build() -> None:
    """The municipality, with a head of the unit."""
    from django.db import connection

    from learning.organisation.models import Person
    from learning.organisation.services import appoint

    keeper, unit, _department = fill()
    fill_coverage(keeper)
    # Whoever first works in the unit is its head.
    head = Person.objects.filter(employments__unit=unit, employments__ends_on=None).first()
    appoint(person=head, unit=unit, function="head", starts_on=unit.starts_on)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from learning.organisation.models import Municipality, OrgUnit, Person
    from learning.reporting.yearly import begin, day_to_propose

    call_command("migrate", verbosity=0)
    settings.ROOT_URLCONF = "tests.bench.urls"
    if not Municipality.objects.filter(slug="prov").exists():
        build()
    keeper = Person.objects.get(email="love@prov.example")
    root = keeper.municipality.root
    unit, department = OrgUnit.objects.get(name="Enhet 7"), OrgUnit.objects.get(name="Förvaltning 3")
    head = Person.objects.get(appointments__unit=unit, appointments__function="head")
    client, today = Client(), timezone.localdate()
    client.force_login(keeper)
    bare, _queries = timed(client, "/bare/")
    print(f"{'a bare view':<36} {bare:7.1f} ms   {PEOPLE} people")
    begin(
        municipality=keeper.municipality, on=day_to_propose(keeper.municipality, today), by=keeper, now=timezone.now()
    )
    pages = {
        "the head's page of a unit": (head, reverse("reporting:unit", args=[unit.pk])),
        "a department": (keeper, reverse("reporting:unit", args=[department.pk])),
        "the whole": (keeper, reverse("reporting:unit", args=[root.pk])),
        "the whole, who lacks it": (keeper, reverse("reporting:unit", args=[root.pk]) + "?status=saknar"),
        "more measures of the whole": (keeper, reverse("reporting:measures", args=[root.pk])),
        "the yearly report, as a draft": (keeper, reverse("reporting:report_draft")),
    }
    for name, (reader, address) in pages.items():
        client.force_login(reader)
        ms, queries = timed(client, address)
        print(f"{name:<36} {ms:7.1f} ms  {ms / bare:6.1f} × bare  {queries} queries", flush=True)


if __name__ == "__main__":
    sys.exit(main())

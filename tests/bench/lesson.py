"""Opening a lesson beside a bare view that reads a session and one row and answers 10 KB: requests a second.

Run by `make bench`, against the database that DATABASE_URL names; it must be empty.
"""

import statistics
import sys
import time
from datetime import date

import django
import django.utils.timezone

TIMES = 300


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from wagtail.models import Site

    from courses.loading import load_course, read_course
    from courses.models import LessonPage
    from learning.coverage.services import held_back
    from learning.organisation.services import employ, enrol_person, found_municipality
    from learning.records.services import note_card

    call_command("migrate", verbosity=0)
    settings.ROOT_URLCONF = "tests.bench.urls"
    settings.ALLOWED_HOSTS = ["*"]
    site = Site.objects.get(is_default_site=True)
    founded = date(2009, 1, 1)
    municipality = found_municipality(name="Provkommun", slug="prov", site=site, on=founded)
    load_course(municipality=municipality, source=read_course("grundlaggande-kunskap"))
    lesson = LessonPage.objects.first()
    with held_back():
        person = enrol_person(municipality=municipality, first_name="Kim", last_name="Ek", email="kim@prov.example")
        employ(person=person, unit=municipality.root, starts_on=founded)
        note_card(person=person, lesson=lesson, position=len(lesson.cards), now=django.utils.timezone.now())
    client = Client(headers={"host": site.hostname})
    client.force_login(person)
    addresses = {"a bare view": "/bare/"}
    for position, card in enumerate(lesson.cards, start=1):
        addresses[f"a lesson, card {position} ({card.block_type})"] = f"{lesson.url_path[5:]}?kort={position}"
    spent = {name: [] for name in addresses}
    # By turns, so that whatever else the machine does falls on all alike.
    for turn in range(TIMES):
        for name, address in addresses.items():
            start = time.perf_counter()
            response = client.get(address)
            if turn:
                spent[name].append(time.perf_counter() - start)
            assert response.status_code == 200, (address, response.status_code)
    bare = statistics.median(spent["a bare view"])
    for name, times in spent.items():
        median = statistics.median(times)
        print(f"{name:<36} {1 / median:7.0f} requests/s  {bare / median:5.2f} × bare", flush=True)


if __name__ == "__main__":
    sys.exit(main())

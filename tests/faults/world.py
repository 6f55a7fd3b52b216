"""A municipality whose people can each complete a course with one request: `python -m tests.faults.world PEOPLE FILE`.

Writes where that is done, with which form, and a signed-in session of each person.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from wagtail.models import Site

from courses.models import CoursePage
from learning.coverage.services import held_back
from learning.organisation.models import Person
from learning.organisation.services import employ, found_municipality
from tests.factories import FOUNDED, make_course, make_lesson


def main(people: int, path: Path) -> None:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    site = Site.objects.get(is_default_site=True)
    municipality = found_municipality(name="Provkommun", slug="prov", site=site, on=FOUNDED)
    course = make_course(municipality, lessons=1)
    for lesson in course.lessons():
        lesson.delete()
    CoursePage.objects.filter(pk=course.pk).update(check_ref=None)
    lesson = make_lesson(course, ["key_point"])
    body = {"url": lesson.get_url(), "card": lesson.cards[0].id, "sessions": _people(municipality, people)}
    path.write_text(json.dumps(body))


@transaction.atomic
def _people(municipality, number: int) -> list[str]:
    """So many people, employed and signed in; returns the keys of their sessions."""
    rows = [Person(municipality=municipality, email=f"kim{n}@prov.example", password="!x") for n in range(number)]
    people = Person.objects.bulk_create(rows, batch_size=1000)
    ends, store = timezone.now() + timedelta(days=1), SessionStore()
    sessions = []
    with held_back():
        for person in people:
            employ(person=person, unit=municipality.root, starts_on=FOUNDED)
            body = {
                SESSION_KEY: str(person.pk),
                BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                HASH_SESSION_KEY: person.get_session_auth_hash(),
            }
            row = Session(session_key=f"prov{person.pk:012}", session_data=store.encode(body), expire_date=ends)
            sessions.append(row)
    Session.objects.bulk_create(sessions, batch_size=1000)
    return [session.session_key for session in sessions]


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

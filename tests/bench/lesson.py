"""Opening a lesson beside a bare view that reads a session and one row and answers 10 KB: requests a second.

Run by `make bench`, against the database that DATABASE_URL names; it must be empty.
"""

import sys

from tests.bench.race import begin, race


def main() -> None:
    person, course = begin()
    from django.test import Client
    from django.utils import timezone

    from learning.records.services import note_card

    lesson = course.lessons().first()
    note_card(person=person, lesson=lesson, position=len(lesson.cards), now=timezone.now())
    client = Client(headers={"host": person.municipality.site.hostname})
    client.force_login(person)
    addresses = {"a bare view": "/bare/"}
    for position, card in enumerate(lesson.cards, start=1):
        addresses[f"a lesson, card {position} ({card.block_type})"] = f"{lesson.url_path[5:]}?kort={position}"
    race(addresses, client.get, times=300, status=200)


if __name__ == "__main__":
    sys.exit(main())

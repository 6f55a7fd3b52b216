"""Handing in an answer of a check beside a bare view that inserts one row, both posted with CSRF: requests a second.

Run by `make bench`, against the database that DATABASE_URL names; it must be empty.
"""

import sys
from functools import partial

from tests.bench.race import begin, race


def main() -> None:
    person, course = begin()
    from django.conf import settings
    from django.middleware.csrf import get_token
    from django.test import Client, RequestFactory
    from django.urls import reverse
    from django.utils import timezone

    from quizzes.services import begin_attempt

    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=timezone.now(), seed=1)
    numbered = enumerate(attempt.as_paper.questions, start=1)
    position, question = next(one for one in numbered if not one[1].places_things and one[0] < 12)
    client = Client(enforce_csrf_checks=True, headers={"host": person.municipality.site.hostname})
    client.force_login(person)
    token = get_token(request := RequestFactory().get("/"))
    client.cookies[settings.CSRF_COOKIE_NAME] = request.META["CSRF_COOKIE"]
    form = {"choice": sorted(question.key), "csrfmiddlewaretoken": token}
    addresses = {
        "a bare insert": "/bare-insert/",
        "an answer": reverse("records:check_question", args=[attempt.pk, position]),
    }
    race(addresses, partial(client.post, data=form), times=400, status=302)


if __name__ == "__main__":
    sys.exit(main())

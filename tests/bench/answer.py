"""Handing in an answer of a check beside a bare view that inserts one row, both posted with CSRF: requests a second.

Run by `make bench`, against the database that DATABASE_URL names; it must be empty.
"""

import statistics
import sys
import time
from datetime import date

import django
import django.utils.timezone

TIMES = 400


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.middleware.csrf import get_token
    from django.test import Client, RequestFactory
    from django.urls import reverse
    from wagtail.models import Site

    from courses.loading import load_course, read_course
    from courses.models import CoursePage
    from learning.coverage.services import held_back
    from learning.organisation.services import employ, enrol_person, found_municipality
    from quizzes.services import begin_attempt

    call_command("migrate", verbosity=0)
    settings.ROOT_URLCONF = "tests.bench.urls"
    settings.ALLOWED_HOSTS = ["*"]
    site = Site.objects.get(is_default_site=True)
    founded = date(2009, 1, 1)
    municipality = found_municipality(name="Provkommun", slug="prov", site=site, on=founded)
    load_course(municipality=municipality, source=read_course("grundlaggande-kunskap"))
    course = CoursePage.objects.get()
    with held_back():
        person = enrol_person(municipality=municipality, first_name="Kim", last_name="Ek", email="kim@prov.example")
        employ(person=person, unit=municipality.root, starts_on=founded)
    now = django.utils.timezone.now()
    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=now, seed=1)
    numbered = enumerate(attempt.as_paper.questions, start=1)
    position, question = next(one for one in numbered if not one[1].places_things and one[0] < 12)
    client = Client(enforce_csrf_checks=True, headers={"host": site.hostname})
    client.force_login(person)
    token = get_token(request := RequestFactory().get("/"))
    client.cookies[settings.CSRF_COOKIE_NAME] = request.META["CSRF_COOKIE"]
    form = {"choice": sorted(question.key), "csrfmiddlewaretoken": token}
    addresses = {
        "a bare insert": "/bare-insert/",
        "an answer": reverse("records:check_question", args=[attempt.pk, position]),
    }
    spent = {name: [] for name in addresses}
    # By turns, so that whatever else the machine does falls on all alike.
    for turn in range(TIMES):
        for name, address in addresses.items():
            start = time.perf_counter()
            response = client.post(address, form)
            if turn:
                spent[name].append(time.perf_counter() - start)
            assert response.status_code == 302, (address, response.status_code)
    bare = statistics.median(spent["a bare insert"])
    for name, times in spent.items():
        median = statistics.median(times)
        print(f"{name:<36} {1 / median:7.0f} requests/s  {bare / median:5.2f} × bare", flush=True)


if __name__ == "__main__":
    sys.exit(main())

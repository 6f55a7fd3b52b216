"""A small world to measure in, and requests that are sent by turns beside a bare one."""

import statistics
import time
from collections.abc import Callable, Mapping
from datetime import date


def begin():
    """Somebody of a new municipality with the basic course, in an empty database; (the person, the course)."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from wagtail.models import Site

    from courses.loading import load_course, read_course
    from courses.models import CoursePage
    from learning.coverage.services import held_back
    from learning.organisation.services import employ, enrol_person, found_municipality

    call_command("migrate", verbosity=0)
    settings.ROOT_URLCONF = "tests.bench.urls"
    settings.ALLOWED_HOSTS = ["*"]
    site = Site.objects.get(is_default_site=True)
    founded = date(2009, 1, 1)
    municipality = found_municipality(name="Provkommun", slug="prov", site=site, on=founded)
    load_course(municipality=municipality, source=read_course("grundlaggande-kunskap"))
    with held_back():
        person = enrol_person(municipality=municipality, first_name="Kim", last_name="Ek", email="kim@prov.example")
        employ(person=person, unit=municipality.root, starts_on=founded)
    return person, CoursePage.objects.get()


def race(addresses: Mapping[str, str], send: Callable, *, times: int, status: int) -> None:
    """Send to each address by turns, and print how each stands to the first, the bare one."""
    spent = {name: [] for name in addresses}
    # By turns, so that whatever else the machine does falls on all alike.
    for turn in range(times):
        for name, address in addresses.items():
            start = time.perf_counter()
            response = send(address)
            if turn:
                spent[name].append(time.perf_counter() - start)
            assert response.status_code == status, (address, response.status_code)
    medians = {name: statistics.median(taken) for name, taken in spent.items()}
    bare = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"{name:<36} {1 / median:7.0f} requests/s  {bare / median:5.2f} × bare", flush=True)

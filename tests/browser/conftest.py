"""What the browser tests share: a served municipality and ways to sign in."""

from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe

from courses.loading import load_course, read_course
from courses.models import CoursePage
from learning.coverage.services import settle
from learning.organisation.models import Municipality, OrgUnit, Person
from tests.factories import make_goal, make_head, make_municipality, make_person, make_unit

PASSWORD = "ett-långt-lösenord-för-prov"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
# Each takes minutes: the first way is walked with every change, the other by `make proofs`.
WITH_AND_WITHOUT_JAVASCRIPT = pytest.mark.parametrize(
    "javascript",
    [pytest.param(True, id="with-javascript"), pytest.param(False, id="without-javascript", marks=pytest.mark.long)],
)
ON_PHONE_AND_DESK = pytest.mark.parametrize(
    ("viewport", "scheme"),
    [
        pytest.param(PHONE, "light", id="phone"),
        pytest.param(DESK, "dark", id="desk", marks=pytest.mark.long),
    ],
)


def follow(locator):
    """Click what leads to another page, and wait until that page is there."""
    with locator.page.expect_event("load"):
        locator.click()


@dataclass
class Place:
    """A municipality with the real course, and the people of the story."""

    url: str
    municipality: Municipality
    unit: OrgUnit
    course: CoursePage
    employee: Person
    head: Person
    coordinator: Person


@pytest.fixture
def place(live_server, django_db_serialized_rollback) -> Place:
    municipality = make_municipality("Provkommun", is_fictional=True)
    department = make_unit(municipality, "Omsorgsförvaltningen", kind="förvaltning")
    unit = make_unit(department, "Hemtjänsten")
    load_course(municipality=municipality, source=read_course("grundlaggande-kunskap"))
    course = CoursePage.objects.get()
    make_goal(course, municipality)
    people = {
        "employee": make_person(unit, first_name="Robin", last_name="Ek", email="robin@example.org"),
        "head": make_head(unit, first_name="Mika", email="mika@example.org"),
        "coordinator": make_head(unit, "coordinator", first_name="Love", email="love@example.org"),
    }
    for person in [*people.values(), *(make_person(unit) for _ in range(9))]:
        person.set_password(PASSWORD)
        person.save()
    settle()
    return Place(url=live_server.url, municipality=municipality, unit=unit, course=course, **people)


@pytest.fixture
def sign_in(place):
    """Sign the person in through the form."""

    def go(page, person):
        page.context.clear_cookies()
        page.goto(f"{place.url}/logga-in/")
        form = page.locator("form", has=page.locator("input[name=password]"))
        form.locator("input[name=username]").fill(person.email)
        form.locator("input[name=password]").fill(PASSWORD)
        follow(form.get_by_role("button", name="Logga in"))

    return go


@pytest.fixture
def no_violations():
    """Let axe-core look at the page; it finds nothing."""

    def look(page):
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

    return look

"""The forecast on the page: what is told to whom, and when nothing can be told."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from learning.coverage.figures import Coverage
from learning.coverage.forecast import Forecast, Outlook, Pace
from learning.coverage.models import Status
from learning.coverage.services import settle
from learning.organisation.services import end_employment, grant_leave
from learning.plans.models import Goal
from learning.records.models import EvidenceLevel
from learning.records.services import record_completion
from learning.reporting.outlook import said
from tests.factories import (
    make_course,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_unit,
    moment,
)

TODAY, GOAL_ON = date(2026, 3, 2), date(2026, 12, 31)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


class World:
    """Of forty, sixteen completed it two years ago but a month or two, eight lately, and sixteen never."""

    def __init__(self):
        self.municipality = make_municipality()
        self.department = make_unit(self.municipality, "Förvaltningen", kind="förvaltning")
        self.unit = make_unit(self.department, "Enheten")
        self.course = make_course(self.municipality)
        self.goal = make_goal(self.course, self.municipality, due_on=GOAL_ON)
        self.people = [make_person(self.unit) for _ in range(38)]
        self.head, self.coordinator = make_head(self.unit), make_head(self.unit, "coordinator")
        self.board = make_head(self.department, "board_reader", population="elected")
        for place, person in enumerate(self.people[:24]):
            on = date(2024, 5, 1) if place < 16 else TODAY - timedelta(days=30)
            record_completion(person=person, course=self.course, on=on, evidence_level=EvidenceLevel.REPORTED)
        settle()

    def end(self, people, last_day):
        for person in people:
            end_employment(employment=person.employments.get(), last_day=last_day)
        settle()


@pytest.fixture
def world(db):
    return World()


def page_of(client, person, unit, **query):
    client.force_login(person)
    return client.get(reverse("reporting:unit", args=[unit.pk]), query)


def forecast(client, person, unit, **query):
    return page_of(client, person, unit, **query).context["standing"].forecast


def test_nothing_more_is_what_the_goals_date_shows_when_nothing_more_happens(client, world, time_machine):
    world.end(world.people[30:31], date(2026, 5, 31))
    told = forecast(client, world.head, world.unit).nothing_more
    assert (told.competent, told.counted, told.on) == (8, 39, GOAL_ON)
    time_machine.move_to(moment(GOAL_ON), tick=False)
    assert page_of(client, world.head, world.unit).context["standing"].coverage == told


def test_the_page_says_whether_the_goal_is_on_course(client, world):
    response = page_of(client, world.head, world.unit)
    found = response.context["standing"].forecast
    assert (found.outlook, found.missing, found.pace.people) == (Outlook.BEHIND, 32, 8)
    assert (found.at_pace.competent, found.at_pace.counted) == (8 + 8 * 304 // 90, 40)
    html = response.content.decode()
    assert response.context["said"].title in html
    assert not response.context["said"].is_good
    Goal.objects.update(threshold_percent=20)
    assert forecast(client, world.head, world.unit).outlook == Outlook.SAFE
    Goal.objects.update(threshold_percent=60)
    assert forecast(client, world.head, world.unit).outlook == Outlook.ON_COURSE


def test_the_band_runs_from_today_to_the_goals_date(client, world):
    response = page_of(client, world.head, world.unit)
    wide = response.context["chart"]["pictures"][1]
    start, end = wide["last"]["x"], wide["goal_date"]["x"]
    for edge in wide["band"]["edges"]:
        assert edge.startswith(f"M{start} {wide['last']['y']}L")
        assert edge.rsplit("L", 1)[1].split()[0] == end
    assert f'd="{wide["band"]["area"]}"' in response.content.decode()


def test_it_is_made_of_today_alone(client, world):
    assert forecast(client, world.head, world.unit, datum="2026-01-31") is None
    assert page_of(client, world.head, world.unit, datum="2026-01-31").context["chart"]["pictures"][0]["band"] is None


@pytest.mark.parametrize("due_on", [None, TODAY, TODAY - timedelta(days=1), date(2096, 12, 31)])
def test_there_is_none_without_a_day_to_come_in_sight(client, world, due_on):
    Goal.objects.update(due_on=due_on)
    response = page_of(client, world.head, world.unit)
    assert (response.status_code, response.context["said"]) == (200, None)


def test_there_is_none_where_nobody_is_known_to_be_counted_then(client, world):
    world.end([*world.people, world.head, world.coordinator], date(2026, 6, 30))
    assert forecast(client, world.head, world.unit) is None


def test_without_names_it_is_told_of_the_whole_and_no_few(client, world):
    assert forecast(client, world.board, world.department) is None
    whole = forecast(client, world.board, world.municipality.root)
    assert (whole.nothing_more.competent, whole.pace.people) == (8, 8)
    world.end(world.people[16:20], TODAY)
    assert forecast(client, world.board, world.municipality.root) is None
    assert forecast(client, world.coordinator, world.municipality.root).nothing_more.competent == 4


def test_it_says_of_how_many_it_is_where_people_are_seen(client, world):
    grant_leave(person=world.people[30], starts_on=TODAY, ends_on=date(2026, 6, 1), reason="studies")
    settle()
    response = page_of(client, world.coordinator, world.municipality.root)
    assert (response.context["standing"].coverage.counted, response.context["standing"].counted_then) == (39, 40)
    assert "gäller de 40 personer som räknas den 31 december 2026" in response.content.decode()
    without_names = page_of(client, world.board, world.municipality.root)
    assert without_names.context["said"]
    assert "som räknas den 31 december 2026" not in without_names.content.decode()


def test_a_goal_whose_date_has_not_passed_is_shown_first(client, world):
    about = {"area": world.goal.area, "requirement": world.goal.requirement, "threshold_percent": 90}
    Goal.objects.update(due_on=date(2025, 12, 31))
    assert page_of(client, world.head, world.unit).context["standing"].goal == world.goal
    later = Goal.objects.create(text="Alla kan alltid.", due_on=GOAL_ON, sort_order=9, **about)
    assert page_of(client, world.head, world.unit).context["standing"].goal == later
    assert page_of(client, world.head, world.unit, mal=world.goal.pk).context["standing"].goal == world.goal


def test_it_is_the_same_in_todays_organisation(client, world):
    asked = {"organisation": "idag"}
    assert forecast(client, world.head, world.unit, **asked) == forecast(client, world.head, world.unit)


@given(missing=st.integers(1, 4000), people=st.integers(1, 4000), days=st.integers(1, 2000))
def test_too_slow_a_pace_never_reads_as_enough(missing, people, days):
    """What is needed is written no lower, and what is done no higher, than it is."""
    ahead = [Coverage(TODAY + timedelta(days=days), {Status.NOT_STARTED: missing})]
    found = Forecast(100, TODAY, ahead, Pace(people, 90))
    with translation.override("en"):
        text = said(found).text
    needed, done = re.search(r"by then, ([\d.,]+) a week", text), re.search(r"completed it, ([\d.,]+) a week", text)
    if needed and done and found.outlook == Outlook.BEHIND:
        assert number(needed) > number(done)


def number(match) -> float:
    return float(match[1].replace(",", ""))

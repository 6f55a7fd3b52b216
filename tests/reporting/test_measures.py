"""The other measures: nested over one denominator, by population and by role, and hidden where they are of few."""

from datetime import date

import pytest
from django.urls import reverse

from learning.coverage.services import settle
from learning.plans.models import Obligation
from learning.records.models import EvidenceLevel
from learning.records.services import finish_lesson, record_completion
from tests.factories import (
    make_course,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_requirement,
    make_unit,
    moment,
)

TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


class World:
    """Of 31 who are counted 12 have it, 6 had it and 5 have begun; 16 are teachers, of whom 9 have it."""

    def __init__(self):
        self.municipality = make_municipality()
        self.department = make_unit(self.municipality, "Förvaltningen", kind="förvaltning")
        self.unit = make_unit(self.department, "Enheten")
        self.course = make_course(self.municipality)
        self.goal = make_goal(self.course, self.municipality)
        self.people = [make_person(self.unit, role="Lärare" if place < 16 else "Kock") for place in range(29)]
        self.head, self.coordinator = make_head(self.unit), make_head(self.unit, "coordinator")
        self.board = make_head(self.department, "board_reader", population="elected")
        days = [date(2025, 9, 1)] * 9 + [date(2023, 1, 1)] * 6
        for person, on in zip(self.people, days, strict=False):
            self.complete(person, on)
        for person in self.people[20:23]:
            self.complete(person, date(2025, 9, 1))
        for person in self.people[23:28]:
            finish_lesson(person=person, lesson=self.course.lessons().first(), now=moment(TODAY))
        settle()

    def complete(self, person, on):
        record_completion(person=person, course=self.course, on=on, evidence_level=EvidenceLevel.REPORTED)

    def offer(self, population="elected"):
        about = {"title": "kunskap för förtroendevalda", "obligation": Obligation.OFFER}
        make_requirement(self.course, self.municipality, {"population": population}, **about)
        settle()


@pytest.fixture
def world(db):
    return World()


def look(client, person, unit, **query):
    client.force_login(person)
    return client.get(reverse("reporting:measures", args=[unit.pk]), query)


def test_each_measure_is_part_of_the_one_before(client, world):
    told = look(client, world.head, world.unit).context["measures"]
    assert [(measure.number, measure.counted) for measure in told] == [(23, 31), (18, 31), (12, 31)]


def test_everyone_counted_is_in_one_group_of_roles(client, world):
    response = look(client, world.coordinator, world.municipality.root)
    told = [(group.coverage.competent, group.coverage.counted) for group in response.context["roles"]]
    assert told == [(0, 1), (9, 16), (3, 14)]


def test_a_head_is_counted_as_a_head_whatever_the_role_is_called(client, world):
    make_head(world.unit, "deputy", role="Lärare")
    settle()
    told = look(client, world.coordinator, world.municipality.root).context["roles"]
    assert [group.coverage.counted for group in told] == [2, 16, 14]


def test_populations_stand_by_themselves_and_an_offer_has_no_per_cent(client, world):
    world.offer()
    response = look(client, world.coordinator, world.municipality.root)
    told = [(one.is_offer, one.coverage.counted) for one in response.context["requirements"]]
    assert told == [(False, 31), (True, 1)]
    offered = response.content.decode().split("Kunskap för förtroendevalda")[1].split("</tr>")[0]
    assert "%" not in offered


def test_an_offer_is_told_by_who_has_begun_it(client, world):
    world.offer(population="employee")
    offer = look(client, world.coordinator, world.municipality.root).context["requirements"][1]
    assert (offer.coverage.counted, offer.begun, offer.ever, offer.coverage.competent) == (31, 23, 18, 12)


def test_without_names_the_whole_alone_is_told_and_no_small_group(client, world):
    assert look(client, world.board, world.unit).url == reverse("reporting:unit", args=[world.unit.pk])
    world.offer()
    response = look(client, world.board, world.municipality.root)
    assert [measure.number for measure in response.context["measures"]] == [23, 18, 12]
    # There is one head, who could be told from the other two groups.
    assert [group.is_hidden for group in response.context["roles"]].count(True) >= 2
    assert [one.coverage is None for one in response.context["requirements"]] == [False, True]


def test_without_names_a_status_of_few_hides_what_would_tell_it(client, world):
    finish_lesson(person=world.people[28], lesson=world.course.lessons().first(), now=moment(TODAY))
    for person in world.people[23:26]:
        world.complete(person, TODAY)
    settle()
    told = look(client, world.board, world.municipality.root).context["measures"]
    assert [measure.number for measure in told] == [None, None, 15]
    assert look(client, world.coordinator, world.municipality.root).context["measures"][0].number == 24


def test_a_day_before_is_told_as_it_was(client, world):
    told = look(client, world.head, world.unit, datum="2025-06-30").context["measures"]
    assert [measure.number for measure in told] == [6, 6, 0]


def test_a_unit_of_nobody_says_so(client, world):
    empty = make_unit(world.department, "Tomma enheten")
    response = look(client, world.coordinator, empty)
    assert (response.status_code, response.context["roles"]) == (200, [])

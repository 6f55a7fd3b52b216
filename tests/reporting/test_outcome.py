"""What was fixed beside what is known of the same day now: two clocks, and the difference told person by person."""

import hashlib
import json
import re
from collections import Counter
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from courses.models import CoursePage
from learning.append_only import hash_of
from learning.coverage import figures
from learning.coverage.differences import differences
from learning.coverage.models import FrozenReport, FrozenStanding, Status
from learning.coverage.services import freeze, settle
from learning.organisation.services import end_employment, grant_leave
from learning.plans.models import Goal
from learning.records.evidence import accept, report
from learning.records.exemptions import exempt
from learning.records.models import Completion
from learning.records.services import withdraw
from learning.reporting.releases import open_figures
from tests.factories import (
    make_course,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_unit,
    moment,
    take_check,
)

TODAY = date(2026, 3, 2)
LATER = TODAY + timedelta(days=30)


class World:
    def __init__(self):
        self.municipality = make_municipality()
        self.unit = make_unit(self.municipality, "Enheten")
        self.course = make_course(self.municipality)
        self.goal = make_goal(self.course, self.municipality)
        self.people = [make_person(self.unit, last_name=f"Nr {n}") for n in range(6)]
        self.head = make_head(self.unit)
        for person in self.people[:2]:
            take_check(person, self.course, date(2025, 6, 1))
        settle()
        self.report = freeze(goal=self.goal, now=moment(TODAY))


@pytest.fixture
def world(db, time_machine):
    time_machine.move_to(moment(TODAY), tick=False)
    made = World()
    time_machine.move_to(moment(LATER), tick=False)
    return made


def told(client, world, reader):
    client.force_login(reader)
    response = client.get(reverse("reporting:outcome", args=[world.unit.pk]))
    assert response.status_code == 200
    return {person: (one.was, one.now) for person, one in response.context["rows"]}, response.content.decode()


def test_nobody_differs_as_long_as_nothing_is_recorded_late(client, world):
    take_check(world.people[3], world.course, date(2026, 1, 5))  # after the goal's date
    settle()
    rows, html = told(client, world, world.head)
    assert rows == {}
    assert "2 av 7" in html


def test_each_late_record_is_told_with_its_person_and_its_days(client, world):
    late, left, away, new, exempted = *world.people[2:5], make_person(world.unit), world.people[5]
    take_check(late, world.course, date(2025, 12, 1))
    end_employment(employment=left.employments.get(), last_day=date(2025, 6, 30))
    grant_leave(person=away, starts_on=date(2025, 11, 1), ends_on=date(2026, 5, 1), reason="sick")
    exempt(
        person=exempted,
        course=world.course,
        starts_on=date(2025, 12, 1),
        ends_on=date(2026, 5, 1),
        reason="other",
        words="Prov",
        decided_by=world.head,
    )
    settle()
    rows, html = told(client, world, world.head)
    assert rows == {
        late: (Status.NOT_STARTED, Status.COMPETENT),
        left: (Status.NOT_STARTED, None),
        away: (Status.NOT_STARTED, Status.ON_LEAVE),
        exempted: (Status.NOT_STARTED, Status.EXEMPT),
        new: (None, Status.NOT_STARTED),
    }
    assert "2025-12-01" in html
    assert f"{LATER}" in html
    # The fixed figure stands beside, and does not move.
    assert "2 av 7" in html
    assert "3 av 5" in html
    assert figures.frozen(FrozenReport.objects.get(), world.unit).counted == 7


def test_what_was_taken_back_and_what_was_learned_elsewhere_are_told_as_that(client, world):
    done, learned = world.people[0], world.people[3]
    withdraw(completion=Completion.objects.get(person=done), reason="Fel person.", by=world.head, on=date(2025, 11, 3))
    CoursePage.objects.update(outside_months=24)
    held = date(2025, 10, 1)
    about = {"kind": "course", "what": "Grundkurs", "organiser": "Länsstyrelsen", "first_day": held, "last_day": held}
    evidence = report(people=[learned], by=learned, now=moment(TODAY), **about)[0]
    course = CoursePage.objects.get(pk=world.course.pk)
    accept(evidence=evidence, course=course, level="attested", by=world.head, now=moment(date(2025, 12, 20)))
    settle()
    rows, _html = told(client, world, world.head)
    assert rows == {
        done: (Status.COMPETENT, Status.NOT_STARTED),
        learned: (Status.NOT_STARTED, Status.COMPETENT),
    }
    words = {one.person_id: one.why for one in differences(world.report, world.unit)}
    assert words == {
        done.pk: f"Genomförandet 2025-06-01 togs tillbaka från och med 2025-11-03. Det registrerades {LATER}.",
        learned.pk: f"Utbildning på annat håll 2025-10-01 godtogs {LATER}.",
    }


def test_the_reason_told_is_that_of_the_standing_it_led_to(client, world):
    person = world.people[3]
    take_check(person, world.course, date(2025, 12, 1))
    days = {"starts_on": date(2025, 12, 10), "ends_on": date(2026, 5, 1)}
    exempt(person=person, course=world.course, reason="other", words="Prov", decided_by=world.head, **days)
    settle()
    rows, html = told(client, world, world.head)
    assert rows == {person: (Status.NOT_STARTED, Status.EXEMPT)}
    assert "2025-12-10" in html
    assert "2025-12-01" not in html


def carry_on(goal: Goal) -> Goal:
    """A goal of a later day that carries it on."""
    again = {"text": "Alla kan igen.", "requirement": goal.requirement, "threshold_percent": 90}
    return Goal.objects.create(area=goal.area, predecessor=goal, due_on=date(2027, 12, 31), **again)


def test_the_newest_outcome_is_found_and_leads_to_the_goal_that_carries_it_on(client, world):
    older = Goal.objects.create(
        area=world.goal.area,
        text="Hälften kan.",
        due_on=date(2024, 6, 30),
        requirement=world.goal.requirement,
        threshold_percent=50,
    )
    freeze(goal=older, now=moment(TODAY))
    successor = carry_on(world.goal)
    _rows, html = told(client, world, world.head)
    assert "2 av 7" in html
    assert "Alla kan." in html
    assert f'href="{reverse("reporting:unit", args=[world.unit.pk])}?mal={successor.pk}"' in html
    address = reverse("reporting:outcome", args=[world.unit.pk])
    assert "Hälften kan." in client.get(address, {"mal": older.pk}).content.decode()
    assert client.get(address, {"mal": successor.pk}).status_code == 404


def test_it_is_told_to_those_who_may_see_the_people_only(client, world):
    address = reverse("reporting:outcome", args=[world.unit.pk])
    readers = {
        make_head(world.municipality.root, "board_reader", population="elected"): 404,
        make_head(make_unit(world.municipality)): 404,
        make_head(make_unit(make_municipality("Grannkommun")), "coordinator"): 404,
    }
    for reader, status in readers.items():
        client.force_login(reader)
        assert client.get(address).status_code == status


def test_who_may_see_everyone_can_check_the_hash_from_the_page(client, world):
    coordinator = make_head(world.unit, "coordinator")
    _rows, html = told(client, world, coordinator)
    [address] = re.findall(r'href="([^"]+\.json)"', html)
    data = client.get(address).json()
    text = json.dumps(data["content"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert data["sha256"] == hashlib.sha256(text.encode()).hexdigest() == world.report.sha256
    assert data["sha256"] in html


def test_the_figures_of_all_units_are_not_handed_to_others(client, world):
    _rows, html = told(client, world, world.head)
    address = reverse("reporting:outcome_json", args=[world.report.pk])
    assert address not in html
    readers = [
        world.head,
        make_head(world.municipality.root, "board_reader", population="elected"),
        make_head(make_unit(make_municipality("Grannkommun")), "coordinator"),
    ]
    for reader in readers:
        client.force_login(reader)
        assert client.get(address).status_code == 404


def test_everyone_employed_that_day_stands_there_with_who_is_counted(client, world):
    grant_leave(person=world.people[5], starts_on=date(2025, 11, 1), ends_on=date(2026, 5, 1), reason="sick")
    settle()
    client.force_login(world.head)
    response = client.get(reverse("reporting:outcome", args=[world.unit.pk]))
    rows = {row["status"]: (row["fixed"], row["now"]) for row in response.context["statuses"]}
    expected = {Status.COMPETENT: (2, 2), Status.EXPIRED: (0, 0), Status.STARTED: (0, 0)}
    assert rows == expected | {Status.NOT_STARTED: (5, 4), Status.ON_LEAVE: (0, 1)}
    assert world.report.body["who"] in response.content.decode()


def test_the_list_of_people_is_bound_to_the_report(world):
    rows = FrozenStanding.objects.order_by("person", "unit").values_list("person", "unit", "status")
    assert world.report.body["people_sha256"] == hash_of(list(rows))
    assert len(rows) == 7


MOVES = st.tuples(st.integers(0, 5), st.sampled_from(["take", "leave", "end"]))


class TestLaws(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.world = World()

    @given(moves=st.lists(MOVES, max_size=6, unique=True))
    def test_the_differences_lead_from_the_fixed_figure_to_todays(self, moves):
        world = self.world
        for number, act in moves:
            person = world.people[number]
            if act == "take":
                take_check(person, world.course, date(2025, 10, 1))
            elif act == "leave":
                grant_leave(person=person, starts_on=date(2025, 11, 1), ends_on=None, reason="sick")
            else:
                end_employment(employment=person.employments.get(), last_day=date(2025, 6, 30))
        settle()
        for unit in (world.unit, world.municipality.root):
            counts = Counter(figures.frozen(world.report, unit).counts)
            for one in differences(world.report, unit):
                counts.subtract([one.was] if one.was else [])
                counts.update([one.now] if one.now else [])
            assert counts == Counter(figures.at(world.goal.requirement, unit, world.report.on).counts)


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE coverage_frozenreport SET body = '{}'",
        "UPDATE coverage_frozenreport SET sha256 = 'x'",
        "UPDATE coverage_frozenstanding SET status = 1",
        "DELETE FROM coverage_frozenstanding",
        "UPDATE reporting_release SET body = '{}'",
    ],
)
def test_verify_finds_what_was_fixed_and_has_been_changed_by_hand(world, spoil):
    open_figures(municipality=world.municipality, by=world.head, now=moment(LATER))
    call_command("coverage", "verify", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute(spoil)
    with pytest.raises(CommandError, match="is not what its hash says"):
        call_command("coverage", "verify", stdout=StringIO())

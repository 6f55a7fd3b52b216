"""Who may do what, and where, on a day."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning.access.authority import Action, Authority, functions, may, people_for, signs_in_with_link, units_for
from learning.dated import DAY
from learning.organisation.models import Appointment, Municipality, Person
from learning.organisation.reorganisation import move_unit
from learning.organisation.services import appoint, employ
from tests.factories import FOUNDED, make_head, make_municipality, make_person, make_unit

TODAY = date(2025, 3, 1)
OWN = {"unit", "group"}
DEPARTMENT = {"department", "unit", "beside", "group"}
EVERYWHERE = {"root", "department", "unit", "beside", "group", "far"}

# What each function may do when it is held in "unit": written out, so that a change of the code's own table shows.
TABLE = {
    ("head", Action.SEE_PEOPLE): OWN,
    ("head", Action.SEE_FIGURES): OWN,
    ("head", Action.DECIDE): OWN,
    ("head", Action.LEAD): OWN,
    ("head", Action.KEEP_REGISTER): set(),
    ("head", Action.SEE_SURVEYS): set(),
    ("head", Action.KEEP_SURVEYS): set(),
    ("head", Action.PUBLISH): set(),
    ("head", Action.WRITE): set(),
    ("deputy", Action.SEE_PEOPLE): OWN,
    ("deputy", Action.SEE_FIGURES): OWN,
    ("deputy", Action.DECIDE): OWN,
    ("deputy", Action.LEAD): OWN,
    ("deputy", Action.KEEP_REGISTER): set(),
    ("deputy", Action.SEE_SURVEYS): set(),
    ("deputy", Action.KEEP_SURVEYS): set(),
    ("deputy", Action.PUBLISH): set(),
    ("deputy", Action.WRITE): set(),
    ("department_coordinator", Action.SEE_PEOPLE): OWN,
    ("department_coordinator", Action.SEE_FIGURES): OWN,
    ("department_coordinator", Action.DECIDE): set(),
    ("department_coordinator", Action.LEAD): OWN,
    ("department_coordinator", Action.KEEP_REGISTER): set(),
    ("department_coordinator", Action.SEE_SURVEYS): set(),
    ("department_coordinator", Action.KEEP_SURVEYS): set(),
    ("department_coordinator", Action.PUBLISH): set(),
    ("department_coordinator", Action.WRITE): set(),
    ("editor", Action.SEE_PEOPLE): set(),
    ("editor", Action.SEE_FIGURES): set(),
    ("editor", Action.DECIDE): set(),
    ("editor", Action.LEAD): set(),
    ("editor", Action.KEEP_REGISTER): set(),
    ("editor", Action.SEE_SURVEYS): set(),
    ("editor", Action.KEEP_SURVEYS): set(),
    ("editor", Action.PUBLISH): set(),
    ("editor", Action.WRITE): EVERYWHERE,
    ("coordinator", Action.SEE_PEOPLE): EVERYWHERE,
    ("coordinator", Action.SEE_FIGURES): EVERYWHERE,
    ("coordinator", Action.DECIDE): EVERYWHERE,
    ("coordinator", Action.LEAD): EVERYWHERE,
    ("coordinator", Action.KEEP_REGISTER): EVERYWHERE,
    ("coordinator", Action.SEE_SURVEYS): EVERYWHERE,
    ("coordinator", Action.KEEP_SURVEYS): EVERYWHERE,
    ("coordinator", Action.PUBLISH): EVERYWHERE,
    ("coordinator", Action.WRITE): EVERYWHERE,
    ("board_reader", Action.SEE_PEOPLE): set(),
    ("board_reader", Action.SEE_FIGURES): EVERYWHERE,
    ("board_reader", Action.DECIDE): set(),
    ("board_reader", Action.LEAD): set(),
    ("board_reader", Action.KEEP_REGISTER): set(),
    ("board_reader", Action.SEE_SURVEYS): EVERYWHERE,
    ("board_reader", Action.KEEP_SURVEYS): set(),
    ("board_reader", Action.PUBLISH): set(),
    ("board_reader", Action.WRITE): set(),
}
FUNCTIONS = [function.value for function in Appointment.Function]


@dataclass
class World:
    """Two departments, units and a group below a unit; another municipality beside."""

    municipality: Municipality = field(default_factory=make_municipality)

    def __post_init__(self):
        department = make_unit(self.municipality)
        unit = make_unit(department)
        self.units = {
            "root": self.municipality.root,
            "department": department,
            "unit": unit,
            "beside": make_unit(department),
            "group": make_unit(unit),
            "far": make_unit(make_unit(self.municipality)),
            "foreign": make_unit(make_municipality("Annan")),
        }
        self.people = {name: make_person(unit) for name, unit in self.units.items()}


@pytest.fixture
def world(db):
    return World()


def test_the_table_speaks_of_every_function_and_action():
    assert set(TABLE) == {(function, action) for function in FUNCTIONS for action in Action}


@pytest.mark.parametrize(("function", "action"), TABLE)
def test_a_function_may_do_what_the_table_says_and_nowhere_else(world, function, action):
    person = make_head(world.units["unit"], function)
    reached = TABLE[function, action]
    assert may(person, action, on=TODAY) is bool(reached)
    found = set(units_for(person, action, on=TODAY))
    assert {name for name, unit in world.units.items() if unit in found} == reached
    seen = set(people_for(person, action, on=TODAY))
    assert {name for name, someone in world.people.items() if someone in seen} == reached


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_holds_on_its_first_day_through_its_last_and_never_else(world, function):
    person = make_person(world.units["unit"])
    first, last = TODAY, TODAY + timedelta(days=9)
    appoint(person=person, unit=world.units["unit"], function=function, starts_on=first, ends_on=last)
    held = {day: functions(person, on=day) for day in (first - DAY, first, last, last + DAY)}
    assert held == {first - DAY: set(), first: {function}, last: {function}, last + DAY: set()}
    for action in Action:
        assert not units_for(person, action, on=last + DAY).exists()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_ends_with_the_employment_whatever_the_appointment_says(world, function):
    person = make_head(world.units["unit"], function, ends_on=TODAY)
    assert functions(person, on=TODAY) == {function}
    assert functions(person, on=TODAY + DAY) == set()
    for action in Action:
        assert not units_for(person, action, on=TODAY + DAY).exists()
    employ(person=person, unit=world.units["foreign"], starts_on=TODAY + DAY)
    assert functions(person, on=TODAY + DAY) == set()
    employ(person=person, unit=world.units["far"], starts_on=TODAY + 2 * DAY, population="elected")
    assert functions(person, on=TODAY + 2 * DAY) == {function}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_whoever_is_inactive_may_do_nothing(world, function):
    person = make_head(world.units["unit"], function)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    person.refresh_from_db()
    assert Authority.of(person, on=TODAY) == Authority()
    for action in Action:
        assert may(person, action, on=TODAY) is False
        assert not people_for(person, action, on=TODAY).exists()


def test_whoever_is_not_signed_in_or_not_appointed_may_do_nothing(world):
    for person in (AnonymousUser(), world.people["unit"]):
        for action in Action:
            assert Authority.of(person, on=TODAY).may(action) is False
            assert not Authority.of(person, on=TODAY).units(action).exists()


def test_functions_in_several_units_add_up_without_lending_each_other_anything(world):
    person = make_head(world.units["beside"])
    appoint(person=person, unit=world.units["far"], function="board_reader", starts_on=FOUNDED)
    assert set(units_for(person, Action.SEE_PEOPLE, on=TODAY)) == {world.units["beside"]}
    assert set(units_for(person, Action.SEE_FIGURES, on=TODAY)) >= {world.units["root"], world.units["beside"]}


def test_a_department_coordinator_of_a_department_answers_for_all_of_it(world):
    person = make_head(world.units["department"], "department_coordinator")
    assert set(people_for(person, Action.SEE_PEOPLE, on=TODAY)) == {
        person,
        *[someone for name, someone in world.people.items() if name in DEPARTMENT],
    }


def test_who_has_left_the_unit_is_seen_no_more(world):
    head = make_head(world.units["unit"])
    gone = make_person(world.units["unit"], ends_on=TODAY - DAY)
    assert gone in people_for(head, Action.SEE_PEOPLE, on=TODAY - DAY)
    assert gone not in people_for(head, Action.SEE_PEOPLE, on=TODAY)


def test_authority_follows_the_unit_when_it_moves(world):
    head, staff = make_head(world.units["unit"]), world.people["unit"]
    above = make_head(world.units["department"])
    move_unit(unit=world.units["unit"], to=world.units["far"], on=TODAY)
    for day in (TODAY - DAY, TODAY):
        assert staff in people_for(head, Action.SEE_PEOPLE, on=day)
    assert staff in people_for(above, Action.SEE_PEOPLE, on=TODAY - DAY)
    assert staff not in people_for(above, Action.SEE_PEOPLE, on=TODAY)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_link_by_mail_is_not_enough_for_those_with_a_function(world, function):
    person = make_head(world.units["unit"], function)
    assert signs_in_with_link(person, on=TODAY) is False
    assert signs_in_with_link(person, on=FOUNDED - DAY) is True


@pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
def test_a_link_by_mail_is_not_enough_for_administrators(world, power):
    setattr(world.people["unit"], power, True)
    assert signs_in_with_link(world.people["unit"], on=TODAY) is False


def test_to_ask_for_authority_costs_the_same_for_one_unit_as_for_many(world, django_assert_num_queries):
    person = make_head(world.units["unit"])
    for _ in range(5):
        appoint(person=person, unit=make_unit(world.units["far"]), function="head", starts_on=FOUNDED)
    with django_assert_num_queries(2):
        assert len(people_for(person, Action.SEE_PEOPLE, on=TODAY)) == 3


class AnyOrganisation(TestCase):
    """Whatever the appointments and employments."""

    DAYS = st.integers(-2, 2).map(lambda number: TODAY + timedelta(days=number))
    PLACES = st.sampled_from([*sorted(EVERYWHERE), "foreign"])

    @classmethod
    def setUpTestData(cls):
        cls.world = World()
        cls.person = make_person(cls.world.units["far"])

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(PLACES, st.sampled_from(FUNCTIONS), DAYS, st.integers(0, 3)),
            max_size=4,
            unique_by=lambda a: a[:2],
        ),
        st.lists(st.tuples(st.sampled_from(sorted(EVERYWHERE)), PLACES, DAYS), max_size=4),
        st.sampled_from(list(Action)),
    )
    def test_people_are_those_employed_at_or_below_a_unit_of_authority(self, appointments, employments, action):
        for place, function, day, length in appointments:
            ends_on = day + timedelta(days=length)
            appoint(person=self.person, unit=self.world.units[place], function=function, starts_on=day, ends_on=ends_on)
        for number, (who, place, day) in enumerate(employments):
            employ(person=self.world.people[who], unit=self.world.units[place], starts_on=day, role=f"Roll {number}")
        seen = set(people_for(self.person, action, on=TODAY).values_list("pk", flat=True))
        self.assertEqual(seen, self.by_hand(action))

    def by_hand(self, action) -> set[int]:
        """The same, person by person and unit by unit."""
        seen = set()
        for appointment in self.person.appointments.select_related("unit"):
            is_foreign = appointment.unit == self.world.units["foreign"]  # where the person is not employed
            if is_foreign or not appointment.starts_on <= TODAY <= appointment.ends_on:
                continue
            reach = TABLE[appointment.function, action]
            top = appointment.unit.get_root() if reach == EVERYWHERE else appointment.unit
            for unit in [top, *top.get_descendants()] if reach else []:
                seen |= {
                    row.person_id
                    for row in unit.employments.all()
                    if row.starts_on <= TODAY and (row.ends_on is None or row.ends_on >= TODAY)
                }
        return seen

"""What changes the organisation is dated, and the past stays as it was."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning.dated import DAY
from learning.organisation.guards import UnitNotOpen
from learning.organisation.models import Appointment, Employment, Leave, Municipality, OrgUnit, Person
from learning.organisation.reorganisation import UnitInUse, close_unit, move_unit, open_unit
from learning.organisation.services import (
    appoint,
    employ,
    end_appointment,
    end_employment,
    grant_leave,
    move_employment,
)
from learning.organisation.signals import appointments_changed, register_changed
from tests.factories import FOUNDED, make_head, make_municipality, make_person, make_unit

REFORM = date(2025, 1, 1)
EVE = REFORM - DAY


@dataclass
class World:
    """Two departments; in the first a unit with a group below it, each with somebody in it."""

    municipality: Municipality = field(default_factory=make_municipality)

    def __post_init__(self):
        self.old = make_unit(self.municipality, "Omsorg", kind="förvaltning")
        self.new = make_unit(self.municipality, "Vård", kind="förvaltning")
        self.unit = open_unit(parent=self.old, name="Hemtjänst", kind="enhet", code="H1", on=FOUNDED)
        self.group = make_unit(self.unit, "Natt", kind="grupp")
        self.kim, self.bo = make_person(self.unit), make_person(self.group)
        self.head = make_head(self.unit)


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def heard():
    """What the signals told: their name and whom it was about."""
    told = []
    signals = {"register": register_changed, "appointments": appointments_changed}
    for name, signal in signals.items():
        signal.connect(
            lambda person_ids, name=name, **kwargs: told.append((name, person_ids)), dispatch_uid="heard", weak=False
        )
    yield told
    for signal in signals.values():
        signal.disconnect(dispatch_uid="heard")


def people_under(unit: OrgUnit, on: date) -> set[Person]:
    return set(Person.objects.employed_in(OrgUnit.objects.under(unit), on))


def everything() -> list:
    return [list(model.objects.order_by("pk").values()) for model in (OrgUnit, Employment, Appointment)]


def test_a_moved_unit_stands_where_it_stood_on_every_earlier_day(world):
    move_unit(unit=world.unit, to=world.new, on=REFORM)
    everybody = {world.kim, world.bo, world.head}
    assert people_under(world.old, FOUNDED) == people_under(world.old, EVE) == everybody
    assert people_under(world.new, EVE) == people_under(world.old, REFORM) == set()
    assert people_under(world.new, REFORM) == everybody


def test_a_moved_unit_keeps_its_name_code_and_what_is_below_it(world):
    successor = move_unit(unit=world.unit, to=world.new, on=REFORM)
    assert (successor.name, successor.kind, successor.code) == ("Hemtjänst", "enhet", "H1")
    assert (successor.starts_on, successor.ends_on, successor.get_parent()) == (REFORM, None, world.new)
    assert list(successor.predecessors.all()) == [world.unit]
    (child,) = successor.get_children()
    assert (child.name, list(child.predecessors.all())) == ("Natt", [world.group])
    assert set(OrgUnit.objects.under(world.unit).values_list("ends_on", flat=True)) == {EVE}


def test_people_of_a_moved_unit_go_on_without_a_gap_or_a_double_day(world):
    end_employment(employment=world.kim.employments.get(), last_day=date(2026, 6, 30))
    successor = move_unit(unit=world.unit, to=world.new, on=REFORM)
    rows = world.kim.employments.order_by("starts_on").values_list("unit", "starts_on", "ends_on")
    assert list(rows) == [(world.unit.pk, FOUNDED, EVE), (successor.pk, REFORM, date(2026, 6, 30))]


def test_who_left_before_the_move_is_not_moved_and_who_comes_after_it_comes_to_the_successor(world):
    gone = make_person(world.unit, ends_on=EVE)
    coming = make_person(world.unit, starts_on=date(2025, 2, 1))
    successor = move_unit(unit=world.unit, to=world.new, on=REFORM)
    assert gone.employments.get().unit == world.unit
    assert coming.employments.get().unit == successor


def test_functions_move_along_with_their_units(world):
    appoint(person=world.bo, unit=world.group, function="deputy", starts_on=FOUNDED, ends_on=EVE)
    successor = move_unit(unit=world.unit, to=world.new, on=REFORM)
    rows = world.head.appointments.order_by("starts_on").values_list("unit", "function", "starts_on", "ends_on")
    assert list(rows) == [(world.unit.pk, "head", FOUNDED, EVE), (successor.pk, "head", REFORM, None)]
    assert world.bo.appointments.get().unit == world.group


def test_a_unit_can_move_again_and_every_day_is_kept(world):
    successor = move_unit(unit=world.unit, to=world.new, on=REFORM)
    back = move_unit(unit=successor, to=world.old, on=date(2026, 1, 1))
    days = {FOUNDED: world.old, date(2025, 7, 1): world.new, date(2026, 1, 1): world.old}
    for day, department in days.items():
        assert world.kim in people_under(department, day)
        assert Person.objects.employed_in(world.municipality.units, day).count() == 3
    assert list(back.predecessors.all()) == [successor]


def test_a_move_tells_who_was_moved(world, heard):
    move_unit(unit=world.unit, to=world.new, on=REFORM)
    assert ("register", frozenset([world.kim.pk, world.head.pk, world.bo.pk])) in heard
    assert ("appointments", frozenset([world.head.pk])) in heard


@pytest.mark.parametrize("where", ["itself", "below itself", "closed", "not yet open", "another municipality"])
def test_a_unit_moves_only_to_where_there_is_a_place(world, where):
    if where == "closed":
        close_unit(unit=world.new, on=EVE)
    places = {
        "itself": world.unit,
        "below itself": world.group,
        "closed": world.new,
        "not yet open": make_unit(world.municipality, on=REFORM + DAY),
        "another municipality": make_municipality("Annan").root,
    }
    before = everything()
    with pytest.raises(UnitNotOpen):
        move_unit(unit=world.unit, to=places[where], on=REFORM)
    assert everything() == before


def test_a_unit_does_not_move_before_it_is_open(world):
    with pytest.raises(UnitNotOpen):
        move_unit(unit=world.unit, to=world.new, on=FOUNDED - DAY)


def test_a_unit_that_has_moved_is_not_moved_again_but_its_successor_is(world):
    successor = move_unit(unit=world.unit, to=world.new, on=REFORM)
    with pytest.raises(UnitNotOpen):
        move_unit(unit=world.unit, to=world.municipality.root, on=REFORM)
    # It has not stood in Vård for a day, so it opens where it is put last.
    assert move_unit(unit=successor, to=world.municipality.root, on=REFORM) == successor
    assert people_under(world.new, REFORM) == set()
    assert successor in world.municipality.departments(REFORM)
    assert people_under(successor, REFORM) == {world.kim, world.bo, world.head}


def test_an_empty_unit_closes_with_the_day_before_as_its_last(world):
    empty = make_unit(world.old)
    close_unit(unit=empty, on=REFORM)
    assert empty in world.municipality.units.on(EVE)
    assert empty not in world.municipality.units.on(REFORM)
    assert empty in world.municipality.units


def test_a_unit_with_people_is_not_closed(world):
    with pytest.raises(UnitInUse):
        close_unit(unit=world.group, on=REFORM)
    assert world.group in world.municipality.units.on(REFORM)


def test_a_unit_with_people_to_come_is_not_closed(world):
    empty = make_unit(world.old)
    make_person(empty, starts_on=REFORM + DAY)
    with pytest.raises(UnitInUse):
        close_unit(unit=empty, on=REFORM)


@pytest.mark.parametrize("opens", [FOUNDED, REFORM + DAY])
def test_a_unit_with_units_below_is_not_closed(world, opens):
    parent = make_unit(world.old)
    make_unit(parent, on=opens)
    with pytest.raises(UnitInUse):
        close_unit(unit=parent, on=REFORM)


def test_a_unit_whose_people_have_all_left_can_be_closed(world):
    end_employment(employment=world.bo.employments.get(), last_day=EVE)
    close_unit(unit=world.group, on=REFORM)
    assert world.group not in world.municipality.units.on(REFORM)


def test_a_closed_unit_is_not_closed_again_later(world):
    empty = make_unit(world.old)
    close_unit(unit=empty, on=REFORM)
    with pytest.raises(UnitNotOpen):
        close_unit(unit=empty, on=date(2026, 1, 1))
    empty.refresh_from_db()
    assert empty.ends_on == EVE


@pytest.mark.parametrize("day", [FOUNDED - DAY, REFORM])
def test_nobody_is_employed_in_a_unit_that_is_not_open(world, day):
    unit = make_unit(world.old)
    close_unit(unit=unit, on=REFORM)
    with pytest.raises(UnitNotOpen):
        employ(person=world.kim, unit=unit, starts_on=day)
    assert world.kim.employments.count() == 1


def test_who_changes_unit_has_the_time_in_the_old_one_behind_them(world):
    employment = employ(
        person=make_person(municipality=world.municipality),
        unit=world.unit,
        starts_on=FOUNDED,
        role="Ledamot",
        population="elected",
        is_main=False,
        external_no="7",
    )
    moved = move_employment(employment=employment, unit=world.group, on=REFORM)
    assert (employment.ends_on, moved.starts_on, moved.unit) == (EVE, REFORM, world.group)
    for name in ("person", "role", "population", "is_main", "external_no"):
        assert getattr(moved, name) == getattr(employment, name)


def test_every_change_of_the_register_is_told_to_the_rooms_above(world, heard):
    pk = world.kim.pk
    employment = employ(person=world.kim, unit=world.group, starts_on=REFORM)
    grant_leave(person=world.kim, starts_on=REFORM, ends_on=None, reason=Leave.Reason.PARENTAL)
    end_employment(employment=employment, last_day=date(2025, 6, 30))
    appointment = appoint(person=world.kim, unit=world.unit, function="head", starts_on=REFORM)
    end_appointment(appointment=appointment, last_day=date(2025, 6, 30))
    assert heard == [("register", {pk})] * 3 + [("appointments", {pk})] * 2


def test_the_municipality_of_a_unit_is_that_of_its_root(world):
    other = World(make_municipality("Annan"))
    for place in (world, other):
        for unit in (place.municipality.root, place.old, place.group):
            assert Municipality.objects.of_unit(unit) == place.municipality


def test_the_departments_of_a_day_are_those_open_right_below_the_root(world):
    make_municipality("Annan")
    planned = make_unit(world.municipality, "Bygg", on=REFORM)
    close_unit(unit=world.new, on=REFORM)
    assert list(world.municipality.departments(EVE)) == [world.old, world.new]
    assert list(world.municipality.departments(REFORM)) == [planned, world.old]


def test_under_no_units_there_is_nothing(world):
    assert not OrgUnit.objects.under().exists()


@pytest.mark.parametrize("model", [Employment, Appointment, Leave])
def test_no_period_ends_before_it_starts(world, model):
    words = {Employment: {"unit": world.unit}, Appointment: {"unit": world.unit, "function": "head"}, Leave: {}}
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(person=world.kim, starts_on=REFORM, ends_on=EVE, **words[model])


def test_a_person_is_one_however_many_employments(world):
    employ(person=world.kim, unit=world.group, starts_on=FOUNDED)
    assert Person.objects.employed_in(world.municipality.units, REFORM).filter(pk=world.kim.pk).count() == 1


def test_an_address_is_one_whatever_the_case_and_none_is_no_address(world):
    world.kim.email = " Kim.EK@Example.org "
    world.kim.save()
    world.bo.email = ""
    world.bo.save()
    assert Person.objects.get(email="KIM.ek@example.org") == world.kim
    assert Person.objects.get_by_natural_key("KIM.ek@example.org") == world.kim
    world.bo.refresh_from_db()
    assert world.bo.email is None


class Periods(TestCase):
    """Whatever the days."""

    @classmethod
    def setUpTestData(cls):
        cls.person = make_person(municipality=make_municipality())

    @given(st.integers(-3, 3), st.integers(0, 3), st.none() | st.integers(0, 3))
    def test_a_period_holds_on_its_first_day_through_its_last(self, asked, first, length):
        starts_on = REFORM + timedelta(first)
        ends_on = None if length is None else starts_on + timedelta(length)
        leave = grant_leave(person=self.person, starts_on=starts_on, ends_on=ends_on, reason=Leave.Reason.OTHER)
        day = starts_on + timedelta(asked)
        holds = asked >= 0 and (length is None or asked <= length)
        self.assertIs(Leave.objects.on(day).filter(pk=leave.pk).exists(), holds)
        self.assertIs(Leave.objects.still_open().filter(pk=leave.pk).exists(), length is None)


def test_a_function_does_not_outlast_its_unit(world):
    closing = make_unit(world.old)
    close_unit(unit=closing, on=REFORM)
    for last in (None, REFORM):
        with pytest.raises(UnitNotOpen):
            appoint(person=world.kim, unit=closing, function="head", starts_on=FOUNDED, ends_on=last)
    assert appoint(person=world.kim, unit=closing, function="head", starts_on=FOUNDED, ends_on=EVE).ends_on == EVE

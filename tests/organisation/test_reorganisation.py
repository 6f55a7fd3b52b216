"""Units merge, split, get new names and are undone; people and history keep their dates."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning.coverage.figures import at
from learning.coverage.services import settle
from learning.dated import DAY
from learning.errors import LearningError
from learning.organisation.guards import UnitNotOpen
from learning.organisation.models import Appointment, Employment, Municipality, OrgUnit, Person, Reorganisation
from learning.organisation.reorganisation import (
    By,
    NameTaken,
    Part,
    carry_late,
    close_unit,
    correct_unit,
    joined,
    merge_into_new,
    merge_units,
    move_unit,
    open_unit,
    rename_unit,
    split_unit,
    undo_reorganisation,
)
from learning.organisation.services import appoint, employ
from learning.organisation.trail import CannotUndo
from tests.factories import (
    FOUNDED,
    make_course,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_unit,
    moment,
)

REFORM = date(2025, 1, 1)
EVE = REFORM - DAY


@dataclass
class World:
    """A department with two units; in the first a group below it; a head and somebody in each."""

    municipality: Municipality = field(default_factory=make_municipality)

    def __post_init__(self):
        self.department = make_unit(self.municipality, "Omsorg", kind="förvaltning")
        self.other = make_unit(self.municipality, "Vård", kind="förvaltning")
        self.north, self.south = make_unit(self.department, "Norr"), make_unit(self.department, "Söder")
        self.group = make_unit(self.north, "Natt")
        self.kim, self.bo, self.ali = (make_person(unit) for unit in (self.north, self.south, self.group))
        self.head = make_head(self.north)

    def under(self, unit: OrgUnit, on: date) -> set[Person]:
        return set(Person.objects.employed_in(OrgUnit.objects.under(unit), on))


@pytest.fixture
def world(db):
    return World()


def everything() -> list:
    rows = [list(model.objects.order_by("pk").values()) for model in (OrgUnit, Employment, Appointment)]
    # Which number a unit has among those beside it says nothing; below whom it stands does.
    for unit in rows[0]:
        unit["path"] = unit["path"][: -OrgUnit.steplen]
    return [*rows, list(OrgUnit.predecessors.through.objects.values_list("from_orgunit", "to_orgunit"))]


def periods(person: Person) -> list[tuple]:
    return list(person.employments.order_by("starts_on").values_list("unit", "starts_on", "ends_on"))


def test_merged_units_are_one_from_the_day_on_and_several_before_it(world):
    one = merge_into_new(
        units=[world.north, world.south], parent=world.department, name="Hemtjänst", kind="enhet", on=REFORM
    )
    everybody = {world.kim, world.bo, world.ali, world.head}
    assert world.under(one, REFORM) == everybody
    assert world.under(one, EVE) == set()
    assert world.under(world.south, EVE) == {world.bo}
    assert set(one.predecessors.all()) == {world.north, world.south}
    assert periods(world.bo) == [(world.south.pk, FOUNDED, EVE), (one.pk, REFORM, None)]
    assert world.head.appointments.get(starts_on=REFORM).unit == one
    (group,) = OrgUnit.objects.right_below(one)
    assert (group.name, world.under(group, REFORM)) == ("Natt", {world.ali})


def test_a_unit_is_merged_into_one_that_goes_on(world):
    merge_units(units=[world.north], into=world.south, on=REFORM)
    assert world.under(world.south, EVE) == {world.bo}
    assert world.under(world.south, REFORM) == {world.kim, world.bo, world.ali, world.head}
    world.north.refresh_from_db()
    assert (world.north.ends_on, world.south.ends_on) == (EVE, None)


def test_who_worked_in_both_in_the_same_role_has_one_employment_from_the_merger_on(world):
    employ(person=world.kim, unit=world.south, starts_on=date(2024, 1, 1), is_main=False)
    one = merge_into_new(
        units=[world.north, world.south], parent=world.department, name="Hemtjänst", kind="enhet", on=REFORM
    )
    row = world.kim.employments.on(REFORM).get()
    assert (row.unit, row.is_main, row.ends_on) == (one, True, None)
    assert world.kim.employments.on(EVE).count() == 2


def test_employments_with_numbers_of_their_own_stay_two(world):
    employ(person=world.kim, unit=world.south, starts_on=FOUNDED, is_main=False, external_no="2")
    merge_units(units=[world.north], into=world.south, on=REFORM)
    assert world.kim.employments.on(REFORM).count() == 2


days = st.integers(0, 12).map(lambda n: FOUNDED + timedelta(days=n))
spans = st.tuples(days, st.one_of(st.none(), days), st.booleans()).filter(lambda s: s[1] is None or s[0] <= s[1])


@given(st.lists(spans, min_size=1, max_size=5))
def test_joined_periods_hold_the_same_days_each_once(rows):
    found = joined(rows)
    for n in range(15):
        day = FOUNDED + timedelta(days=n)
        held = [main for first, last, main in rows if first <= day and (last is None or day <= last)]
        now = [main for first, last, main in found if first <= day and (last is None or day <= last)]
        assert now == ([any(held)] if held else [])


def test_a_split_gives_each_part_whom_it_names_and_the_first_the_rest(world):
    other = make_person(world.north)
    first, second = split_unit(
        unit=world.north,
        parts=[
            Part("Norr dag"),
            Part(
                "Norr natt",
                employments={other.employments.get().pk},
                appointments={world.head.appointments.get().pk},
                units={world.group.pk},
            ),
        ],
        on=REFORM,
    )
    assert world.under(first, REFORM) == {world.kim, world.head}
    assert world.under(second, REFORM) == {other, world.ali}
    assert world.under(world.north, EVE) == {world.kim, world.head, other, world.ali}
    assert world.head.appointments.get(starts_on=REFORM).unit == second
    assert set(world.north.successors.all()) == {first, second}


def test_a_part_may_keep_the_name_of_the_whole(world):
    first, _second = split_unit(unit=world.north, parts=[Part("Norr"), Part("Nattpatrullen")], on=REFORM)
    assert first.name == "Norr"
    assert first != world.north


def test_a_new_name_leaves_the_earlier_days_the_old_one(world):
    renamed = rename_unit(unit=world.north, name="Nordan", on=REFORM)
    names = {day: {unit.name for unit in world.municipality.units.on(day)} for day in (EVE, REFORM)}
    assert "Norr" in names[EVE] - names[REFORM]
    assert "Nordan" in names[REFORM] - names[EVE]
    assert world.under(renamed, REFORM) == {world.kim, world.ali, world.head}


def test_several_changes_may_come_on_the_same_day(world):
    rename_unit(unit=world.group, name="Nattpatrullen", on=REFORM)
    planned = make_unit(world.north, "Vakans", on=REFORM + DAY)
    moved = move_unit(unit=world.north, to=world.other, on=REFORM)
    assert {unit.name for unit in OrgUnit.objects.right_below(moved)} == {"Nattpatrullen", "Vakans"}
    assert world.under(moved, REFORM) == {world.kim, world.head, world.ali}
    renamed = rename_unit(unit=moved, name="Nordan", on=REFORM)
    assert (renamed, renamed.name, set(renamed.predecessors.all())) == (moved, "Nordan", {world.north})
    for kind in ("renamed", "moved"):
        undo_reorganisation(reorganisation=Reorganisation.objects.filter(kind=kind).first(), now=moment(REFORM))
    planned.refresh_from_db()
    assert planned.get_parent() == world.north
    assert world.under(world.north, REFORM) == {world.kim, world.head, world.ali}


def test_what_was_written_wrong_is_mended_for_every_day(world):
    correct_unit(unit=world.north, name="Norra", kind="enhet", code="N1")
    world.north.refresh_from_db()
    assert (world.north.name, world.north.code, world.north.starts_on) == ("Norra", "N1", FOUNDED)


@pytest.mark.parametrize(
    "act",
    [
        lambda w: open_unit(parent=w.department, name="norr", kind="enhet", on=REFORM),
        lambda w: rename_unit(unit=w.north, name="Söder", on=REFORM),
        lambda w: correct_unit(unit=w.north, name="Söder", kind="enhet", code=""),
        lambda w: split_unit(unit=w.north, parts=[Part("Söder"), Part("Väster")], on=REFORM),
        lambda w: move_unit(unit=w.south, to=make_namesake(w), on=REFORM),
    ],
)
def test_two_units_in_one_place_never_share_a_name(world, act):
    with pytest.raises(NameTaken):
        act(world)


def make_namesake(world: World) -> OrgUnit:
    make_unit(world.other, "Söder")
    return world.other


@pytest.mark.parametrize(
    "act",
    [
        lambda w: merge_units(units=[w.north], into=w.north, on=REFORM),
        lambda w: merge_units(units=[w.north], into=w.group, on=REFORM),
        lambda w: merge_units(units=[w.north, w.group], into=w.south, on=REFORM),
        lambda w: merge_units(units=[w.north], into=make_unit(make_municipality("Annan")), on=REFORM),
        lambda w: split_unit(unit=w.north, parts=[Part("Ensam")], on=REFORM),
        lambda w: split_unit(unit=w.municipality.root, parts=[Part("A"), Part("B")], on=REFORM),
        lambda w: rename_unit(unit=w.municipality.root, name="Annat", on=REFORM),
        lambda w: merge_units(units=[w.north], into=w.south, on=FOUNDED),
        lambda w: split_unit(unit=w.north, parts=[Part("A"), Part("B")], on=FOUNDED),
        lambda w: rename_unit(unit=w.north, name="Nordan", on=FOUNDED - DAY),
        lambda w: open_unit(parent=w.north, name="Ny", kind="enhet", on=FOUNDED - DAY),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(world, act):
    before = list(Employment.objects.order_by("pk").values())
    with pytest.raises(UnitNotOpen):
        act(world)
    assert list(Employment.objects.order_by("pk").values()) == before
    assert not OrgUnit.objects.exclude(ends_on=None).exists()


def test_a_closed_unit_has_no_functions_left(world):
    empty = make_unit(world.department)
    appoint(person=world.kim, unit=empty, function="head", starts_on=FOUNDED)
    appoint(person=world.bo, unit=empty, function="deputy", starts_on=REFORM + DAY)
    close_unit(unit=empty, on=REFORM)
    assert list(empty.appointments.values_list("person", "ends_on")) == [(world.kim.pk, EVE)]


def test_every_change_tells_who_made_it_on_what_decision(world):
    move_unit(unit=world.north, to=world.other, on=REFORM, by=By(world.head, "KS 2024 § 12"))
    change = Reorganisation.objects.get(kind="moved")
    assert (change.made_by, change.decision, change.on) == (world.head, "KS 2024 § 12", REFORM)
    assert (change.before, change.after) == (["Norr (Omsorg)"], ["Norr (Vård)"])


ACTS = {
    "open": lambda w: open_unit(parent=w.north, name="Ny", kind="enhet", on=REFORM),
    "move": lambda w: move_unit(unit=w.north, to=w.other, on=REFORM),
    "rename": lambda w: rename_unit(unit=w.north, name="Nordan", on=REFORM),
    "merge": lambda w: merge_units(units=[w.north], into=w.south, on=REFORM),
    "merge into new": lambda w: merge_into_new(
        units=[w.north, w.south], parent=w.department, name="Ny", kind="enhet", on=REFORM
    ),
    "split": lambda w: split_unit(unit=w.north, parts=[Part("A", units={w.group.pk}), Part("B")], on=REFORM),
    "close": lambda w: close_unit(unit=w.empty, on=REFORM),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_undone_change_leaves_the_register_as_it_was_to_the_row(world, act):
    world.empty = make_unit(world.department)
    appoint(person=world.kim, unit=world.empty, function="head", starts_on=FOUNDED)
    employ(person=world.kim, unit=world.south, starts_on=date(2024, 1, 1), is_main=False)
    before = everything()
    ACTS[act](world)
    assert everything() != before
    change = Reorganisation.objects.first()
    undo_reorganisation(reorganisation=change, now=moment(REFORM))
    assert everything() == before
    assert change.undone_at == moment(REFORM)
    with pytest.raises(CannotUndo):
        undo_reorganisation(reorganisation=change, now=moment(REFORM))


def test_figures_follow_a_change_and_its_undoing(world):
    goal = make_goal(make_course(world.municipality), world.municipality)

    def headcounts() -> dict:
        settle()
        return {(unit.pk, day): at(goal.requirement, unit, day).headcount for unit in units for day in (EVE, REFORM)}

    units = [world.department, world.other, world.north, world.south]
    before = headcounts()
    move_unit(unit=world.north, to=world.other, on=REFORM)
    assert headcounts()[world.other.pk, REFORM] == 3
    assert headcounts()[world.department.pk, EVE] == before[world.department.pk, EVE]
    undo_reorganisation(reorganisation=Reorganisation.objects.first(), now=moment(REFORM))
    assert headcounts() == before


@pytest.mark.parametrize("since", ["a person", "another change", "a function"])
def test_a_change_on_which_something_rests_is_not_undone(world, since):
    successor = move_unit(unit=world.north, to=world.other, on=REFORM)
    change = Reorganisation.objects.first()
    if since == "a person":
        make_person(successor, starts_on=REFORM)
    elif since == "another change":
        rename_unit(unit=successor, name="Nordan", on=REFORM + DAY)
    else:
        appoint(person=world.kim, unit=successor, function="deputy", starts_on=REFORM)
    before = everything()
    with pytest.raises(CannotUndo):
        undo_reorganisation(reorganisation=change, now=moment(REFORM))
    assert everything() == before


def test_an_employment_that_outlasts_its_unit_goes_on_in_the_successor(world):
    successor = rename_unit(unit=world.north, name="Nordan", on=REFORM)
    late = Employment.objects.create(person=world.bo, unit=world.north, starts_on=FOUNDED, is_main=False)
    carry_late(world.municipality)
    rows = world.bo.employments.filter(is_main=False).order_by("starts_on")
    assert [(row.unit, row.ends_on) for row in rows] == [(world.north, EVE), (successor, None)]
    assert rows[0] == late


class TestAnySequence(TestCase):
    """Whatever is done, nobody is lost, no earlier day changes, and undoing restores every row."""

    @settings(max_examples=25)
    @given(st.data())
    def test_every_day_keeps_its_people(self, data):
        municipality = make_municipality()
        units = [make_unit(municipality, f"Enhet {n}") for n in range(3)]
        units += [make_unit(units[0], "Under")]
        people = [make_person(unit) for unit in units for _ in range(2)]
        for person in people[::2]:
            unit = data.draw(st.sampled_from(units))
            employ(person=person, unit=unit, starts_on=FOUNDED + timedelta(days=5), is_main=False, role="Vikarie")
        on = FOUNDED
        for step in range(data.draw(st.integers(1, 5))):
            on += timedelta(days=data.draw(st.integers(0, 40)))
            before = self.everybody(municipality, on + timedelta(days=100))
            earlier = {day: self.placed(day) for day in (FOUNDED, on - DAY) if day < on}
            rows = everything()
            try:
                self.act(data, municipality, on, step)
            except LearningError:
                assert everything() == rows
                continue
            assert self.everybody(municipality, on + timedelta(days=100)) == before
            assert {day: self.placed(day) for day in earlier} == earlier
            self.check(municipality)
            if data.draw(st.booleans()):
                undo_reorganisation(reorganisation=Reorganisation.objects.first(), now=moment(on))
                assert everything() == rows

    def act(self, data, municipality, on, step) -> None:
        units = list(municipality.units.exclude(pk=municipality.root_id))
        unit, other = data.draw(st.sampled_from(units)), data.draw(st.sampled_from([municipality.root, *units]))
        kind = data.draw(st.sampled_from(["move", "rename", "merge", "new", "split", "close", "open"]))
        name = f"Ny {step}"
        if kind == "move":
            move_unit(unit=unit, to=other, on=on)
        elif kind == "rename":
            rename_unit(unit=unit, name=name, on=on)
        elif kind == "merge":
            merge_units(units=[unit], into=other, on=on)
        elif kind == "new":
            merge_into_new(
                units={unit, other} - {municipality.root}, parent=municipality.root, name=name, kind="e", on=on
            )
        elif kind == "split":
            taken = set(data.draw(st.lists(st.sampled_from(list(Employment.objects.values_list("pk", flat=True))))))
            split_unit(unit=unit, parts=[Part(name), Part(f"{name} b", employments=taken)], on=on)
        elif kind == "close":
            close_unit(unit=unit, on=on)
        else:
            open_unit(parent=other, name=name, kind="enhet", on=on)

    def everybody(self, municipality, on) -> set[int]:
        return set(Person.objects.employed_in(municipality.units.on(on), on).values_list("pk", flat=True))

    def placed(self, on) -> set[tuple]:
        rows = Employment.objects.on(on).values_list("person", "unit", "role", "is_main")
        return {*rows, *OrgUnit.objects.on(on).values_list("path", "name", "code", "kind")}

    def check(self, municipality) -> None:
        for person in Person.objects.filter(municipality=municipality):
            rows = list(person.employments.select_related("unit"))
            for row in rows:
                assert row.unit.starts_on <= row.starts_on
                assert row.unit.ends_on is None or (row.ends_on is not None and row.ends_on <= row.unit.ends_on)
            for day in {row.starts_on for row in rows}:
                held = [row for row in rows if row.starts_on <= day and (row.ends_on is None or day <= row.ends_on)]
                assert sum(row.is_main for row in held) == 1
                assert len({(row.unit_id, row.role) for row in held}) == len(held)


def test_what_is_asked_for_twice_at_once_is_done_once(world):
    """The second comes with what it read before the first was done."""
    before = OrgUnit.objects.get(pk=world.north.pk)
    merged = OrgUnit.objects.get(pk=world.south.pk)
    merge_units(units=[world.south], into=world.other, on=REFORM)
    rename_unit(unit=world.north, name="Nordan", on=REFORM)
    rows = everything()
    for act in (
        lambda: rename_unit(unit=before, name="Nordost", on=EVE),
        lambda: move_unit(unit=before, to=world.other, on=EVE),
        lambda: merge_units(units=[merged], into=world.other, on=EVE),
    ):
        with pytest.raises(UnitNotOpen), transaction.atomic():
            act()
    assert everything() == rows

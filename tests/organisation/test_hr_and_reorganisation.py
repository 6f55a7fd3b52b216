"""HR files and reorganisations meet: a file of before speaks of after, and either is undone beside the other."""

from datetime import timedelta

import pytest

from learning.dated import DAY as ONE_DAY
from learning.organisation.guards import UnitNotOpen
from learning.organisation.models import OrgUnit, Person, Reorganisation
from learning.organisation.reorganisation import (
    Part,
    close_unit,
    correct_unit,
    merge_units,
    move_unit,
    open_unit,
    rename_unit,
    split_unit,
    undo_reorganisation,
)
from learning.organisation.services import employ, update_person
from learning.organisation.trail import CannotUndo
from tests.factories import make_person, make_unit, moment
from tests.organisation.test_hr_import import DAY, LATER, NEXT_DAY, Line, World, refused
from tests.organisation.test_hr_services import applied, undone

EVE = LATER - ONE_DAY
BEGAN = DAY.replace(2024, 1)


@pytest.fixture
def world(db):
    return World()


def test_undoing_a_file_takes_away_what_it_carried_over(world):
    world.read(Line("1", ends_on="2025-05-01"))
    rename_unit(unit=world.norr, name="Nordan", on=LATER)
    before = world.employments("1")
    late = applied(world, Line("1"), on=NEXT_DAY)
    assert world.employments("1") == [("Norr", BEGAN, EVE), ("Nordan", LATER, None)]
    undone(late)
    assert world.employments("1") == before


def test_who_outlasts_several_changes_is_carried_through_them_all(world):
    unit = rename_unit(unit=world.norr, name="Nordan", on=LATER)
    rename_unit(unit=unit, name="Nordost", on=LATER + timedelta(30))
    world.read(Line("1"))
    assert [name for name, *_days in world.employments("1")] == ["Norr", "Nordan", "Nordost"]


def test_who_is_in_the_merged_unit_already_is_there_once(world):
    world.read(Line("1"))
    merge_units(units=[world.soder], into=world.norr, on=LATER)
    world.read(Line("1"), Line("1", "Söder"), on=NEXT_DAY)
    assert sorted(world.employments("1")) == [("Norr", BEGAN, None), ("Söder", BEGAN, EVE)]


def test_who_outlasts_a_split_or_closed_unit_is_not_lost(world):
    make_person(world.soder, ends_on=DAY)
    split_unit(unit=world.norr, parts=[Part("A"), Part("B")], on=LATER)
    close_unit(unit=world.soder, on=LATER)
    world.read(Line("1"), Line("2", "Söder"))
    assert world.employments("1")[-1] == ("A", LATER, None)
    assert world.employments("2")[-1] == ("Omsorg", LATER, None)


def test_what_a_file_ended_comes_back_in_what_its_unit_has_become(world):
    everyone = [Line(str(n)) for n in range(1, 9)]
    world.read(*everyone)
    file = applied(world, *everyone[1:], on=NEXT_DAY)
    rename_unit(unit=world.norr, name="Nordan", on=LATER)
    assert undone(file).state == "undone"
    assert world.employments("1") == [("Norr", BEGAN, EVE), ("Nordan", LATER, None)]


def test_what_a_file_ended_does_not_come_back_beside_what_began_since(world):
    everyone = [Line(str(n)) for n in range(1, 9)]
    world.read(*everyone)
    file = applied(world, *everyone[1:], on=LATER)
    employ(person=world.person("1"), unit=world.norr, starts_on=LATER, role="Undersköterska")
    before = world.employments("1")
    assert undone(file).state == "applied"
    assert world.employments("1") == before


def test_an_address_that_is_somebody_elses_by_now_is_not_given_back(world):
    world.read(Line("1", email="kim@example.org"))
    file = applied(world, Line("1", email="ek@example.org"), on=LATER)
    other = make_person(world.soder)
    update_person(person=other, first_name="Bo", last_name="Al", email="kim@example.org", is_protected=False)
    undone_file = undone(file)
    assert (undone_file.state, undone_file.message[:24]) == ("applied", "Filen kan inte ångras: e")
    assert world.person("1").email == "ek@example.org"


def test_a_unit_below_what_was_opened_is_never_removed_with_it(world):
    opened = open_unit(parent=world.norr, name="Väst", kind="enhet", on=DAY)
    change = Reorganisation.objects.latest("pk")
    open_unit(parent=opened, name="Under", kind="enhet", on=DAY)
    with pytest.raises(CannotUndo):
        undo_reorganisation(reorganisation=change, now=moment(DAY))
    file = applied(world, Line("1", "Öst"))
    open_unit(parent=OrgUnit.objects.get(name="Öst"), name="Nedanför", kind="enhet", on=LATER)
    undone(file)
    assert set(OrgUnit.objects.values_list("name", flat=True)) >= {"Under", "Öst", "Nedanför"}
    assert not Person.objects.filter(external_id="1").exists()


def test_what_is_planned_for_a_unit_is_never_there_twice(world):
    other = make_unit(world.municipality, "Vård", kind="förvaltning")
    move_unit(unit=world.norr, to=other, on=LATER)
    with pytest.raises(UnitNotOpen, match="2025-05-31"):
        rename_unit(unit=world.department, name="Nya omsorgen", on=NEXT_DAY)
    with pytest.raises(UnitNotOpen):
        merge_units(units=[world.soder], into=world.norr, on=NEXT_DAY)
    with pytest.raises(UnitNotOpen):
        open_unit(parent=world.norr, name="Lag", kind="enhet", on=NEXT_DAY)


def test_a_file_opens_nothing_beside_what_is_planned(world):
    """Such as one that knows the new names before their day."""
    open_unit(parent=world.department, name="Väst", kind="enhet", on=LATER)
    rename_unit(unit=world.department, name="Nya omsorgen", on=LATER + ONE_DAY)
    before = set(OrgUnit.objects.values_list("pk", flat=True))
    lines = [Line("1", "väst"), Line("2", "Öst"), Line("3", "Norr", department="Nya omsorgen"), Line("4")]
    file = world.read(*lines, on=NEXT_DAY, opens_units=True)
    assert set(OrgUnit.objects.values_list("pk", flat=True)) == before
    assert [finding.number for finding in refused(file)] == [2, 3, 4]
    assert world.employments("4") == [("Norr", BEGAN, LATER), ("Norr", LATER + ONE_DAY, None)]


def test_a_code_that_two_units_of_the_register_have_tells_neither(world):
    correct_unit(unit=world.soder, name="Söder", kind="enhet", code="N1")
    world.read(Line("1", "Norr", code="N1"), Line("2", "Söder", code="N1"))
    world.read(Line("3", "Norr", code="N1"), *map(Line, "12"), on=NEXT_DAY)
    assert world.employments("3")[0][0] == "Norr"

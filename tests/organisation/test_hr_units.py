"""A row lands in the unit that it names, or in what that unit has become."""

from datetime import timedelta

import pytest

from learning.organisation.hr.services import import_file
from learning.organisation.models import Employment, OrgUnit
from learning.organisation.reorganisation import close_unit, move_unit, open_unit, rename_unit
from learning.organisation.services import move_employment
from tests.factories import make_unit, moment
from tests.organisation.test_hr_import import DAY, LATER, Line, World, changes, refused

AFTER = LATER.replace(month=9)
HEADING = "Anst.nr;Namn;Organisation"


@pytest.fixture
def world(db):
    return World()


def become(world, unit: OrgUnit, *names: str, on=LATER) -> list[OrgUnit]:
    """Close the unit; units of these names are its successors."""
    successors = [open_unit(parent=world.department, name=name, kind="enhet", on=on) for name in names]
    for employment in Employment.objects.on(on).filter(unit=unit):
        move_employment(employment=employment, unit=successors[0], on=on)
    unit.refresh_from_db()
    close_unit(unit=unit, on=on)
    for successor in successors:
        successor.predecessors.add(unit)
    return successors


def unit_of(world, hr_id: str, on=AFTER) -> OrgUnit:
    return world.person(hr_id).employments.on(on).get().unit


@pytest.mark.parametrize("line", [Line("1"), Line("1", department=""), Line("1", "Okänd", code="N1")])
def test_a_unit_that_was_moved_is_followed(world, line):
    world.read(Line("1", code="N1"))
    successor = move_unit(unit=world.norr, to=make_unit(world.municipality, "Vård"), on=LATER)
    successor.code = ""
    successor.save()
    assert changes(world.read(line, on=AFTER)) == {}
    assert unit_of(world, "1") == successor


def test_a_unit_is_followed_through_all_that_it_became(world):
    (second,) = become(world, world.norr, "Nord")
    (third,) = become(world, second, "Norrskenet", on=LATER.replace(day=15))
    outcome = world.read(Line("1"), Line("2", "Nord"), on=AFTER, opens_units=True)
    assert (changes(outcome), unit_of(world, "1"), unit_of(world, "2")) == ({"new": 2}, third, third)


def test_units_that_became_one_lead_there(world):
    (whole,) = become(world, world.norr, "Norr och Söder")
    become(world, world.soder)
    whole.predecessors.add(world.soder)
    world.read(Line("1"), Line("2", "Söder"), on=AFTER)
    assert {unit_of(world, "1"), unit_of(world, "2")} == {whole}


@pytest.mark.parametrize("opens_units", [False, True])
def test_of_a_unit_that_was_split_the_row_stays_where_the_person_is(world, opens_units):
    world.read(Line("1"))
    _first, second = become(world, world.norr, "Norr 1", "Norr 2")
    move_employment(employment=Employment.objects.on(LATER).get(), unit=second, on=LATER.replace(day=2))
    outcome = world.read(Line("1"), Line("2"), on=AFTER, opens_units=opens_units)
    assert unit_of(world, "1") == second
    assert changes(outcome) == {}
    (unknown,) = refused(outcome)
    assert (unknown.kind, unknown.hr_id) == ("unknown_unit", "2")
    assert "Norr 1, Norr 2" in unknown.details["reason"]


def test_a_unit_that_became_nothing_is_unknown(world):
    become(world, world.norr)
    assert len(refused(world.read(Line("1"), on=AFTER))) == 1


def test_a_unit_that_is_open_again_by_its_name_is_itself(world):
    become(world, world.norr, "Nord")
    again = open_unit(parent=world.department, name="Norr", kind="enhet", on=LATER)
    world.read(Line("1"), on=AFTER)
    assert unit_of(world, "1") == again


def read(world, *lines: str, on=DAY, **options):
    content = "\n".join([HEADING, *lines]).encode()
    return import_file(
        municipality=world.municipality, filename="hr.csv", content=content, on=on, now=moment(on), **options
    )


def test_a_path_opens_every_unit_on_the_way_once(world):
    lines = ["1;Kim Ek;Skola / Ängskolan / Lag 3", "2;Bo Al;Skola / Björkskolan / Lag 3", "3;Bo Ek;Skola / Ängskolan"]
    outcome = read(world, *lines, opens_units=True)
    assert changes(outcome) == {"unit_opened": 5, "new": 3}
    assert [unit_of(world, hr_id).get_parent().name for hr_id in "123"] == ["Ängskolan", "Björkskolan", "Skola"]
    assert changes(read(world, *lines, on=LATER, opens_units=True)) == {}


def test_a_path_never_lands_in_a_unit_of_the_same_name_elsewhere(world):
    lag = make_unit(make_unit(world.department, "Ängskolan"), "Lag 3")
    outcome = read(world, "1;Kim Ek;Omsorg / Ängskolan / Lag 3", "2;Bo Al;Omsorg / Björkskolan / Lag 3")
    assert unit_of(world, "1") == lag
    assert [finding.hr_id for finding in refused(outcome)] == ["2"]


def test_a_name_that_two_units_of_a_department_have_tells_neither(world):
    for school in ("Ängskolan", "Björkskolan"):
        make_unit(make_unit(world.department, school), "Lag 3")
    assert len(refused(world.read(Line("1", "Lag 3")))) == 1


def test_committees_that_are_opened_become_no_departments(world):
    before = list(world.municipality.departments(DAY))
    lines = ["5;Åsa Öhrn;Socialnämnden", "6;Bo Al;Socialnämnden", "7;Bo Ek;Valnämnden"]
    for on in (DAY, LATER):
        outcome = import_file(
            municipality=world.municipality,
            filename="troman.csv",
            content="\n".join(["Id;Namn;Organ", *lines]).encode(),
            on=on,
            now=moment(on),
            population="elected",
            opens_units=True,
        )
    assert changes(outcome) == {}
    (above,) = set(world.municipality.departments(DAY)) - set(before)
    assert [unit.name for unit in above.get_children()] == ["Socialnämnden", "Valnämnden"]


def test_who_comes_with_a_file_and_outlasts_the_unit_goes_on_in_what_it_becomes(world):
    world.read(Line("1"))
    successor = rename_unit(unit=world.norr, name="Nord", on=AFTER)
    came = world.read(Line("1"), Line("2"), on=LATER)
    rows = world.person("2").employments.order_by("starts_on")
    assert [(row.unit, row.ends_on) for row in rows] == [(world.norr, AFTER - timedelta(days=1)), (successor, None)]
    assert changes(world.read(Line("1"), Line("2"), on=LATER)) == {}
    assert changes(world.read(Line("1", "Nord"), Line("2", "Nord"), on=AFTER)) == {}
    assert came.state == "applied"

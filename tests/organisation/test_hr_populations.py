"""A file lists employees, elected officials or partners; what it does not list is left as it is."""

from datetime import date

import pytest
from django.core.management import call_command

from learning.organisation.hr.services import TooManyEndings, choose_columns, receive
from learning.organisation.hr.tables import UnreadableFile
from learning.organisation.models import Employment, HrImport, Leave, Person
from learning.organisation.personal import _findings as personal_findings
from learning.organisation.reorganisation import open_unit
from tests.organisation.test_hr_import import DAY, HEADING, LATER, NEXT_DAY, Line, World, changes, refused
from tests.organisation.test_hr_services import told, undone

HEADING_OF_ELECTED = "Id;Förnamn;Efternamn;E-post;Organ;Uppdrag;Mandatperiod fr.o.m.;Mandatperiod t.o.m."


@pytest.fixture
def world(db):
    world = World()
    open_unit(parent=world.municipality.root, name="Socialnämnden", kind="nämnd", on=DAY.replace(2022))
    return world


def elected(world, *lines, **options) -> HrImport:
    """Read a register of elected officials: id, first and last name, address."""
    lines = [f"{line};Socialnämnden;Ledamot;2023-01-01;2026-12-31" for line in lines]
    return world.read(*lines, heading=HEADING_OF_ELECTED, population="elected", **options)


@pytest.mark.parametrize(
    ("term", "first", "last"),
    [
        ("2022-2026", date(2022, 10, 15), date(2026, 10, 14)),
        ("2022–26", date(2022, 10, 15), date(2026, 10, 14)),
        ("2023 - 2026", date(2023, 1, 1), date(2026, 12, 31)),
        ("2022-10-15 – 2026-10-14", date(2022, 10, 15), date(2026, 10, 14)),
        ("2023-01-01 t.o.m. 2026-12-31", date(2023, 1, 1), date(2026, 12, 31)),
        ("20230101–20261231", date(2023, 1, 1), date(2026, 12, 31)),
        ("", None, None),
    ],
)
def test_a_term_in_one_column_has_a_first_and_a_last_day(world, term, first, last):
    world.read(f"5;Åsa Öhrn;Socialnämnden;{term}", heading="Id;Namn;Organ;Mandatperiod", population="elected")
    employment = Employment.objects.get()
    assert (employment.starts_on, employment.ends_on) == (first or DAY, last)


@pytest.mark.parametrize("term", ["2026-2022", "denna", "2022-2099", "2026-01-01 – 2022-01-01"])
def test_what_is_no_term_is_refused_with_how_to_write_one(world, term):
    outcome = world.read(f"5;Åsa Öhrn;Socialnämnden;{term}", heading="Id;Namn;Organ;Mandatperiod", population="elected")
    assert "skriv den som 2022-10-15 – 2026-10-14" in outcome.findings.get(kind="refused").details["reason"]
    assert not Employment.objects.exists()


def warnings(hr_import: HrImport) -> list[str]:
    return [finding.details["reason"] for finding in hr_import.findings.filter(kind="warning")]


def test_an_id_of_another_series_is_another_person(world):
    world.read(Line("5", email="kim@example.org"))
    outcome = elected(world, "5;Åsa;Öhrn;asa@example.org")
    assert changes(outcome) == {"new": 1}
    assert world.person("5").last_name == "Ek"
    other = Person.objects.get(email="asa@example.org")
    assert (other.external_id, other.hr_id, world.person("5").hr_id) == ("elected:5", "5", "5")
    assert [finding.hr_id for finding in outcome.findings.all()] == ["5"]
    assert other.employments.get().population == "elected"


def test_with_ids_of_the_hr_system_it_is_the_same_person(world):
    world.read(Line("5"))
    outcome = elected(world, "5;Kim;Ek;", own_ids=False)
    assert changes(outcome) == {"added": 1}
    assert sorted(world.person("5").employments.values_list("population", flat=True)) == ["elected", "employee"]


@pytest.mark.parametrize("own_ids", [True, False])
def test_neither_list_ends_what_the_other_holds(world, own_ids):
    world.read(Line("1"), Line("2"))
    elected(world, "2;Kim;Ek;", "3;Åsa;Öhrn;", own_ids=own_ids)
    before = list(Employment.objects.order_by("pk").values())
    world.read(Line("1"), Line("2"), on=NEXT_DAY)
    elected(world, "2;Kim;Ek;", "3;Åsa;Öhrn;", own_ids=own_ids, on=LATER)
    assert list(Employment.objects.order_by("pk").values()) == before
    assert changes(elected(world, "2;Kim;Ek;", own_ids=own_ids, on=LATER)) == {"ended": 1}
    assert changes(world.read(Line("1"), on=LATER)) == {"ended": 1}


def test_politicians_in_the_hr_file_end_nobody_of_their_own_register(world):
    elected(world, "5;Åsa;Öhrn;")
    outcome = world.read(Line("1"), Line("2", category="Politiker"), on=LATER)
    assert changes(outcome) == {"new": 2}


def test_an_address_stays_with_whoever_has_it(world):
    world.read(Line("1", email="kim@example.org"))
    outcome = elected(world, "5;Kim;Ek;kim@example.org")
    assert world.person("1").email == "kim@example.org"
    assert Person.objects.get(external_id="elected:5").email is None
    assert len(warnings(outcome)) == 1


def test_leave_is_told_of_employees_only(world):
    heading = HEADING + ";Frånvaro"
    world.read(f"{Line('1')};Sjuk", f"{Line('2', category='Politiker')};Sjuk", heading=heading)
    assert list(Leave.objects.values_list("person__external_id", flat=True)) == ["1"]
    world.read(f"{Line('1')};Sjuk", f"{Line('1', category='Politiker')};", heading=heading, on=LATER)
    assert Leave.objects.still_open().count() == 1


def test_a_short_list_of_elected_officials_is_cut_short_by_its_own_measure(world):
    world.read(*[Line(str(number)) for number in range(200)])
    elected(world, *[f"{number};Kim;Nr{number};" for number in range(20)])
    with pytest.raises(TooManyEndings, match="19 av 20"):
        elected(world, "0;Kim;Nr0;", on=LATER)


def test_columns_and_ids_are_remembered_for_each_population(world):
    def bring(population: str) -> HrImport:
        content = "Kod;Namn;Organ\n5;Åsa Öhrn;Socialnämnden".encode()
        return receive(
            municipality=world.municipality, filename="f.csv", content=content, on=DAY, population=population
        )

    hr_import = bring("elected")
    assert ("hr_id" in hr_import.columns, hr_import.own_ids) == (False, True)
    columns = hr_import.columns | {"hr_id": "Kod"}
    choose_columns(hr_import=hr_import, columns=columns, opens_units=False, own_ids=False)
    again, others = bring("elected"), bring("partner")
    assert (again.columns, again.own_ids) == (columns, False)
    assert ("hr_id" in others.columns, others.own_ids) == (False, True)


def test_a_file_without_ids_is_refused_with_what_to_do(world):
    with pytest.raises(UnreadableFile, match="behöver ett id"):
        world.read("Kim Ek;kim@example.org;Norr", heading="Namn;E-post;Organ", population="elected")
    assert not Person.objects.exists()


def test_party_is_kept_nowhere(world):
    world.read("5;Åsa Öhrn (S);Socialdemokraterna;Socialnämnden", heading="Id;Namn;Parti;Organ", population="elected")
    kept = str(list(HrImport.objects.values())) + str(list(Person.objects.values()))
    assert "Socialdemokraterna" not in kept
    assert "(S)" not in kept
    assert HrImport.objects.get().left_out == ["Parti"]


def test_an_applied_list_is_undone_to_the_row(world):
    world.read(Line("5"))
    before = told()
    hr_import = elected(world, "5;Åsa;Öhrn;asa@example.org", "6;Bo;Ek;")
    assert undone(hr_import).state == "undone"
    assert told() == before


def test_the_command_asks_whom_the_file_lists(world, tmp_path):
    path = tmp_path / "troman.csv"
    path.write_text(f"{HEADING_OF_ELECTED}\n5;Åsa;Öhrn;;Socialnämnden;Ledamot;;")
    options = {"municipality": world.municipality.slug, "population": "elected"}
    call_command("import_hr", path, **options)
    call_command("import_hr", path, **options, own_ids=False)
    assert sorted(Person.objects.values_list("external_id", flat=True)) == ["5", "elected:5"]


@pytest.mark.parametrize(
    ("name", "is_warned"), [("Åsa;Öhrn", True), ("Kim;Öhrn", False), ("Åsa;Ek", False), ("Ek;Kim", False)]
)
def test_an_id_with_a_wholly_different_name_is_asked_about(world, name, is_warned):
    first_name, last_name = name.split(";")
    world.read(Line("1"))
    outcome = world.read(Line("1", first_name=first_name, last_name=last_name), on=LATER)
    assert ["Kim Ek" in reason for reason in warnings(outcome)] == [True] * is_warned
    assert changes(outcome) == {"renamed": 1}


def test_nobody_asks_about_the_name_of_who_is_protected(world):
    heading = HEADING + ";Skyddad"
    world.read(f"{Line('1')};nej", heading=heading)
    assert warnings(world.read(f"{Line('1')};ja", heading=heading, on=NEXT_DAY)) == []
    assert warnings(world.read(f"{Line('1', first_name='Åsa', last_name='Öhrn')};nej", heading=heading, on=LATER)) == []


@pytest.mark.parametrize(("before", "after"), [("00123", "123"), ("123", "00123")])
def test_zeros_that_excel_takes_away_make_nobody_else(world, before, after):
    world.read(Line(before), Line("45"))
    outcome = world.read(Line(after), Line("45"), on=LATER)
    assert (changes(outcome), Person.objects.count()) == ({}, 2)


def test_ids_that_differ_by_a_zero_within_a_file_are_two_people(world):
    world.read(Line("0123"), Line("123", last_name="Öhrn"))
    outcome = world.read(Line("0123"), Line("123", last_name="Öhrn"), on=LATER)
    assert (changes(outcome), Person.objects.count()) == ({}, 2)


def test_a_refused_row_without_its_zeros_ends_nobody(world):
    world.read(Line("00123"), Line("45"))
    outcome = world.read(Line("123", starts_on="i går"), Line("45"), on=LATER)
    assert (changes(outcome), len(refused(outcome))) == ({}, 1)


def test_what_is_kept_of_a_file_is_told_of_the_one_whose_id_it_is(world):
    """Their own page and the disposal find it, and only it."""
    world.read(Line("005", last_name="Ek"))
    elected(world, "5;Åsa;Öhrn;asa@example.org", "005;Bo;Al;")
    elected(world, "005;Bo;Al;", on=LATER)
    # Excel took the zeros away, and the row is refused.
    world.read(Line("5", unit="", code="", department=""), on=LATER)
    about = {
        person.external_id: [(finding.kind, finding.name) for finding in personal_findings([person.pk])]
        for person in Person.objects.exclude(external_id=None)
    }
    assert about == {
        "005": [("refused", ""), ("new", "Kim Ek")],
        "elected:5": [("ended", "Åsa Öhrn"), ("new", "Åsa Öhrn")],
        "elected:005": [("new", "Bo Al")],
    }

"""The register becomes what the file says, day by day; what the file does not say stays."""

from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning.organisation.hr.services import TooManyEndings, import_file
from learning.organisation.hr.tables import UnreadableFile
from learning.organisation.models import Employment, HrFinding, HrImport, Municipality, OrgUnit, Person
from learning.organisation.reorganisation import move_unit, open_unit
from learning.organisation.services import employ
from learning.organisation.signals import register_changed
from tests.factories import make_municipality, make_person, make_unit, moment

DAY, NEXT_DAY, LATER = date(2025, 3, 1), date(2025, 3, 2), date(2025, 6, 1)
HEADING = "Person-ID;Anst.nr;Förnamn;Efternamn;E-post;Förvaltning;Enhet;Orgkod;Befattning;Fr.o.m.;T.o.m.;Kategori"


@dataclass(frozen=True)
class Line:
    """A line of an export; what a test does not speak of is ordinary."""

    hr_id: str
    unit: str = "Norr"
    number: str = ""
    first_name: str = "Kim"
    last_name: str = "Ek"
    email: str = ""
    department: str = "Omsorg"
    code: str = ""
    role: str = "Undersköterska"
    starts_on: str = "2024-01-01"
    ends_on: str = ""
    category: str = ""

    def __str__(self):
        names = [self.hr_id, self.number, self.first_name, self.last_name, self.email, self.department, self.unit]
        return ";".join([*names, self.code, self.role, self.starts_on, self.ends_on, self.category])


@dataclass
class World:
    """A municipality with one department and two units, and a way to read files into it."""

    municipality: Municipality = field(default_factory=make_municipality)

    def __post_init__(self):
        self.department = make_unit(self.municipality, "Omsorg", kind="förvaltning")
        self.norr = open_unit(parent=self.department, name="Norr", kind="enhet", code="N1", on=date(2022, 1, 1))
        self.soder = open_unit(parent=self.department, name="Söder", kind="enhet", code="S1", on=date(2022, 1, 1))

    def read(self, *lines, on: date = DAY, heading: str = HEADING, **options) -> HrImport:
        content = "\r\n".join([heading, *map(str, lines)]).encode()
        return import_file(
            municipality=self.municipality, filename="hr.csv", content=content, on=on, now=moment(on), **options
        )

    def employments(self, hr_id: str) -> list[tuple]:
        rows = Employment.objects.filter(person__municipality=self.municipality, person__external_id=hr_id)
        return list(rows.order_by("starts_on", "pk").values_list("unit__name", "starts_on", "ends_on"))

    def person(self, hr_id: str) -> Person:
        return Person.objects.get(municipality=self.municipality, external_id=hr_id)


@pytest.fixture
def world(db):
    return World()


def register() -> dict:
    """Every row of the register, as it stands."""
    return {model: list(model.objects.order_by("pk").values()) for model in (Person, Employment, OrgUnit)}


def changes(outcome: HrImport) -> dict:
    """How many findings of each kind the file made, but for what was not read."""
    return {kind: n for kind, n in outcome.counts.items() if kind not in ("employed", "warning", *HrFinding.NOT_READ)}


def refused(outcome: HrImport) -> list[HrFinding]:
    return list(outcome.findings.filter(kind__in=HrFinding.NOT_READ).order_by("number"))


SOME = [
    Line("1", email="kim@example.org"),
    Line("2", "Söder", ends_on="2025-12-31"),
    Line("3", "Hemvård", "A", code="H1"),
    Line("3", "Fritid", "B", department="Kultur", role="Ledare"),
    Line("4", "Kansli", department=""),
    Line("5", category="Politiker"),
    Line("5"),
    Line("6", starts_on="2025-05-01"),
    Line("7", starts_on="2019-01-01", ends_on="2020-12-31"),
    Line("8", starts_on="", ends_on="2025-02-28"),
    Line("9", starts_on=""),
    Line("10", starts_on="", ends_on="2025-03-01"),
]


@pytest.mark.parametrize("on", [DAY, NEXT_DAY])
def test_the_same_file_twice_changes_nothing(world, on):
    world.read(*SOME, opens_units=True)
    before = register()
    again = world.read(*SOME, opens_units=True, on=on)
    assert register() == before
    assert (changes(again), refused(again)) == ({}, [])


def test_a_file_opens_employments_from_their_first_day(world):
    outcome = world.read(Line("1"), Line("2", starts_on="", ends_on="2025-12-31"))
    assert changes(outcome) == {"new": 2}
    assert world.employments("1") == [("Norr", date(2024, 1, 1), None)]
    assert world.employments("2") == [("Norr", DAY, date(2025, 12, 31))]


def test_an_employment_that_ended_before_the_day_of_the_file_is_none_of_its_day(world):
    outcome = world.read(Line("1", ends_on="2025-02-28"))
    assert changes(outcome) == {}
    assert not Person.objects.filter(external_id="1").exists()


def test_a_last_day_in_the_past_that_became_known_late_is_set(world):
    world.read(Line("1"))
    world.read(Line("1", ends_on="2025-02-15"), on=LATER)
    assert world.employments("1") == [("Norr", date(2024, 1, 1), date(2025, 2, 15))]


def test_a_last_day_before_all_that_the_register_knows_leaves_one_day(world):
    world.read(Line("1", starts_on=""))
    world.read(Line("1", starts_on="", ends_on="2025-01-31"), on=LATER)
    assert world.employments("1") == [("Norr", DAY, DAY)]


def test_a_missing_employment_ends_the_day_before(world):
    world.read(Line("1"), Line("2"))
    outcome = world.read(Line("2"), on=LATER)
    assert changes(outcome) == {"ended": 1}
    assert world.employments("1") == [("Norr", date(2024, 1, 1), date(2025, 5, 31))]


def test_an_employment_that_begins_later_is_not_ended_by_a_file_of_today(world):
    world.read(Line("1"))
    employ(person=world.person("1"), unit=world.soder, starts_on=LATER, external_no="2")
    world.read(Line("1"), on=NEXT_DAY)
    assert world.employments("1")[-1] == ("Söder", LATER, None)


def test_what_is_planned_to_follow_an_employment_that_is_gone_is_not_a_main_one_beside_another(world):
    world.read(Line("1", number="A"))
    employ(person=world.person("1"), unit=world.soder, starts_on=NEXT_DAY, ends_on=LATER, external_no="B")
    world.read(Line("1", "Söder", "C"), on=date(2025, 4, 1))
    mains = Employment.objects.filter(is_main=True, ends_on=None).values_list("external_no", flat=True)
    assert list(mains) == ["C"]


def test_a_number_that_another_employment_had_is_not_given_to_one_that_went_on_beside_it(world):
    world.read(Line("1"), Line("1", "Söder", "B"))
    world.read(Line("1"), on=NEXT_DAY)
    world.read(Line("1", "Norr", "B"), on=LATER)
    rows = Employment.objects.order_by("starts_on", "pk").values_list("unit__name", "external_no", "ends_on")
    assert list(rows) == [("Norr", "", None), ("Söder", "B", DAY)]


@pytest.mark.parametrize("moved", [Line("1", "Söder"), Line("1", "Hemtjänst Syd", code="S1")])
def test_a_moved_employment_is_split_on_the_day_of_the_file(world, moved):
    world.read(Line("1"))
    outcome = world.read(moved, on=LATER)
    assert changes(outcome) == {"moved": 1}
    assert world.employments("1") == [("Norr", date(2024, 1, 1), date(2025, 5, 31)), ("Söder", LATER, None)]


def test_a_new_role_is_split_off_too(world):
    world.read(Line("1"))
    world.read(Line("1", role="Chef"), on=LATER)
    roles = list(Employment.objects.order_by("starts_on").values_list("role", "ends_on"))
    assert roles == [("Undersköterska", date(2025, 5, 31)), ("Chef", None)]


def test_a_move_on_the_first_day_leaves_no_employment_of_no_days(world):
    world.read(Line("1", starts_on="2025-03-01"))
    world.read(Line("1", "Söder", starts_on="2025-03-01", ends_on="2025-12-31"))
    assert world.employments("1") == [("Söder", DAY, date(2025, 12, 31))]


def test_who_comes_back_has_two_employments_with_the_gap_between(world):
    world.read(Line("1"), Line("2"))
    world.read(Line("2"), on=NEXT_DAY)
    world.read(Line("1", starts_on="2025-06-01"), Line("2"), on=LATER)
    assert world.employments("1") == [("Norr", date(2024, 1, 1), DAY), ("Norr", LATER, None)]


def test_who_was_left_out_by_mistake_goes_on_where_the_register_stopped(world):
    world.read(Line("1"), Line("2"))
    world.read(Line("2"), on=NEXT_DAY)
    world.read(Line("1"), Line("2"), on=LATER)
    assert world.employments("1") == [("Norr", date(2024, 1, 1), DAY), ("Norr", NEXT_DAY, None)]


def test_a_changed_name_or_address_keeps_the_person(world):
    world.read(Line("1", email="Kim.Ek@Example.org"))
    before = world.person("1")
    outcome = world.read(Line("1", last_name="Ask", email="kim.ask@example.org"), on=LATER)
    after = world.person("1")
    assert changes(outcome) == {"renamed": 1}
    assert (before.email, after.email) == ("kim.ek@example.org", "kim.ask@example.org")
    assert (after.pk, after.uuid, after.last_name) == (before.pk, before.uuid, "Ask")
    assert len(world.employments("1")) == 1


def test_an_address_that_the_file_leaves_out_is_kept(world):
    world.read(Line("1", email="kim@example.org"))
    world.read(Line("1", last_name="Ask"))
    assert world.person("1").email == "kim@example.org"


def test_a_shared_address_signs_in_only_the_first(world):
    world.read(Line("1", email="norr@example.org"), Line("2", email="NORR@example.org"))
    assert [world.person(hr_id).email for hr_id in "12"] == ["norr@example.org", None]


def test_an_address_in_another_municipality_stays_there(world):
    other = make_person(make_unit(make_municipality("Annan")), email="kim@example.org")
    world.read(Line("1", email="kim@example.org"))
    assert (world.person("1").email, Person.objects.get(pk=other.pk).email) == (None, "kim@example.org")


def test_a_person_with_two_addresses_keeps_the_first_however_often_the_file_is_read(world):
    lines = [Line("1", email="a@example.org"), Line("1", number="2", email="b@example.org")]
    for on in (DAY, NEXT_DAY, LATER):
        world.read(*lines, on=on)
        assert world.person("1").email == "a@example.org"


def test_nobody_who_is_imported_has_a_password_or_powers(world):
    world.read(Line("1", email="kim@example.org"))
    person = world.person("1")
    assert not person.has_usable_password()
    assert not person.is_staff
    assert not person.is_superuser


def test_the_file_of_elected_officials_ends_no_employees(world):
    world.read(Line("1"), Line("2"))
    world.read(Line("2", category="Förtroendevald", role="Ledamot"), on=LATER)
    assert world.employments("1") == [("Norr", date(2024, 1, 1), None)]
    assert world.employments("2") == [("Norr", date(2024, 1, 1), None), ("Norr", date(2024, 1, 1), None)]


def test_a_refused_row_never_ends_that_persons_employment(world):
    world.read(Line("1"), Line("2"), Line("3"))
    outcome = world.read(Line("1", last_name=""), Line("2", "Finns inte"), on=LATER)
    assert [(refusal.number, refusal.hr_id) for refusal in refused(outcome)] == [(2, "1"), (3, "2")]
    assert "Finns inte" in refused(outcome)[1].details["reason"]
    assert changes(outcome) == {}


def test_a_refused_row_leaves_everyone_else_to_be_compared(world):
    world.read(Line("1"), Line("2"), Line("3"))
    world.read(Line("1", starts_on="i går"), Line("2"), on=LATER)
    assert [world.employments(hr_id)[0][2] for hr_id in "123"] == [None, None, date(2025, 5, 31)]


@pytest.mark.parametrize("nameless", [Line(""), Line("850101-1234")])
def test_a_refused_row_that_does_not_say_who_ends_nobody(world, nameless):
    world.read(Line("1"), Line("2"))
    outcome = world.read(nameless, Line("2"), on=LATER)
    assert changes(outcome) == {}
    assert world.employments("1")[0][2] is None


def test_a_personnummer_is_kept_nowhere(world):
    world.read(Line("850101-1234"), Line("1", "850101-1234"), Line("2", number="8501011234"), Line("3"))
    kept = str(list(HrImport.objects.values())) + str(list(HrFinding.objects.values())) + str(register())
    assert "850101" not in kept
    assert [finding.number for finding in refused(HrImport.objects.get())] == [2, 3]
    assert HrImport.objects.get().left_out == ["Anst.nr"]


def test_the_same_employment_twice_in_a_file_is_refused_the_second_time(world):
    outcome = world.read(Line("1", number="A"), Line("1", "Söder", "A"))
    assert [refusal.number for refusal in refused(outcome)] == [3]
    assert world.employments("1") == [("Norr", date(2024, 1, 1), None)]


def test_two_employments_of_one_person_are_told_apart_by_their_numbers(world):
    world.read(Line("1", number="A"), Line("1", "Söder", "B"))
    world.read(Line("1", "Söder", "B"), on=LATER)
    assert sorted(world.employments("1")) == [
        ("Norr", date(2024, 1, 1), date(2025, 5, 31)),
        ("Söder", date(2024, 1, 1), date(2025, 5, 31)),
        ("Söder", LATER, None),
    ]
    assert list(Employment.objects.order_by("starts_on", "pk").values_list("is_main", flat=True)) == [True, False, True]


def test_too_many_endings_stop_the_file_and_nothing_is_changed(world):
    world.read(*[Line(str(number)) for number in range(50)])
    before = register()
    cut_short = [Line("99", "Ny enhet"), *[Line(str(number), last_name="Ask") for number in range(39)]]
    with pytest.raises(TooManyEndings):
        world.read(*cut_short, on=LATER, opens_units=True)
    assert register() == before
    assert HrImport.objects.count() == 1


def test_as_many_endings_as_an_ordinary_period_explains_are_made(world):
    world.read(*[Line(str(number)) for number in range(50)])
    assert world.read(*[Line(str(number)) for number in range(40)], on=LATER).counts["ended"] == 10


def test_many_endings_are_made_when_confirmed(world):
    world.read(*[Line(str(number)) for number in range(50)])
    assert world.read(Line("0"), on=LATER, allow_endings=True).counts["ended"] == 49


def test_an_unreadable_file_changes_nothing(world):
    world.read(Line("1"))
    before = register()
    with pytest.raises(UnreadableFile):
        world.read(Line("2"), heading="Namn;Adress")
    assert register() == before


def test_an_unknown_unit_is_refused_unless_units_may_be_opened(world):
    new = Line("1", "Hemvård", department="Ny förvaltning", code="H1")
    assert len(refused(world.read(new))) == 1
    assert not world.municipality.units.filter(name="Hemvård").exists()
    outcome = world.read(new, opens_units=True)
    opened = world.municipality.units.get(name="Hemvård")
    assert outcome.counts["unit_opened"] == 2
    assert (opened.code, opened.get_parent().name) == ("H1", "Ny förvaltning")
    assert opened.get_parent() in world.municipality.departments(DAY)


def test_nobody_is_employed_in_a_unit_before_it_opens(world):
    world.read(Line("1", "Hemvård"), opens_units=True)
    unit = world.municipality.units.get(name="Hemvård")
    assert Employment.objects.get(unit=unit).starts_on == unit.starts_on == DAY


def test_units_of_one_name_are_told_apart_by_their_departments(world):
    kultur = make_unit(world.municipality, "Kultur", kind="förvaltning")
    there = make_unit(kultur, "Norr")
    world.read(Line("1"), Line("2", department="KULTUR", unit="NORR"))
    assert [world.person(hr_id).employments.get().unit for hr_id in "12"] == [world.norr, there]


def test_a_file_without_departments_finds_units_by_their_names(world):
    outcome = world.read("1;Kim;Ek;söder", heading="Person-ID;Förnamn;Efternamn;Enhet")
    assert refused(outcome) == []
    assert world.person("1").employments.get().unit == world.soder


def test_after_a_reorganisation_the_successor_is_found_by_its_code(world):
    line = Line("1", code="N1")
    world.read(line)
    successor = move_unit(unit=world.norr, to=make_unit(world.municipality, "Vård"), on=LATER)
    before = register()
    assert changes(world.read(line, on=LATER)) == {}
    assert register() == before
    assert world.person("1").employments.on(LATER).get().unit == successor


def test_a_file_without_roles_leaves_them_as_they_are(world):
    world.read(Line("1"), Line("2"))
    lines = ["1;Kim;Ek;norr", "2;Kim;Ek;söder", "3;Bo;Al;norr"]
    outcome = world.read(*lines, heading="Person-ID;Förnamn;Efternamn;Enhet", on=LATER)
    assert changes(outcome) == {"moved": 1, "new": 1}
    roles = Employment.objects.on(LATER).order_by("person__external_id").values_list("role", flat=True)
    assert list(roles) == ["Undersköterska", "Undersköterska", ""]


def test_a_file_read_before_a_planned_reorganisation_leaves_the_plan_alone(world):
    line = Line("1", code="N1")
    world.read(line)
    move_unit(unit=world.norr, to=make_unit(world.municipality, "Vård"), on=LATER)
    before = register()
    assert changes(world.read(line, on=NEXT_DAY)) == {}
    assert register() == before


def test_another_municipality_with_the_same_ids_is_untouched(world):
    other = World(make_municipality("Annan"))
    other.read(*SOME, opens_units=True)
    theirs = Employment.objects.filter(person__municipality=other.municipality)
    before = list(theirs.order_by("pk").values())
    world.read(Line("1", "Söder", last_name="Ask"))
    world.read(Line("2"), on=LATER)
    assert list(theirs.order_by("pk").values()) == before
    assert other.person("1").last_name == "Ek"


def test_all_whose_employments_changed_are_announced_once_and_nobody_else(world):
    world.read(*[Line(hr_id) for hr_id in "1234"])
    heard = []
    register_changed.connect(lambda person_ids, **kwargs: heard.append(person_ids), dispatch_uid="heard", weak=False)
    try:
        world.read(Line("1"), Line("2", "Söder"), Line("3", ends_on="2025-12-31"), Line("5"), on=LATER)
    finally:
        register_changed.disconnect(dispatch_uid="heard")
    assert heard == [frozenset(world.person(hr_id).pk for hr_id in "2345")]


def test_the_import_is_on_record(world):
    world.read(Line("1"), Line("2", "Finns inte"))
    record = HrImport.objects.get()
    assert (record.filename, record.as_of, len(record.sha256)) == ("hr.csv", DAY, 64)
    assert record.counts["new"] == 1
    assert [(refusal.number, refusal.hr_id) for refusal in refused(record)] == [(3, "2")]


def test_a_file_costs_as_many_queries_for_one_row_as_for_many(world):
    def cost(*lines, on: date) -> int:
        with CaptureQueriesContext(connection) as queries:
            world.read(*lines, on=on, allow_endings=True)
        return len(queries)

    world.read(Line("1"), Line("2"), Line("3"))
    few = cost(Line("1", "Söder"), Line("3", last_name="Ask"), Line("4"), on=NEXT_DAY)
    many = [Line("1"), *[Line(str(n)) for n in range(10, 40)], Line("3", last_name="Al")]
    assert cost(*many, on=LATER) == few


PEOPLE = st.lists(st.integers(1, 12).map(str), min_size=1, max_size=10, unique=True)
UNITS = st.sampled_from([("Omsorg", "Norr"), ("Omsorg", "Söder"), ("", "Kansli"), ("Kultur", "Norr")])


@st.composite
def files(draw) -> list[Line]:
    """The lines of a file in which each person has one name and an address of their own."""
    lines = []
    for hr_id in draw(PEOPLE):
        department, unit = draw(UNITS)
        days = {
            "starts_on": draw(st.sampled_from(["", "2020-01-01", "2025-03-01", "2026-01-01"])),
            "ends_on": draw(st.sampled_from(["", "2026-06-30", "9999-12-31"])),
        }
        line = Line(hr_id, unit, department=department, email=draw(st.sampled_from(["", f"p{hr_id}@example.org"])))
        lines.append(replace(line, last_name=draw(st.sampled_from(["Ek", "Ask"])), **days))
        if draw(st.booleans()):
            lines.append(replace(lines[-1], category="Politiker", role="Ledamot"))
    return lines


def told(municipality: Municipality) -> tuple[set, set]:
    """What the register says, without the keys that the database gave."""
    people = Person.objects.filter(municipality=municipality)
    employments = Employment.objects.filter(person__in=people)
    where = ("person__external_id", "unit__name", "unit__depth", "population", "role", "starts_on", "ends_on")
    return (
        set(people.values_list("external_id", "first_name", "last_name", "email")),
        sorted(map(str, employments.values_list(*where))),
    )


class AnyFile(TestCase):
    """Whatever files come."""

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(files(), min_size=1, max_size=3), st.randoms(use_true_random=False))
    def test_the_order_of_the_rows_makes_no_difference(self, contents, random):
        registers = []
        for shuffles in (False, True):
            world = World(make_municipality())
            for number, lines in enumerate(contents):
                lines = random.sample(lines, len(lines)) if shuffles else lines
                world.read(*lines, on=date(2025, 3 + number, 1), opens_units=True, allow_endings=True)
            registers.append(told(world.municipality))
            Person.objects.filter(municipality=world.municipality).update(email=None)
        self.assertEqual(*registers)

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(files(), min_size=1, max_size=3))
    def test_a_file_read_again_changes_nothing(self, contents):
        world = World(make_municipality())
        for number, lines in enumerate(contents):
            on = date(2025, 3 + number, 1)
            world.read(*lines, on=on, opens_units=True, allow_endings=True)
            before = register()
            for again in (on, date(2025, 3 + number, 20)):
                world.read(*lines, on=again, opens_units=True)
            self.assertEqual(register(), before)
            self.assertEqual(_overlaps(world.municipality), [])


def _overlaps(municipality: Municipality) -> list[tuple]:
    """Employments of one person and number that are in force at once."""
    rows = list(Employment.objects.filter(person__municipality=municipality).select_related("person"))
    return [
        (one, other)
        for one in rows
        for other in rows
        if one.pk < other.pk
        and (one.person_id, one.external_no, one.population) == (other.person_id, other.external_no, other.population)
        and one.starts_on <= (other.ends_on or date.max)
        and other.starts_on <= (one.ends_on or date.max)
    ]

"""An HR file is looked at before it is applied, applied whole or not at all, and can be undone."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning.organisation.hr import services
from learning.organisation.hr.services import (
    NotNow,
    TooManyEndings,
    choose_columns,
    confirm,
    discard,
    interrupted,
    receive,
    refused_lines,
    undo,
    work,
)
from learning.organisation.hr.tables import UnreadableFile
from learning.organisation.models import Employment, HrFinding, HrImport, Leave, OrgUnit, Person
from learning.organisation.services import appoint, employ, end_employment, grant_leave, update_person
from tests.factories import make_course, make_municipality, make_person, make_unit, moment, take_check
from tests.organisation.test_hr_import import DAY, HEADING, LATER, NEXT_DAY, Line, World, files

State = HrImport.State


@pytest.fixture
def world(db):
    return World()


def upload(world, *lines, on=DAY, heading=HEADING) -> HrImport:
    content = "\r\n".join([heading, *map(str, lines)]).encode()
    return receive(municipality=world.municipality, filename="hr.csv", content=content, on=on)


def step(hr_import: HrImport, on=DAY) -> HrImport:
    """Let the background do what the import waits for."""
    work(hr_import.pk, now=moment(on))
    hr_import.refresh_from_db()
    return hr_import


def compared(world, *lines, on=DAY, **options) -> HrImport:
    hr_import = upload(world, *lines, on=on, **options)
    choose_columns(hr_import=hr_import, columns=hr_import.columns, opens_units=True)
    return step(hr_import)


def applied(world, *lines, on=DAY, **options) -> HrImport:
    hr_import = compared(world, *lines, on=on, **options)
    confirm(hr_import=hr_import, by=None, endings=hr_import.counts.get("ended"))
    return step(hr_import, on)


def undone(hr_import: HrImport) -> HrImport:
    undo(hr_import=hr_import)
    return step(hr_import)


def told() -> dict:
    """Every row of the register, without what the imports know of each other."""
    models = (Person, Employment, Leave, OrgUnit)
    return {model: [_without_maker(row) for row in model.objects.order_by("pk").values()] for model in models}


def _without_maker(row: dict) -> dict:
    return {name: value for name, value in row.items() if name not in ("made_by_id", "numchild")}


def kinds(hr_import: HrImport) -> list[str]:
    return sorted(hr_import.findings.values_list("kind", flat=True))


def test_nothing_is_written_before_it_is_confirmed(world):
    before = told()
    hr_import = compared(world, Line("1"), Line("2", "Ny enhet"))
    assert (hr_import.state, kinds(hr_import)) == (State.COMPARED, ["new", "new", "unit_opened"])
    assert told() == before
    confirm(hr_import=hr_import, by=None)
    step(hr_import)
    assert (hr_import.state, Person.objects.count()) == (State.APPLIED, 2)


def test_the_columns_of_last_time_are_known_again(world):
    heading = HEADING.replace("Person-ID", "Löp").replace("Anst.nr", "Kod 7")
    hr_import = upload(world, Line("1"), heading=heading)
    assert "hr_id" not in hr_import.columns
    with pytest.raises(UnreadableFile):
        choose_columns(hr_import=hr_import, columns=hr_import.columns, opens_units=False)
    columns = hr_import.columns | {"hr_id": "Löp", "employment_no": "Kod 7"}
    choose_columns(hr_import=hr_import, columns=columns, opens_units=False)
    assert step(hr_import).state == State.COMPARED
    assert upload(world, Line("2"), heading=heading).columns == columns
    assert upload(World(make_municipality("Annan")), Line("2"), heading=heading).columns != columns


def test_a_register_that_changed_meanwhile_is_compared_again_and_not_written(world):
    applied(world, Line("1"), Line("2"))
    hr_import = compared(world, Line("1"), Line("2", "Söder"), on=LATER)
    end_employment(employment=Employment.objects.get(person__external_id="1"), last_day=NEXT_DAY)
    before = told()
    confirm(hr_import=hr_import, by=None)
    step(hr_import, LATER)
    assert (hr_import.state, kinds(hr_import)) == (State.COMPARED, ["back", "moved"])
    assert "ändrats sedan filen jämfördes" in hr_import.message
    assert told() == before


def test_an_address_that_somebody_elsewhere_got_meanwhile_is_left_out(world):
    hr_import = compared(world, Line("1", email="kim@example.org"))
    make_person(World(make_municipality("Annan")).municipality.root, email="kim@example.org")
    confirm(hr_import=hr_import, by=None)
    step(hr_import)
    assert (hr_import.state, kinds(hr_import)) == (State.COMPARED, ["new", "warning"])
    assert "ändrats sedan filen jämfördes" in hr_import.message
    confirm(hr_import=hr_import, by=None)
    assert step(hr_import).state == State.APPLIED
    assert Person.objects.get(external_id="1").email is None


def test_unusually_many_endings_wait_for_their_number_to_be_confirmed(world):
    applied(world, *[Line(str(number)) for number in range(50)])
    hr_import = compared(world, Line("0"), on=LATER)
    for wrong in (None, 48):
        with pytest.raises(TooManyEndings, match="49 av 50"):
            confirm(hr_import=hr_import, by=None, endings=wrong)
    confirm(hr_import=hr_import, by=None, endings=49)
    assert step(hr_import, LATER).state == State.APPLIED
    assert Employment.objects.on(LATER).count() == 1


def test_what_a_file_holds_is_kept_no_longer_than_it_is_needed(world):
    waits, done = compared(world, Line("1")), applied(world, Line("2"), Line("", last_name="Utan"))
    assert [line.number for line, _finding in refused_lines(done)] == [3]
    kept = [services.kept_through(hr_import) for hr_import in (waits, done)]
    assert len(set(kept)) == 1
    services.forget_old_lines(moment(kept[0]))
    for hr_import in (waits, done):
        hr_import.refresh_from_db()
    assert (waits.state, bool(waits.lines), bool(done.lines)) == (State.COMPARED, True, True)
    services.forget_old_lines(moment(kept[0] + timedelta(days=2)))
    for hr_import in (waits, done):
        hr_import.refresh_from_db()
    assert (waits.state, waits.lines, list(waits.findings.all())) == (State.DISCARDED, b"", [])
    assert (done.state, done.lines) == (State.APPLIED, b"")
    assert undone(done).state == State.UNDONE


def test_an_undone_file_leaves_no_trace_in_the_register(world):
    applied(world, Line("1", email="kim@example.org"), Line("2"), Line("3"))
    before = told()
    lines = [Line("1", "Söder", last_name="Ask", email="ask@example.org"), Line("2", ends_on="2025-12-31"), Line("4")]
    hr_import = applied(world, *lines, Line("5", "Ny enhet", department="Ny"), on=LATER)
    assert told() != before
    assert undone(hr_import).state == State.UNDONE
    assert told() == before


def test_what_was_changed_since_is_never_undone(world):
    hr_import = applied(world, Line("1"), Line("2"))
    end_employment(employment=Employment.objects.get(person__external_id="1"), last_day=LATER)
    before = told()
    assert undone(hr_import).state == State.APPLIED
    assert "kan inte ångras" in hr_import.message
    assert told() == before


def test_only_the_latest_file_can_be_undone(world):
    first, second = applied(world, Line("1")), applied(world, Line("1"), Line("2"), on=LATER)
    with pytest.raises(NotNow):
        undo(hr_import=first)
    undone(second)
    assert undone(first).state == State.UNDONE
    assert not Person.objects.exists()


def test_who_has_learned_since_stays_when_the_file_is_undone(world):
    hr_import = applied(world, Line("1"), Line("2"))
    take_check(world.person("1"), make_course(world.municipality), DAY)
    undone(hr_import)
    assert list(Person.objects.values_list("external_id", flat=True)) == ["1"]
    assert not Employment.objects.exists()
    assert "1 person" in hr_import.message


def test_a_discarded_file_is_not_kept(world):
    hr_import = compared(world, Line("1"))
    discard(hr_import=hr_import)
    hr_import.refresh_from_db()
    assert (hr_import.state, bytes(hr_import.lines), hr_import.findings.count()) == (State.DISCARDED, b"", 0)
    with pytest.raises(NotNow):
        confirm(hr_import=hr_import, by=None)


def test_only_what_must_be_corrected_is_kept_of_an_applied_file(world):
    hr_import = applied(world, Line("1"), Line("2", last_name=""), Line("3", starts_on="i går"))
    assert [line.number for line, _finding in refused_lines(hr_import)] == [3, 4]
    columns = [finding.column for _line, finding in refused_lines(hr_import)]
    assert columns == ["efternamn", "anställd från och med"]


def test_work_that_fails_leaves_the_register_and_says_so(world, monkeypatch):
    hr_import = compared(world, Line("1"), Line("2"))
    before = told()
    confirm(hr_import=hr_import, by=None)
    monkeypatch.setattr(services, "fingerprint", lambda hr_import: 1 / 0)
    step(hr_import)
    assert (hr_import.state, told()) == (State.COMPARED, before)
    assert "Registret är som det var innan" in hr_import.message


def test_work_that_nobody_has_been_heard_of_is_taken_up_again(world):
    hr_import = compared(world, Line("1"))
    confirm(hr_import=hr_import, by=None)
    HrImport.objects.update(worked_at=moment(DAY))
    assert list(interrupted(moment(DAY) + timedelta(minutes=1))) == []
    assert list(interrupted(moment(DAY) + timedelta(minutes=3))) == [hr_import.pk]
    step(hr_import)
    assert list(interrupted(moment(LATER))) == []
    assert step(hr_import).state == State.APPLIED


def test_how_far_it_is_can_be_seen(world):
    hr_import = applied(world, *[Line(str(number)) for number in range(30)])
    assert services.progress_of(hr_import) is None
    services._teller(hr_import)(15)
    assert services.progress_of(hr_import) == 50


HEADING_WITH_LEAVE = HEADING + ";Frånvaro;Frånvaro fr.o.m.;Frånvaro t.o.m.;Skyddad"


def leaves() -> list[tuple]:
    return list(Leave.objects.order_by("starts_on").values_list("reason", "starts_on", "ends_on"))


def test_leave_begins_and_ends_with_the_file(world):
    applied(world, f"{Line('1')};Föräldraledig;2025-02-01;;", heading=HEADING_WITH_LEAVE)
    assert leaves() == [("parental", DAY.replace(month=2), None)]
    applied(world, f"{Line('1')};;;;", heading=HEADING_WITH_LEAVE, on=LATER)
    assert leaves() == [("parental", DAY.replace(month=2), LATER - timedelta(days=1))]


def test_another_leave_keeps_the_days_of_the_one_before(world):
    applied(world, f"{Line('1')};Föräldraledig;2025-02-01;;", heading=HEADING_WITH_LEAVE)
    applied(world, f"{Line('1')};Sjuk;2025-05-01;2025-12-31;", heading=HEADING_WITH_LEAVE, on=LATER)
    day = DAY.replace
    assert leaves() == [
        ("parental", day(month=2), day(month=4, day=30)),
        ("sick", day(month=5), day(month=12, day=31)),
    ]


def test_a_file_that_tells_no_leave_ends_none(world):
    applied(world, f"{Line('1')};Sjuk;;;", heading=HEADING_WITH_LEAVE)
    applied(world, Line("1"), on=LATER)
    assert leaves() == [("sick", DAY, None)]


def test_who_is_protected_has_no_name_anywhere(world):
    applied(world, f"{Line('1', last_name='Hemlig')};;;;", heading=HEADING_WITH_LEAVE)
    applied(world, f"{Line('1', last_name='Hemlig')};;;;ja", heading=HEADING_WITH_LEAVE, on=LATER)
    person = world.person("1")
    assert (str(person), person.last_name) == ("Skyddad identitet", "")
    later = HrFinding.objects.filter(hr_import__as_of=LATER)
    assert "Hemlig" not in str(list(later.values("name", "details")))


def test_nobody_has_two_main_employments_and_the_largest_is_chosen(world):
    heading = HEADING + ";Sysselsättningsgrad"
    lines = [f"{Line('1', number='A')};25", f"{Line('1', 'Söder', number='B')};75 %"]
    applied(world, *lines, heading=heading)
    assert dict(Employment.objects.values_list("unit__name", "is_main")) == {"Norr": False, "Söder": True}


def test_two_employments_without_numbers_are_told_apart_by_unit_and_role(world):
    applied(world, Line("1"), Line("1", "Söder"))
    before = told()
    applied(world, Line("1", "Söder"), Line("1"), on=NEXT_DAY)
    assert told() == before


def test_an_employment_that_goes_on_elsewhere_next_month_is_planned(world):
    lines = [Line("1", number="A", ends_on="2025-03-31"), Line("1", "Söder", "A", starts_on="2025-04-01")]
    for on in (DAY, NEXT_DAY):
        applied(world, *lines, on=on)
    march = DAY.replace(day=31)
    assert world.employments("1") == [("Norr", DAY.replace(2024, 1), march), ("Söder", march + timedelta(1), None)]


def test_a_move_that_is_told_late_is_dated_when_it_happened(world):
    applied(world, Line("1"))
    applied(world, Line("1", "Söder", starts_on="2025-04-15"), on=LATER)
    day = DAY.replace(month=4, day=14)
    assert world.employments("1") == [("Norr", DAY.replace(2024, 1), day), ("Söder", day + timedelta(1), None)]


def test_addresses_may_change_places(world):
    applied(world, Line("1", email="a@example.org"), Line("2", email="b@example.org"))
    applied(world, Line("1", email="b@example.org"), Line("2", email="a@example.org"), on=NEXT_DAY)
    assert [world.person(hr_id).email for hr_id in "12"] == ["b@example.org", "a@example.org"]


@pytest.mark.parametrize("days", [0, 30])
def test_an_address_that_is_used_again_leaves_whoever_had_it_before(world, days):
    """Else the mailed link would sign the new one in as the old one."""
    applied(world, Line("1", email="anna@example.org"), Line("2"))
    if days:
        applied(world, Line("2"), on=DAY + timedelta(days=days))
    day = DAY + timedelta(days=days + 1)
    new = [Line("2"), Line("3", email="anna@example.org")]
    hr_import = applied(world, *new, on=day)
    assert [world.person(hr_id).email for hr_id in "13"] == [None, "anna@example.org"]
    before = told()
    applied(world, *new, on=day)
    assert told() == before
    undone(HrImport.objects.latest("pk"))
    undone(hr_import)
    assert world.person("1").email == "anna@example.org"


def test_elected_officials_take_no_address_of_an_employee(world):
    applied(world, Line("1", email="anna@example.org"))
    applied(world, Line("2", email="anna@example.org", category="Politiker"), on=LATER)
    assert [world.person(hr_id).email for hr_id in "12"] == ["anna@example.org", None]


def test_an_address_that_is_somebody_elses_is_warned_of(world):
    make_person(make_unit(make_municipality("Annan")), email="kim@example.org")
    hr_import = applied(world, Line("1", email="kim@example.org"))
    assert [f.column for f in hr_import.findings.filter(kind="warning")] == ["e-post"]


def test_whose_functions_end_with_a_file_is_warned_of(world):
    applied(world, Line("1"), Line("2"))
    appoint(person=world.person("1"), unit=world.norr, function="head", starts_on=DAY)
    hr_import = compared(world, Line("2"), on=LATER)
    assert [f.details["reason"] for f in hr_import.findings.filter(kind="warning")] == [
        "Finns inte i filen och förlorar därmed sina uppdrag: Chef."
    ]


def test_a_code_that_several_units_share_tells_none_of_them(world):
    applied(world, Line("1", "Hemvård", code="K1"), Line("2", "Fritid", code="K1"))
    assert world.employments("1")[0][0] == "Hemvård"
    assert world.employments("2")[0][0] == "Fritid"


class AnyFile(TestCase):
    """Whatever the files hold."""

    @given(st.lists(files(), min_size=1, max_size=3), files(), st.data())
    @settings(suppress_health_check=[HealthCheck.too_slow])
    def test_apply_and_undo_gives_the_state_before_to_the_row(self, earlier, lines, data):
        world = World()
        for number, content in enumerate(earlier):
            applied(world, *content, on=DAY + timedelta(days=number))
        before = told()
        day = DAY + timedelta(days=data.draw(st.integers(len(earlier), 200)))
        hr_import = applied(world, *lines, on=day)
        self.assertEqual(hr_import.state, State.APPLIED)
        self.assertEqual(undone(hr_import).state, State.UNDONE)
        self.assertEqual(told(), before)

    @given(st.lists(files(), min_size=1, max_size=4), st.data())
    @settings(
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.generate],
    )
    def test_no_sequence_of_files_breaks_the_register(self, contents, data):
        world = World()
        seen: dict[int, dict] = {}
        day = DAY
        for content in contents:
            day += timedelta(days=data.draw(st.integers(1, 100)))
            if data.draw(st.booleans()) and (person := Person.objects.order_by("pk").first()):
                if not Employment.objects.exclude(ends_on__lt=day).filter(person=person, unit=world.soder).exists():
                    employ(person=person, unit=world.soder, starts_on=day, external_no="manuell", is_main=False)
            applied(world, *data.draw(st.permutations(content)), on=day)
            self._check(seen, day)

    def _check(self, seen: dict, day) -> None:
        rows = list(Employment.objects.order_by("pk"))
        for one in rows:
            for other in rows:
                if one.pk < other.pk and (one.person_id, one.population) == (other.person_id, other.population):
                    overlaps = (one.ends_on is None or other.starts_on <= one.ends_on) and (
                        other.ends_on is None or one.starts_on <= other.ends_on
                    )
                    same = (one.unit_id, one.role, one.external_no) == (other.unit_id, other.role, other.external_no)
                    self.assertFalse(overlaps and same, "an employment overlaps itself")
                    both = [vars(one), vars(other)]
                    self.assertFalse(overlaps and one.is_main and other.is_main, f"two main employments: {both}")
        # What was over before the day of the file is never told otherwise, nor is anybody lost.
        for pk, row in seen.items():
            now = Employment.objects.filter(pk=pk).values().get()
            if row["ends_on"] and row["ends_on"] < day - timedelta(days=1):
                self.assertEqual(row, now)
        seen.update({row["id"]: row for row in Employment.objects.values()})


def test_a_file_that_tells_no_protection_lifts_none(world):
    applied(world, Line("1", last_name="Hemlig"))
    update_person(person=world.person("1"), first_name="", last_name="", email=None, is_protected=True)
    later = applied(world, Line("1", "Söder", last_name="Hemlig"), on=LATER)
    person = world.person("1")
    assert (person.is_protected, person.last_name, kinds(later)) == (True, "", ["moved"])
    assert "Hemlig" not in str(list(later.findings.values()))
    applied(world, f"{Line('1', last_name='Öppen')};;;;nej", heading=HEADING_WITH_LEAVE, on=LATER)
    assert world.person("1").last_name == "Öppen"


@pytest.mark.parametrize(
    ("planned", "told"),
    [
        (("2025-05-01", "2025-06-30"), "2025-02-01;"),
        (("2025-05-01", None), "2025-02-01;2025-12-31"),
        (("2025-05-01", "2025-06-30"), "2025-05-15;"),
        (("2025-02-01", "2025-05-31"), "2025-05-15;"),
        (("2025-01-01", "2025-01-31"), "2025-01-15;"),
        (("2025-01-10", "2025-01-31"), "2025-01-01;"),
    ],
)
def test_no_file_brings_two_leaves_at_a_time(world, planned, told):
    applied(world, Line("1"))
    first, last = (date.fromisoformat(day) if day else None for day in planned)
    grant_leave(person=world.person("1"), starts_on=first, ends_on=last, reason="parental")
    for _time in range(2):
        file = applied(world, f"{Line('1')};Sjuk;{told};", heading=HEADING_WITH_LEAVE, on=NEXT_DAY)
        rows = leaves()
        assert [reason for reason, *_days in rows].count("sick") == 1
        assert all(one[2] and one[2] < other[1] for one, other in pairwise(rows))
    assert kinds(file) == []

"""What holds of every person on the register, whatever is told of them and however late."""

from datetime import date

import pytest

from learning.coverage import figures
from learning.coverage.models import Status
from learning.coverage.services import freeze, settle
from learning.dated import DAY
from learning.organisation.corrections import (
    StillNeeded,
    correct_employment,
    correct_leave,
    withdraw_employment,
    withdraw_leave,
)
from learning.organisation.guards import Overlaps, Taken, UnitNotOpen, WrongDays
from learning.organisation.hr.services import import_file, refused_lines, undo, work
from learning.organisation.models import Employment, HrFinding, HrImport, Leave, Person
from learning.organisation.reorganisation import close_unit
from learning.organisation.services import (
    appoint,
    employ,
    end_employment,
    end_leave,
    enrol_person,
    grant_leave,
    move_employment,
    update_person,
)
from tests.factories import (
    FOUNDED,
    make_course,
    make_goal,
    make_municipality,
    make_person,
    make_unit,
    moment,
    take_check,
)

SPRING, SUMMER, AUTUMN = date(2025, 3, 1), date(2025, 6, 1), date(2025, 9, 1)
TODAY = date(2026, 3, 1)


@pytest.fixture
def municipality(db):
    return make_municipality()


@pytest.fixture
def norr(municipality):
    return make_unit(municipality, "Norr")


@pytest.fixture
def soder(municipality):
    return make_unit(municipality, "Söder")


@pytest.fixture
def kim(norr):
    return make_person(norr, first_name="Kim", last_name="Ek", role="Lärare")


def told(person: Person) -> list[tuple]:
    rows = person.employments.order_by("starts_on", "pk")
    return list(rows.values_list("unit__name", "starts_on", "ends_on", "is_main"))


def mains(person: Person) -> list[tuple]:
    return [row[:3] for row in told(person) if row[3]]


def test_a_new_main_employment_takes_over_from_its_first_day(kim, soder):
    employ(person=kim, unit=soder, starts_on=SPRING)
    assert told(kim) == [
        ("Norr", FOUNDED, SPRING - DAY, True),
        ("Norr", SPRING, None, False),
        ("Söder", SPRING, None, True),
    ]


def test_a_main_employment_for_a_time_gives_back_what_it_took(kim, soder):
    employ(person=kim, unit=soder, starts_on=SPRING, ends_on=SUMMER)
    assert mains(kim) == [
        ("Norr", FOUNDED, SPRING - DAY),
        ("Söder", SPRING, SUMMER),
        ("Norr", SUMMER + DAY, None),
    ]


def test_one_in_another_population_takes_nothing(kim, soder):
    employ(person=kim, unit=soder, starts_on=SPRING, population="elected")
    assert told(kim)[0] == ("Norr", FOUNDED, None, True)


@pytest.mark.parametrize("number", ["", "7"])
def test_the_same_employment_is_not_there_twice(kim, norr, soder, number):
    unit = soder if number else norr
    if number:
        Employment.objects.update(external_no=number)
    with pytest.raises(Overlaps, match="2022-01-01 – tills vidare"):
        employ(person=kim, unit=unit, starts_on=SPRING, role="Lärare", external_no=number, is_main=False)
    assert len(told(kim)) == 1


def test_an_employment_does_not_outlive_its_unit(kim, municipality):
    closing = make_unit(municipality, "Stängs")
    close_unit(unit=closing, on=SUMMER)
    for ends_on in (None, SUMMER):
        with pytest.raises(UnitNotOpen):
            employ(person=kim, unit=closing, starts_on=SPRING, ends_on=ends_on)
    employment = employ(person=kim, unit=closing, starts_on=SPRING, ends_on=SUMMER - DAY)
    with pytest.raises(UnitNotOpen):
        end_employment(employment=employment, last_day=None)


def test_an_employment_that_would_end_before_it_began_is_refused_in_words(kim):
    with pytest.raises(WrongDays, match="2021-12-31"):
        end_employment(employment=kim.employments.get(), last_day=FOUNDED - DAY)


def test_a_move_keeps_the_last_day_that_was_known(kim, soder):
    employment = kim.employments.get()
    end_employment(employment=employment, last_day=AUTUMN)
    move_employment(employment=employment, unit=soder, on=SPRING, role="Rektor")
    assert mains(kim) == [("Norr", FOUNDED, SPRING - DAY), ("Söder", SPRING, AUTUMN)]
    assert kim.employments.get(unit=soder).role == "Rektor"


@pytest.mark.parametrize("on", [FOUNDED, FOUNDED - DAY, AUTUMN + DAY])
def test_a_move_lies_within_the_employment(kim, soder, on):
    employment = kim.employments.get()
    end_employment(employment=employment, last_day=AUTUMN)
    with pytest.raises(WrongDays):
        move_employment(employment=employment, unit=soder, on=on)
    assert told(kim) == [("Norr", FOUNDED, AUTUMN, True)]


def test_a_correction_is_refused_where_it_reaches_into_another_period(kim, soder):
    employment = kim.employments.get()
    moved = move_employment(employment=employment, unit=soder, on=SPRING)
    back = move_employment(employment=moved, unit=employment.unit, on=SUMMER)
    truth = {"unit": back.unit, "role": "Lärare", "ends_on": None, "is_main": True}
    with pytest.raises(Overlaps):
        correct_employment(employment=back, starts_on=SPRING - DAY, **truth)
    assert len(told(kim)) == 3


@pytest.fixture
def reported(municipality, norr, kim):
    """A goal whose outcome is fixed, with two in the unit that it counts."""
    goal = make_goal(make_course(municipality), municipality)
    make_person(norr)
    settle()
    report = freeze(goal=goal, now=moment(TODAY))

    def headcounts() -> tuple[int, int, int]:
        settle()
        report.refresh_from_db()
        days = goal.due_on, TODAY
        return (figures.frozen(report, norr).headcount, *(_counted(goal, norr, day) for day in days))

    return headcounts


def _counted(goal, unit, day) -> int:
    return figures.at(goal.requirement, unit, day).counted


def test_late_truth_moves_live_figures_from_its_true_day_and_nothing_that_was_fixed(reported, kim, soder):
    assert reported() == (2, 2, 2)
    employment = kim.employments.get()
    truth = {"unit": employment.unit, "role": "Lärare", "starts_on": FOUNDED, "is_main": True}
    correct_employment(employment=employment, ends_on=TODAY - DAY, **truth)
    assert reported() == (2, 2, 1)
    correct_employment(employment=employment, ends_on=SUMMER, **truth)
    assert reported() == (2, 1, 1)
    correct_employment(employment=employment, ends_on=None, **truth | {"unit": soder})
    assert reported() == (2, 1, 1)
    withdraw_employment(employment=employment)
    assert reported() == (2, 1, 1)
    assert not kim.employments.exists()


def test_a_leave_told_late_moves_live_figures_and_nothing_that_was_fixed(reported, kim):
    leave = grant_leave(person=kim, starts_on=SUMMER, ends_on=None, reason=Leave.Reason.PARENTAL)
    assert reported() == (2, 1, 1)
    end_leave(leave=leave, last_day=TODAY - DAY)
    assert reported() == (2, 1, 2)
    correct_leave(leave=leave, reason=Leave.Reason.SICK, starts_on=SPRING, ends_on=SUMMER)
    assert reported() == (2, 2, 2)
    correct_leave(leave=leave, reason=Leave.Reason.SICK, starts_on=SPRING, ends_on=None)
    assert reported() == (2, 1, 1)
    withdraw_leave(leave=leave)
    assert reported() == (2, 2, 2)


def test_while_on_leave_nothing_is_asked(reported, kim, municipality, norr):
    grant_leave(person=kim, starts_on=SUMMER, ends_on=None, reason=Leave.Reason.STUDIES)
    settle()
    assert kim.standings.on(TODAY).get().status == Status.ON_LEAVE


@pytest.mark.parametrize(
    ("first", "last"), [(SPRING, None), (SUMMER, SUMMER), (SPRING, SUMMER), (AUTUMN, None), (SPRING, AUTUMN)]
)
def test_two_leaves_never_overlap(kim, first, last):
    leave = grant_leave(person=kim, starts_on=SUMMER, ends_on=AUTUMN, reason=Leave.Reason.SICK)
    with pytest.raises(Overlaps, match="2025-06-01 – 2025-09-01"):
        grant_leave(person=kim, starts_on=first, ends_on=last, reason=Leave.Reason.STUDIES)
    assert kim.leaves.get() == leave
    grant_leave(person=kim, starts_on=SPRING, ends_on=SUMMER - DAY, reason=Leave.Reason.STUDIES)
    with pytest.raises(Overlaps):
        correct_leave(leave=leave, reason="sick", starts_on=SUMMER - DAY, ends_on=None)


def test_an_employment_that_a_completion_rests_on_is_not_withdrawn(kim, municipality):
    take_check(kim, make_course(municipality), SUMMER)
    employment = kim.employments.get()
    with pytest.raises(StillNeeded, match="Provkurs"):
        withdraw_employment(employment=employment)
    correct_employment(
        employment=employment, unit=employment.unit, role="", starts_on=AUTUMN, ends_on=None, is_main=True
    )
    withdraw_employment(employment=employment)
    assert not kim.employments.exists()


def test_an_employment_that_a_function_rests_on_is_not_withdrawn(kim, norr, soder):
    appoint(person=kim, unit=norr, function="head", starts_on=SPRING)
    employment = kim.employments.get()
    with pytest.raises(StillNeeded, match="Norr"):
        withdraw_employment(employment=employment)
    employ(person=kim, unit=soder, starts_on=SPRING, is_main=False)
    withdraw_employment(employment=employment)
    assert told(kim) == [("Söder", SPRING, None, True)]


@pytest.mark.parametrize("act", ["withdrawn", "not the main one", "shorter"])
def test_what_gave_way_leads_again_where_the_other_never_did(kim, norr, soder, act):
    other = employ(person=kim, unit=soder, starts_on=SPRING, ends_on=AUTUMN)
    truth = {"unit": soder, "role": "", "starts_on": SPRING, "ends_on": AUTUMN, "is_main": True}
    if act == "withdrawn":
        withdraw_employment(employment=other)
    elif act == "shorter":
        correct_employment(employment=other, **truth | {"ends_on": SUMMER})
    else:
        correct_employment(employment=other, **truth | {"is_main": False})
    for day in (FOUNDED, SPRING, SUMMER, SUMMER + DAY, AUTUMN, AUTUMN + DAY):
        (main,) = kim.employments.on(day).filter(is_main=True)
        assert main.unit == (soder if act == "shorter" and SPRING <= day <= SUMMER else norr)


def tell(person: Person, **fields) -> None:
    now = {name: getattr(person, name) for name in ("first_name", "last_name", "email", "is_protected")}
    update_person(person=person, **now | fields)


def test_protecting_drops_the_name_for_good(kim):
    tell(kim, is_protected=True)
    kim.refresh_from_db()
    assert (kim.first_name, kim.last_name, str(kim)) == ("", "", "Skyddad identitet")


def test_protecting_takes_the_name_out_of_what_files_said(municipality, norr):
    content = b"Anst.nr;Namn;Enhet\nA17;Mika Lundqvist;Norr\nA17;Mika Lundqvist;Borta\nA18;Bo Ek;Borta"
    now = moment(TODAY)
    hr_import = import_file(municipality=municipality, filename="hr.csv", content=content, on=TODAY, now=now)
    tell(Person.objects.get(external_id="A17"), is_protected=True)
    hr_import.refresh_from_db()
    kept = [*hr_import.findings.values_list("name", "details", "steps"), *refused_lines(hr_import)]
    assert "Lundqvist" not in str(kept)
    assert "Bo Ek" in str(kept)
    undo(hr_import=hr_import)
    work(hr_import.pk, now=moment(TODAY))
    hr_import.refresh_from_db()
    assert "kan inte ångras" in hr_import.message


def test_a_file_that_protects_somebody_does_not_keep_the_name_to_undo_it(municipality, norr):
    def bring(mark: str, on: date):
        rows = [f"A17;Mika Lundqvist;Norr;{mark}", f"A17;Mika Lundqvist;Borta;{mark}", "A18;Bo Ek;Norr;"]
        content = "\n".join(["Anst.nr;Namn;Enhet;Skyddad", *rows]).encode()
        return import_file(municipality=municipality, filename="hr.csv", content=content, on=on, now=moment(on))

    bring("", SPRING)
    hr_import = bring("Ja", SUMMER)
    person = Person.objects.get(external_id="A17")
    hr_import.refresh_from_db()
    assert "Lundqvist" not in str(list(HrFinding.objects.values_list("name", "details", "steps")))
    assert "Lundqvist" not in str([*refused_lines(HrImport.objects.first()), *refused_lines(HrImport.objects.last())])
    undo(hr_import=hr_import)
    work(hr_import.pk, now=moment(TODAY))
    hr_import.refresh_from_db()
    person.refresh_from_db()
    assert (hr_import.state, person.is_protected, person.last_name) == ("undone", True, "")


def test_nobody_protected_is_enrolled_by_name(municipality):
    person = enrol_person(municipality=municipality, first_name="Kim", last_name="Ek", is_protected=True)
    assert Person.objects.get(pk=person.pk).last_name == ""


def test_an_address_and_an_hr_id_belong_to_one_person(kim, norr, municipality):
    other = make_person(norr)
    with pytest.raises(Taken):
        tell(other, email=kim.email.upper())
    for fields in ({"email": kim.email}, {"external_id": kim.external_id}):
        with pytest.raises(Taken):
            enrol_person(municipality=municipality, first_name="A", last_name="B", **fields)
    enrol_person(municipality=make_municipality(), first_name="A", last_name="B", external_id=kim.external_id)
    tell(kim, email=None)
    tell(other, email="ny@example.org")


def test_an_hr_id_is_given_once(municipality):
    person = enrol_person(municipality=municipality, first_name="A", last_name="B")
    tell(person, external_id="77")
    with pytest.raises(Taken):
        tell(person, external_id="78")
    tell(person)
    assert Person.objects.get(pk=person.pk).external_id == "77"

"""Whoever left long ago becomes a row without a name, by a decision; every figure stays what it was."""

import json
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.extra.django import TestCase
from wagtail.blocks import StreamValue

from learning import personal
from learning.access.disposal import FileOnTheWay, Preview, Rule, SetChanged, dispose
from learning.access.models import AccessEntry, Disposal
from learning.append_only import Unchangeable
from learning.coverage import figures
from learning.coverage.models import FrozenReport, Standing
from learning.coverage.services import freeze, rebuild, settle
from learning.coverage.vacancies import State, vacancies
from learning.organisation.guards import Disposed
from learning.organisation.hr import services as hr
from learning.organisation.models import (
    Appointment,
    Employment,
    HrFinding,
    HrImport,
    Leave,
    Person,
    Reorganisation,
)
from learning.organisation.reorganisation import move_unit, undo_reorganisation
from learning.organisation.services import appoint, employ, end_appointment, grant_leave
from learning.organisation.trail import CannotUndo
from learning.records.evidence import report
from learning.records.exemptions import exempt
from learning.records.models import Completion, EvidenceLevel, LessonProgress
from learning.records.services import note_card, record_completion, withdraw
from quizzes.models import Answer, Attempt
from tests.coverage.test_properties import FIRST, LAST, World, steps
from tests.factories import (
    make_course,
    make_duty,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_unit,
    moment,
    take_check,
)

TODAY = date(2026, 3, 2)
LONG_AGO = date(2023, 6, 30)
URL = reverse("register:disposal")
DECISION = {"case_number": "KS 2026/17", "decided_on": "2026-02-28"}


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


@pytest.fixture
def goal(municipality):
    return make_goal(make_course(municipality), municipality)


@pytest.fixture
def unit(municipality):
    return make_unit(municipality, "Norr")


@pytest.fixture
def coordinator(municipality):
    return make_head(municipality.root, "coordinator", first_name="Love", last_name="Hedin")


@pytest.fixture
def keeper(client, coordinator):
    client.force_login(coordinator)
    return client


def gone(unit, **fields) -> Person:
    """Somebody who left long ago."""
    return make_person(unit, ends_on=LONG_AGO, **fields)


def rule(municipality, months=24, on=TODAY) -> Rule:
    return Rule(municipality=municipality, months=months, on=on)


def do(municipality, by, **changes) -> Disposal:
    the_rule = changes.pop("rule", rule(municipality))
    given = {"sha256": Preview(the_rule).sha256, "case_number": "KS 1", "decided_on": TODAY, "now": moment(TODAY)}
    return dispose(rule=the_rule, by=by, **given | changes)


def confirm(client, **fields):
    """Post the decision as the page that was just shown lets one."""
    page = client.get(URL, {name: fields[name] for name in ("months",) if name in fields})
    shown = {"months": page.context_data["rule"].months, "sha256": page.context_data["preview"].sha256}
    return client.post(URL, {**DECISION, **shown, **fields}, follow=True)


def reached(municipality, **changes) -> set[Person]:
    return set(rule(municipality, **changes).people())


# Whom the rule reaches


def test_the_rule_reaches_those_whose_last_employment_ended_before_the_day(municipality, unit):
    before = rule(municipality).before
    assert before == date(2024, 3, 2)
    out = make_person(unit, ends_on=before - timedelta(days=1))
    for ends_on in (before, None, TODAY + timedelta(days=30)):
        make_person(unit, ends_on=ends_on)
    make_person(municipality=municipality)  # never employed
    back = gone(unit)
    employ(person=back, unit=unit, starts_on=date(2027, 1, 1))
    assert reached(municipality) == {out}
    assert reached(municipality, months=1000) == set()


def test_the_rule_reaches_who_stood_there_before_the_day_and_never_had_an_employment(municipality, coordinator, keeper):
    old, new = make_person(municipality=municipality), make_person(municipality=municipality)
    Person.objects.filter(pk=old.pk).update(date_joined=moment(LONG_AGO))
    Person.objects.filter(pk=new.pk).update(date_joined=moment(rule(municipality).before))
    assert reached(municipality) == {old}
    assert str(old) in keeper.get(URL).content.decode()
    do(municipality, coordinator)
    old.refresh_from_db()
    assert old.is_disposed


def test_nobody_is_employed_or_listed_who_has_been_disposed_of(municipality, coordinator, keeper, unit):
    person = gone(unit)
    do(municipality, coordinator)
    with pytest.raises(Disposed):
        employ(person=person, unit=unit, starts_on=TODAY)
    with pytest.raises(Disposed):
        appoint(person=person, unit=unit, function="head", starts_on=TODAY)
    for which in ("slutat", "alla"):
        assert str(person.uuid) not in keeper.get(reverse("register:people"), {"vilka": which}).content.decode()


def test_the_rule_spares_whoever_has_a_function_or_something_to_come(municipality, unit):
    head, former, leaving = gone(unit), gone(unit), gone(unit)
    appoint(person=head, unit=unit, function="head", starts_on=date(2023, 1, 1))
    ended = appoint(person=former, unit=unit, function="head", starts_on=date(2023, 1, 1))
    end_appointment(appointment=ended, last_day=LONG_AGO)
    grant_leave(person=leaving, starts_on=date(2026, 4, 1), ends_on=None, reason="other")
    assert reached(municipality) == {former}


def test_the_rule_reaches_nobody_elsewhere_and_nobody_twice(municipality, unit, coordinator):
    gone(make_unit(make_municipality("Annan")))
    gone(unit)
    assert do(municipality, coordinator).number == 1
    assert reached(municipality) == set()


# What is done


@pytest.fixture
def full(unit, goal):
    """Somebody who left long ago, of whom there is something in every table of ours."""
    person = gone(unit, first_name="Mika", last_name="Lund", role="Lärare")
    course = goal.requirement.course
    Employment.objects.filter(person=person).update(external_no="Nummer 77")
    grant_leave(person=person, starts_on=date(2023, 1, 1), ends_on=date(2023, 2, 1), reason="sick")
    ended = appoint(person=person, unit=unit, function="head", starts_on=date(2023, 1, 1))
    end_appointment(appointment=ended, last_day=LONG_AGO)
    exempt(
        person=person,
        course=course,
        starts_on=date(2022, 3, 1),
        ends_on=date(2022, 4, 1),
        reason="elsewhere",
        words="Utlandstjänst",
        decided_by=make_person(unit),
    )
    day = date(2023, 2, 1)
    visit = {"kind": "study_visit", "what": "Hemlig resa", "organiser": "Arr", "first_day": day, "last_day": day}
    report(people=[person], by=person, now=moment(day), content=b"%PDF-1.7", **visit)
    lesson = course.lessons().first()
    note_card(
        person=person, lesson=lesson, position=1, now=moment(date(2023, 3, 1)), card_id="kort", chosen=["hemligt val"]
    )
    take_check(person, course, date(2023, 2, 20))
    wrong = Completion.objects.get(person=person)
    withdraw(completion=wrong, reason="Hemligt skäl", by=make_person(unit), on=date(2023, 2, 21))
    take_check(person, course, date(2023, 3, 1))
    settle()
    return person


def everything() -> str:
    """All that stands in the database, as text."""
    rows = [list(model._base_manager.order_by("pk").values()) for model in apps.get_models(include_auto_created=True)]
    return json.dumps(rows, default=_plain, ensure_ascii=False)


def _plain(value) -> str:
    """What JSON has no words for; what courses say of nobody is left out."""
    if isinstance(value, StreamValue):
        return ""
    return bytes(value).hex() if isinstance(value, (bytes, memoryview)) else str(value)


def test_nothing_is_left_that_says_who_it_was(municipality, coordinator, full):
    said = [full.first_name, full.last_name, full.email, str(full.uuid), "Nummer 77", "Utlandstjänst", "hemligt val"]
    said += ["sick", "Hemlig resa", "Hemligt skäl"]
    assert all(words in everything() for words in said)
    done = do(municipality, coordinator)
    left = everything()
    assert [words for words in said if words in left] == []
    full.refresh_from_db()
    assert (full.is_active, full.external_id, full.has_usable_password()) == (False, None, False)
    assert full.is_disposed
    assert str(full) == Person(is_active=False).get_full_name() != ""
    assert done.counts["organisation.Person.pk"] == 1


def test_what_figures_are_counted_from_stays(municipality, coordinator, full):
    def rows():
        return {
            model: list(model.objects.filter(**{path: full}).values_list(*names))
            for model, path, names in [
                (Employment, "person", ["pk", "unit", "starts_on", "ends_on", "population", "role"]),
                (Leave, "person", ["pk", "starts_on", "ends_on"]),
                (Appointment, "person", ["pk", "unit", "function", "starts_on", "ends_on"]),
                (Completion, "person", ["pk", "uuid", "completed_on", "valid_through"]),
                (Standing, "person", ["pk", "unit", "status", "starts_on", "ends_on"]),
                (LessonProgress, "person", ["pk", "seen", "started_at"]),
                (Attempt, "person", ["pk", "right", "passed"]),
                (Answer, "attempt__person", ["pk", "question_id", "chosen"]),
            ]
        }

    before = rows()
    assert all(before.values())
    do(municipality, coordinator)
    assert rows() == before


def test_a_browser_that_is_signed_in_is_out(municipality, coordinator, full):
    other = Client()
    other.force_login(full)
    assert other.get(reverse("records:my_page")).status_code == 200
    do(municipality, coordinator)
    assert other.get(reverse("records:my_page")).status_code == 302


def test_a_disposed_person_stands_without_a_name_on_pages_and_in_files(keeper, municipality, coordinator, unit, full):
    do(municipality, coordinator)
    full.refresh_from_db()
    asked = {"datum": LONG_AGO.isoformat(), "status": "alla"}
    for name in ("unit", "people_csv"):
        html = keeper.get(reverse(f"reporting:{name}", args=[unit.pk]), asked).getvalue().decode()
        assert full.get_full_name() in html


def test_the_record_holds_the_decision_and_no_name_and_is_not_changed(keeper, municipality, coordinator, unit, full):
    confirm(keeper)
    done = Disposal.objects.get()
    assert (done.case_number, done.decided_on, done.by) == ("KS 2026/17", date(2026, 2, 28), coordinator)
    assert (done.months, done.ended_before, done.number) == (24, date(2024, 3, 2), 1)
    for act in (done.save, done.delete):
        with pytest.raises(Unchangeable):
            act()
    assert "KS 2026/17" in keeper.get(URL).content.decode()


# The page


def test_the_page_shows_who_and_how_many_rows_and_notes_the_names(keeper, unit, full):
    html = keeper.get(URL).content.decode()
    assert "Mika Lund" in html
    assert "2023-06-30" in html
    entry = AccessEntry.objects.get()
    assert (entry.what, entry.people) == (AccessEntry.What.DISPOSAL, [full.pk])
    effects = keeper.get(URL).context_data["preview"].effects
    rows = {effect["table"].key: effect["rows"] for effect in effects}
    assert rows["organisation.Leave.person"] == 1
    assert rows["records.Completion.person"] is None
    changing, staying = html.partition("<details")[0], html.partition("<details")[2].partition("</details>")[0]
    assert "Frånvaro" in changing.partition('id="effects"')[2]
    assert "Genomförda kurser" in staying
    assert "”du” är den som gallras" in html


def test_many_are_counted_as_exactly_as_few(municipality, coordinator, unit, monkeypatch):
    people = [gone(unit) for _number in range(5)]
    move_unit(unit=unit, to=make_unit(municipality, "Öst"), on=date(2023, 3, 1))
    whole = {effect["table"].key: effect["rows"] for effect in Preview(rule(municipality)).effects if effect["changes"]}
    monkeypatch.setattr("learning.access.disposal.BATCH", 2)
    assert do(municipality, coordinator).counts == whole
    assert whole["organisation.Person.pk"] == len(people)


def test_what_was_previewed_is_what_is_done(keeper, municipality, full):
    effects = keeper.get(URL).context_data["preview"].effects
    promised = {effect["table"].key: effect["rows"] for effect in effects if effect["changes"]}
    confirm(keeper)
    assert Disposal.objects.get().counts == promised


@pytest.mark.parametrize("fields", [{"case_number": ""}, {"decided_on": ""}, {"decided_on": "2026-03-03"}])
def test_a_decision_is_asked_for(keeper, full, fields):
    assert confirm(keeper, **fields).context_data["form"].errors
    full.refresh_from_db()
    assert full.first_name == "Mika"
    assert not Disposal.objects.exists()


@pytest.mark.parametrize("months", ["", "0", "-3", "många", "99999999999"])
def test_a_rule_that_is_none_reaches_nobody(keeper, full, months):
    page = keeper.get(URL, {"months": months})
    assert page.context_data["rule_form"].errors
    assert "Mika" not in page.content.decode()
    keeper.post(URL, {**DECISION, "months": months, "sha256": ""})
    assert not Disposal.objects.exists()


def test_a_set_that_has_changed_is_refused(keeper, unit, full):
    shown = keeper.get(URL).context_data["preview"].sha256
    later = gone(unit, first_name="Bo", last_name="Ek")
    page = keeper.post(URL, {**DECISION, "months": 24, "sha256": shown})
    assert "Bo Ek" in page.content.decode()
    for person in (full, later):
        person.refresh_from_db()
        assert person.first_name
    assert not Disposal.objects.exists()


def test_another_rule_than_the_one_that_was_shown_is_refused(municipality, coordinator, unit):
    gone(unit)
    make_person(unit, ends_on=TODAY - relativedelta(months=2))
    with pytest.raises(SetChanged):
        do(municipality, coordinator, rule=rule(municipality, months=1), sha256=Preview(rule(municipality)).sha256)


def test_nobody_is_disposed_of_where_the_rule_reaches_nobody(municipality, coordinator):
    with pytest.raises(SetChanged):
        do(municipality, coordinator)


def test_what_fails_midway_changes_nothing(municipality, coordinator, full, monkeypatch):
    def refuse(**fields):
        raise OSError("full")

    monkeypatch.setattr(Disposal.objects, "create", refuse)
    before = everything()
    with pytest.raises(OSError, match="full"):
        do(municipality, coordinator)
    assert everything() == before


# HR files

HEADING = "Anst.nr;Förnamn;Efternamn;E-post;Enhet;Befattning;Fr.o.m.;T.o.m."


def bring(municipality, *lines, on=TODAY, apply=True) -> HrImport:
    content = "\n".join([HEADING, *lines]).encode()
    about = {"municipality": municipality, "filename": "hr.csv", "content": content, "on": on}
    if apply:
        return hr.import_file(**about, now=moment(on), allow_endings=True)
    return hr.receive(**about)


def stay(person, unit) -> str:
    """The line that lets somebody stay."""
    return f"{person.external_id};{person.first_name};{person.last_name};;{unit};;2022-01-01;"


@pytest.fixture
def filed(municipality, unit, coordinator):
    """Somebody whom HR files brought and ended long ago, and of whom one row could not be read."""
    first = stay(coordinator, municipality.root.name)
    bring(municipality, first, "A17;Mika;Lund;mika@example.org;Norr;Lärare;2022-01-01;", on=date(2022, 6, 1))
    bring(municipality, first, "A17;Mika;Lund;;Nordost;Kock;igår;", "A18;Bo;Ek;;;;imorgon;", on=date(2023, 5, 1))
    bring(municipality, first, on=LONG_AGO)
    return Person.objects.get(external_id="A17")


def test_names_and_ids_leave_the_hr_files(keeper, municipality, coordinator, filed):
    unread = HrImport.objects.get(as_of=date(2023, 5, 1))
    assert [line.cells[0] for line, _why in hr.refused_lines(unread)] == ["A17", "A18"]
    done = do(municipality, coordinator)
    unread.refresh_from_db()
    assert [line.cells[0] for line, _why in hr.refused_lines(unread)] == ["A18"]
    assert done.counts["organisation.HrImport.lines"] == 1
    left = json.dumps(list(HrFinding.objects.values()), default=str, ensure_ascii=False)
    assert not any(words in left for words in ("A17", "Mika", "mika@"))
    assert "A18" in left
    for hr_import in HrImport.objects.all():
        page = keeper.get(reverse("register:import", args=[hr_import.pk])).content.decode()
        assert "Mika" not in page
        assert keeper.get(reverse("register:refused", args=[hr_import.pk])).status_code == 200
    filed.refresh_from_db()
    assert filed.get_full_name() in page


def test_a_file_that_spoke_of_the_disposed_is_not_undone(municipality, coordinator, filed):
    hr_import = HrImport.objects.latest("applied_at")
    do(municipality, coordinator)
    before = everything()
    hr_import.refresh_from_db()
    hr.undo(hr_import=hr_import)
    hr.work(hr_import.pk, now=moment(TODAY))
    hr_import.refresh_from_db()
    assert (hr_import.state, bool(hr_import.message)) == (HrImport.State.APPLIED, True)
    HrImport.objects.filter(pk=hr_import.pk).update(message="", worked_at=None)
    assert everything() == before


def test_an_hr_id_that_comes_again_makes_a_new_person(municipality, coordinator, filed):
    do(municipality, coordinator)
    lines = [stay(coordinator, municipality.root.name), "A17;Mika;Lund;mika@example.org;Norr;Lärare;2026-03-01;"]
    bring(municipality, *lines)
    assert Person.objects.get(external_id="A17") != filed
    filed.refresh_from_db()
    assert filed.is_disposed


def test_nobody_is_disposed_of_while_an_hr_file_waits(municipality, coordinator, filed):
    waiting = bring(municipality, "A17;Mika;Lund;;Norr;Lärare;2026-03-01;", apply=False)
    with pytest.raises(FileOnTheWay):
        do(municipality, coordinator)
    hr.discard(hr_import=waiting)
    assert do(municipality, coordinator).number == 1


# Ids of other systems than HR

ELECTED = "Id;Förnamn;Efternamn;E-post;Organ;Uppdrag;Mandatperiod fr.o.m.;Mandatperiod t.o.m."


def bring_elected(municipality, hr_id: str) -> Person:
    """Somebody from a register of elected officials, of whom one row could not be read."""
    content = (
        f"{ELECTED}\n{hr_id};Åsa;Öhrn;asa@example.org;Norr;Ledamot;2022-01-01;2023-06-30\n{hr_id};Åsa;Öhrn;;;;igår;"
    )
    about = {"filename": "valda.csv", "content": content.encode(), "on": date(2022, 6, 1), "population": "elected"}
    hr.import_file(municipality=municipality, now=moment(date(2022, 6, 1)), allow_endings=True, **about)
    return Person.objects.get(external_id=f"elected:{hr_id}")


@pytest.fixture
def two_of_the_same_id(municipality, unit, coordinator):
    """An employee and an elected official who have the same id, each in a system of its own; both left long ago."""
    first = stay(coordinator, municipality.root.name)
    bring(municipality, first, "A17;Mika;Lund;;Norr;Lärare;2022-01-01;2023-06-30", on=date(2022, 6, 1))
    return Person.objects.get(external_id="A17"), bring_elected(municipality, "A17")


def findings_of(person) -> str:
    [table] = [table for table in personal.tables() if table.key == "organisation.HrFinding.hr_id"]
    return json.dumps([dict(row) for row in table.export(person.pk)], default=str, ensure_ascii=False)


def test_an_id_of_another_system_tells_of_somebody_else(two_of_the_same_id):
    employee, elected = two_of_the_same_id
    assert "Mika" in findings_of(employee)
    assert "Åsa" not in findings_of(employee)
    assert "Åsa" in findings_of(elected)
    assert "Mika" not in findings_of(elected)


def test_names_of_elected_officials_leave_their_own_files(municipality, unit, coordinator):
    bring_elected(municipality, "B18")
    done = do(municipality, coordinator)
    assert [words for words in ("Åsa", "Öhrn", "asa@", "B18") if words in everything()] == []
    assert done.counts["organisation.HrImport.lines"] == 1


# Changes of the organisation


def test_a_reorganisation_keeps_no_number_of_the_disposed_and_is_not_undone(municipality, coordinator, full, unit):
    make_person(unit, first_name="Bo")
    move_unit(unit=unit, to=make_unit(municipality, "Öst"), on=date(2023, 3, 1))
    change = Reorganisation.objects.latest("pk")
    people, functions = change.people, change.functions
    assert "Nummer 77" in json.dumps(change.steps)
    done = do(municipality, coordinator)
    written = [step for step in change.steps if (step[2] or step[3]).get("person_id") == full.pk]
    assert done.counts["organisation.Reorganisation.steps"] == len(written) > 0
    change.refresh_from_db()
    assert "Nummer 77" not in json.dumps(change.steps)
    assert (change.people, change.functions) == (people, functions)
    before = everything()
    with pytest.raises(CannotUndo), transaction.atomic():
        undo_reorganisation(reorganisation=change, now=moment(TODAY))
    assert everything() == before


def test_a_reorganisation_of_others_stays_as_it_was_written(municipality, coordinator, full):
    other = make_unit(municipality, "Väst")
    make_person(other)
    move_unit(unit=other, to=make_unit(municipality, "Öst"), on=date(2023, 3, 1))
    change = Reorganisation.objects.latest("pk")
    do(municipality, coordinator)
    undo_reorganisation(reorganisation=change, now=moment(TODAY))
    assert Reorganisation.objects.get(pk=change.pk).undone_at


# Figures


def test_whether_a_function_was_filled_stays_told(municipality, coordinator, goal):
    department = make_unit(municipality, "Skolan")
    make_person(department)
    person = gone(department)
    course = goal.requirement.course
    duty = make_duty(municipality, course)
    ended = appoint(person=person, unit=department, function="department_coordinator", starts_on=date(2023, 1, 1))
    end_appointment(appointment=ended, last_day=LONG_AGO)
    record_completion(person=person, course=course, on=date(2023, 1, 1), evidence_level=EvidenceLevel.ATTESTED)

    def told() -> list:
        days = (date(2023, 1, 1), date(2023, 3, 1), LONG_AGO, LONG_AGO + timedelta(days=1))
        return [[post.state for post in vacancies(duty, municipality.root, day)] for day in days]

    before = told()
    assert [State.FILLED] in before
    do(municipality, coordinator)
    assert told() == before


class FiguresTest(TestCase):
    """Random histories: every figure of every day is the same before and after."""

    @classmethod
    def setUpTestData(cls):
        cls.municipality = make_municipality()
        course = make_course(cls.municipality)
        cls.goal = make_goal(course, cls.municipality, due_on=date(2024, 12, 31))
        units = [make_unit(cls.municipality) for _number in range(2)]
        cls.keeper = make_head(cls.municipality.root, "coordinator")
        for number in range(3):
            person = make_person(units[number % 2], ends_on=date(2023, 1, 31) + timedelta(days=200 * number))
            if number:
                record_completion(
                    person=person, course=course, on=date(2022, 5, 1), evidence_level=EvidenceLevel.ATTESTED
                )
        cls.course = course

    def figures(self) -> list:
        requirement, root = self.goal.requirement, self.municipality.root
        days = [FIRST + timedelta(days=60 * number) for number in range(28)]
        trees = [figures.tree(requirement, root, day) for day in days]
        series = [figures.series(requirement, unit, days) for unit in self.municipality.units]
        return [trees, series, list(FrozenReport.objects.values())]

    @settings(
        max_examples=15,
        suppress_health_check=[HealthCheck.too_slow],
        # Each example costs a second; what fails is found again as it is.
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    @given(steps=steps)
    def test_every_figure_of_every_day_is_the_same(self, steps):
        World(self.municipality, self.course, self.goal).play(steps, FIRST, LAST)
        freeze(goal=self.goal, now=moment(LAST))
        before = self.figures()
        the_rule = rule(self.municipality, months=12, on=LAST)
        number = len(Preview(the_rule).ids)
        if number:
            done = do(self.municipality, self.keeper, rule=the_rule)
            self.assertEqual(done.number, number)
        self.assertEqual(self.figures(), before)
        # Nor when they are derived anew from what is left.
        rebuild(set(Person.objects.values_list("pk", flat=True)))
        self.assertEqual(self.figures(), before)

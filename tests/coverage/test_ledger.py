"""The ledger is what counting the people comes to, whatever happens to them, and says so when it is not."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from learning.access.disposal import Preview, Rule, dispose
from learning.coverage import figures, ledger
from learning.coverage.models import Balance, Mark, Posting, Standing, Status
from learning.coverage.services import held_back, settle
from learning.coverage.tasks import tick_sum_up
from learning.coverage.verify import differences
from learning.dated import DAY
from learning.errors import LearningError
from learning.organisation.corrections import correct_employment, withdraw_employment
from learning.organisation.hr.services import import_file, undo
from learning.organisation.models import Employment, Municipality, Person, Reorganisation
from learning.organisation.reorganisation import (
    Part,
    close_unit,
    merge_units,
    move_unit,
    open_unit,
    split_unit,
    undo_reorganisation,
)
from learning.organisation.services import employ, end_employment
from learning.plans.models import Requirement
from learning.records.models import EvidenceLevel
from learning.records.services import record_completion
from tests.coverage.test_properties import FIRST, LAST, World, number
from tests.factories import make_course, make_goal, make_municipality, make_person, make_requirement, make_unit, moment

TODAY = date(2026, 3, 1)
HEADING = "Person-ID;Förnamn;Efternamn;Enhet;Befattning;Fr.o.m."


class BusyWorld(World):
    """A small municipality to which even more happens."""

    def correct(self, one, other, day):
        if employment := Employment.objects.order_by("pk")[one % 7 :].first():
            last = day + timedelta(days=other % 900) if other % 2 else None
            correct_employment(
                employment=employment,
                unit=self.unit(other, day),
                role=employment.role,
                starts_on=day,
                ends_on=last,
                is_main=employment.is_main,
            )

    def never_was(self, one, other, day):
        if employment := self.employment(one, day):
            withdraw_employment(employment=employment)

    def open(self, one, other, day):
        open_unit(parent=self.unit(one, day), name=f"Ny {other}", kind="enhet", on=day)

    def merge(self, one, other, day):
        merge_units(units=[self.unit(one, day)], into=self.unit(other, day), on=day)

    def split(self, one, other, day):
        unit = self.unit(one, day)
        own = Employment.objects.filter(unit=unit).values_list("pk", flat=True)
        split_unit(unit=unit, parts=[Part(f"A {other}"), Part(f"B {other}", employments=set(own[::2]))], on=day)

    def close(self, one, other, day):
        close_unit(unit=self.unit(one, day), on=day)

    def undo_change(self, one, other, day):
        if change := Reorganisation.objects.filter(undone_at=None).order_by("pk").last():
            undo_reorganisation(reorganisation=change, now=moment(day))

    def file(self, one, other, day):
        unit = self.unit(other, day)
        rows = [f"hr{n};Kim;Ek;{unit.name};Kock;{day}" for n in range(one % 4 + 1)]
        content = "\n".join([HEADING, *rows]).encode()
        about = {"filename": "hr.csv", "on": day, "now": moment(day), "allow_endings": True}
        self.imported = import_file(municipality=self.municipality, content=content, **about)

    def undo_file(self, one, other, day):
        if imported := getattr(self, "imported", None):
            undo(hr_import=imported)

    def dispose(self, one, other, day):
        gone = Rule(municipality=self.municipality, months=24, on=day)
        by = self.person(other)
        if by and by.pk not in (preview := Preview(gone)).ids:
            about = {"case_number": "KS 1", "decided_on": day, "now": moment(day)}
            dispose(rule=gone, sha256=preview.sha256, by=by, **about)

    def settle(self, one, other, day):
        settle()

    def end_month(self, one, other, day):
        ledger.close(self.requirement, day)


PEOPLE = ["hire", "hire", "hire", "hire", "second", "end", "move", "leave", "exempt", "appoint", "correct", "never_was"]
LEARNING = ["complete", "complete", "withdraw", "begin", "publish", "rule"]
UNITS = ["open", "reorganise", "merge", "split", "close", "undo_change"]
KEEPING = ["file", "undo_file", "dispose", "settle", "settle", "end_month"]


@pytest.fixture
def place(municipality, course):
    for department in [make_unit(municipality) for _ in range(2)]:
        for _ in range(2):
            make_unit(department)
    return municipality, course, make_goal(course, municipality)


def counted(requirement, units, day) -> dict[str, Counter]:
    """Path → how many people by their best status: of every unit, all standings of the day."""
    rows = Standing.objects.on(day).filter(requirement=requirement).values_list("unit__path", "person", "status")
    found = {}
    for unit in units:
        best = {}
        for path, person, status in rows:
            if path.startswith(unit.path):
                best[person] = min(status, best.get(person, status))
        found[unit.path] = Counter(best.values())
    return found


def test_the_ledger_follows_whatever_happens(place):
    class Ledger(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.atomic = transaction.atomic()
            self.atomic.__enter__()
            self.world, self.days = BusyWorld(*place), {FIRST, TODAY, LAST + timedelta(days=900)}

        def teardown(self):
            settle()
            assert list(differences(self.world.municipality)) == []
            self.check_figures()
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

        @rule(act=st.sampled_from(PEOPLE + LEARNING + UNITS + KEEPING), one=number, other=number, when=st.floats(0, 1))
        def happens(self, act, one, other, when):
            day = FIRST + timedelta(days=round(when * (LAST - FIRST).days))
            self.days = {FIRST, TODAY, LAST + timedelta(days=900), day - DAY, day, day + DAY}
            try:
                with transaction.atomic():
                    getattr(self.world, act)(one, other, day)
            except LearningError:
                pass  # refused

        @invariant()
        def check_figures(self):
            requirement, units = self.world.requirement, list(self.world.municipality.units)
            days = sorted(self.days)
            told = figures.series_of(requirement, {unit.path for unit in units}, days)
            for place, day in enumerate(days):
                people = counted(requirement, units, day)
                for unit in units:
                    figure = told[unit.path][place]
                    assert figure.counts == {status: people[unit.path][status] for status in Status}, (unit, day)
                    assert figure.headcount == figure.counted + sum(figure.excluded.values())

    # TRUST: 10,000 sequences, by HYPOTHESIS_PROFILE=long.
    run_state_machine_as_test(Ledger, settings=settings(stateful_step_count=15))


@pytest.fixture
def staffed(place):
    """A place where three people are employed, one of them in two units; of whom one has the course."""
    municipality, course, goal = place
    units = list(municipality.units.filter(depth=3))
    people = [make_person(units[0], starts_on=date(2024, 5, 10)) for _person in range(3)]
    employ(person=people[1], unit=units[3], starts_on=date(2024, 5, 10), is_main=False)
    record_completion(person=people[0], course=course, on=date(2024, 6, 20), evidence_level=EvidenceLevel.CHECKED)
    settle()
    return municipality, goal.requirement, units, people


def test_who_works_in_two_units_counts_once_above_them(staffed):
    municipality, requirement, units, _people = staffed
    told = {unit: figure.headcount for unit, figure in figures.tree(requirement, municipality.root, TODAY).items()}
    assert (told[units[0]], told[units[3]], told[municipality.root]) == (3, 1, 3)


def test_before_anything_was_open_there_are_no_figures(staffed):
    municipality, requirement, units, _people = staffed
    long_ago = date(1999, 1, 1)
    assert figures.tree(requirement, municipality.root, long_ago) == {}
    assert figures.at(requirement, units[0], long_ago).headcount == 0


def test_a_known_expiry_is_a_posting_still_to_come(staffed):
    municipality, requirement, _units, _people = staffed
    posting = Posting.objects.get(requirement=requirement, unit=municipality.root, on=date(2026, 6, 20))
    assert (posting.competent, posting.expired) == (-1, 1)


def test_the_clock_sums_up_months_and_no_figure_changes(staffed, time_machine):
    municipality, requirement, units, people = staffed
    days = [date(2024, 5, 31), date(2024, 6, 1), date(2024, 6, 30), date(2025, 1, 1), TODAY]
    before = figures.series(requirement, municipality.root, days)
    time_machine.move_to(moment(TODAY))
    tick_sum_up()
    kept = Balance.objects.filter(unit=units[0]).order_by("on")
    assert list(kept.values_list("on", "competent", "not_started")) == [
        (date(2024, 5, 31), 0, 3),
        (date(2024, 6, 30), 1, 2),
    ]
    # The municipality itself has one of each day since the first on which something changed.
    of_all = Balance.objects.filter(unit=municipality.root).order_by("on")
    told = {on: counts for on, *counts in of_all.values_list("on", "competent", "not_started")}
    assert list(told) == [date(2024, 5, 10) + n * DAY for n in range((TODAY - date(2024, 5, 10)).days + 1)]
    assert [told[on] for on in (date(2024, 6, 19), date(2024, 6, 20), TODAY)] == [[0, 3], [1, 2], [1, 2]]
    assert figures.series(requirement, municipality.root, days) == before
    number = Balance.objects.count()
    tick_sum_up()
    assert Balance.objects.count() == number
    # What is told late changes the balances that are there already.
    correct_employment(
        employment=people[2].employments.get(),
        unit=units[1],
        role="",
        starts_on=date(2024, 6, 15),
        ends_on=None,
        is_main=True,
    )
    settle()
    assert [balance.not_started for balance in kept] == [2, 1]
    assert [of_all.get(on=on).not_started for on in (date(2024, 6, 14), date(2024, 6, 15), TODAY)] == [2, 3, 2]
    assert list(differences(municipality)) == []


def test_what_happens_today_changes_the_balance_that_the_municipality_has_of_today(staffed):
    municipality, requirement, _units, people = staffed
    ledger.close(requirement, TODAY)
    record_completion(person=people[1], course=requirement.course, on=TODAY, evidence_level=EvidenceLevel.CHECKED)
    settle()
    of_all = Balance.objects.filter(unit=municipality.root, on__gte=TODAY).order_by("on")
    assert [(one.on, one.competent) for one in of_all] == [(TODAY, 2)]
    assert ledger.close(requirement, TODAY) == 0
    assert ledger.close(requirement, TODAY + 2 * DAY) == 2
    assert [(one.on, one.competent) for one in of_all.all()] == [(TODAY + n * DAY, 2) for n in range(3)]
    assert list(differences(municipality)) == []


def test_a_day_at_the_end_of_the_calendar_is_counted_anew_too(staffed):
    municipality, requirement, units, people = staffed
    end_employment(employment=people[2].employments.get(), last_day=date(9999, 12, 30))
    settle()
    ledger.recount(requirement, TODAY)
    assert figures.at(requirement, units[0], TODAY).headcount == 3
    assert list(differences(municipality)) == []


def test_verify_asks_of_a_balance_what_it_says_whichever_balances_there_are(staffed):
    municipality, requirement, units, _people = staffed
    # As they were kept before: of months, of the municipality too.
    Balance.objects.create(requirement=requirement, unit=municipality.root, on=date(2024, 5, 31), not_started=3)
    Balance.objects.create(requirement=requirement, unit=units[0], on=date(2024, 1, 31))
    assert "nothing differs" in command("verify")
    assert figures.at(requirement, municipality.root, date(2024, 6, 20)).competent == 1


def test_all_municipalities_together_are_the_sum_of_each(staffed):
    _municipality, requirement, _units, _people = staffed
    other = make_municipality("Annan")
    person = make_person(make_unit(other), starts_on=date(2024, 5, 10))
    theirs = make_requirement(requirement.course, other, starts_on=date(2024, 1, 1))
    record_completion(person=person, course=requirement.course, on=TODAY, evidence_level=EvidenceLevel.CHECKED)
    settle()
    asked = Requirement.objects.filter(pk__in=[requirement.pk, theirs.pk])
    for on in (date(2024, 4, 30), date(2024, 5, 31), date(2024, 6, 20), TODAY - DAY, TODAY):
        for closed in (False, True):
            if closed:
                for one in asked:
                    ledger.close(one, TODAY)
            told = figures.together(asked, on)
            each = [figures.at(one, one.municipality.root, on).counts for one in asked]
            assert told.counts == {status: sum(counts[status] for counts in each) for status in Status}
    assert figures.together(asked.filter(key="ingen"), TODAY).headcount == 0
    assert f"{TODAY} Provkurs: 2 of 4, 50 % (municipalities: 2)\n" in command("country", "--on", f"{TODAY}")
    Municipality.objects.filter(pk=other.pk).update(is_fictional=True)
    told = command("country", "--on", f"{TODAY}")
    assert f"{TODAY} Provkurs: 1 of 3, 33 % (municipalities: 1)\n" in told
    assert f"{TODAY} Provkurs (fictional): 1 of 1, 100 % (municipalities: 1)\n" in told


def test_it_costs_the_same_for_many_days_and_units(staffed, django_assert_num_queries):
    municipality, requirement, _units, _people = staffed
    paths = {unit.path for unit in municipality.units}
    with django_assert_num_queries(1):
        figures.series_of(requirement, paths, [TODAY - timedelta(days=30 * n) for n in range(48)])
    with django_assert_num_queries(2):
        figures.tree(requirement, municipality.root, TODAY)


def test_a_unit_that_is_put_elsewhere_before_it_opens_takes_its_people_along(place):
    municipality, _course, goal = place
    one, other = municipality.departments(FIRST).order_by("path")
    unit = open_unit(parent=one, name="Ny", kind="enhet", on=TODAY)
    person = make_person(unit, starts_on=TODAY + DAY)
    settle()
    assert figures.at(goal.requirement, one, TODAY + DAY).headcount == 1
    move_unit(unit=unit, to=other, on=TODAY)
    settle()
    assert [figures.at(goal.requirement, one_of, TODAY + DAY).headcount for one_of in (one, other)] == [0, 1]
    assert person.standings.get().unit == unit
    assert list(differences(municipality)) == []


def test_a_deleted_person_is_gone_from_every_figure(staffed):
    municipality, requirement, _units, people = staffed
    people[2].employments.all().delete()
    Person.objects.filter(pk=people[2].pk).delete()
    assert figures.at(requirement, municipality.root, TODAY).headcount == 2
    assert list(differences(municipality)) == []


def command(*arguments) -> str:
    out = StringIO()
    call_command("coverage", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda: Posting.objects.filter(on=date(2024, 6, 20)).update(competent=3),
            "Postings.*2024-06-20.*3, should be 1",
        ),
        (
            lambda: Posting.objects.filter(on=date(2024, 5, 10)).delete(),
            "Postings.*2024-05-10.*not_started is 0, should be",
        ),
        (
            lambda: Balance.objects.filter(on=date(2024, 6, 30)).update(not_started=9),
            "Balances.*2024-06-30.*9, should be 2",
        ),
        (
            lambda: Standing.objects.filter(status=Status.EXPIRED).delete(),
            "Standings of person.*2026-06-20.*expired is 0",
        ),
        (lambda: Standing.objects.update(due_on=date(2030, 1, 1)), "Standings of person.*2024-05-10.*not_started is 1"),
    ],
)
def test_verify_names_what_differs_and_rebuild_mends_it(staffed, spoil, said):
    municipality, requirement, _units, _people = staffed
    ledger.recount(requirement, TODAY)
    days = [date(2024, 5, 31), date(2024, 6, 30), TODAY, LAST]
    before = figures.series(requirement, municipality.root, days)
    assert re.search(r": \d+ standings, \d+ postings, \d+ balances; nothing differs\.$", command("verify"))
    spoil()
    with pytest.raises(CommandError, match=said):
        command("verify")
    told = command("rebuild", "--municipality", municipality.slug)
    assert re.search(said, told)
    assert "nothing differs" in command("verify")
    assert figures.series(requirement, municipality.root, days) == before


def test_verify_leaves_out_those_who_wait(staffed):
    with held_back():
        end_employment(employment=staffed[3][0].employments.get(), last_day=date(2025, 1, 1))
    assert "nothing differs" in command("verify")


def test_verify_knows_which_municipalities_there_are(staffed):
    with pytest.raises(CommandError, match="no municipality called ingenstans"):
        command("verify", "--municipality", "ingenstans")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_many_complete_at_once_and_none_is_lost():
    municipality = make_municipality()
    units = [make_unit(make_unit(municipality)) for _unit in range(4)]
    course = make_course(municipality)
    requirement = make_goal(course, municipality).requirement
    people = [make_person(units[n % 4], starts_on=date(2024, 1, 1)) for n in range(48)]
    ledger.recount(requirement, TODAY)

    def complete(person):
        try:
            # Some so long ago that balances change too.
            on = TODAY if person.pk % 2 else date(2025, 1, 15)
            record_completion(person=person, course=course, on=on, evidence_level=EvidenceLevel.CHECKED)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(complete, people))
    assert not Mark.objects.exists()
    assert figures.at(requirement, municipality.root, TODAY).competent == 48
    assert list(differences(municipality)) == []

"""A completion is never changed: it is taken back by a row of its own, and nothing counts it from then on."""

import ast
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from learning.append_only import Unchangeable
from learning.coverage import figures
from learning.coverage.models import Status
from learning.coverage.services import settle
from learning.organisation.corrections import withdraw_employment
from learning.records.meaning import number_completed
from learning.records.models import Completion, EvidenceLevel, Withdrawal
from learning.records.overview import CourseState, completed, courses_of, newer_editions
from learning.records.practice import Learned
from learning.records.services import AlreadyWithdrawn, record_completion, withdraw
from quizzes.models import Attempt
from tests.factories import (
    make_course,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_unit,
    moment,
    take_check,
)

DAY = date(2026, 3, 2)
TAKEN_BACK = date(2026, 4, 1)
ROOT = Path(__file__).parents[2]
WORDS = {"upheld", "lasting", "with_days"}
# What reads the record itself, taken back or not, and counts nothing.
READ_ALL = {
    "learning/records/keeping.py": {"is_taken"},  # what was recorded refers to its page, whatever became of it
    "learning/records/meaning.py": {"course_above"},  # so does whoever may yet record it again
    "learning/records/services.py": {"_record"},
    "learning/records/badges.py": {"taken_back"},
    "learning/records/person_page.py": {"completions_section", "withdraw_completion"},
    "learning/coverage/services.py": {"mark_edition"},  # derived anew once too often
    "learning/demo/history.py": {"load", "tell"},
}


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TAKEN_BACK), tick=False)


@pytest.fixture
def coordinator(municipality):
    return make_head(municipality.root, "coordinator")


@pytest.fixture
def done(person, course):
    take_check(person, course, DAY)
    return Completion.objects.get()


def take_back(completion: Completion, by, on: date = TAKEN_BACK) -> Withdrawal:
    return withdraw(completion=completion, reason="Fel person.", by=by, on=on)


def test_no_reader_counts_what_is_taken_back(done, person, course, municipality, coordinator):
    readers = {
        "valid": lambda on: CourseState(person, course, on).is_valid,
        "completed": lambda on: bool(completed(person, [course], on=on)),
        "practice": lambda on: bool(Learned(person, on=on).from_checks()),
        "meaning": lambda on: bool(number_completed(course, on=on)),
        "own courses": lambda on: course in [state.course for state in courses_of(person, on=on)[0]],
    }
    assert {name: read(TAKEN_BACK) for name, read in readers.items()} == dict.fromkeys(readers, True)
    take_back(done, coordinator)
    assert {name: read(TAKEN_BACK) for name, read in readers.items()} == dict.fromkeys(readers, False)
    # What was known on an earlier day stays as it was.
    before = TAKEN_BACK - timedelta(days=1)
    assert {name: read(before) for name, read in readers.items()} == dict.fromkeys(readers, True)
    assert newer_editions(person, course, on=TAKEN_BACK) == []


def readers_without_a_word() -> set[tuple[str, str]]:
    """File and function of each place that reads completions and says none of the words."""
    found = set()
    for path in sorted([*ROOT.glob("learning/**/*.py"), *ROOT.glob("courses/**/*.py"), *ROOT.glob("home/**/*.py")]):
        if "migrations" in path.parts:
            continue
        for function in [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]:
            names = [node for node in ast.walk(function) if isinstance(node, ast.Attribute)]
            reads = sum(
                (one.attr == "objects" and getattr(one.value, "id", "") == "Completion") or one.attr == "completions"
                for one in names
            )
            if reads > sum(one.attr in WORDS for one in names) and function.name != "__init__":
                found.add((str(path.relative_to(ROOT)), function.name))
    return found


def test_every_reader_of_completions_says_whether_it_counts_what_is_taken_back():
    listed = {(path, name) for path, names in READ_ALL.items() for name in names}
    assert readers_without_a_word() == listed


def test_figures_change_on_the_day_and_not_before(done, person, unit, course, municipality, coordinator):
    goal = make_goal(course, municipality)
    settle()
    take_back(done, coordinator)
    settle()
    before, after = (figures.at(goal.requirement, unit, on) for on in (TAKEN_BACK - timedelta(days=1), TAKEN_BACK))
    assert (before.competent, after.competent) == (1, 0)
    # Not expired: it should never have been recorded.
    assert list(figures.people(goal.requirement, unit, TAKEN_BACK)) == [(person.pk, Status.NOT_STARTED)]


def test_it_stays_as_it_was_and_is_taken_back_once(done, coordinator):
    withdrawal = take_back(done, coordinator)
    with pytest.raises(AlreadyWithdrawn):
        take_back(done, coordinator)
    for evidence in (done, withdrawal):
        with pytest.raises(Unchangeable):
            evidence.delete()
    with pytest.raises(Unchangeable):
        Withdrawal.objects.update(reason="Annat")
    assert Completion.objects.count() == 1


def test_the_same_is_recorded_again_after_it_was_taken_back_and_then_once(done, person, course, coordinator):
    about = {"person": person, "course": course, "on": DAY, "evidence_level": EvidenceLevel.CHECKED}
    assert record_completion(**about, attempt=done.attempt) == done
    take_back(done, coordinator)
    again = record_completion(**about, attempt=done.attempt)
    assert again != done
    assert record_completion(**about, attempt=done.attempt) == again
    assert CourseState(person, course, TAKEN_BACK).completion == again


def test_an_employment_under_a_completion_that_is_taken_back_can_be_withdrawn(done, person, coordinator):
    take_back(done, coordinator)
    withdraw_employment(employment=person.employments.get())
    assert Completion.objects.get() == done


def test_only_the_coordinator_takes_back_and_sees_first_what_happens(client, done, person, unit, coordinator):
    url = reverse("withdraw_completion", args=[done.uuid])
    client.force_login(make_head(unit))
    assert client.post(url, {"reason": "Fel."}).status_code == 404
    client.force_login(coordinator)
    assert url in client.get(reverse("register:person", args=[person.uuid])).content.decode()
    asked = client.post(url, {"reason": "Fel person."})
    assert not Withdrawal.objects.exists()
    assert len(asked.context["effect"].lines) == 3
    client.post(url, {"reason": "Fel person.", "seen": asked.context["seen"]})
    withdrawal = Withdrawal.objects.get()
    assert (withdrawal.completion, withdrawal.withdrawn_by, withdrawal.withdrawn_on) == (done, coordinator, TAKEN_BACK)
    assert "Fel person." in client.get(reverse("register:person", args=[person.uuid])).content.decode()


def test_the_person_is_told_and_the_proof_says_so(client, done, person, coordinator):
    take_back(done, coordinator)
    client.force_login(person)
    proof = reverse("records:proof", args=[done.uuid])
    assert proof in client.get(reverse("records:my_page")).content.decode()
    assert "Fel person." in client.get(proof).content.decode()
    for form in ("pdf", "jwt", "svg"):
        assert client.get(reverse(f"records:proof_{form}", args=[done.uuid])).status_code == 404


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_two_who_record_the_same_at_the_same_moment_make_one_row():
    municipality = make_municipality()
    course, person = make_course(municipality), make_person(make_unit(municipality))
    start = threading.Barrier(2)
    made = []

    def run():
        try:
            start.wait()
            about = {"person": person, "course": course, "on": DAY, "evidence_level": EvidenceLevel.ATTESTED}
            made.append(record_completion(**about))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.pk for one in made}) == 1
    assert Completion.objects.count() == 1


def test_completions_outlive_the_attempts_course(done, course):
    assert Attempt.objects.get().completions.get() == done
    assert done.course_title == course.title

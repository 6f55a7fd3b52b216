"""Attempts: resumable while open, closed once, and what is kept never changes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import close_old_connections, connection

from learning.records.models import Completion
from quizzes.models import Answer, Attempt, Question
from quizzes.services import AttemptClosed, CheckNotReady, NotAllAnswered, answer, begin_attempt, hand_in
from tests.factories import make_course, make_municipality, make_person, make_unit, moment, take_check

DAY = date(2025, 3, 3)
NOW = moment(DAY)


@pytest.fixture
def course(db):
    return make_course(make_municipality())


@pytest.fixture
def person(course):
    from learning.organisation.models import Municipality

    return make_person(make_unit(Municipality.objects.get()))


def test_beginning_twice_goes_on_with_the_same_paper(course, person):
    first = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=NOW)
    assert begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=NOW) == first


def begin(person, course, *, now=NOW):
    return begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=now)


def test_a_check_without_questions_is_not_begun(course, person):
    course.check_ref.pool.all().delete()
    with pytest.raises(CheckNotReady):
        begin(person, course)
    assert not Attempt.objects.exists()


def test_an_attempt_that_got_no_questions_gives_way_once_there_are_some(course, person):
    empty = begin(person, course)
    Attempt.objects.update(paper={"questions": [], "pass_percent": 80})
    assert begin(person, course) != empty
    assert Attempt.objects.get().as_paper.questions


@pytest.mark.parametrize(("days", "goes_on"), [(29, True), (30, False)])
def test_an_attempt_left_for_a_month_gives_way_with_its_answers(course, person, days, goes_on):
    left = begin(person, course)
    asked = left.as_paper.questions[0]
    answer(attempt=left, choices={asked: asked.key}, now=NOW)
    assert (begin(person, course, now=NOW + timedelta(days=days)) == left) is goes_on
    assert Attempt.objects.get().choices() == ({asked.id: asked.key} if goes_on else {})


def test_what_is_handed_in_never_gives_way(course, person):
    kept = take_check(person, course, DAY)
    begin(person, course, now=NOW + timedelta(days=400))
    assert Attempt.objects.filter(pk=kept.pk, answers__isnull=False).exists()


def test_the_same_check_is_taken_by_itself_for_each_subject(course, person):
    first = begin(person, course)
    other = begin_attempt(person=person, check=course.check_ref, subject_key=uuid4(), now=NOW)
    assert other != first
    assert begin(person, course) == first


def test_an_answer_may_be_changed_until_hand_in(course, person):
    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=NOW)
    asked = attempt.as_paper.questions[0]
    wrong = [o.id for o in asked.options if o.id not in asked.key][: asked.choose]
    answer(attempt=attempt, choices={asked: [*wrong, *asked.key][: asked.choose]}, now=NOW)
    answer(attempt=attempt, choices={asked: asked.key}, now=NOW)
    assert attempt.choices() == {asked.id: asked.key}


def test_an_attempt_with_questions_left_is_not_handed_in(course, person):
    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=NOW)
    with pytest.raises(NotAllAnswered):
        hand_in(attempt=attempt, now=NOW)
    attempt.refresh_from_db()
    assert attempt.handed_in_at is None


def test_a_closed_attempt_takes_no_more_answers(course, person):
    attempt = take_check(person, course, DAY)
    asked = attempt.as_paper.questions[0]
    with pytest.raises(AttemptClosed):
        answer(attempt=attempt, choices={asked: asked.key}, now=NOW)


def test_handing_in_twice_completes_once(course, person):
    attempt = take_check(person, course, DAY)
    hand_in(attempt=attempt, now=NOW + timedelta(days=1))
    attempt.refresh_from_db()
    assert attempt.handed_in_at == NOW
    assert Completion.objects.count() == 1


def test_a_missed_must_pass_question_does_not_complete(course, person):
    attempt = take_check(person, course, DAY, wrong=1)
    assert (attempt.right, attempt.passed) == (3, False)
    assert not Completion.objects.exists()


def test_editing_or_deleting_a_question_changes_no_old_result(course, person):
    attempt = take_check(person, course, DAY)
    before = attempt.paper
    for question in Question.objects.all():
        question.text = "Ny fråga"
        question.options.all().delete()
        question.save()
    course.check_ref.pool.all().delete()
    kept = Attempt.objects.get(pk=attempt.pk)
    assert kept.paper == before
    assert kept.score().passed is True


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_twenty_hand_ins_at_once_give_one_completion():
    municipality = make_municipality()
    course = make_course(municipality)
    person = make_person(make_unit(municipality))
    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=NOW)
    answer(attempt=attempt, choices={q: q.key for q in attempt.as_paper.questions}, now=NOW)

    def submit(_):
        close_old_connections()
        try:
            return hand_in(attempt=attempt, now=NOW).passed
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(submit, range(20))) == [True] * 20
    assert Completion.objects.filter(person=person).count() == 1
    assert Answer.objects.count() == len(attempt.as_paper.questions)

"""What is recorded stays, once, with where the person worked at the time."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from courses.models import CoursePage
from learning.append_only import Unchangeable
from learning.organisation.reorganisation import move_unit
from learning.records.models import Completion, EvidenceLevel, LessonProgress
from learning.records.overview import CourseState
from learning.records.services import finish_lesson, note_card, record_completion
from quizzes.models import KnowledgeCheck
from quizzes.services import answer, begin_attempt, hand_in
from tests.factories import make_course, make_unit, moment, take_check

DAY = date(2024, 2, 29)


def test_a_passed_check_completes_the_course_with_edition_day_validity_unit_and_evidence(person, course, unit):
    attempt = take_check(person, course, DAY)
    completion = Completion.objects.get()
    assert completion.attempt == attempt
    assert (completion.person, completion.course_key, completion.course_title) == (person, course.key, "Provkurs")
    assert completion.edition.number == 1
    assert (completion.completed_on, completion.valid_through) == (DAY, date(2026, 2, 27))
    assert (completion.unit, completion.evidence_level) == (unit, EvidenceLevel.CHECKED)


def test_a_check_that_two_courses_share_completes_the_one_that_it_was_taken_for(person, course):
    other = course.get_parent().add_child(instance=CoursePage(title="Annan", slug="annan", check_ref=course.check_ref))
    take_check(person, other, DAY)
    assert Completion.objects.get().course == other
    take_check(person, course, DAY)
    assert {completion.course for completion in Completion.objects.all()} == {course, other}


def test_a_check_that_is_exchanged_while_it_is_taken_completes_all_the_same(person, course, municipality):
    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=moment(DAY))
    course.check_ref = KnowledgeCheck.objects.create(municipality=municipality, title="Ny")
    course.save()
    answer(attempt=attempt, choices={q: q.key for q in attempt.as_paper.questions}, now=moment(DAY))
    hand_in(attempt=attempt, now=moment(DAY))
    assert Completion.objects.get().course == course


def test_a_course_without_an_end_of_validity_never_expires(municipality, person):
    course = make_course(municipality, slug="evig", validity_months=None)
    take_check(person, course, DAY)
    assert Completion.objects.get(course=course).valid_through is None


def test_a_renewal_adds_a_row_and_a_second_pass_on_the_same_day_does_not(person, course):
    take_check(person, course, DAY)
    take_check(person, course, DAY)
    take_check(person, course, date(2025, 6, 1))
    assert list(Completion.objects.values_list("completed_on", flat=True)) == [date(2025, 6, 1), DAY]


def test_the_database_itself_refuses_a_doubled_completion(person, course):
    take_check(person, course, DAY)
    double = Completion.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Completion.objects.create(
            person=person, course_key=course.key, edition=double.edition, completed_on=DAY, course_title="x"
        )


def test_a_completion_can_be_neither_changed_nor_removed(person, course):
    take_check(person, course, DAY)
    completion = Completion.objects.get()
    for act in (completion.save, completion.delete, Completion.objects.all().delete):
        with pytest.raises(Unchangeable):
            act()


def test_the_unit_at_the_time_stays_when_the_unit_is_reorganised(person, course, unit, municipality):
    take_check(person, course, DAY)
    move_unit(unit=unit, to=make_unit(municipality), on=date(2025, 1, 1))
    assert Completion.objects.get().unit == unit


def test_the_day_is_the_day_in_sweden(person, course):
    late = datetime(2024, 6, 30, 22, 30, tzinfo=UTC)  # half past midnight on 1 July in Stockholm
    attempt = begin_attempt(person=person, check=course.check_ref, subject_key=course.key, now=late)
    answer(attempt=attempt, choices={q: q.key for q in attempt.as_paper.questions}, now=late)
    hand_in(attempt=attempt, now=late)
    assert Completion.objects.get().completed_on == date(2024, 7, 1)


def test_the_first_answer_on_a_card_is_kept_and_going_back_loses_no_place(person, course):
    lesson = course.lessons().first()
    note_card(person=person, lesson=lesson, position=3, now=moment(DAY), card_id="a", chosen="1")
    note_card(person=person, lesson=lesson, position=1, now=moment(DAY), card_id="a", chosen="0")
    progress = LessonProgress.objects.get()
    assert (progress.seen, progress.answers) == (3, {"a": "1"})


def test_finished_lessons_are_no_longer_left(person, course):
    first, second = course.lessons()
    finish_lesson(person=person, lesson=first, now=moment(DAY))
    finish_lesson(person=person, lesson=first, now=moment(date(2025, 1, 1)))
    assert CourseState(person, course, DAY).left == [second]
    assert LessonProgress.objects.get().finished_at == moment(DAY)


def test_an_attested_completion_keeps_its_evidence_level(person, course):
    completion = record_completion(person=person, course=course, on=DAY, evidence_level=EvidenceLevel.ATTESTED)
    assert completion.evidence_level == EvidenceLevel.ATTESTED
    assert completion.attempt is None


@pytest.mark.parametrize("months", [60, None])
def test_a_person_has_the_course_as_long_as_any_completion_is_valid(person, course, months):
    CoursePage.objects.filter(pk=course.pk).update(validity_months=months)
    attested = {"person": person, "evidence_level": EvidenceLevel.ATTESTED}
    longest = record_completion(course=CoursePage.objects.get(pk=course.pk), on=DAY, **attested)
    record_completion(course=course, on=date(2025, 6, 1), **attested)
    assert CourseState(person, course, date(2028, 1, 1)).completion == longest
    assert CourseState(person, course, date(2028, 1, 1)).is_valid
    assert CourseState(person, course, date(2024, 1, 1)).completion is None

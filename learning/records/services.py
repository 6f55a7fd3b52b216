"""The acts that leave a record: taking a lesson, completing a course, and taking back what was recorded."""

from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import CoursePage, Edition, LessonPage
from learning.errors import LearningError
from learning.organisation.models import Employment, OrgUnit, Person
from learning.organisation.signals import announce
from quizzes.models import Attempt

from .models import LESSON_LEVELS, Completion, EvidenceLevel, LessonProgress, Withdrawal
from .overview import CourseState, asked_anew, progress_in
from .signals import records_changed


@transaction.atomic
def note_card(
    *, person: Person, lesson: LessonPage, position: int, now: datetime, card_id: str = "", chosen=None, instead_of=None
) -> LessonProgress:
    """Note that the person has been through the card at `position` (from 1), and what was chosen on it.

    A choice is kept where what was chosen before is still `instead_of`; else somebody was quicker, and theirs stays:
    the same form twice, or on two devices, is one answer.
    """
    progress = _progress(person, lesson, now, asked_anew(person, lesson, on=timezone.localdate(now)))
    progress.seen = max(progress.seen, position)
    if card_id and progress.answers.get(card_id) == instead_of:
        progress.answers[card_id] = chosen
    progress.save(update_fields=["seen", "answers"])
    return progress


@transaction.atomic
def forget_choice(*, person: Person, lesson: LessonPage, card_id: str) -> None:
    """Forget what was chosen on a card, so that it can be done over."""
    progress = LessonProgress.objects.select_for_update().filter(person=person, lesson_key=lesson.translation_key)
    for one in progress:
        if one.answers.pop(card_id, None) is not None:
            one.save(update_fields=["answers"])


@transaction.atomic
def finish_lesson(
    *, person: Person, lesson: LessonPage, now: datetime, evidence_level: str = EvidenceLevel.TAKEN
) -> LessonProgress:
    """Note that the person has been through all of the lesson, and how that is known; a second time changes nothing.

    The last lesson that newer editions ask for completes the newest of them. The last lesson of a course without a
    knowledge check completes the course.
    """
    on = timezone.localdate(now)
    asked = asked_anew(person, lesson, on=on)
    progress = _progress(person, lesson, now, asked)
    if not progress.finished_at:
        progress.finished_at, progress.evidence_level = now, evidence_level
        progress.save(update_fields=["finished_at", "evidence_level"])
    if asked:
        _supplement(person, lesson.course, on)
    elif not lesson.course.check_ref_id:
        _complete_without_check(person, lesson.course, on)
    return progress


def _progress(person: Person, lesson: LessonPage, now: datetime, asked: Edition | None) -> LessonProgress:
    """The person's row for the lesson, held for the transaction; begun where there is none, or anew where asked."""
    rows = LessonProgress.objects.select_for_update()
    progress = progress_in(person, lesson, asked)
    if progress:
        return rows.get(pk=progress.pk)
    row = {
        "person": person,
        "lesson_key": lesson.translation_key,
        "course_key": lesson.course.key,
        "edition_number": asked.number if asked else 1,
    }
    try:
        with transaction.atomic():
            progress = LessonProgress.objects.create(**row, lesson=lesson, started_at=now)
    except IntegrityError:  # begun at once on two devices
        return rows.get(**row)
    announce(records_changed, [person.pk])
    return progress


def _supplement(person: Person, course: CoursePage, on: date) -> None:
    """Complete the newest edition for whoever has taken all that was new; it is valid as long as before."""
    state = CourseState(person, course, on)
    if state.has_taken_the_new:
        _record(
            person=person,
            course=course,
            edition=course.edition_on(on),
            on=on,
            valid_through=state.completion.valid_through,
            evidence_level=EvidenceLevel.SUPPLEMENTED,
        )


def _complete_without_check(person: Person, course: CoursePage, on: date) -> None:
    """Complete a course that has no check for whoever has taken all of it, once, as surely as each lesson is known."""
    state = CourseState(person, course, on)
    if state.left or state.completion:
        return
    known = {row["progress"].evidence_level for row in state.lessons}
    weakest = next(level for level in LESSON_LEVELS if level in known)
    record_completion(person=person, course=course, on=on, evidence_level=weakest)


def course_of(attempt: Attempt) -> CoursePage | None:
    """The course that the check was taken for, whatever check it has now."""
    return CoursePage.objects.filter(translation_key=attempt.subject_key).first()


def complete_when_passed(attempt: Attempt, *, now: datetime, **kwargs) -> None:
    """Let a passed check complete the course that it was taken for; all or nothing with the hand-in.

    One that passes later, since a question is graded anew, completes it on the day on which that becomes known.
    """
    if not attempt.passed:
        return
    course = course_of(attempt)
    if course:
        record_completion(
            person=attempt.person,
            course=course,
            on=timezone.localdate(now),
            evidence_level=EvidenceLevel.CHECKED,
            attempt=attempt,
        )


def record_completion(
    *,
    person: Person,
    course: CoursePage,
    on: date,
    evidence_level: str,
    attempt: Attempt | None = None,
    held_on: date | None = None,
) -> Completion | None:
    """Record that the person completed the course on the day; twice on one day is once.

    A check tells of the edition in which it was begun: its questions were drawn then. It is valid from the day on which
    it was handed in. What was learned elsewhere tells of the day on which it was held, and is valid from then. Nothing
    is recorded where that has run out.
    """
    valid_through = None
    if course.validity_months:
        shown_on = timezone.localdate(attempt.handed_in_at) if attempt else held_on or on
        valid_through = shown_on + relativedelta(months=course.validity_months, days=-1)
        if valid_through < on:
            return None
    return _record(
        person=person,
        course=course,
        edition=course.edition_on(timezone.localdate(attempt.started_at) if attempt else held_on or on),
        on=on,
        valid_through=valid_through,
        evidence_level=evidence_level,
        attempt=attempt,
    )


@transaction.atomic
def _record(
    *,
    person: Person,
    course: CoursePage,
    edition: Edition,
    on: date,
    valid_through: date | None,
    evidence_level: str,
    attempt: Attempt | None = None,
) -> Completion:
    key = {
        "person": person,
        "course_key": course.key,
        "edition": edition,
        "completed_on": on,
        "evidence_level": evidence_level,
    }
    same = Q(**key) | Q(attempt=attempt) if attempt else Q(**key)
    taken_back = Completion.objects.filter(same).exclude(withdrawal=None).aggregate(times=Max("time"))["times"]
    completion, created = Completion.objects.get_or_create(
        **key,
        time=(taken_back or 0) + 1,
        defaults={
            "course": course,
            "course_title": course.title,
            "valid_through": valid_through,
            "unit": main_unit(person, on=on),
            "attempt": attempt,
        },
    )
    if created:
        announce(records_changed, [person.pk])
    return completion


def main_unit(person: Person, *, on: date) -> OrgUnit | None:
    """Where the person works on the day: the main employment, else the longest one."""
    employments = Employment.objects.on(on).filter(person=person).select_related("unit")
    employment = employments.order_by("-is_main", "starts_on", "pk").first()
    return employment.unit if employment else None


def name_completions(employment: Employment, **kwargs) -> str:
    """What was recorded of the person in the employment's unit during its days, in words; nothing where nothing was."""
    completions = Completion.objects.upheld().filter(
        person=employment.person_id, unit=employment.unit_id, completed_on__gte=employment.starts_on
    )
    if employment.ends_on:
        completions = completions.filter(completed_on__lte=employment.ends_on)
    return ", ".join(
        _("%(course)s, completed %(day)s") % {"course": completion.course_title, "day": completion.completed_on}
        for completion in completions
    )


class AlreadyWithdrawn(LearningError):
    """A completion is taken back once."""

    def __init__(self):
        super().__init__(_("The completion has been taken back already. Nothing was changed."))


@transaction.atomic
def withdraw(*, completion: Completion, reason: str, by: Person, on: date) -> Withdrawal:
    """Take a completion back: it counts from the day on no longer. What it was before the day stays as it was.

    Raises AlreadyWithdrawn.
    """
    values = {"withdrawn_on": on, "reason": reason, "withdrawn_by": by}
    withdrawal, created = Withdrawal.objects.get_or_create(completion=completion, defaults=values)
    if not created:
        raise AlreadyWithdrawn
    announce(records_changed, [completion.person_id])
    return withdrawal

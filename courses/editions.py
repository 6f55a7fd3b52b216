"""Opening an edition: the act that says what a change of a course means for those who have completed it."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from learning.errors import LearningError
from learning.organisation.models import Person

from .models import CoursePage, Edition, LessonPage

Kind = Edition.Kind


class EditionNotOpened(LearningError):
    """The edition lacks something, or another was opened meanwhile; nothing was changed."""


def open_edition(
    *,
    course: CoursePage,
    kind: str,
    note: str,
    on: date,
    by: Person,
    lessons: Collection[LessonPage] = (),
    grace_days: int | None = None,
    after: int | None = None,
) -> Edition:
    """Open the next edition of the course on the day; `after` is the number of the edition that it is to follow.

    DELTA asks those who have completed the course for the lessons; RETAKE asks for the course, and earlier editions
    count for so many days more. Raises EditionNotOpened.
    """
    newest = course.current_edition()
    _check(newest, course, kind, on, lessons, grace_days)
    try:
        with transaction.atomic():
            return Edition.objects.create(
                course=course,
                course_key=course.key,
                number=(newest.number if after is None else after) + 1,
                kind=kind,
                note=note,
                lesson_keys=[str(lesson.translation_key) for lesson in lessons],
                opens_on=on,
                grace_until=on + timedelta(days=grace_days) if kind == Kind.RETAKE else None,
                opened_by=by,
            )
    except IntegrityError as error:  # the same form twice, or two people at once
        raise EditionNotOpened(
            _("Another edition was opened meanwhile. Nothing was changed; look at it before you open one more.")
        ) from error


def _check(newest: Edition, course: CoursePage, kind: str, on: date, lessons, grace_days: int | None) -> None:
    wrong = ""
    if kind not in (Kind.DELTA, Kind.RETAKE):
        wrong = _("An editorial change makes no edition.")
    elif newest.opens_on and on < newest.opens_on:
        wrong = _("The newest edition opened on %(day)s; an earlier one cannot follow it.") % {"day": newest.opens_on}
    elif any(lesson.get_parent().pk != course.pk for lesson in lessons):
        wrong = _("One of the lessons is not of this course.")
    elif kind == Kind.DELTA and not lessons:
        wrong = _("Choose the lessons that are to be taken.")
    elif kind == Kind.RETAKE and (grace_days is None or grace_days < 0):
        wrong = _("Say for how many days earlier editions still count.")
    if wrong:
        raise EditionNotOpened(wrong)

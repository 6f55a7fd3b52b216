"""What has been taken stays: no page of a course is deleted once somebody has begun it or been checked on it."""

from django.db.models.signals import pre_delete
from django.utils.translation import gettext as _
from wagtail.models import Page

from courses.models import CoursePage, LessonPage
from learning.errors import LearningError
from quizzes.models import Attempt

from .models import Attendance, Completion, LessonProgress


class PageIsTaken(LearningError):
    """Somebody has taken what the page teaches."""

    def __init__(self):
        super().__init__(
            _(
                "Somebody has taken this, so it cannot be deleted: what they have learned must be possible to look up. "
                "Archive it instead: then it is shown in no list and to nobody new. Nothing was changed."
            )
        )


def is_taken(page: Page) -> bool:
    """Whether somebody has begun, completed or been checked on the page or any page below it."""
    below = page.get_descendants(inclusive=True)
    return (
        LessonProgress.objects.filter(lesson__in=below.values("pk")).exists()
        or Attendance.objects.filter(session__lesson__in=below.values("pk")).exists()
        or Completion.objects.filter(course__in=below.values("pk")).exists()
        or Attempt.objects.filter(subject_key__in=below.values("translation_key")).exists()
    )


def keep_taken(sender, instance: Page, **kwargs) -> None:
    """Refuse the deletion, by whatever door. Raises PageIsTaken."""
    if is_taken(instance):
        raise PageIsTaken


def guard_pages() -> None:
    """Let nothing that is taken be deleted."""
    for model in (CoursePage, LessonPage):
        pre_delete.connect(keep_taken, sender=model, dispatch_uid=f"records.keep_taken.{model.__name__}")

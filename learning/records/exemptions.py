"""Exemptions: who decides that a course is not asked of somebody for a time, why and until when."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import CoursePage
from learning.errors import LearningError
from learning.organisation.models import Person
from learning.organisation.signals import announce

from .models import Exemption
from .signals import records_changed


class AlreadyExempt(LearningError):
    """The course is not asked of the person on some of these days as it is."""


class NotToBeEnded(LearningError):
    """The exemption has ended, or would not end earlier."""


@transaction.atomic
def exempt(
    *,
    person: Person,
    course: CoursePage,
    starts_on: date,
    ends_on: date | None,
    reason: str,
    words: str = "",
    decided_by: Person,
) -> Exemption:
    """Decide that the course is not asked of the person for a time. Raises AlreadyExempt."""
    Person.objects.select_for_update().get(pk=person.pk)  # two who decide at once do it one after the other
    there = person.exemptions.filter(course_key=course.key).overlapping(starts_on, ends_on).first()
    if there:
        told = _("There is an exemption from the course already: %(days)s. Nothing was changed.")
        raise AlreadyExempt(told % {"days": there.days})
    exemption = Exemption.objects.create(
        person=person,
        course_key=course.key,
        course_title=course.title,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
        words=words,
        decided_by=decided_by,
    )
    announce(records_changed, [person.pk])
    return exemption


@transaction.atomic
def end_exemption(*, exemption: Exemption, last_day: date, by: Person, now: datetime) -> None:
    """End it earlier than was decided; the days that it has held stay. Raises NotToBeEnded."""
    held = Exemption.objects.select_for_update().get(pk=exemption.pk)
    last_day = max(last_day, held.starts_on)
    if held.ends_on and held.ends_on <= last_day:
        told = _("The exemption ends on %(day)s, so there is nothing to end. Nothing was changed.")
        raise NotToBeEnded(told % {"day": held.ends_on})
    held.ends_on, held.ended_by, held.ended_at = last_day, by, now
    held.save(update_fields=["ends_on", "ended_by", "ended_at"])
    announce(records_changed, [held.person_id])

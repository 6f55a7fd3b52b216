"""When and how much a municipality mails those who learn; whom the schedule reaches, and what they have accepted."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models import CoursePage
from learning.organisation.models import Municipality, Person
from learning.plans.models import Requirement

from .hours import Hours
from .planner import Limits, Pace


def between(least: int, most: int) -> list:
    return [MinValueValidator(least), MaxValueValidator(most)]


WORKING_DAYS = [0, 1, 2, 3, 4]


class MailPlan(models.Model):
    """When a municipality sends, how much and to whom. Nothing is planned until somebody has started it."""

    municipality = models.OneToOneField(Municipality, on_delete=models.CASCADE, related_name="mail_plan")
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    started_by = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+", editable=False, verbose_name=_("by")
    )
    weekdays = models.JSONField(_("days"), default=list)  # none: the working days
    opens = models.PositiveSmallIntegerField(_("from (hour)"), default=8, validators=between(5, 22))
    closes = models.PositiveSmallIntegerField(_("until (hour)"), default=16, validators=between(6, 23))
    quiet_days = models.JSONField(
        _("quiet days"),
        default=list,
        blank=True,
        help_text=_("Days of your own on which nothing is sent, one a line: 2027-02-22. Holidays need not be written."),
    )
    per_week = models.PositiveSmallIntegerField(
        _("mails a person and week at most"), default=Limits.per_week, validators=between(1, 5)
    )
    remind_before = models.PositiveSmallIntegerField(
        _("first reminder, days before the last day"), default=Limits.remind_before, validators=between(0, 90)
    )
    remind_every = models.PositiveSmallIntegerField(
        _("days between reminders"), default=Limits.remind_every, validators=between(7, 90)
    )
    most_reminders = models.PositiveSmallIntegerField(
        _("reminders at most"), default=Limits.most_reminders, validators=between(0, 6)
    )
    escalate_after = models.PositiveSmallIntegerField(
        _("tell the head after so many days overdue"),
        null=True,
        blank=True,
        default=30,
        validators=between(1, 365),
        help_text=_("Empty: never. The mail says how many, not who."),
    )
    escalate_above_after = models.PositiveSmallIntegerField(
        _("tell the head of the department after so many days overdue"),
        null=True,
        blank=True,
        validators=between(1, 365),
        help_text=_("Empty: never. 90 is usual."),
    )
    digest_day = models.PositiveSmallIntegerField(
        _("day of the month for the heads’ summary"), default=5, validators=between(1, 28)
    )

    class Meta:
        verbose_name = _("plan of mailings")
        verbose_name_plural = _("plans of mailings")
        constraints = [
            models.CheckConstraint(condition=models.Q(closes__gt=models.F("opens")), name="hours_close_after_they_open")
        ]

    def __str__(self):
        return f"{self.municipality}"

    def held(self) -> "MailPlan | None":
        """The plan as it stands, held until the transaction ends; None where it has been stopped."""
        return MailPlan.objects.select_for_update().filter(pk=self.pk).exclude(started_at=None).first()

    @property
    def hours(self) -> Hours:
        """The days and hours within which anything is sent."""
        quiet = frozenset(map(date.fromisoformat, self.quiet_days))
        return Hours(frozenset(self.weekdays or WORKING_DAYS), self.opens, self.closes, quiet)

    @property
    def limits(self) -> Limits:
        """How much a person is sent at most."""
        return Limits(self.per_week, self.remind_before, self.remind_every, self.most_reminders)


class CourseSchedule(models.Model):
    """How often the lessons of a course come, where that is not the usual."""

    course = models.OneToOneField(CoursePage, on_delete=models.CASCADE, related_name="schedule")
    per_week = models.PositiveSmallIntegerField(_("lessons a week"), default=Pace.per_week, validators=between(1, 5))
    weekdays = models.JSONField(_("days"))

    class Meta:
        verbose_name = _("schedule of a course")
        verbose_name_plural = _("schedules of courses")

    def __str__(self):
        return f"{self.course}"

    @property
    def pace(self) -> Pace:
        return Pace(self.per_week, frozenset(self.weekdays))


class Recipient(models.Model):
    """Somebody whom the schedule mails: let in when it was started or, where few were new at once, by itself."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="mail_recipient")
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")

    def __str__(self):
        return f"{self.person}"


class Acceptance(models.Model):
    """A person has said yes to what is offered, and gets its lessons."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="accepted_offers")
    requirement = models.ForeignKey(
        Requirement, on_delete=models.CASCADE, related_name="+", verbose_name=_("what is offered")
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("accepted offer")
        verbose_name_plural = _("accepted offers")
        constraints = [
            models.UniqueConstraint(fields=["person", "requirement"], name="an_offer_is_accepted_once_by_a_person")
        ]

    def __str__(self):
        return f"{self.person}: {self.requirement}"

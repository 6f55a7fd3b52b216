"""What each person has done. Completions outlive pages, units and editions (ARCHITECTURE rule 1)."""

import uuid
from datetime import date, datetime

from django.db import models
from django.db.models import DateField, DurationField, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Least, NullIf
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from courses.models import CoursePage, Edition, LessonPage
from learning.append_only import AppendOnlyModel, AppendOnlyQuerySet
from learning.dated import DAY, Dated, DatedQuerySet
from learning.organisation.models import OrgUnit, Person
from quizzes.models import Attempt, Question


class EvidenceLevel(models.TextChoices):
    """How the platform knows."""

    CHECKED = "checked", _("Knowledge check passed")
    TAKEN = "taken", _("Lessons taken card by card")
    GROUP = "group", _("Taken in a group, attested by the person")
    ATTESTED = "attested", _("Attested by another person")
    REPORTED = "reported", _("Reported by the person")
    SUPPLEMENTED = "supplemented", _("Completed earlier, and has taken the new lessons")


# How a lesson can have been taken, the weakest first: lessons together are known no better than the weakest of them.
LESSON_LEVELS = [EvidenceLevel.GROUP, EvidenceLevel.ATTESTED, EvidenceLevel.TAKEN]
IN_A_GROUP = LESSON_LEVELS[:2]
# What was learned elsewhere, known by somebody's word.
OUTSIDE = [EvidenceLevel.ATTESTED, EvidenceLevel.REPORTED]


class LessonProgress(models.Model):
    """Where a person is in a lesson, so that closing the phone loses nothing.

    When an edition of the course asks for the lesson anew, that is a new row; nothing is ever reset.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="lesson_progress")
    lesson = models.ForeignKey(LessonPage, null=True, on_delete=models.SET_NULL, related_name="progress")
    # The lesson and its course, also when their pages are gone; translations share these keys.
    lesson_key = models.UUIDField()
    course_key = models.UUIDField()
    edition_number = models.PositiveSmallIntegerField(_("asked for by edition"), default=1)
    seen = models.PositiveSmallIntegerField(_("cards seen"), default=0)
    answers = models.JSONField(_("answers"), default=dict)  # card id → what was chosen, to show it again
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # How it is known, once it is finished.
    evidence_level = models.CharField(
        _("evidence level"), max_length=20, choices=EvidenceLevel, default=EvidenceLevel.TAKEN
    )

    class Meta:
        verbose_name = _("lesson progress")
        verbose_name_plural = _("lesson progress")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "lesson_key", "course_key", "edition_number"],
                name="one_progress_per_person_lesson_and_edition",
            )
        ]
        indexes = [models.Index(fields=["course_key", "person"], name="progress_by_course")]

    def __str__(self):
        return f"{self.person}: {self.lesson}"

    @property
    def is_in_a_group(self) -> bool:
        """Whether the lesson was taken together with others."""
        return self.evidence_level in IN_A_GROUP


class CompletionQuerySet(AppendOnlyQuerySet):
    """Whoever reads completions says one of these words, since some have been taken back.

    `upheld` leaves those out, and `lasting` does so too; `with_days` has them all, each with the days on which it
    counted. Without any of them it is a record that is read, and nothing that is counted.
    """

    def upheld(self, known_on: date | None = None):
        """Those that had not been taken back by the day; without a day, by now."""
        return self.exclude(withdrawal__withdrawn_on__lte=known_on) if known_on else self.filter(withdrawal=None)

    def lasting(self, known_on: date):
        """Those upheld, with `lasts_through`: the last day on which each counts; None is until further notice.

        That is the last day of its validity or of the grace that a newer edition leaves it, whichever comes first.
        Editions that opened later than the day, and withdrawals after it, are not known yet.
        """
        return self.upheld(known_on).annotate(lasts_through=_last_day(_grace(known_on)))

    def with_days(self):
        """All that there have been, with `lasts_through` by all that is known; one taken back counted until then.

        Beside it stand the day on which it was taken back, and the last day that a newer edition leaves it.
        """
        withdrawn_on, outdated_through = F("withdrawal__withdrawn_on"), _grace(None)
        until = Cast(withdrawn_on - Value(DAY, output_field=DurationField()), DateField())
        lasts_through = _last_day(outdated_through, until)
        return self.annotate(withdrawn_on=withdrawn_on, outdated_through=outdated_through, lasts_through=lasts_through)


def _grace(known_on: date | None) -> Subquery:
    """The last day that a newer edition leaves the completion."""
    newer = Edition.objects.filter(course_key=OuterRef("course_key"), number__gt=OuterRef("edition__number"))
    newer = newer.exclude(grace_until=None).order_by("grace_until")
    return Subquery((newer.opened_by(known_on) if known_on else newer).values("grace_until")[:1])


def _last_day(*others) -> NullIf:
    """The first of the last day of validity and these other days; None where none of them is there."""
    never = Value(date.max, output_field=DateField())
    days = [Coalesce(day, never, output_field=DateField()) for day in (F("valid_through"), *others)]
    return NullIf(Least(*days), never)


class Completion(AppendOnlyModel):
    """A person completed an edition of a course. A renewal is a new row; nothing is ever reset."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="completions")
    course = models.ForeignKey(CoursePage, null=True, on_delete=models.SET_NULL, related_name="completions")
    course_key = models.UUIDField(_("course key"))
    course_title = models.CharField(_("course"), max_length=255)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="completions")
    completed_on = models.DateField(_("completed on"))
    valid_through = models.DateField(
        _("valid through"), null=True, blank=True, help_text=_("The last day. Empty: does not expire.")
    )
    unit = models.ForeignKey(OrgUnit, null=True, on_delete=models.PROTECT, related_name="+")
    evidence_level = models.CharField(
        _("evidence level"), max_length=20, choices=EvidenceLevel, default=EvidenceLevel.CHECKED
    )
    attempt = models.ForeignKey(Attempt, null=True, on_delete=models.PROTECT, related_name="completions")
    # How many times this has been recorded: more than once where it was taken back in between.
    time = models.PositiveSmallIntegerField(_("recorded for the time"), default=1)
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects = CompletionQuerySet.as_manager()

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        ordering = ["-completed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course_key", "edition", "completed_on", "evidence_level", "time"],
                name="one_completion_per_person_edition_day_and_evidence",
            ),
            models.UniqueConstraint(fields=["attempt", "time"], name="an_attempt_completes_once_a_time"),
        ]
        indexes = [models.Index(fields=["course_key", "person"], name="completion_by_course")]

    def __str__(self):
        return f"{self.person}: {self.course_title} ({self.completed_on})"

    @property
    def taken_back(self) -> "Withdrawal | None":
        """What took it back, if anything did."""
        return getattr(self, "withdrawal", None)


class Withdrawal(AppendOnlyModel):
    """A completion is taken back: it counts from the day on no longer, and stays as what was recorded."""

    completion = models.OneToOneField(Completion, on_delete=models.PROTECT, related_name="withdrawal")
    withdrawn_on = models.DateField(_("taken back on"))
    reason = models.CharField(_("reason"), max_length=300)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        verbose_name = _("withdrawal of a completion")
        verbose_name_plural = _("withdrawals of completions")

    def __str__(self):
        return f"{self.completion}: {self.withdrawn_on}"


class Exemption(Dated):
    """A decision that a course is not asked of the person for a time, with who and why. Ended, never deleted."""

    class Reason(models.TextChoices):
        KNOWS = "knows", _("Has the knowledge from elsewhere")
        LEAVES = "leaves", _("Ends the employment soon")
        ELSEWHERE = "elsewhere", _("Works elsewhere for a time")
        NOT_CONCERNED = "not_concerned", _("The course does not concern the work")
        OTHER = "other", _("Another reason")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exemptions")
    course_key = models.UUIDField(_("course key"))
    course_title = models.CharField(_("course"), max_length=255)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, default=Reason.OTHER)
    words = models.CharField(_("in words"), max_length=300, blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), auto_now_add=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended early"), null=True)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")

    def __str__(self):
        return f"{self.person}: {self.course_title} ({self.days})"


class Evidence(AppendOnlyModel):
    """Something that a person has learned from elsewhere, as it was told. It counts for nothing until it is decided."""

    class Kind(models.TextChoices):
        STUDY_VISIT = "study_visit", _("Study visit")
        CONFERENCE = "conference", _("Conference")
        COURSE = "course", _("Earlier course")
        OTHER = "other", _("Other training")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    what = models.CharField(_("what"), max_length=200)
    organiser = models.CharField(_("organiser"), max_length=200)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1, null=True, blank=True)
    words = models.TextField(_("in words"), max_length=1000, blank=True)
    # Nobody reads it but through a view that asks who reads.
    file = models.FileField(_("proof"), upload_to="evidence", blank=True)
    reported_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("reported by"))
    reported_at = models.DateTimeField(_("reported"))

    class Meta:
        verbose_name = _("training elsewhere")
        verbose_name_plural = _("training elsewhere")
        ordering = ["-last_day", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=F("first_day")), name="evidence_ends_after_it_starts"
            )
        ]

    def __str__(self):
        return f"{self.person}: {self.what}"

    @property
    def days(self) -> str:
        """When it was, in words."""
        first, last = date_format(self.first_day, "j F Y"), date_format(self.last_day, "j F Y")
        return first if first == last else f"{first} – {last}"

    @property
    def newest_step(self) -> "EvidenceStep | None":
        """What was decided last; None while it waits."""
        return max(self.steps.all(), key=lambda step: step.number, default=None)


class EvidenceStep(AppendOnlyModel):
    """What was decided of what somebody learned elsewhere, and by whom. The newest holds."""

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Counts for the course")
        DEVELOPMENT = "development", _("Kept as development, and counts for no course")
        DECLINED = "declined", _("Declined")

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField(_("number"))
    decision = models.CharField(_("decision"), max_length=20, choices=Decision)
    # How it is known, and what it led to, where it counts for a course.
    completion = models.ForeignKey(
        Completion, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("completion")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("decision on training elsewhere")
        verbose_name_plural = _("decisions on training elsewhere")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["evidence", "number"], name="evidence_is_decided_step_by_step"),
            models.CheckConstraint(
                condition=models.Q(decision="accepted", completion__isnull=False)
                | (~models.Q(decision="accepted") & models.Q(completion__isnull=True)),
                name="only_accepted_evidence_completes",
            ),
        ]

    def __str__(self):
        return f"{self.evidence}: {self.get_decision_display()}"


class GroupSessionQuerySet(models.QuerySet):
    def within(self, units):
        """Those of the units whose lesson is there, the newest first, each with how many have attested."""
        found = self.filter(unit__in=units).exclude(lesson=None).select_related("lesson", "unit")
        return found.annotate(number=models.Count("attendances")).order_by("-started_at", "-pk")


class GroupSession(models.Model):
    """A unit takes a lesson together on a shared screen, and its code lets each who is there attest it.

    Nothing is kept of how far it has come or what the room answered.
    """

    # A lesson that somebody has attended is not deleted (see keeping).
    lesson = models.ForeignKey(LessonPage, null=True, on_delete=models.SET_NULL, related_name="group_sessions")
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit"))
    leader = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("led by"))
    code = models.CharField(_("code"), max_length=10, unique=True)
    started_at = models.DateTimeField(_("started"))
    ends_at = models.DateTimeField(_("the code counts until"))

    objects = GroupSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("lesson in a group")
        verbose_name_plural = _("lessons in a group")
        indexes = [models.Index(fields=["unit", "-started_at"], name="group_session_by_unit")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gte=models.F("started_at")), name="a_group_session_ends_after_it_starts"
            )
        ]

    def __str__(self):
        return f"{self.lesson}, {date_format(localtime(self.started_at), 'j F Y')}"

    def is_open(self, now: datetime) -> bool:
        """Whether the code counts."""
        return now < self.ends_at


class Attendance(AppendOnlyModel):
    """A person was there when a lesson was taken together: what their having taken it rests on."""

    class How(models.TextChoices):
        OWN = "own", _("by the person, on a device of their own")
        SHARED = "shared", _("by the person, on a shared device")
        LEADER = "leader", _("by whoever led the lesson")

    session = models.ForeignKey(GroupSession, on_delete=models.PROTECT, related_name="attendances")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendances")
    how = models.CharField(_("attested"), max_length=10, choices=How)
    attested_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="one_attendance_per_person_and_session")
        ]

    def __str__(self):
        return f"{self.person}: {self.session}"


class PractisedQuestion(models.Model):
    """How it stands with a question that a person has practised. It is the person's own: nothing is counted from it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+", verbose_name=_("question"))
    answered_on = models.DateField(_("answered"))
    in_a_row = models.PositiveSmallIntegerField(_("times right in a row"))  # 0: the last answer was not right

    # The admin tells editors where a question is used; not that somebody practises it.
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("practised question")
        verbose_name_plural = _("practised questions")
        constraints = [
            models.UniqueConstraint(fields=["person", "question"], name="a_question_is_practised_by_a_person_once")
        ]

    def __str__(self):
        return f"{self.person}: {self.question}"

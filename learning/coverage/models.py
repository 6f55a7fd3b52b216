"""How far along: the standings that every figure is counted from, and the reports that were fixed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from learning.append_only import AppendOnlyModel, FixedContent, hash_of
from learning.dated import Dated, DatedQuerySet
from learning.organisation.models import Municipality, OrgUnit, Person
from learning.plans.models import Goal, Requirement


class Status(models.IntegerChoices):
    """A person's standing towards a requirement. The lowest of several in a subtree is the one that counts."""

    COMPETENT = 1, _("Completed")
    EXPIRED = 2, _("Expired")
    STARTED = 3, _("Started")
    NOT_STARTED = 4, _("Not started")
    ON_LEAVE = 11, _("On leave")
    EXEMPT = 12, _("Exempt")
    NEW = 13, _("Newly employed")
    OTHER_POPULATION = 14, _("Another population")
    NOT_MEANT = 15, _("Not meant")

    @property
    def is_counted(self) -> bool:
        """Whether people in this standing are in the denominator."""
        return self < 10

    @classmethod
    def counted(cls) -> list["Status"]:
        """Those of the people in the denominator."""
        return [status for status in cls if status.is_counted]

    @classmethod
    def lacking(cls) -> list["Status"]:
        """Those of the people in the denominator who do not have what is asked."""
        return [status for status in cls.counted() if status != cls.COMPETENT]


class Cause(models.TextChoices):
    """Why something is asked of somebody now."""

    HIRED = "hired", _("Began")
    MOVED = "moved", _("New role or unit")
    APPOINTED = "appointed", _("New function")
    RETURNED = "returned", _("Back from leave")
    EXEMPTED = "exempted", _("The exemption has ended")
    EXPIRED = "expired", _("No longer counts")
    EDITION = "edition", _("A new edition of the course")
    WITHDRAWN = "withdrawn", _("A completion was taken back")
    RULE = "rule", _("Asked since then")
    RENEWAL = "renewal", _("Is about to end")  # of assignments only


class Standing(Dated):
    """A person's standing towards a requirement in a unit, for a time. Derived; can be rebuilt at any moment."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="standings")
    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="standings")
    unit = models.ForeignKey(OrgUnit, on_delete=models.CASCADE, related_name="standings")
    status = models.PositiveSmallIntegerField(choices=Status)
    # While something is asked: why, since when, and by when.
    cause = models.CharField(_("why it is asked"), max_length=20, choices=Cause, blank=True)
    since = models.DateField(_("asked since"), null=True)
    due_on = models.DateField(_("to be done by"), null=True)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [
            models.Index(fields=["requirement", "unit", "starts_on", "ends_on"], name="standing_by_unit_and_day"),
            models.Index(fields=["requirement", "starts_on"], condition=~models.Q(cause=""), name="what_is_asked"),
        ]

    def __str__(self):
        return f"{self.person}: {self.get_status_display()}"


class Sums(models.Model):
    """How many distinct people in a unit and all below it, by their best status towards a requirement."""

    pk = models.CompositePrimaryKey("requirement_id", "unit_id", "on")
    # No constraints in the database: each of many million rows would be checked, and the rows it points at held.
    requirement = models.ForeignKey(
        Requirement, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    unit = models.ForeignKey(OrgUnit, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    on = models.DateField()
    # A number for each status, of its name.
    competent = models.IntegerField(default=0)
    expired = models.IntegerField(default=0)
    started = models.IntegerField(default=0)
    not_started = models.IntegerField(default=0)
    on_leave = models.IntegerField(default=0)
    exempt = models.IntegerField(default=0)
    new = models.IntegerField(default=0)
    other_population = models.IntegerField(default=0)
    not_meant = models.IntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.unit_id}, {self.on}"


class Posting(Sums):
    """What changes on the day. Derived from the standings; a known expiry is a posting that is still to come."""


class Balance(Sums):
    """What the postings through the day come to. One that is missing has not been summed up, and costs time alone."""


class Mark(models.Model):
    """Someone whose standings are to be derived anew. Written with the change, removed when it is done."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    def __str__(self):
        return f"{self.person}"


class FrozenReport(FixedContent):
    """What was reported on a goal at its date: unchangeable, with its method and a hash of its content."""

    goal = models.ForeignKey(Goal, null=True, on_delete=models.PROTECT, related_name="reports")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="frozen_reports")
    on = models.DateField(_("as of"))
    frozen_at = models.DateTimeField(_("fixed"))

    class Meta:
        verbose_name = _("frozen report")
        verbose_name_plural = _("frozen reports")
        constraints = [models.UniqueConstraint(fields=["goal", "on"], name="a_goal_is_frozen_once_a_date")]

    def __str__(self):
        return f"{self.goal} ({self.on})"

    @property
    def is_unchanged(self) -> bool:
        """Whether content and people are what they were; who stood how was not kept with the oldest."""
        return super().is_unchanged and self.body.get("people_sha256") in (None, hash_of(self._people()))

    def _people(self) -> list[tuple[int, int, int]]:
        """Person, unit and standing, in the order in which their hash was taken."""
        return list(self.standings.order_by("person", "unit").values_list("person", "unit", "status"))


class FrozenStanding(AppendOnlyModel):
    """How somebody stood when a figure was fixed, so that a later difference can be told person by person."""

    report = models.ForeignKey(FrozenReport, on_delete=models.PROTECT, related_name="standings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="frozen_standings")
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+")
    status = models.PositiveSmallIntegerField(choices=Status)

    class Meta:
        verbose_name = _("fixed standing")
        verbose_name_plural = _("fixed standings")
        constraints = [
            models.UniqueConstraint(fields=["report", "person", "unit"], name="one_fixed_standing_in_a_unit")
        ]

    def __str__(self):
        return f"{self.person}: {self.get_status_display()} ({self.report})"

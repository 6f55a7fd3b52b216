"""What has been decided: the governing document, its goals, and whom they ask for what."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import Orderable, RevisionMixin

from courses.models import CoursePage
from learning.access.references import OwnReferencesForm
from learning.dated import Dated, DatedQuerySet
from learning.errors import LearningError
from learning.organisation.models import Municipality, OrgUnit, Population

from .forms import DutyForm, KeepReportedPanel


class PlanIsReported(LearningError):
    """The plan has a goal whose outcome has been fixed."""


class ActionPlan(RevisionMixin, ClusterableModel):
    """A municipality's governing document against violent extremism."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, editable=False, related_name="action_plans"
    )
    base_form_class = OwnReferencesForm

    key = models.SlugField(_("key"), max_length=100, editable=False, default=uuid.uuid4)
    title = models.CharField(_("title"), max_length=300)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid through"), null=True, blank=True)
    adopted_by = models.CharField(_("adopted by"), max_length=200, blank=True)
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True)
    case_number = models.CharField(_("case number"), max_length=100, blank=True)
    steward = models.CharField(_("steward"), max_length=200, blank=True)
    reported_to = models.CharField(_("reported to"), max_length=300, blank=True)
    note = models.TextField(_("what the text leaves open"), blank=True)

    panels = [
        FieldPanel("title"),
        MultiFieldPanel(
            [
                FieldRowPanel(["valid_from", "valid_to"]),
                FieldRowPanel(["adopted_by", "adopted_on"]),
                FieldPanel("case_number"),
            ],
            heading=_("Decision"),
        ),
        FieldRowPanel(["steward", "reported_to"]),
        FieldPanel("note"),
        KeepReportedPanel("areas", heading=_("Goal areas"), label=_("goal area")),
    ]

    class Meta:
        verbose_name = _("action plan")
        verbose_name_plural = _("action plans")
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="a_plan_has_a_key_of_its_own")]

    def __str__(self):
        return self.title

    def delete(self, *args, **kwargs):
        if Goal.objects.reported().filter(area__plan=self).exists():
            raise PlanIsReported(gettext("The outcome of a goal in this plan has been fixed. Nothing was removed."))
        return super().delete(*args, **kwargs)


class GoalArea(Orderable, ClusterableModel):
    """A part of the plan."""

    plan = ParentalKey(ActionPlan, on_delete=models.CASCADE, related_name="areas")
    title = models.CharField(_("title"), max_length=200)

    panels = [FieldPanel("title"), KeepReportedPanel("goals", heading=_("Goals"), label=_("goal"))]

    class Meta(Orderable.Meta):
        verbose_name = _("goal area")
        verbose_name_plural = _("goal areas")

    def __str__(self):
        return self.title

    @property
    def is_reported(self) -> bool:
        """Whether the outcome of any of its goals has been fixed."""
        return Goal.objects.reported().filter(area=self.pk).exists()


class Requirement(Dated):
    """Which population is to have completed which course: what a goal measures (S9)."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, editable=False, related_name="requirements"
    )
    base_form_class = OwnReferencesForm

    key = models.SlugField(_("key"), max_length=100, editable=False, default=uuid.uuid4)
    title = models.CharField(_("title"), max_length=200, help_text=_("As in “has basic knowledge”."))
    population = models.CharField(_("population"), max_length=20, choices=Population, default=Population.EMPLOYEE)
    course = models.ForeignKey(
        CoursePage, on_delete=models.PROTECT, related_name="requirements", verbose_name=_("course")
    )
    # The course by key, so that the record can be asked without the page.
    course_key = models.UUIDField(editable=False)
    grace_days = models.PositiveSmallIntegerField(
        _("days for new employees"),
        default=90,
        help_text=_("From the first day of employment, before which nobody is counted."),
    )
    definition = models.TextField(
        _("definition"), help_text=_("What counts as knowing. The plan gives none; this is the municipality's own.")
    )

    objects = DatedQuerySet.as_manager()

    panels = [
        FieldPanel("title"),
        FieldRowPanel(["population", "course"]),
        FieldPanel("definition"),
        FieldRowPanel(["grace_days", "starts_on", "ends_on"]),
    ]

    class Meta(Dated.Meta):
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["municipality", "key"], name="a_requirement_has_a_key_of_its_own"),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        self.course_key = self.course.key
        super().save(*args, **kwargs)


class Duty(Dated):
    """A function that each department, or each unit of a kind, is to have somebody in, trained for it (S14)."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, editable=False, related_name="duties")
    base_form_class = DutyForm

    key = models.SlugField(_("key"), max_length=100, editable=False, default=uuid.uuid4)
    title = models.CharField(_("title"), max_length=200, help_text=_("As in “lacks a trained coordinator”."))
    demand = models.TextField(_("demand"), blank=True, help_text=_("What the plan demands."))
    kind = models.CharField(
        _("kind of unit"),
        max_length=50,
        blank=True,
        help_text=_("The units that are to have it, by the municipality's own word. Empty means the departments."),
    )
    functions = models.JSONField(_("functions"), default=list)
    course = models.ForeignKey(
        CoursePage,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="duties",
        verbose_name=_("course"),
        help_text=_("What the holder must have completed. Empty means that the appointment is enough."),
    )
    course_key = models.UUIDField(null=True, editable=False)

    objects = DatedQuerySet.as_manager()

    panels = [
        FieldPanel("title"),
        FieldPanel("demand"),
        FieldPanel("functions"),
        FieldRowPanel(["kind", "course"]),
        FieldRowPanel(["starts_on", "ends_on"]),
    ]

    class Meta(Dated.Meta):
        verbose_name = _("required function")
        verbose_name_plural = _("required functions")
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["municipality", "key"], name="a_duty_has_a_key_of_its_own"),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        self.course_key = self.course.key if self.course else None
        super().save(*args, **kwargs)

    def asks(self, unit: OrgUnit) -> bool:
        """Whether the unit is one of those that are to have the function."""
        return unit.kind == self.kind if self.kind else unit.depth == self.municipality.root.depth + 1


class GoalQuerySet(models.QuerySet):
    def reported(self):
        """Those whose outcome has been fixed: the floor above keeps `reports` of them, and they hold for good."""
        return self.filter(reports__isnull=False).distinct()


class Goal(Orderable):
    """Something that the plan wants to reach; where it has a requirement and a threshold it can be measured."""

    class Obligation(models.TextChoices):
        MUST = "must", _("Must")
        OFFER = "offer", _("Offer")
        NEED = "need", _("Need")

    area = ParentalKey(GoalArea, on_delete=models.CASCADE, related_name="goals")
    text = models.TextField(_("goal"))
    obligation = models.CharField(_("obligation"), max_length=10, choices=Obligation, default=Obligation.MUST)
    due_on = models.DateField(_("to be reached by"), null=True, blank=True)
    requirement = models.ForeignKey(
        Requirement,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="goals",
        verbose_name=_("measured by"),
    )
    threshold_percent = models.PositiveSmallIntegerField(
        _("threshold (per cent)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("The share that counts as reached. Plans rarely say; this is the municipality's own."),
    )

    objects = GoalQuerySet.as_manager()

    # What an outcome is judged by: these stay as they are once it has been fixed.
    DECISIVE = ("due_on", "requirement", "threshold_percent")

    panels = [
        FieldPanel("text"),
        FieldRowPanel(["obligation", "due_on"]),
        FieldRowPanel(["requirement", "threshold_percent"]),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(requirement__isnull=True) | models.Q(threshold_percent__isnull=False),
                name="a_measured_goal_has_a_threshold",
            )
        ]

    def __str__(self):
        return self.text

    def clean(self):
        super().clean()
        fixed = Goal.objects.reported().filter(pk=self.pk).first()
        names = [self._meta.get_field(name).attname for name in self.DECISIVE] if fixed else []
        changed = [name for name in names if getattr(self, name) != getattr(fixed, name)]
        if changed:
            words = gettext("The outcome has been fixed by this and it cannot be changed any more. Add a goal instead.")
            raise ValidationError({name.removesuffix("_id"): words for name in changed})

    @property
    def is_reported(self) -> bool:
        """Whether its outcome has been fixed."""
        return Goal.objects.reported().filter(pk=self.pk).exists()

    def is_closed(self, on) -> bool:
        """Whether the goal's date has passed on the day."""
        return self.due_on is not None and on > self.due_on

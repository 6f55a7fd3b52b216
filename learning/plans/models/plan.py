"""The governing document: its decisions and stewardship, goals and activities, and what its text leaves open."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.template.response import TemplateResponse
from django.utils.formats import number_format
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin

from learning.append_only import AppendOnlyModel
from learning.dated import DayField
from learning.errors import LearningError
from learning.listed import Listed
from learning.organisation.models import Municipality, OrgUnit, Person

from ..forms import ActivityForm, GoalForm, KeptPanel, PlanForm, RowsPanel
from ..panels import WarningsPanel
from ..warnings import listed
from .asked import Obligation, Requirement


class PlanIsReported(LearningError):
    """Something in the plan is evidence by now, and would be changed or lost."""


class Validity(NamedTuple):
    """From when and until when a plan applies, by its text and the decisions about it; None where neither says."""

    first: date | None
    last: date | None
    is_open_ended: bool
    is_extended: bool

    @property
    def is_stated(self) -> bool:
        return bool(self.first or self.last or self.is_open_ended)

    def has_ended(self, on: date) -> bool:
        return self.last is not None and self.last < on


class PlanQuerySet(models.QuerySet):
    def newest_first(self):
        """Those that begin last first; those that do not say when come last."""
        return self.order_by(models.F("valid_from").desc(nulls_last=True), "-pk")

    def with_warnings(self):
        """With what their warnings are told from, in few queries."""
        rows = ["decisions", "stewardship", "remarks", "areas__goals__successors", "areas__activities__follow_ups"]
        return self.prefetch_related(*rows)

    def whole(self):
        """With all that stands in them, in few queries."""
        rows = ["levels", "indicators__readings", "areas__goals__requirement__course", "areas__activities__unit"]
        rows += ["areas__goals__successors__area__plan"]
        return self.with_warnings().select_related("municipality").prefetch_related(*rows)


class ActionPlan(PreviewableMixin, DraftStateMixin, RevisionMixin, ClusterableModel):
    """A municipality's governing document against violent extremism, as it is stated: what it leaves out is empty."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, editable=False, related_name="action_plans"
    )
    base_form_class = PlanForm

    key = models.SlugField(_("key"), max_length=100, editable=False, default=uuid.uuid4)
    title = models.CharField(_("title"), max_length=300)
    valid_from = DayField(_("valid from"), null=True, blank=True)
    valid_to = DayField(
        _("valid through"),
        null=True,
        blank=True,
        help_text=_("As first decided. What extends it is a decision below."),
    )
    is_open_ended = models.BooleanField(_("until further notice"), default=False)
    case_number = models.CharField(_("case number"), max_length=100, blank=True)
    applies_to = models.CharField(
        _("applies to"), max_length=300, blank=True, help_text=_("The committees or departments that it binds.")
    )
    steward = models.CharField(
        _("steward"), max_length=200, blank=True, help_text=_("A function, such as the head of security; no name.")
    )
    supported_by = models.CharField(_("supported by"), max_length=200, blank=True)
    follow_up = models.TextField(
        _("follow-up"), blank=True, help_text=_("How and by whom the plan is followed up, in its own words.")
    )
    follow_up_months = models.PositiveSmallIntegerField(
        _("months between follow-ups"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    reported_to = models.CharField(
        _("reported to"), max_length=300, blank=True, help_text=_("Those whom the yearly report goes to.")
    )

    objects = PlanQuerySet.as_manager()

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    WarningsPanel(heading=_("What to look at")),
                    FieldPanel("title"),
                    MultiFieldPanel(
                        [FieldRowPanel(["valid_from", "valid_to"]), FieldPanel("is_open_ended")],
                        heading=_("Validity, as the plan states it"),
                    ),
                    RowsPanel("decisions", heading=_("Decisions"), label=_("decision")),
                    FieldRowPanel(["case_number", "applies_to"]),
                    RowsPanel("levels", heading=_("Levels of prevention"), label=_("level")),
                    RowsPanel("remarks", heading=_("What the text leaves open"), label=_("remark")),
                ],
                heading=_("The document"),
            ),
            ObjectList(
                [KeptPanel("areas", heading=_("Goal areas"), label=_("goal area"))], heading=_("Goals and activities")
            ),
            ObjectList(
                [
                    FieldRowPanel(["steward", "supported_by"]),
                    RowsPanel("stewardship", heading=_("What the steward answers for"), label=_("duty")),
                    FieldPanel("follow_up"),
                    FieldRowPanel(["follow_up_months", "reported_to"]),
                ],
                heading=_("Stewardship"),
            ),
            ObjectList(
                [RowsPanel("indicators", heading=_("Measuring points"), label=_("measuring point"))],
                heading=_("Measuring points"),
            ),
        ]
    )

    class Meta:
        verbose_name = _("action plan")
        verbose_name_plural = _("action plans")
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="a_plan_has_a_key_of_its_own")]

    def __str__(self):
        return self.title

    def clean(self):
        super().clean()
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": gettext("The last day comes before the first.")})
        if self.valid_to and self.is_open_ended:
            words = gettext("A plan that applies until further notice has no last day. Choose one of them.")
            raise ValidationError({"is_open_ended": words})

    @property
    def goals(self) -> list["Goal"]:
        """The goals of all its areas, as they stand in it."""
        return [goal for area in self.areas.all() for goal in area.goals.all()]

    @property
    def activities(self) -> list["Activity"]:
        """The activities of all its areas, as they stand in it."""
        return [activity for area in self.areas.all() for activity in area.activities.all()]

    @property
    def validity(self) -> Validity:
        """What holds after all decisions."""
        return self.validity_after(self.decisions.all())

    def validity_after(self, decisions: Iterable["Decision"]) -> Validity:
        """What holds after these decisions, in their order."""
        last, is_open_ended, is_extended = self.valid_to, self.is_open_ended, False
        for decision in decisions:
            if decision.kind == Decision.Kind.EXTENDED:
                last, is_open_ended, is_extended = decision.valid_to, False, True
            elif decision.kind == Decision.Kind.OPEN_ENDED:
                last, is_open_ended = None, True
            elif decision.kind == Decision.Kind.ENDED:
                last, is_open_ended = decision.valid_to or decision.decided_on or last, False
        return Validity(self.valid_from, last, is_open_ended, is_extended)

    def publish(self, revision, **options):
        """Publish the revision, whatever door it comes through. Raises PlanIsReported; the draft is kept."""
        self._expect_kept_in(revision.as_object())
        return super().publish(revision, **options)

    def _expect_kept_in(self, draft: "ActionPlan") -> None:
        """A draft may be older than the outcome that has been fixed since it was written."""
        if lost := self.lost_in(draft.goals, draft.activities):
            raise PlanIsReported(
                gettext(
                    "The plan was not published; the draft is kept. It would change or drop what has been fixed or "
                    "followed up since it was written: %(names)s. Write the draft anew from what is published."
                )
                % {"names": listed(lost)}
            )

    def lost_in(self, goals: Iterable["Goal"], activities: Iterable["Activity"]) -> list:
        """What has been fixed or followed up, and would be changed or dropped if the plan had these."""
        decisive, kept = {goal.pk: goal.decisive for goal in goals}, {activity.pk for activity in activities}
        reported = Goal.objects.reported().filter(area__plan=self.pk)
        followed = Activity.objects.filter(area__plan=self.pk).exclude(follow_ups=None).distinct()
        lost = [goal for goal in reported if decisive.get(goal.pk) != goal.decisive]
        return lost + [activity for activity in followed if activity.pk not in kept]

    def unpublish(self, **options):
        """Take the plan back from the pages. Raises PlanIsReported where an outcome of it stands there for good."""
        self.expect_no_evidence()
        return super().unpublish(**options)

    def delete(self, *args, **kwargs):
        self.expect_no_evidence()
        return super().delete(*args, **kwargs)

    def expect_no_evidence(self) -> None:
        """Raises PlanIsReported where something of the plan stands for good."""
        if Goal.objects.reported().filter(area__plan=self).exists():
            raise PlanIsReported(gettext("The outcome of a goal in this plan has been fixed. Nothing was removed."))
        if FollowUp.objects.filter(activity__area__plan=self).exists():
            raise PlanIsReported(gettext("An activity in this plan has been followed up. Nothing was removed."))

    def serve_preview(self, request, mode_name):
        """The public page as it would be."""
        from ..page import page_of

        municipality = self.municipality if self.municipality_id else None
        context = {**page_of(self, localdate()), "municipality": municipality}
        return TemplateResponse(request, "plans/plan.html", context)


class Decision(Listed):
    """What somebody has decided about the plan, as far as it is known when and where."""

    class Kind(models.TextChoices):
        ADOPTED = "adopted", _("Adopted")
        EXTENDED = "extended", _("Extended")
        OPEN_ENDED = "open_ended", _("Applies until further notice")
        REVISED = "revised", _("Revised")
        ENDED = "ended", _("Ended")

    plan = ParentalKey(ActionPlan, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    body = models.CharField(_("decided by"), max_length=200, blank=True)
    decided_on = DayField(_("day"), null=True, blank=True)
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, help_text=_("Where the day is not known, but the year is.")
    )
    reference = models.CharField(_("reference"), max_length=100, blank=True, help_text=_("As in KF § 91."))
    valid_from = DayField(_("applies from"), null=True, blank=True)
    valid_to = DayField(_("applies through"), null=True, blank=True, help_text=_("What an extension gives."))

    panels = [
        FieldRowPanel(["kind", "body"]),
        FieldRowPanel(["decided_on", "year", "reference"]),
        FieldRowPanel(["valid_from", "valid_to"]),
    ]

    class Meta(Listed.Meta):
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self):
        return " ".join(filter(None, [str(self.get_kind_display()), self.body, self.reference]))

    @property
    def is_extension(self) -> bool:
        return self.kind == self.Kind.EXTENDED

    def clean(self):
        super().clean()
        if self.is_extension and not self.valid_to:
            raise ValidationError({"valid_to": gettext("Write through which day the plan was extended.")})


class Stewardship(Listed):
    """One of the things that a steward answers for (K4), with when it was last done and is to be done next."""

    class Kind(models.TextChoices):
        COMPLIED = "complied", _("That the plan is complied with")
        ACCESSIBLE = "accessible", _("That it is accessible")
        WATCHED = "watched", _("That changed conditions are watched")
        REVISED = "revised", _("That it is followed up and revised")
        CURRENT = "current", _("That it is current and up to date")

    plan = ParentalKey(ActionPlan, on_delete=models.CASCADE, related_name="stewardship")
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    next_on = DayField(_("next time"), null=True, blank=True)
    done_on = DayField(_("last done"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    panels = [FieldPanel("kind"), FieldRowPanel(["done_on", "next_on"]), FieldPanel("note")]

    TWICE = _("That duty stands there already.")

    class Meta(Listed.Meta):
        verbose_name = _("duty of the steward")
        verbose_name_plural = _("duties of the steward")
        constraints = [models.UniqueConstraint(fields=["plan", "kind"], name="a_plan_has_each_duty_once")]

    def __str__(self):
        return str(self.get_kind_display())

    @property
    def due_on(self) -> date | None:
        """The day that is set; for the follow-up, else the one that follows from how often the plan says."""
        months = self.plan.follow_up_months if self.kind == self.Kind.REVISED else None
        began = self.done_on or self.plan.valid_from
        return self.next_on or (began + relativedelta(months=months) if months and began else None)


class PreventionLevel(Listed):
    """A level of prevention, in the municipality's words."""

    class Kind(models.TextChoices):
        """By the names that courses use."""

        UNIVERSAL = "universal", _("For everyone")
        SELECTIVE = "selective", _("For groups at risk")
        INDICATED = "indicated", _("For individuals")

    plan = ParentalKey(ActionPlan, on_delete=models.CASCADE, related_name="levels")
    kind = models.CharField(_("for whom"), max_length=20, choices=Kind)
    name = models.CharField(_("what the municipality calls it"), max_length=100)
    text = models.TextField(_("what it means here"), blank=True)

    panels = [FieldRowPanel(["kind", "name"]), FieldPanel("text")]

    class Meta(Listed.Meta):
        verbose_name = _("level of prevention")
        verbose_name_plural = _("levels of prevention")

    def __str__(self):
        return self.name


class Remark(Listed):
    """Something in the text itself that a reader must know: the platform shows it instead of choosing a reading."""

    class Kind(models.TextChoices):
        CONTRADICTS = "contradicts", _("The text contradicts itself")
        OPEN = "open", _("The text leaves open")
        OUTDATED = "outdated", _("The text names what is no longer there")

    plan = ParentalKey(ActionPlan, on_delete=models.CASCADE, related_name="remarks")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    about = models.CharField(_("about"), max_length=100)
    says = models.TextField(_("what the text says, and what that means"))

    panels = [FieldRowPanel(["kind", "about"]), FieldPanel("says")]

    class Meta(Listed.Meta):
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")

    def __str__(self):
        return self.about


class GoalArea(Listed, ClusterableModel):
    """A part of the plan."""

    plan = ParentalKey(ActionPlan, on_delete=models.CASCADE, related_name="areas")
    title = models.CharField(_("title"), max_length=200)

    panels = [
        FieldPanel("title"),
        KeptPanel("goals", form=GoalForm, heading=_("Goals"), label=_("goal")),
        KeptPanel("activities", form=ActivityForm, heading=_("Activities"), label=_("activity")),
    ]

    class Meta(Listed.Meta):
        verbose_name = _("goal area")
        verbose_name_plural = _("goal areas")

    def __str__(self):
        return self.title

    @property
    def kept_because(self) -> str:
        """Why it cannot be removed; nothing where it can."""
        rows = [*Goal.objects.filter(area=self.pk), *Activity.objects.filter(area=self.pk)]
        return next(filter(None, (row.kept_because for row in rows)), "")


class GoalQuerySet(models.QuerySet):
    def reported(self):
        """Those whose outcome has been fixed: the floor above keeps `reports` of them, and they hold for good."""
        return self.filter(reports__isnull=False).distinct()

    def decided(self):
        """Those of published plans: a draft decides nothing."""
        return self.filter(area__plan__live=True)


class Goal(Listed):
    """Something that the plan wants to reach; where it has a requirement and a threshold it can be measured."""

    area = ParentalKey(GoalArea, on_delete=models.CASCADE, related_name="goals")
    text = models.TextField(_("goal"))
    obligation = models.CharField(_("obligation"), max_length=10, choices=Obligation, default=Obligation.MUST)
    due_on = DayField(_("to be reached by"), null=True, blank=True)
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
    predecessor = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="successors",
        verbose_name=_("carries on"),
        help_text=_("The goal whose date has passed and that this one carries on."),
    )

    objects = GoalQuerySet.as_manager()

    MUNICIPALITY = "area__plan__municipality"
    # What an outcome is judged by: these stay as they are once it has been fixed.
    DECISIVE = ("due_on", "requirement", "threshold_percent")

    panels = [
        FieldPanel("text"),
        FieldRowPanel(["obligation", "due_on"]),
        FieldRowPanel(["requirement", "threshold_percent"]),
        FieldPanel("predecessor"),
    ]

    class Meta(Listed.Meta):
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
        changed = [name for name, value in fixed.decisive.items() if self.decisive[name] != value] if fixed else []
        if changed:
            words = gettext("The outcome has been fixed by this and it cannot be changed any more. Add a goal instead.")
            raise ValidationError(dict.fromkeys(changed, words))
        if self.requirement and self.requirement.is_offer:
            words = gettext("An offer is not measured by who knows: nobody lacks what is offered. Choose another.")
            raise ValidationError({"requirement": words})

    @property
    def decisive(self) -> dict:
        """What an outcome is judged by."""
        return {name: getattr(self, self._meta.get_field(name).attname) for name in self.DECISIVE}

    @property
    def kept_because(self) -> str:
        """Why it cannot be removed; nothing where it can."""
        is_reported = Goal.objects.reported().filter(pk=self.pk).exists()
        return gettext("its outcome has been fixed") if is_reported else ""

    @property
    def is_carried_on(self) -> bool:
        """Whether a later goal carries it on."""
        return bool(self.pk) and any(goal.comes_after(self) for goal in self.successors.all())

    def comes_after(self, earlier: "Goal") -> bool:
        """Whether it can carry on the other: that has a day, and this one a later day or none."""
        return bool(earlier.due_on) and (not self.due_on or earlier.due_on < self.due_on)

    @property
    def carried_on_by(self) -> list["Goal"]:
        """The goals of published plans that carry it on."""
        return [goal for goal in self.successors.all() if goal.area.plan.live] if self.pk else []

    def is_closed(self, on) -> bool:
        """Whether the goal's date has passed on the day."""
        return self.due_on is not None and on > self.due_on


class Activity(Listed):
    """What is to be done for the goals of an area; how it goes is told by its follow-ups."""

    class Status(models.TextChoices):
        NOT_BEGUN = "not_begun", _("Not begun")
        UNDER_WAY = "under_way", _("Under way")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    ENDED = (Status.DONE, Status.DROPPED)

    area = ParentalKey(GoalArea, on_delete=models.CASCADE, related_name="activities")
    title = models.TextField(_("activity"))
    unit = models.ForeignKey(
        OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit")
    )
    department = models.CharField(
        _("or in words"), max_length=200, blank=True, help_text=_("Where it is no unit, or several.")
    )
    responsible = models.CharField(
        _("responsible"), max_length=200, blank=True, help_text=_("A function or a group; no name.")
    )
    time = models.CharField(_("time"), max_length=100, blank=True, help_text=_("As the plan says, such as 2016–2017."))
    due_on = DayField(_("to be done by"), null=True, blank=True)
    resources = models.CharField(_("resources"), max_length=300, blank=True)

    panels = [
        FieldPanel("title"),
        FieldRowPanel(["unit", "department"]),
        FieldPanel("responsible"),
        FieldRowPanel(["time", "due_on"]),
        FieldPanel("resources"),
    ]

    class Meta(Listed.Meta):
        verbose_name = _("activity")
        verbose_name_plural = _("activities")

    def __str__(self):
        return self.title

    @property
    def latest(self) -> "FollowUp | None":
        """How it goes, as last noted; None where nobody has."""
        rows = self.follow_ups.all() if self.pk else ()
        return max(rows, key=lambda row: (row.written_at, row.pk), default=None)

    @property
    def kept_because(self) -> str:
        """Why it cannot be removed; nothing where it can."""
        return gettext("it has been followed up") if self.pk and self.follow_ups.exists() else ""

    def is_late(self, on: date) -> bool:
        """Whether its time has passed on the day, and nobody has noted that it is done or dropped."""
        has_ended = self.latest is not None and self.latest.status in self.ENDED
        return self.due_on is not None and self.due_on < on and not has_ended


class FollowUp(AppendOnlyModel):
    """How an activity went at a moment, and who wrote that."""

    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="follow_ups", verbose_name=_("activity")
    )
    status = models.CharField(_("status"), max_length=20, choices=Activity.Status)
    text = models.TextField(_("note"), blank=True)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by"))
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("follow-up of an activity")
        verbose_name_plural = _("follow-ups of activities")
        ordering = ["-written_at", "-pk"]

    def __str__(self):
        return f"{self.activity}: {self.get_status_display()}"


class Indicator(Listed, ClusterableModel):
    """A measuring point (S6): what is counted, how, and what it was on some days."""

    plan = ParentalKey(ActionPlan, on_delete=models.CASCADE, related_name="indicators")
    title = models.CharField(_("what is measured"), max_length=200)
    unit = models.CharField(_("counted in"), max_length=50, blank=True)
    method = models.TextField(_("how it is measured"), blank=True)

    panels = [
        FieldRowPanel(["title", "unit"]),
        FieldPanel("method"),
        RowsPanel("readings", heading=_("Values"), label=_("value")),
    ]

    class Meta(Listed.Meta):
        verbose_name = _("measuring point")
        verbose_name_plural = _("measuring points")

    def __str__(self):
        return self.title


class Reading(models.Model):
    """What a measuring point was on a day."""

    indicator = ParentalKey(Indicator, on_delete=models.CASCADE, related_name="readings")
    on = DayField(_("day"))
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2)
    note = models.CharField(_("note"), max_length=300, blank=True)

    panels = [FieldRowPanel(["on", "value"]), FieldPanel("note")]

    TWICE = _("There is a value of that day already.")

    class Meta:
        verbose_name = _("value of a measuring point")
        verbose_name_plural = _("values of measuring points")
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "on"], name="a_measuring_point_has_one_value_a_day")
        ]

    def __str__(self):
        return f"{self.on}: {self.value}"

    @property
    def told(self) -> str:
        """The value without decimals that say nothing."""
        return number_format(f"{self.value.normalize():f}")

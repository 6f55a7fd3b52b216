"""What is asked, of whom and from which day on: requirements, their rules, and required functions."""

import uuid
from collections.abc import Iterable
from datetime import date

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from courses.models import CoursePage
from learning.dated import Dated, DatedQuerySet
from learning.organisation.models import Appointment, Municipality, OrgUnit, Population

from ..forms import DutyForm, RequirementForm
from ..meant import Terms
from ..panels import MeantPanel


class Obligation(models.TextChoices):
    """How strongly something is asked. Must and need are counted; an offer is never lacking (S11)."""

    MUST = "must", _("Must")
    OFFER = "offer", _("Offer")
    NEED = "need", _("Need")


class Requirement(Dated):
    """What is asked, in which course; its rules say of whom, from which day on. A goal may measure it (S9)."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, editable=False, related_name="requirements"
    )
    base_form_class = RequirementForm

    key = models.SlugField(_("key"), max_length=100, editable=False, default=uuid.uuid4)
    title = models.CharField(_("title"), max_length=200, help_text=_("As in “has basic knowledge”."))
    obligation = models.CharField(
        _("obligation"),
        max_length=10,
        choices=Obligation,
        default=Obligation.MUST,
        help_text=_("An offer has no last day, and nobody is counted as lacking it."),
    )
    course = models.ForeignKey(
        CoursePage, on_delete=models.PROTECT, related_name="requirements", verbose_name=_("course")
    )
    # The course by key, so that the record can be asked without the page.
    course_key = models.UUIDField(editable=False)
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("1 comes first, in lists and on the page of whoever is asked for several things."),
    )
    definition = models.TextField(
        _("definition"), help_text=_("What counts as knowing. The plan gives none; this is the municipality's own.")
    )

    objects = DatedQuerySet.as_manager()

    panels = [
        FieldPanel("title"),
        FieldRowPanel(["obligation", "priority"]),
        FieldPanel("course"),
        FieldPanel("definition"),
        FieldRowPanel(["starts_on", "ends_on"]),
        MultiFieldPanel(
            [
                FieldPanel("population"),
                FieldPanel("role_words"),
                FieldPanel("first_line"),
                FieldPanel("functions"),
                FieldPanel("hired_from"),
            ],
            heading=_("Who is meant"),
        ),
        MultiFieldPanel([FieldPanel("units")], heading=_("Where"), classname="collapsed"),
        MultiFieldPanel([FieldRowPanel([FieldPanel("due_on"), FieldPanel("grace_days")])], heading=_("By when")),
        MultiFieldPanel(
            [
                FieldPanel("validity_months"),
                FieldPanel("accepts_outside"),
                FieldRowPanel([FieldPanel("refresher_course"), FieldPanel("refresher_after_months")]),
            ],
            heading=_("What counts"),
            classname="collapsed",
        ),
        MeantPanel(heading=_("Who that is")),
        MultiFieldPanel([FieldPanel("from_on"), FieldPanel("reason")], heading=_("From which day")),
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

    @property
    def is_offer(self) -> bool:
        return self.obligation == Obligation.OFFER

    def rule_on(self, day: date) -> "Rule | None":
        """The rule of the day: the last that has begun by then, else the first of all."""
        rules = list(self.rules.all())
        return next((rule for rule in reversed(rules) if rule.starts_on <= day), rules[0] if rules else None)

    def history(self) -> list[tuple["Rule", list[tuple[str, str, str]]]]:
        """Each rule with what it says otherwise than the one before it: the label, what that said, what this says."""
        found, before = [], {}
        for rule in self.rules.prefetch_related("units", "refresher_course"):
            told = rule.told()
            beside = [(label, before.get(label, ""), words) for label, words in told.items()]
            found.append((rule, [(label, was, words) for label, was, words in beside if was != words]))
            before = told
        return found

    @property
    def reported_through(self) -> date | None:
        """The last day whose outcome has been fixed; no rule of that day or earlier changes."""
        return self.goals.reported().aggregate(last=models.Max("reports__on"))["last"] if self.pk else None


class RuleManager(models.Manager.from_queryset(DatedQuerySet)):
    def get_queryset(self):
        """Each with whether it is for some units only: most are not, and nothing more is asked of them."""
        return super().get_queryset().annotate(is_local=Exists(Rule.units.through.objects.filter(rule=OuterRef("pk"))))


class Rule(Dated):
    """Whom a requirement means and what counts, from a day on. A change is a new rule, and yesterday keeps its own."""

    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="rules")
    population = models.CharField(_("population"), max_length=20, choices=Population, default=Population.EMPLOYEE)
    units = models.ManyToManyField(OrgUnit, verbose_name=_("units"), related_name="+")
    role_words = models.JSONField(_("words in the role"), default=list)
    # The words that the municipality had for the first line when the rule was decided; empty where it is not let in.
    first_line_words = models.JSONField(_("first line"), default=list)
    functions = models.JSONField(_("functions"), default=list)
    hired_from = models.DateField(_("only those who began on this day or later"), null=True)
    due_on = models.DateField(_("last day"), null=True)
    grace_days = models.PositiveSmallIntegerField(_("days to do it in"), default=90)
    validity_months = models.PositiveSmallIntegerField(_("counts for months"), null=True)
    accepts_outside = models.BooleanField(_("what was learned elsewhere counts"), default=True)
    refresher_course = models.ForeignKey(
        CoursePage, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("refresher")
    )
    refresher_key = models.UUIDField(null=True, editable=False)
    refresher_after_months = models.PositiveSmallIntegerField(_("refresher after months"), null=True)
    reason = models.CharField(_("why it was changed"), max_length=300)

    is_local = True  # may be, until it is read

    objects = RuleManager()

    class Meta(Dated.Meta):
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["starts_on"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["requirement", "starts_on"], name="one_rule_begins_on_a_day"),
        ]

    def __str__(self):
        return f"{self.requirement}, {self.days}"

    def save(self, *args, **kwargs):
        self.refresher_key = self.refresher_course.key if self.refresher_course else None
        super().save(*args, **kwargs)

    def terms(self, units: Iterable[OrgUnit] | None = None) -> Terms:
        """The rule as figures, preview and assignments read it; of a rule that is not saved, with these units."""
        return Terms(
            first=self.starts_on,
            last=self.ends_on,
            population=self.population,
            paths=tuple(unit.path for unit in (self.units.all() if units is None else units)),
            words=tuple(word.casefold() for word in [*self.role_words, *self.first_line_words]),
            functions=frozenset(self.functions),
            hired_from=self.hired_from,
            due_on=self.due_on,
            grace_days=self.grace_days,
            validity_months=self.validity_months,
            accepts_outside=self.accepts_outside,
            refresher=self.refresher_key,
        )

    # What a rule says, in the order of its form.
    SAYS = ("population", "role_words", "first_line_words", "functions", "hired_from", "units", "due_on", "grace_days")
    SAYS += ("validity_months", "accepts_outside", "refresher_course", "refresher_after_months")

    def told(self) -> dict[str, str]:
        """All that the rule says, in words: label → what; what it leaves open is empty."""
        values = {name: getattr(self, name) for name in self.SAYS}
        values["population"] = self.get_population_display()
        values["functions"] = [Appointment.Function(one).label for one in self.functions]
        values["units"] = list(self.units.all()) if self.is_local else []
        return {capfirst(self._meta.get_field(name).verbose_name): _in_words(value) for name, value in values.items()}

    @property
    def who(self) -> str:
        """Who is meant, in words."""
        words = ", ".join([*self.role_words, *([gettext("the first line")] if self.first_line_words else [])])
        functions = ", ".join(str(Appointment.Function(one).label) for one in self.functions)
        if words and functions:
            chosen = gettext("role: %(words)s, or function: %(functions)s")
        else:
            chosen = gettext("role: %(words)s") if words else gettext("function: %(functions)s") if functions else ""
        chosen = chosen % {"words": words, "functions": functions}
        where = ", ".join(unit.name for unit in self.units.all()) if self.is_local else ""
        parts = [str(self.get_population_display()), chosen, where]
        if self.hired_from:
            parts.append(gettext("began %(day)s or later") % {"day": self.hired_from})
        return "; ".join(filter(None, parts))


def _in_words(value) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


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

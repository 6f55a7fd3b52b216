"""What people are asked, and how many have answered what. Nothing here tells who answered what (see decision 21)."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import DraftStateMixin, RevisionMixin

from courses.models import CoursePage
from learning.dated import Dated, DatedQuerySet
from learning.listed import Listed
from learning.organisation.models import Municipality, OrgUnit, Person
from learning.translated import Translated, in_tabs

from .forms import KeepAnsweredPanel, SurveyForm


class Agreement(models.TextChoices):
    """How well a statement fits: a scale of four, so that nobody rests in the middle, and a way out of it."""

    NOT_AT_ALL = "1", _("Not at all")
    POORLY = "2", _("Rather poorly")
    WELL = "3", _("Rather well")
    FULLY = "4", _("Completely")
    UNKNOWN = "0", _("Don’t know")


AGREES = {Agreement.WELL, Agreement.FULLY}
ON_THE_SCALE = [value for value in Agreement if value != Agreement.UNKNOWN]


class Survey(Translated, DraftStateMixin, RevisionMixin, ClusterableModel):
    """Some questions that are asked several times: around a course, or of elected officials every so often."""

    class Kind(models.TextChoices):
        COURSE = "course", _("Around a course")
        NEEDS = "needs", _("What elected officials need")

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, editable=False, related_name="+")
    base_form_class = SurveyForm
    texts_in = ["title", "introduction", "items"]

    key = models.SlugField(_("key"), max_length=100, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.COURSE)
    title = models.CharField(_("title"), max_length=200)
    introduction = models.TextField(_("introduction"), blank=True)
    course = models.ForeignKey(
        CoursePage,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="surveys",
        verbose_name=_("course"),
        help_text=_("Asked before its first lesson, right after it, and four to six months later."),
    )
    every_months = models.PositiveSmallIntegerField(
        _("months between the rounds"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("Of a survey of elected officials. The coordinator opens each round."),
    )
    open_weeks = models.PositiveSmallIntegerField(
        _("weeks that a round is open"), default=3, validators=[MinValueValidator(1), MaxValueValidator(26)]
    )

    panels = [
        FieldPanel("kind"),
        FieldPanel("title"),
        FieldPanel("introduction"),
        FieldPanel("course"),
        MultiFieldPanel([FieldRowPanel(["every_months", "open_weeks"])], heading=_("Rounds")),
        KeepAnsweredPanel("items", heading=_("Questions"), label=_("question"), min_num=1),
    ]
    edit_handler = in_tabs((_("Content"), panels))

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["kind", "title", "pk"]
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="a_survey_has_a_key_of_its_own")]

    def __str__(self):
        return self.title

    @property
    def is_of_needs(self) -> bool:
        return self.kind == self.Kind.NEEDS

    @property
    def smallest(self) -> int:
        """So many must have answered before a group is shown: a committee has few members."""
        return 5 if self.is_of_needs else 10


class SurveyItem(Listed):
    """One question. What has been answered keeps its wording, so that rounds can be compared."""

    class Kind(models.TextChoices):
        STATEMENT = "statement", _("Statement: how well it fits")
        CHOICE = "choice", _("Choice among options")
        TEXT = "text", _("In one’s own words")

    texts_in = ["text", "options"]

    survey = ParentalKey(Survey, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.STATEMENT)
    text = models.CharField(_("question or statement"), max_length=300, help_text=_("One thing at a time."))
    options = models.TextField(_("options"), blank=True, help_text=_("Of a choice: one to a line."))
    most = models.PositiveSmallIntegerField(
        _("may choose at most"), default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )

    panels = [FieldPanel("kind"), FieldPanel("text"), FieldRowPanel(["options", "most"])]

    class Meta(Listed.Meta):
        verbose_name = _("question")
        verbose_name_plural = _("questions")

    def __str__(self):
        return self.text

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What may be answered, but for words of one's own: value and label."""
        if self.kind == self.Kind.STATEMENT:
            return Agreement.choices
        lines = [line.strip() for line in self.options.splitlines() if line.strip()]
        return [(str(number), line) for number, line in enumerate(lines, start=1)]


class WaveQuerySet(DatedQuerySet):
    def running(self, municipality, day):
        """Those of the municipality's published surveys that are open on the day."""
        live = self.on(day).filter(survey__live=True, survey__municipality=municipality)
        return live.select_related("survey__course", "survey__municipality").order_by("survey", "pk")


class Wave(Dated):
    """A round of a survey: a stage around its course, open until further notice, or some weeks of a needs survey."""

    class Stage(models.TextChoices):
        BEFORE = "before", _("Before the course")
        AFTER = "after", _("Right after")
        LATER = "later", _("Four to six months later")

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="waves", verbose_name=_("survey"))
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, blank=True)
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = WaveQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta(Dated.Meta):
        verbose_name = _("round of a survey")
        verbose_name_plural = _("rounds of surveys")
        ordering = ["starts_on", "pk"]  # those of a course are made in the order of its stages
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["survey", "stage"], condition=~Q(stage=""), name="one_round_per_survey_and_stage"
            ),
            models.UniqueConstraint(fields=["survey", "stage", "starts_on"], name="one_round_per_survey_and_first_day"),
        ]

    def __str__(self):
        return self.get_stage_display() or date_format(self.starts_on, "F Y")

    def is_closed(self, day) -> bool:
        """Whether nobody can answer any more."""
        return self.ends_on is not None and self.ends_on < day


class Tally(models.Model):
    """How many of a unit answered what in a month. An answer is kept as one more here, and as nothing else."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="tallies")
    # The whole municipality's, where the unit is too small to be told of.
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+")
    month = models.DateField(_("month"))
    number = models.PositiveIntegerField(_("how many have answered"), default=0)
    counts = models.JSONField(_("how many chose what"), default=dict)  # id of an item → value → number

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [
            models.UniqueConstraint(fields=["wave", "unit", "month"], name="one_tally_per_round_unit_and_month")
        ]

    def __str__(self):
        return f"{self.wave}, {self.unit}, {self.month}: {self.number}"


class FreeText(models.Model):
    """What somebody wrote: neither who, nor where they work, nor what else they answered."""

    # Chosen by chance: SQLite keeps rows by it, so that nothing tells which was written first (see services.answer).
    id = models.BigAutoField(primary_key=True)
    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="texts", verbose_name=_("round"))
    item = models.ForeignKey(SurveyItem, on_delete=models.CASCADE, related_name="+", verbose_name=_("question"))
    month = models.DateField(_("month"))
    text = models.TextField(_("text"))
    blotted_at = models.DateTimeField(_("blotted out"), null=True)
    blotted_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("text in a survey")
        verbose_name_plural = _("texts in surveys")
        ordering = ["pk"]

    def __str__(self):
        return self.text


class Answered(models.Model):
    """Somebody has answered a round, so that nobody answers twice; kept apart from all answers, and without a time."""

    id = models.BigAutoField(primary_key=True)  # by chance too
    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="answered", verbose_name=_("round"))
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("survey answered")
        verbose_name_plural = _("surveys answered")
        constraints = [models.UniqueConstraint(fields=["wave", "person"], name="a_round_is_answered_by_a_person_once")]

    def __str__(self):
        return f"{self.person}: {self.wave}"


class PulseRound(models.IntegerChoices):
    """When some questions of a course come back."""

    FIRST = 1, _("A month after")
    SECOND = 2, _("Four to five months after")
    THIRD = 3, _("Ten months after")


class PulseTally(models.Model):
    """How much those of a unit who were asked again in a month still knew; no row is anybody's (see decision 23)."""

    course = models.ForeignKey(CoursePage, on_delete=models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(_("round"), choices=PulseRound)
    # The whole municipality's, where the unit is too small to be told of.
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+")
    month = models.DateField(_("month"))
    number = models.PositiveIntegerField(_("how many have answered"), default=0)
    sums = models.JSONField(_("how many had so many right of so many"), default=dict)  # "2/3" → people
    topics = models.JSONField(_("the same, topic by topic"), default=dict)  # topic → "1/1" → people
    asked = models.JSONField(_("how often each wording was asked"), default=dict)  # topic → "id edition" → times

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("tally of what is retained")
        verbose_name_plural = _("tallies of what is retained")
        constraints = [
            models.UniqueConstraint(
                fields=["course", "round", "unit", "month"], name="one_pulse_tally_per_round_unit_and_month"
            )
        ]

    def __str__(self):
        return f"{self.course}, {self.get_round_display()}, {self.unit}, {self.month}: {self.number}"


class PulseAnswered(models.Model):
    """Somebody has answered a round, so that nobody is asked twice; it goes when the person's time for it is over."""

    id = models.BigAutoField(primary_key=True)  # by chance, as of those who have answered a survey
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    course = models.ForeignKey(CoursePage, on_delete=models.CASCADE, related_name="+", verbose_name=_("course"))
    round = models.PositiveSmallIntegerField(_("round"), choices=PulseRound)
    until = models.DateField(_("the last day on which it could be answered"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("questions answered once more")
        verbose_name_plural = _("questions answered once more")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course", "round", "until"], name="a_pulse_is_answered_by_a_person_once"
            )
        ]

    def __str__(self):
        return f"{self.person}: {self.course}, {self.get_round_display()}"

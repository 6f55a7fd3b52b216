"""How knowledge is checked: the question bank, the knowledge check and the attempts at it."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, RevisionMixin
from wagtail.search import index

from learning.access.references import OwnReferencesForm
from learning.organisation.models import Municipality, Person
from learning.rich import RICH
from learning.translated import Translated, in_tabs

from .forms import QuestionForm
from .grading import Paper, PaperOption, PaperQuestion, Score


class Question(Translated, RevisionMixin, index.Indexed, ClusterableModel):
    """A question that teaches: every option has feedback that says why."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("One right answer")
        MULTIPLE = "multiple", _("Several right answers")

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, editable=False, related_name="+")
    base_form_class = QuestionForm
    texts_in = ["text", "options"]

    key = models.SlugField(_("key"), max_length=100, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.SINGLE)
    text = models.TextField(_("question"))
    topic = models.CharField(
        _("topic"), max_length=100, blank=True, help_text=_("A draw takes evenly from the topics, such as lessons.")
    )
    must_pass = models.BooleanField(
        _("must be right"), default=False, help_text=_("Always drawn; wrong here means another try.")
    )

    panels = [
        FieldPanel("text"),
        FieldRowPanel(["kind", "topic"]),
        FieldPanel("must_pass"),
        InlinePanel("options", heading=_("Options"), label=_("option"), min_num=2),
    ]
    edit_handler = in_tabs((_("Content"), panels))
    search_fields = [
        index.SearchField("text"),
        index.AutocompleteField("text"),
        index.FilterField("topic"),
        index.FilterField("municipality"),  # by which the lists and choosers keep to one's own
    ]

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["topic", "pk"]
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="a_question_has_a_key_of_its_own")]

    def __str__(self):
        return self.text

    def on_paper(self) -> PaperQuestion:
        """The question as it reads now, to be shown and kept."""
        options = [
            PaperOption(id=option.pk, text=option.text, correct=option.correct, feedback=option.feedback)
            for option in self.options.all()
        ]
        return PaperQuestion(
            id=self.pk,
            text=self.text,
            kind=self.kind,
            topic=self.topic,
            must_pass=self.must_pass,
            options=tuple(options),
            told_in=self.told_in,
        )


class Option(Orderable):
    """An answer that can be chosen, right or wrong, and why."""

    question = ParentalKey(Question, on_delete=models.CASCADE, related_name="options")
    text = models.CharField(_("text"), max_length=300)
    correct = models.BooleanField(_("right"), default=False)
    feedback = models.TextField(_("feedback"), help_text=_("Why, in a warm tone. Shown to whoever chose it."))
    texts_in = ["text", "feedback"]

    panels = [FieldPanel("text"), FieldPanel("correct"), FieldPanel("feedback")]

    class Meta(Orderable.Meta):
        verbose_name = _("option")
        verbose_name_plural = _("options")

    def __str__(self):
        return self.text


class KnowledgeCheck(Translated, RevisionMixin, ClusterableModel):
    """A pool of questions, how many are drawn, and what it takes to pass."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, editable=False, related_name="+")
    base_form_class = OwnReferencesForm
    texts_in = ["title", "introduction"]

    title = models.CharField(_("title"), max_length=200)
    introduction = RichTextField(_("introduction"), features=RICH, blank=True)
    draw = models.PositiveSmallIntegerField(_("questions drawn"), default=12, validators=[MinValueValidator(1)])
    pass_percent = models.PositiveSmallIntegerField(
        _("per cent to pass"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("introduction"),
        MultiFieldPanel([FieldRowPanel(["draw", "pass_percent"])], heading=_("Pass mark")),
        InlinePanel("pool", heading=_("Pool"), label=_("question"), min_num=1),
    ]
    edit_handler = in_tabs((_("Content"), panels))

    class Meta:
        verbose_name = _("knowledge check")
        verbose_name_plural = _("knowledge checks")

    def __str__(self):
        return self.title


class PoolItem(Orderable):
    """A question in the pool of a check."""

    check_ref = ParentalKey(KnowledgeCheck, on_delete=models.CASCADE, related_name="pool")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+", verbose_name=_("question"))

    panels = [FieldPanel("question")]

    class Meta(Orderable.Meta):
        verbose_name = _("question in the pool")
        verbose_name_plural = _("questions in the pool")
        constraints = [
            models.UniqueConstraint(fields=["check_ref", "question"], name="a_question_stands_once_in_a_pool")
        ]


class Attempt(models.Model):
    """One try at a knowledge check. The paper is kept as it was shown; after hand-in nothing is edited."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attempts")
    check_ref = models.ForeignKey(KnowledgeCheck, null=True, on_delete=models.SET_NULL, related_name="attempts")
    # What the check is taken for, as whoever begins it keys its things; empty only on what is older than the field.
    subject_key = models.UUIDField(null=True, editable=False)
    paper = models.JSONField(_("paper"))
    started_at = models.DateTimeField(_("started"))
    handed_in_at = models.DateTimeField(_("handed in"), null=True, blank=True)
    right = models.PositiveSmallIntegerField(_("right answers"), null=True, blank=True)
    passed = models.BooleanField(_("passed"), null=True, blank=True)
    # Whether it is the first that the person handed in; item statistics count nobody twice.
    is_first = models.BooleanField(_("first attempt"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "check_ref", "subject_key"],
                condition=Q(handed_in_at__isnull=True),
                name="one_open_attempt_per_person_check_and_subject",
            ),
            models.CheckConstraint(
                condition=Q(handed_in_at__isnull=True, passed__isnull=True, right__isnull=True)
                | Q(handed_in_at__isnull=False, passed__isnull=False, right__isnull=False),
                name="an_attempt_is_graded_when_handed_in",
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.started_at:%Y-%m-%d}"

    @cached_property
    def as_paper(self) -> Paper:
        """The questions as they were shown."""
        return Paper.from_json(self.paper)

    def choices(self) -> dict[int, frozenset[int]]:
        """Question id → ids of the options that were chosen; unanswered questions are left out."""
        return {answer.question_id: frozenset(answer.chosen) for answer in self.answers.all()}

    def score(self) -> Score:
        """The grading of what has been answered so far."""
        return self.as_paper.grade(self.choices())


class Answer(models.Model):
    """What was chosen for one question of an attempt; the wording stands in the attempt's paper."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="answers")
    question_id = models.BigIntegerField()  # no foreign key: answers outlive questions
    chosen = models.JSONField(default=list)
    answered_at = models.DateTimeField()
    # What item statistics are counted from, set when the attempt is handed in (quizzes.analysis).
    edition = models.CharField(max_length=16, blank=True, editable=False)
    right = models.BooleanField(null=True, editable=False)
    rest = models.FloatField(null=True, editable=False)  # the share right of the other questions, 0–1
    seconds = models.PositiveIntegerField(null=True, editable=False)  # since the answer before, or the beginning

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "question_id"], name="one_answer_per_question")]
        indexes = [models.Index(fields=["question_id", "edition"], name="answer_by_question")]

    def __str__(self):
        return f"{self.attempt_id}: {self.question_id}"

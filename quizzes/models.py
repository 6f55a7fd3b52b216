"""How knowledge is checked: the question bank, the knowledge check and the attempts at it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.images import get_image_model_string
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Orderable,
    PreviewableMixin,
    ReferenceIndex,
    RevisionMixin,
    Workflow,
    WorkflowMixin,
)
from wagtail.search import index

from learning.append_only import AppendOnlyModel, AppendOnlyQuerySet
from learning.errors import LearningError
from learning.organisation.models import Municipality, Person
from learning.rich import RICH
from learning.translated import Translated, in_tabs
from learning.translations import source_of

from .forms import CheckForm, QuestionForm, faults
from .grading import PLACING, Chosen, Kind, Paper, PaperOption, PaperPlace, PaperQuestion, Score, as_kept, mixed
from .panels import AdvicePanel, MeasuredPanel, OptionsPanel, UnpublishedPanel, UsesPanel
from .telling import told

_OPTIONS_OF = "SELECT * FROM quizzes_option WHERE question_id = %s ORDER BY sort_order"


class QuestionNotWhole(LearningError):
    """A question was to be published that cannot be answered as it reads; the text names each thing to do."""

    def __init__(self, question, faults):
        self.thing = question
        words = {"question": question, "faults": " ".join(faults)}
        super().__init__(gettext("“%(question)s” was not published; what is written is kept. %(faults)s") % words)


class QuestionQuerySet(models.QuerySet):
    def shared_with(self, municipality: Municipality):
        """The published questions of others that these have opened to all: nothing else of theirs is met."""
        return self.filter(live=True, is_shared=True).exclude(municipality=municipality)

    def with_uses(self):
        """Each with the number of lessons and checks that point at it (`uses`)."""
        return self.annotate(uses=ReferenceIndex.usage_count_subquery(self.model))


class Question(
    PreviewableMixin,
    Translated,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    index.Indexed,
    ClusterableModel,
):
    """A question that teaches: every option has feedback that says why."""

    Kind = Kind

    class Level(models.TextChoices):
        """What it takes to answer; after Bloom's taxonomy as revised by Anderson & Krathwohl (2001)."""

        REMEMBER = "remember", _("To remember")
        UNDERSTAND = "understand", _("To understand")
        APPLY = "apply", _("To use in a situation")

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, editable=False, related_name="+")
    base_form_class = QuestionForm
    texts_in = ["text", "options", "feedback", "image_alt"]

    key = models.SlugField(_("key"), max_length=100, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.SINGLE)
    text = models.TextField(_("question"))
    image = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    image_alt = models.CharField(
        _("what the picture shows"), max_length=300, blank=True, help_text=_("For those who do not see it.")
    )
    feedback = models.TextField(
        _("explanation"), blank=True, help_text=_("Why it is so. Shown to everybody once they have answered.")
    )
    topic = models.CharField(
        _("topic"), max_length=100, blank=True, help_text=_("A draw takes evenly from the topics, such as lessons.")
    )
    objective = models.CharField(
        _("what it checks"), max_length=200, blank=True, help_text=_("What whoever answers right can do.")
    )
    level = models.CharField(_("level"), max_length=20, choices=Level, blank=True)
    must_pass = models.BooleanField(
        _("must be right"), default=False, help_text=_("Always drawn; wrong here means another try.")
    )
    is_shared = models.BooleanField(
        _("shared"), default=False, help_text=_("Other municipalities may copy it into their own bank.")
    )
    origin = models.CharField(_("comes from"), max_length=300, blank=True, editable=False)

    objects = QuestionQuerySet.as_manager()

    panels = [
        FieldPanel("text"),
        FieldPanel("kind"),
        OptionsPanel("options", heading=_("What is answered"), label=_("row"), min_num=2),
        FieldPanel("feedback"),
        AdvicePanel(heading=_("To make it better")),
        MultiFieldPanel([FieldPanel("image"), FieldPanel("image_alt")], heading=_("Picture"), classname="collapsed"),
        FieldRowPanel(["topic", "level"]),
        FieldPanel("objective"),
        FieldRowPanel(["must_pass", "is_shared"]),
        UsesPanel(heading=_("Where it is used")),
    ]
    edit_handler = in_tabs((_("Content"), panels))
    search_fields = [
        index.SearchField("text"),
        index.AutocompleteField("text"),
        *[index.FilterField(name) for name in ("id", "topic", "kind", "level", "must_pass", "is_shared", "live")],
        index.FilterField("has_unpublished_changes"),
        index.FilterField("municipality"),  # by which the lists and choosers keep to one's own
    ]

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["topic", "pk"]
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="a_question_has_a_key_of_its_own")]

    def __str__(self):
        return self.text or gettext("Without text")

    def get_workflow(self) -> Workflow | None:
        """The one by which the municipality's lessons are read: the same colleagues read its questions."""
        if not self.municipality_id:
            return None
        pages = self.municipality.site.root_page.get_descendants(inclusive=True)
        found = Workflow.objects.filter(active=True, workflow_pages__page__in=pages)
        return found.order_by("workflow_pages__page__path").first()

    def faults(self) -> list[str]:
        """What keeps it from being published as it stands."""
        names = ("text", "place", "correct", "feedback")
        rows = [{name: getattr(option, name) for name in names} for option in self.options.all()]
        return faults({name: getattr(self, name) for name in ("text", "kind", "image", "image_alt")}, rows)

    def publish(self, revision, **options):
        """Publish the revision, whatever door it comes through. Raises QuestionNotWhole; the draft is kept."""
        if found := revision.as_object().faults():
            raise QuestionNotWhole(self, found)
        return super().publish(revision, **options)

    approved_schedule = False  # the form asks for no date to be published on
    preview_modes = [("", _("Open")), ("answered", _("Answered"))]

    def serve_preview(self, request, mode_name):
        for number, option in enumerate(self.options.all(), start=1):
            option.pk = option.pk or -number  # one that is not yet kept is known by its place
        paper, is_answered = self.on_paper(), mode_name == "answered"
        context = {
            "told": told(paper, paper.key if is_answered else None, done=is_answered),
            "answered": is_answered,
            "municipality": self.municipality if self.municipality_id else None,
        }
        return TemplateResponse(request, "quizzes/preview.html", context)

    @classmethod
    def whole(cls, pk: int | None) -> "Question | None":
        """The question with its options, as one card shows it."""
        if pk is None:
            return None
        # Asked with the card, and Django would need longer to put it together than the database to answer.
        question = next(iter(cls.objects.raw("SELECT * FROM quizzes_question WHERE id = %s", [pk])), None)
        if question:
            question.options = Option.objects.raw(_OPTIONS_OF, [pk])
        return question

    def on_paper(self) -> PaperQuestion:
        """The question as it reads now, to be shown and kept; nothing in it stands in the order that is right."""
        things, places = self._placed() if self.kind in PLACING else ([o.on_paper() for o in self.options.all()], [])
        return PaperQuestion(
            id=self.pk,
            text=self.text,
            kind=self.kind,
            topic=self.topic,
            must_pass=self.must_pass,
            options=tuple(things),
            told_in=self.told_in,
            places=tuple(places),
            feedback=self.feedback,
            image=self.image_id or 0,
            image_alt=self.image_alt if self.image_id else "",
        )

    def _placed(self) -> tuple[list[PaperOption], list[PaperPlace]]:
        """The things to place, each with its right place; and the places, known by what names them first."""
        options = list(self.options.all())
        if self.kind == Kind.ORDER:
            numbered = list(enumerate(options, start=1))
            things = [option.on_paper(place=number) for number, option in numbered]
            return mixed(things, lambda thing: thing.text), [PaperPlace(number, str(number)) for number, _o in numbered]
        owners = {}
        for option in options:
            owners.setdefault(source_of(option.place), option)
        things = [option.on_paper(place=owners[source_of(option.place)].pk) for option in options if option.text]
        offered = list(owners.values())
        if self.kind == Kind.MATCH:
            offered = mixed(offered, lambda owner: owner.place)
        return things, [PaperPlace(owner.pk, owner.place) for owner in offered]


class Option(Orderable):
    """An answer that can be chosen, right or wrong, and why; or a thing to place.

    In an order the options stand in the right one. Of what is matched or sorted each names its place; one without a
    text of its own is a place that nothing belongs to.
    """

    question = ParentalKey(Question, on_delete=models.CASCADE, related_name="options")
    text = models.CharField(_("text"), max_length=300, blank=True)
    place = models.CharField(
        _("goes with"), max_length=300, blank=True, help_text=_("What it is matched with, or its category.")
    )
    correct = models.BooleanField(_("right"), default=False)
    feedback = models.TextField(
        _("feedback"), blank=True, help_text=_("Why, in a warm tone. Shown to whoever chose it.")
    )
    texts_in = ["text", "place", "feedback"]

    panels = [
        FieldPanel("text"),
        FieldPanel("place", classname="question__place"),
        FieldPanel("correct", classname="question__correct"),
        FieldPanel("feedback"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("option")
        verbose_name_plural = _("options")

    def __str__(self):
        return self.text

    def on_paper(self, place: int = 0) -> PaperOption:
        """The option as it reads now; the place is what is right for a thing."""
        return PaperOption(id=self.pk, text=self.text, correct=self.correct, feedback=self.feedback, place=place)


class KnowledgeCheck(Translated, RevisionMixin, ClusterableModel):
    """A pool of questions, how many are drawn, and what it takes to pass; or, where it measures, forms to compare."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, editable=False, related_name="+")
    base_form_class = CheckForm
    texts_in = ["title", "introduction"]

    title = models.CharField(_("title"), max_length=200)
    introduction = RichTextField(_("introduction"), features=RICH, blank=True)
    draw = models.PositiveSmallIntegerField(_("questions drawn"), default=12, validators=[MinValueValidator(1)])
    pass_percent = models.PositiveSmallIntegerField(
        _("per cent to pass"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    prefers_weak = models.BooleanField(
        _("asks most for what few know"),
        default=False,
        help_text=_(
            "For a refresher. Within each topic the questions are drawn that fewest in the municipality get right, "
            "where at least 30 have answered. “Statistics” shows which they are."
        ),
    )
    wait_hours = models.PositiveSmallIntegerField(
        _("hours before another try"),
        default=0,
        validators=[MaxValueValidator(24 * 14)],
        help_text=_("After a try that was not enough. 0: at once, which suits most."),
    )
    minutes = models.PositiveSmallIntegerField(
        _("time limit (minutes)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(24 * 60)],
        help_text=_("Empty: no limit, which is what we recommend. With one, each may choose twice the time, or none."),
    )
    asks_confidence = models.BooleanField(
        _("asks how sure one is"),
        default=False,
        help_text=_("Voluntary; the result then begins with what one was sure of."),
    )
    measures = models.BooleanField(
        _("measures, and tells no answers"),
        default=False,
        help_text=_(
            "For comparing before and after a course: whoever takes it gets one whole form, another the next time, "
            "and completes nothing by it. Choose a form for questions in the pool."
        ),
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("introduction"),
        MultiFieldPanel([FieldRowPanel(["draw", "pass_percent"])], heading=_("Pass mark")),
        InlinePanel(
            "quotas",
            heading=_("At least so many from a topic"),
            label=_("topic"),
            help_text=_("What must be right is always drawn and counts. The rest is drawn evenly from all topics."),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel(["wait_hours", "minutes"]),
                FieldPanel("prefers_weak"),
                FieldPanel("asks_confidence"),
                FieldPanel("measures"),
            ],
            heading=_("How it is taken"),
        ),
        MeasuredPanel(heading=_("What has been measured")),
        UnpublishedPanel(heading=_("Not published, and so not drawn")),
        InlinePanel("pool", heading=_("Pool"), label=_("question"), min_num=1),
    ]
    edit_handler = in_tabs((_("Content"), panels))

    class Meta:
        verbose_name = _("knowledge check")
        verbose_name_plural = _("knowledge checks")

    def __str__(self):
        return self.title

    def unpublished(self) -> list[Question]:
        """The questions of the pool that nobody is asked, since they are not published."""
        return [item.question for item in self.pool.all() if item.question_id and not item.question.live]


class PoolItem(Orderable):
    """A question in the pool of a check."""

    check_ref = ParentalKey(KnowledgeCheck, on_delete=models.CASCADE, related_name="pool")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+", verbose_name=_("question"))
    form = models.CharField(
        _("form"),
        max_length=1,
        blank=True,
        choices=[(letter, letter) for letter in "ABC"],
        help_text=_("Of a check that measures. Empty: in all forms."),
    )

    panels = [FieldPanel("question"), FieldPanel("form")]

    class Meta(Orderable.Meta):
        verbose_name = _("question in the pool")
        verbose_name_plural = _("questions in the pool")
        constraints = [
            models.UniqueConstraint(fields=["check_ref", "question"], name="a_question_stands_once_in_a_pool")
        ]


class Quota(Orderable):
    """At least so many questions from a topic."""

    check_ref = ParentalKey(KnowledgeCheck, on_delete=models.CASCADE, related_name="quotas")
    topic = models.CharField(_("topic"), max_length=100)
    number = models.PositiveSmallIntegerField(_("at least"), default=1, validators=[MinValueValidator(1)])

    panels = [FieldRowPanel(["topic", "number"])]

    class Meta(Orderable.Meta):
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [models.UniqueConstraint(fields=["check_ref", "topic"], name="a_topic_has_one_quota")]

    def __str__(self):
        return f"{self.topic}: {self.number}"


class Stage(models.TextChoices):
    """When a check that measures is taken."""

    BEFORE = "before", _("before the course")
    AFTER = "after", _("after the course")


class Confidence(models.IntegerChoices):
    """How sure one is of an answer."""

    GUESS = 1, _("I am guessing")
    UNSURE = 2, _("Unsure")
    FAIRLY = 3, _("Fairly sure")
    SURE = 4, _("Sure")


class Attempt(models.Model):
    """One try at a knowledge check. The paper is kept as it was shown, and what is handed in is never edited.

    What it was worth changes only when a question is graded anew (Regrade), and never for the worse.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attempts")
    check_ref = models.ForeignKey(KnowledgeCheck, null=True, on_delete=models.SET_NULL, related_name="attempts")
    # What the check is taken for, as whoever begins it keys its things; empty only on what is older than the field.
    subject_key = models.UUIDField(null=True, editable=False)
    paper = models.JSONField(_("paper"))
    # Of a check that measures: which form was drawn, and whether it was taken before or after the course.
    form = models.CharField(_("form"), max_length=1, blank=True, editable=False)
    stage = models.CharField(_("before or after"), max_length=10, choices=Stage, blank=True, editable=False)
    started_at = models.DateTimeField(_("started"))
    ends_at = models.DateTimeField(_("time is out"), null=True, blank=True)  # empty: no limit
    handed_in_at = models.DateTimeField(_("handed in"), null=True, blank=True)
    right = models.PositiveSmallIntegerField(_("right answers"), null=True, blank=True)
    passed = models.BooleanField(_("passed"), null=True, blank=True)
    # Whether it is the first that the person handed in; item statistics count nobody twice, and no measurement.
    is_first = models.BooleanField(_("first attempt"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "check_ref", "subject_key", "stage"],
                condition=Q(handed_in_at__isnull=True),
                name="one_open_attempt_per_person_check_and_subject",
            ),
            models.CheckConstraint(
                condition=Q(handed_in_at__isnull=True, passed__isnull=True, right__isnull=True)
                | Q(handed_in_at__isnull=False, passed__isnull=False, right__isnull=False)
                # A measurement is neither passed nor failed.
                | Q(handed_in_at__isnull=False, passed__isnull=True, right__isnull=False) & ~Q(stage=""),
                name="an_attempt_is_graded_when_handed_in",
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.started_at:%Y-%m-%d}"

    @property
    def measures(self) -> bool:
        """Whether it only measures: no answers are told, and nothing is passed."""
        return bool(self.stage)

    def is_out_of_time(self, now: datetime) -> bool:
        return self.ends_at is not None and now > self.ends_at

    @cached_property
    def as_paper(self) -> Paper:
        """The questions as they were shown."""
        return Paper.from_json(self.paper)

    @cached_property
    def graded_paper(self) -> Paper:
        """The questions as they were shown, with what has been graded anew since."""
        return self.as_paper.regraded(Regrade.objects.keys(question.id for question in self.as_paper.questions))

    @property
    def total(self) -> int:
        """How many questions there are."""
        return len(self.paper["questions"])

    def question_at(self, position: int) -> PaperQuestion:
        """The question at the position (from 1), without reading the others."""
        return PaperQuestion.from_json(self.paper["questions"][position - 1])

    def choices(self) -> dict[int, Chosen]:
        """Question id → what was chosen; unanswered questions are left out."""
        return {answer.question_id: as_kept(answer.chosen) for answer in self.answers.all()}

    def missed_topics(self) -> set[str]:
        """The topics of the questions that were not right."""
        choices = self.choices()
        questions = self.graded_paper.questions
        return {one.topic for one in questions if not one.is_right(choices.get(one.id, frozenset()))} - {""}

    def score(self) -> Score:
        """The grading of what has been answered so far."""
        return self.graded_paper.grade(self.choices())


class Answer(models.Model):
    """What was chosen for one question of an attempt; the wording stands in the attempt's paper."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="answers")
    question_id = models.BigIntegerField()  # no foreign key: answers outlive questions
    chosen = models.JSONField(default=list)
    confidence = models.PositiveSmallIntegerField(null=True)  # a Confidence; empty: not told
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


class RegradeQuerySet(AppendOnlyQuerySet):
    def keys(self, question_ids: Iterable[int]) -> dict[tuple[int, str], tuple[frozenset[int], ...]]:
        """Question id and edition → what counts as right since the wording was graded anew, the newest last."""
        found = defaultdict(tuple)
        rows = self.filter(question_id__in=list(question_ids)).order_by("pk")
        for question_id, edition, accepted in rows.values_list("question_id", "edition", "accepted"):
            found[question_id, edition] += (frozenset(accepted),)
        return found

    def of(self, attempt: Attempt) -> list["Regrade"]:
        """Those of the wordings that the attempt was asked, the oldest first, each with what it was worth `before`."""
        asked = {question.id: question.edition for question in attempt.as_paper.questions}
        rows = [
            row for row in self.filter(question_id__in=asked).order_by("pk") if asked[row.question_id] == row.edition
        ]
        before = {one.regrade_id: one for one in attempt.regrades.all()}
        for row in rows:
            row.before = before.get(row.pk)
        return rows

    def counted(self):
        """With how many attempts each changed, and how many of them it let pass; the newest first."""
        changed, passing = models.Count("attempts"), models.Count("attempts", filter=Q(attempts__lets_pass=True))
        return self.annotate(changed=changed, passing=passing).order_by("-pk")


class Regrade(AppendOnlyModel):
    """A wording of a question was graded anew, since its key was wrong (decision 16).

    The papers stay as they were shown. Each regrade adds to what counts as right; none takes anything away.
    """

    question_id = models.BigIntegerField()  # no foreign key: it outlives the question
    edition = models.CharField(max_length=16)
    wording = models.JSONField(_("wording"))
    accepted = models.JSONField(_("counts as right"), default=list)  # ids of options; none: any answer
    reason = models.TextField(_("reason"), max_length=500)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"))

    objects = RegradeQuerySet.as_manager()

    class Meta:
        verbose_name = _("question graded anew")
        verbose_name_plural = _("questions graded anew")
        constraints = [
            models.UniqueConstraint(
                fields=["question_id", "edition", "accepted"], name="a_wording_is_graded_anew_so_once"
            )
        ]

    def __str__(self):
        return self.as_question.text

    @cached_property
    def as_question(self) -> PaperQuestion:
        """The wording as it was shown, with what counts as right since."""
        return replace(PaperQuestion.from_json(self.wording), regraded=(frozenset(self.accepted),))

    @property
    def counts_all(self) -> bool:
        """Whether any answer counts as right."""
        return not self.accepted

    @property
    def accepted_words(self) -> list[str]:
        """The options that count as right since."""
        return [option.text for option in self.as_question.options if option.id in self.accepted]


class RegradedAttempt(AppendOnlyModel):
    """What an attempt was worth before a question of it was graded anew."""

    regrade = models.ForeignKey(Regrade, on_delete=models.PROTECT, related_name="attempts")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="regrades")
    right_before = models.PositiveSmallIntegerField(_("right answers before"))
    passed_before = models.BooleanField(_("passed before"))
    lets_pass = models.BooleanField(_("passed by it"))

    class Meta:
        verbose_name = _("attempt graded anew")
        verbose_name_plural = _("attempts graded anew")
        constraints = [
            models.UniqueConstraint(fields=["regrade", "attempt"], name="an_attempt_is_graded_anew_once_by_each")
        ]

    def __str__(self):
        return f"{self.attempt_id}: {self.regrade_id}"


class QuestionFile(models.Model):
    """A file of questions that has been read and waits to be confirmed, for a day at most."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=300)
    content = models.BinaryField()
    brought_at = models.DateTimeField()

    def __str__(self):
        return self.name

"""The question bank."""

import uuid

from django.db import models
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.images import get_image_model_string
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    ReferenceIndex,
    RevisionMixin,
    Workflow,
    WorkflowMixin,
)
from wagtail.search import index

from learning.errors import LearningError
from learning.listed import Listed
from learning.organisation.models import Municipality
from learning.translated import Translated, in_tabs
from learning.translations import source_of

from ..forms import QuestionForm, faults
from ..grading import PLACING, Kind, PaperOption, PaperPlace, PaperQuestion, mixed
from ..panels import AdvicePanel, OptionsPanel, UsesPanel
from ..telling import told

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

    def begin_draft(self, *, by) -> "Question":
        """Keep the question, new with its options, as a draft that this person has begun."""
        self.live, self.has_unpublished_changes = False, True
        self.save()
        self.save_revision(user=by, log_action="wagtail.create")
        return self

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


class Option(Listed):
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

    class Meta(Listed.Meta):
        verbose_name = _("option")
        verbose_name_plural = _("options")

    def __str__(self):
        return self.text

    def on_paper(self, place: int = 0) -> PaperOption:
        """The option as it reads now; the place is what is right for a thing."""
        return PaperOption(id=self.pk, text=self.text, correct=self.correct, feedback=self.feedback, place=place)


class QuestionFile(models.Model):
    """A file of questions that has been read and waits to be confirmed, for a day at most."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=300)
    content = models.BinaryField()
    brought_at = models.DateTimeField()

    def __str__(self):
        return self.name

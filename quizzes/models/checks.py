"""The knowledge check: its pool, and how it is drawn and taken."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import (
    RevisionMixin,
)

from learning.listed import Listed
from learning.organisation.models import Municipality
from learning.rich import RICH
from learning.translated import Translated, in_tabs

from ..forms import CheckForm
from ..panels import MeasuredPanel, UnpublishedPanel
from .bank import Question


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


class PoolItem(Listed):
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

    class Meta(Listed.Meta):
        verbose_name = _("question in the pool")
        verbose_name_plural = _("questions in the pool")
        constraints = [
            models.UniqueConstraint(fields=["check_ref", "question"], name="a_question_stands_once_in_a_pool")
        ]


class Quota(Listed):
    """At least so many questions from a topic."""

    check_ref = ParentalKey(KnowledgeCheck, on_delete=models.CASCADE, related_name="quotas")
    topic = models.CharField(_("topic"), max_length=100)
    number = models.PositiveSmallIntegerField(_("at least"), default=1, validators=[MinValueValidator(1)])

    panels = [FieldRowPanel(["topic", "number"])]

    class Meta(Listed.Meta):
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [models.UniqueConstraint(fields=["check_ref", "topic"], name="a_topic_has_one_quota")]

    def __str__(self):
        return f"{self.topic}: {self.number}"

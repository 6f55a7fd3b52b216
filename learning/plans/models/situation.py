"""The situation picture of a year: what is seen in the municipality, in words that anybody may read."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Max
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel
from wagtail.models import DraftStateMixin, RevisionMixin

from courses.models import LessonPage
from learning.dated import FIRST_YEAR, LAST_YEAR, DayField
from learning.listed import Listed
from learning.organisation.models import Municipality

from ..forms import FormPanel
from ..situation_form import SituationForm, TopicForm, expect_open


class SituationPictureQuerySet(models.QuerySet):
    def newest_first(self):
        """The published ones; a draft tells nobody anything."""
        return self.filter(live=True).order_by("-year")


class SituationPicture(DraftStateMixin, RevisionMixin, ClusterableModel):
    """What is seen in the municipality in a year: phenomena, never people, and nothing that is secret."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, editable=False, related_name="situation_pictures"
    )
    base_form_class = SituationForm

    year = models.PositiveSmallIntegerField(
        _("year"),
        validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)],
        help_text=_(
            "There is one picture a year, and the year stays as it was first saved. The next can begin from it: "
            "choose Copy in its menu."
        ),
    )
    title = models.CharField(_("title"), max_length=200)
    made_by = models.CharField(_("made by"), max_length=200, blank=True, help_text=_("A group or a function; no name."))
    handed_over_on = DayField(_("handed over on"), null=True, blank=True)
    handed_over_to = models.CharField(
        _("handed over to"),
        max_length=300,
        blank=True,
        help_text=_("Such as the executive board, the council and the local crime prevention council."),
    )
    summary = models.TextField(_("in brief"), blank=True, help_text=_("A few sentences that anybody may read."))

    objects = SituationPictureQuerySet.as_manager()

    panels = [
        HelpPanel(
            _(
                "Write about phenomena and kinds of places, never about people: all of it goes into the yearly report. "
                "What looks secret or can point somebody out is not saved, and you are told what it is."
            )
        ),
        FieldRowPanel(["year", "title"]),
        FieldPanel("made_by"),
        FieldRowPanel(["handed_over_on", "handed_over_to"]),
        FieldPanel("summary"),
        FormPanel("topics", form=TopicForm, heading=_("Topics"), label=_("topic")),
    ]

    class Meta:
        verbose_name = _("situation picture")
        verbose_name_plural = _("situation pictures")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "year"], name="a_municipality_has_one_picture_a_year")
        ]

    def __str__(self):
        return self.title or str(self.year or "")

    def following(self) -> "SituationPicture":
        """The picture of the next year that has none, to be written from this one; not saved.

        It has the topics that were still seen with their lessons, and not how they changed, which is to be seen anew.
        """
        year = SituationPicture.objects.filter(municipality=self.municipality).aggregate(last=Max("year"))["last"] + 1
        title = self.title.replace(str(self.year), str(year))
        picture = SituationPicture(municipality=self.municipality, year=year, title=title, made_by=self.made_by)
        seen = [topic for topic in self.topics.all() if topic.change != Topic.Change.GONE]
        picture.topics = [topic.carried_on(place) for place, topic in enumerate(seen)]
        return picture

    def save_revision(self, **options):
        """Keep the picture as it is written, whatever door it comes through. Raises LooksSecret."""
        expect_open(self)
        return super().save_revision(**options)


class TopicQuerySet(models.QuerySet):
    def without_lesson(self):
        """Those that a lesson is to be written about: none is published, and nobody has said why none is needed."""
        still_seen = self.exclude(change=Topic.Change.GONE).filter(no_lesson_because="")
        return still_seen.exclude(lessons__in=LessonPage.objects.live())


class Topic(Listed, ClusterableModel):
    """Something that is seen, and the lessons that teach about it."""

    class Change(models.TextChoices):
        """How it is beside the year before."""

        NEW = "new", _("New")
        MORE = "more", _("Increases")
        SAME = "same", _("Unchanged")
        LESS = "less", _("Decreases")
        GONE = "gone", _("No longer seen")

    picture = ParentalKey(SituationPicture, on_delete=models.CASCADE, related_name="topics")
    title = models.CharField(_("topic"), max_length=200)
    text = models.TextField(_("what is seen"), help_text=_("In words that anybody may read."))
    change = models.CharField(_("since last year"), max_length=10, choices=Change, blank=True)
    lessons = ParentalManyToManyField(
        LessonPage,
        blank=True,
        related_name="+",
        verbose_name=_("lessons"),
        help_text=_("Those that teach about it. Without a published one, a lesson is to be written."),
    )
    no_lesson_because = models.CharField(
        _("or why it needs no lesson"), max_length=300, blank=True, help_text=_("Then nothing is to be written.")
    )

    objects = TopicQuerySet.as_manager()

    panels = [
        FieldRowPanel(["title", "change"]),
        FieldPanel("text"),
        FieldPanel("lessons", widget=CheckboxSelectMultiple, classname="choose-lessons"),
        FieldPanel("no_lesson_because"),
    ]

    class Meta(Listed.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self):
        return self.title

    def carried_on(self, place: int) -> "Topic":
        """The same topic for another picture; not saved."""
        told = {"title": self.title, "text": self.text, "no_lesson_because": self.no_lesson_because}
        topic = Topic(**told, sort_order=place)
        topic.lessons = self.lessons.all()
        return topic

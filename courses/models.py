"""What is taught: courses, lessons, editions, dated facts and routes. Knows no learner."""

import uuid
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.log_actions import log
from wagtail.models import AbstractGroupApprovalTask, Orderable, RevisionMixin, TaskState
from wagtail.search import index

from learning.access.references import OwnReferencesPageForm
from learning.append_only import AppendOnlyModel, AppendOnlyQuerySet
from learning.listed import Listed
from learning.organisation.models import Municipality, Person
from learning.pages import BasePage
from learning.rich import RICH
from learning.translated import Translated, TranslatedPage, in_tabs
from learning.translations import in_language, languages
from quizzes.models import KnowledgeCheck, Question

from . import authoring, recordings
from .blocks import CardStream
from .errors import LessonStopped
from .forms import LessonForm, RecordingForm, length_in_words
from .panels import SheetPanel

# A phone is what opens: most lessons are read on one.
PREVIEW_SIZES = [
    {"name": "mobile", "icon": "mobile-alt", "device_width": 360, "label": _("As on a phone")},
    {"name": "tablet", "icon": "tablet-alt", "device_width": 768, "label": _("As on a tablet")},
    {"name": "desktop", "icon": "desktop", "device_width": 1280, "label": _("As on a computer")},
]


class CourseIndexPage(BasePage):
    """The list of a site's courses."""

    max_count_per_parent = 1
    parent_page_types = ["home.HomePage"]
    subpage_types = ["courses.CoursePage"]
    admin_default_ordering = "ord"

    class Meta:
        verbose_name = _("course list")
        verbose_name_plural = _("course lists")

    def courses(self):
        """The published courses, in order, with how many lessons and minutes each has."""
        lessons = LessonPage.objects.live().filter(path__startswith=OuterRef("path")).order_by().values("live")
        return (
            CoursePage.objects.live()
            .child_of(self)
            .order_by("path")
            .annotate(
                number_of_lessons=Subquery(lessons.annotate(n=Count("pk")).values("n")),
                total_minutes=Subquery(lessons.annotate(n=Sum("minutes")).values("n")),
            )
        )

    def get_context(self, request, *args, **kwargs):
        return {**super().get_context(request, *args, **kwargs), "courses": self.courses()}


class Findable:
    """A page that is found by its open words, in each language that it is told in."""

    def all_words(self) -> list[str]:
        others = [shown for language in languages() if (shown := in_language(self, language)) is not self]
        return [*self.open_words(), *(text for shown in others for text in [shown.title, *shown.open_words()])]


class CoursePage(Findable, TranslatedPage, BasePage):
    """A course: lessons in order and, at the end, a knowledge check."""

    class Level(models.TextChoices):
        BASIC = "basic", _("Basic knowledge")
        DEEP = "deep", _("In-depth training")
        REFRESHER = "refresher", _("Refresher")

    base_form_class = OwnReferencesPageForm
    texts_in = ["title", "search_description", "introduction", "outcomes", "audience"]

    introduction = RichTextField(_("introduction"), features=RICH, blank=True)
    audience = models.CharField(_("for whom"), max_length=200, blank=True)
    level = models.CharField(_("level"), max_length=20, choices=Level, default=Level.BASIC)
    validity_months = models.PositiveSmallIntegerField(
        _("valid for (months)"), null=True, blank=True, help_text=_("Empty: a completion never expires.")
    )
    outside_months = models.PositiveSmallIntegerField(
        _("training elsewhere counts for (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "How old training elsewhere, such as an earlier course, may be when it is accepted for this one. "
            "Empty: it does not count for the course."
        ),
    )
    prevention_levels = models.JSONField(_("prevention levels"), default=list, blank=True)
    check_ref = models.ForeignKey(
        KnowledgeCheck,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="courses",
        verbose_name=_("knowledge check"),
    )
    measure_ref = models.ForeignKey(
        KnowledgeCheck,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("measured by"),
        help_text=_("A check that measures, offered before the first lesson and after the course. Voluntary."),
    )
    steward = models.CharField(_("course owner"), max_length=200, blank=True)
    review_on = models.DateField(_("to be reviewed by"), null=True, blank=True)

    parent_page_types = ["courses.CourseIndexPage"]
    subpage_types = ["courses.LessonPage"]
    admin_default_ordering = "ord"
    content_panels = [
        *BasePage.content_panels,
        SheetPanel(heading=_("What is missing")),
        FieldPanel("introduction"),
        InlinePanel("outcomes", heading=_("What one will be able to do"), label=_("outcome")),
        FieldPanel("audience"),
        FieldPanel("check_ref"),
        FieldPanel("measure_ref"),
        MultiFieldPanel(
            [
                FieldRowPanel(["level", "validity_months"]),
                FieldRowPanel(["outside_months"]),
                FieldRowPanel(["steward", "review_on"]),
            ],
            heading=_("Stewardship"),
        ),
    ]
    edit_handler = in_tabs(
        (_("Content"), content_panels),
        (_("Promote"), BasePage.promote_panels),
        (_("Settings"), BasePage.settings_panels),
    )
    search_fields = [*BasePage.search_fields, index.SearchField("all_words"), index.AutocompleteField("all_words")]

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")

    @property
    def preview_sizes(self):
        return PREVIEW_SIZES

    def clean(self):
        super().clean()
        if self.check_ref and self.check_ref.measures:
            raise ValidationError({"check_ref": _("That check measures, and could complete nothing.")})
        if self.measure_ref and not self.measure_ref.measures:
            raise ValidationError({"measure_ref": _("That check does not measure. Choose one that does.")})

    def sheet(self) -> authoring.Sheet:
        """What the editor is shown beside the course."""
        return authoring.Sheet(findings=authoring.advice_on_course(self))

    def open_words(self) -> list[str]:
        """What it is found by, and may be quoted from it."""
        # Not the outcomes: they are saved after the page, when it has been written down to be searched.
        introduction = self._meta.get_field("introduction").get_searchable_content(self.introduction)
        return [self.search_description, *introduction]

    def lessons(self):
        """The published lessons, in order."""
        return LessonPage.objects.live().child_of(self).order_by("path")

    @property
    def key(self) -> uuid.UUID:
        """What completions are keyed on: the same for the course and its translations."""
        return self.translation_key

    def edition_on(self, day: date) -> "Edition":
        """The newest edition that had opened by the day; the first is made when first asked for."""
        newest = Edition.objects.of(self.key).opened_by(day).last()
        return newest or Edition.objects.get_or_create(course_key=self.key, number=1, defaults={"course": self})[0]

    def current_edition(self) -> "Edition":
        """The newest edition of all."""
        return self.edition_on(date.max)

    def minutes(self) -> int:
        """How long the lessons take together."""
        return self.lessons().aggregate(total=Sum("minutes"))["total"] or 0

    def get_context(self, request, *args, **kwargs):
        return {**super().get_context(request, *args, **kwargs), "lessons": self.lessons()}


class Outcome(Listed):
    """Something that one can do after the course."""

    page = ParentalKey(CoursePage, on_delete=models.CASCADE, related_name="outcomes")
    text = models.CharField(_("outcome"), max_length=250)
    texts_in = ["text"]

    panels = [FieldPanel("text")]

    def __str__(self):
        return self.text


class EditionQuerySet(AppendOnlyQuerySet):
    def of(self, course_key):
        """Those of the course with the key, which may be a query for it, in order."""
        return self.filter(course_key=course_key).order_by("number")

    def opened_by(self, day: date):
        """Those that had opened by the day; the first was there from the beginning."""
        return self.exclude(opens_on__gt=day)


class Edition(AppendOnlyModel):
    """What a change of the course asks of those who have completed an earlier edition; completions refer to one.

    A change that asks nothing makes no edition.
    """

    class Kind(models.TextChoices):
        FIRST = "first", _("The first edition")
        DELTA = "delta", _("Some lessons are to be taken")
        RETAKE = "retake", _("The course is to be taken again")

    course = models.ForeignKey(CoursePage, null=True, on_delete=models.SET_NULL, related_name="+")
    # The course, also when its page is gone; translations share it, and have the same editions.
    course_key = models.UUIDField(_("course key"))
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("what it asks"), max_length=20, choices=Kind, default=Kind.FIRST)
    note = models.CharField(_("what is new"), max_length=300, blank=True)
    lesson_keys = models.JSONField(_("lessons to take"), default=list)
    opens_on = models.DateField(_("opens"), null=True, help_text=_("Empty: there from the beginning."))
    grace_until = models.DateField(
        _("earlier editions count through"), null=True, help_text=_("The last day. Empty: as long as they are valid.")
    )
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [
            models.UniqueConstraint(fields=["course_key", "number"], name="an_edition_has_one_number"),
            models.CheckConstraint(
                condition=models.Q(kind="first", number=1, opens_on__isnull=True, grace_until__isnull=True)
                | models.Q(kind="delta", number__gt=1, opens_on__isnull=False, grace_until__isnull=True)
                # Never earlier: what was counted before it opened must not change.
                | models.Q(kind="retake", number__gt=1, grace_until__gte=models.F("opens_on")),
                name="an_edition_says_what_it_asks",
            ),
        ]

    def __str__(self):
        return f"{self.course} {self.number}"

    @property
    def is_retake(self) -> bool:
        return self.kind == self.Kind.RETAKE

    def asks_for(self, lesson: "LessonPage") -> bool:
        """Whether it asks for the lesson, by whatever page it is told."""
        return str(lesson.translation_key) in self.lesson_keys


class LessonPage(Findable, TranslatedPage, BasePage):
    """A lesson of some three minutes: one objective, told in cards."""

    class Illustration(models.TextChoices):
        """The drawings of static/img/lessons/."""

        VILLAGE = "village", _("Village")
        BOOK = "book", _("Book")
        WOODS = "woods", _("Woods")
        CROSSROADS = "crossroads", _("Crossroads")
        MAGNIFIER = "magnifier", _("Magnifying glass")
        CONVERSATION = "conversation", _("Conversation")
        STEPPING_STONES = "stepping-stones", _("Stepping stones")
        DOOR = "door", _("Open door")

    base_form_class = LessonForm
    texts_in = ["title", "search_description", "objective", "cards", "sources"]
    told_apart = ["sources"]

    objective = models.CharField(_("objective"), max_length=250, help_text=_("What one can do afterwards."))
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=3, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    illustration = models.CharField(_("illustration"), max_length=20, choices=Illustration, blank=True)
    cards = StreamField(CardStream(), verbose_name=_("cards"))

    parent_page_types = ["courses.CoursePage"]
    subpage_types = []
    content_panels = [
        *BasePage.content_panels,
        FieldPanel("objective"),
        FieldRowPanel(["minutes", "illustration"]),
        SheetPanel(heading=_("Reading time, and what is missing")),
        FieldPanel("cards"),
        InlinePanel("sources", heading=_("Sources"), label=_("source")),
    ]
    edit_handler = in_tabs(
        (_("Content"), content_panels),
        (_("Promote"), BasePage.promote_panels),
        (_("Settings"), BasePage.settings_panels),
    )
    search_fields = [*BasePage.search_fields, index.SearchField("all_words"), index.AutocompleteField("all_words")]

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    @property
    def picture(self) -> str:
        """The static file of the illustration, or nothing."""
        return f"img/lessons/{self.illustration}.svg" if self.illustration else ""

    @cached_property
    def course(self) -> CoursePage:
        """The course that the lesson belongs to."""
        return self.get_parent().specific

    @property
    def steward(self) -> str:
        """Who keeps it right: a lesson follows its course."""
        return self.course.steward

    @property
    def review_on(self) -> date | None:
        """When it is to be reviewed: with its course."""
        return self.course.review_on

    @property
    def preview_sizes(self):
        return PREVIEW_SIZES

    @property
    def number(self) -> int:
        """Its place among the lessons of the course, whether they are published or not; 1 until it has one."""
        return 1 + (self.get_prev_siblings().type(LessonPage).count() if self.pk else 0)

    def open_words(self) -> list[str]:
        """What it is found by, and may be quoted from it: nothing that tells what is right on a card."""
        kinds = self.cards.stream_block.child_blocks
        told = [text for raw in self.cards.raw_data for text in kinds[raw["type"]].open_words(raw["value"])]
        return [self.objective, self.search_description, *told]

    def questions(self) -> dict[str, int]:
        """The questions of the bank that it asks as its own: id of the card → of the question."""
        own = [raw for raw in self.cards.raw_data if raw["type"] == "question" and raw["value"].get("question")]
        return {raw["id"]: raw["value"]["question"] for raw in own}

    @cached_property
    def general_recall(self) -> Question | None:
        """What a recall left open asks where no learner is known: the first question of the newest earlier lesson."""
        earlier = LessonPage.objects.live().sibling_of(self).filter(path__lt=self.path).order_by("-path")
        asked = [question for lesson in earlier for question in lesson.questions().values()]
        found = Question.objects.filter(live=True).prefetch_related("options").in_bulk(asked)
        return next((found[question] for question in asked if question in found), None)

    def stops(self) -> list[authoring.Finding]:
        """What keeps it from being published as it stands."""
        return authoring.stops(objective=self.objective, cards=authoring.read(self.cards))

    def sheet(self) -> authoring.Sheet:
        """What the editor is shown beside the lesson."""
        cards = authoring.read(self.cards)
        setting = authoring.Setting(self.objective or "", self.minutes or 0, self.sources.exists(), self.number)
        findings = [*authoring.stops(objective=self.objective, cards=cards), *authoring.advice(setting, cards)]
        return authoring.Sheet(findings, authoring.measure(cards), setting.minutes)

    def publish(self, revision, user=None, changed=True, log_action=True, **options):
        """Publish the revision, unless it has stops. Raises LessonStopped; a schedule is then called off instead."""
        stops = revision.as_object().stops()
        if not stops:
            return super().publish(revision, user=user, changed=changed, log_action=log_action, **options)
        if log_action != "wagtail.publish.scheduled":
            raise LessonStopped(self, stops)
        # Nobody is there to read a refusal, and other pages wait for the same clock.
        revision.approved_go_live_at = None
        revision.save(update_fields=["approved_go_live_at"])
        log(instance=self, action="wagtail.schedule.cancel", user=user, revision=revision)
        return None

    def get_context(self, request, *args, **kwargs):
        return {**super().get_context(request, *args, **kwargs), "lesson": self}


class LessonSource(Listed):
    """Where the lesson's facts come from."""

    page = ParentalKey(LessonPage, on_delete=models.CASCADE, related_name="sources")
    text = models.CharField(_("source"), max_length=300)
    texts_in = ["text"]

    panels = [FieldPanel("text")]

    def __str__(self):
        return self.text


class ColleagueTask(AbstractGroupApprovalTask):
    """A text is read by a colleague: neither by whoever sent it nor by whoever wrote the version that is read."""

    class Meta:
        verbose_name = _("reading by a colleague")
        verbose_name_plural = _("readings by a colleague")

    @classmethod
    def get_description(cls):
        return _("Members of the groups can approve what others have written, never their own")

    @staticmethod
    def states_for(user):
        """What waits to be read by the user: sent to a group of theirs, and by somebody else."""
        groups = {} if user.is_superuser else {"groups__in": user.groups.all()}
        tasks = ColleagueTask.objects.filter(active=True, **groups)
        states = TaskState.objects.filter(task__in=tasks.values("pk"), status=TaskState.STATUS_IN_PROGRESS)
        return states.exclude(workflow_state__requested_by=user).exclude(revision__user=user)

    def get_task_states_user_can_moderate(self, user, **kwargs):
        return self.states_for(user).filter(task=self)

    def on_action(self, task_state, user, action_name, **kwargs):
        # Wagtail asks about the page in the address, and then acts on the state beside it.
        if not self.get_task_states_user_can_moderate(user).filter(pk=task_state.pk).exists():
            raise PermissionDenied
        return super().on_action(task_state, user, action_name, **kwargs)

    def get_actions(self, obj, user):
        may = self.get_task_states_user_can_moderate(user).for_instance(obj).exists()
        return super().get_actions(obj, user) if may else []


class FactSnippet(Translated, RevisionMixin):
    """A fact that may change, kept in one place with its source and dates."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, editable=False, related_name="+")
    key = models.SlugField(_("key"), max_length=100, default=uuid.uuid4, editable=False)
    text = models.TextField(_("fact"))
    source = models.CharField(_("source"), max_length=200)
    url = models.URLField(_("link"), blank=True)
    as_of = models.DateField(_("as of"))
    check_by = models.DateField(_("to be checked by"))

    texts_in = ["text", "source"]

    panels = ["text", "source", "url", FieldRowPanel(["as_of", "check_by"])]
    edit_handler = in_tabs((_("Content"), panels))

    class Meta:
        verbose_name = _("dated fact")
        verbose_name_plural = _("dated facts")
        ordering = ["check_by", "key"]
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="a_fact_has_a_key_of_its_own")]

    def __str__(self):
        return Truncator(self.text).chars(80)


class RouteQuerySet(models.QuerySet):
    def checked(self):
        """Those that somebody has checked. The others are shown to no one."""
        return self.exclude(checked_on=None)

    def shown_in(self, municipality):
        """The municipality's routes that people may see."""
        return self.checked().filter(municipality=municipality)


class Route(Translated, RevisionMixin, Orderable):
    """Where to turn, in which situation."""

    class Audience(models.TextChoices):
        ALL = "all", _("Everyone")
        STAFF = "staff", _("Staff")
        RELATIVES = "relatives", _("Relatives")

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, editable=False, related_name="+")
    key = models.SlugField(_("key"), max_length=100, default=uuid.uuid4, editable=False)
    situation = models.CharField(_("situation"), max_length=150)
    action = models.CharField(_("what to do"), max_length=300)
    number = models.CharField(_("telephone"), max_length=30, blank=True)
    url = models.URLField(_("link"), blank=True)
    audience = models.CharField(_("for whom"), max_length=20, choices=Audience, default=Audience.ALL)
    checked_on = models.DateField(
        _("last checked"), null=True, blank=True, help_text=_("Empty: not shown to anyone until it is checked.")
    )

    objects = RouteQuerySet.as_manager()

    texts_in = ["situation", "action"]

    panels = [
        "situation",
        "action",
        FieldRowPanel(["number", "url"]),
        FieldRowPanel(["audience", "checked_on"]),
    ]
    edit_handler = in_tabs((_("Content"), panels))

    class Meta(Orderable.Meta):
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="a_route_has_a_key_of_its_own")]

    def __str__(self):
        return self.situation

    @property
    def dial(self) -> str:
        """The number as a telephone dials it."""
        return "".join(character for character in self.number if character.isdigit() or character == "+")


class Recording(Translated, RevisionMixin, index.Indexed, ClusterableModel):
    """A film or a sound recording, with what is said in it in writing; lessons show it."""

    base_form_class = RecordingForm

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, editable=False, related_name="+")
    key = models.SlugField(_("key"), max_length=100, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=200, help_text=_("What it is called in the lesson."))
    file = models.FileField(
        _("file"),
        upload_to=recordings.FOLDER,
        help_text=_("A film as MP4 or WebM, or sound as MP3, M4A or Ogg."),
    )
    format = models.CharField(_("format"), max_length=10, choices=recordings.Format, editable=False)
    length = models.DurationField(
        _("length"),
        validators=[MinValueValidator(timedelta(seconds=1)), MaxValueValidator(timedelta(hours=1))],
        help_text=_("Minutes and seconds, such as 3:05. It counts towards the minutes of the lesson."),
    )
    transcript = RichTextField(
        _("transcript"),
        features=RICH,
        blank=True,
        help_text=_("All that is said and, in a film, what is shown. No lesson with it is published without one."),
    )

    texts_in = ["title", "transcript"]

    panels = [
        "title",
        FieldRowPanel(["file", "length"]),
        InlinePanel(
            "captions",
            heading=_("Captions"),
            label=_("captions"),
            help_text=_("A film needs captions in Swedish before a lesson with it can be published."),
        ),
        "transcript",
    ]
    edit_handler = in_tabs((_("Content"), panels))
    search_fields = [index.SearchField("title"), index.AutocompleteField("title")]

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ["title", "pk"]
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="a_recording_has_a_key_of_its_own")]

    def __str__(self):
        return self.title

    @property
    def told_length(self) -> str:
        """How long it is, as its author writes it."""
        return length_in_words(self.length)

    def clean(self):
        super().clean()
        if _is_new(self.file):
            self.format = _checked(recordings.check_recording, self.file, settings.RECORDING_MAX_SIZE)
            self.file.name = recordings.unguessable(self.format)

    @property
    def content_type(self) -> str:
        return recordings.CONTENT_TYPES[self.format]

    @property
    def is_video(self) -> bool:
        return self.content_type.startswith("video/")


class Captions(Listed):
    """What is said in a recording, line by line with its times, in one language."""

    recording = ParentalKey(Recording, on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="sv")
    file = models.FileField(
        _("file"),
        upload_to=recordings.FOLDER,
        help_text=_("A WebVTT file (.vtt), as programs for captions save it."),
    )

    panels = [FieldRowPanel(["language", "file"])]
    content_type = "text/vtt; charset=utf-8"

    class Meta(Listed.Meta):
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        constraints = [
            models.UniqueConstraint(fields=["recording", "language"], name="a_recording_is_captioned_once_a_language")
        ]

    def __str__(self):
        return self.get_language_display()

    def clean(self):
        super().clean()
        if _is_new(self.file):
            _checked(recordings.check_captions, self.file)
            self.file.name = recordings.unguessable("vtt")


@receiver(pre_delete, sender=Recording)
def remove_files(instance, **kwargs):
    """Take the files of a recording that is removed off the disk, once it is certain; earlier versions' stay."""
    files = [instance.file, *(captions.file for captions in instance.captions.all())]
    transaction.on_commit(lambda: [file.storage.delete(file.name) for file in files])


def _is_new(file) -> bool:
    """Whether the file has come in and is not yet kept; what is kept was checked then."""
    return bool(file) and not file._committed


def _checked(check, file, *limits):
    """What the check finds the file to be; a refusal is told at the field."""
    try:
        return check(file, *limits)
    except ValidationError as error:
        raise ValidationError({"file": error}) from error


class CatalogueEntry(models.Model):
    """What the loader made of a catalogue file: tells what an editor has changed since."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    source_sha256 = models.CharField(max_length=64)
    translations_sha256 = models.CharField(max_length=64, blank=True, default="")
    object_id = models.BigIntegerField()
    revision_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "key"], name="one_entry_per_part_of_a_catalogue")
        ]

    def __str__(self):
        return self.key

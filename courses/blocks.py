"""The cards that tell and those that let one do something, and the stream of all cards."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock, ImageBlockComparison
from wagtail.snippets.blocks import SnippetChooserBlock

from learning.rich import RICH

from .cards import (
    DOES,
    Card,
    ChooseCard,
    MatchCard,
    OrderCard,
    PlanCard,
    QuestionCard,
    RecallCard,
    ScenarioCard,
    SortCard,
)
from .dialogue import DialogueCard


class PictureComparison(ImageBlockComparison):
    """Wagtail's, which stumbles where there is no picture (8.0.1)."""

    def htmlvalue(self, val):
        return super().htmlvalue(val) if val else ""


class PictureBlock(ImageBlock):
    """A picture with its alt text, which may be left out."""

    def __init__(self, required=True, **kwargs):
        super().__init__(required, **kwargs)
        self.child_blocks["image"].label = _("Picture")

    def get_comparison_class(self):
        return PictureComparison


class TextCard(Card):
    heading = blocks.CharBlock(label=_("Heading"), max_length=100)
    body = blocks.RichTextBlock(label=_("Text"), features=RICH)
    image = PictureBlock(label=_("Image"), required=False)

    class Meta:
        icon, label, template = "pilcrow", _("Text"), "blocks/text.html"
        label_format = "{heading}"
        description = _("One idea, at most sixty words.")
        preview_value = {"heading": "Se förändringen", "body": "<p>Det som säger något är förändring över tid.</p>"}


class KeyPointCard(Card):
    text = blocks.TextBlock(label=_("Key point"), max_length=300)

    class Meta:
        icon, label, template = "pick", _("Key point"), "blocks/key_point.html"
        description = _("The one sentence to remember.")
        preview_value = {"text": "Du ska märka, berätta och gå vidare – inte utreda."}


class TermCard(Card):
    term = blocks.CharBlock(label=_("Term"), max_length=100)
    definition = blocks.TextBlock(label=_("What it means"), max_length=400)

    class Meta:
        icon, label, template = "openquote", _("Term"), "blocks/term.html"
        description = _("A word and what it means.")
        preview_value = {"term": "orosanmälan", "definition": "Anmälan till socialnämnden när ett barn far illa."}


class SourceCard(Card):
    text = blocks.CharBlock(label=_("Source"), max_length=300)
    body = blocks.TextBlock(label=_("What it says"), required=False, max_length=400)
    url = blocks.URLBlock(label=_("Link"), required=False)

    class Meta:
        icon, label, template = "link-external", _("Source"), "blocks/source.html"
        description = _("Where something can be read that is worth reading in full.")
        preview_value = {"text": "Lag (2023:196)", "body": "Kommunens ansvar.", "url": "https://www.example.org/"}


class RecordingCard(Card):
    heading = blocks.CharBlock(label=_("Heading"), max_length=100)
    body = blocks.RichTextBlock(label=_("Text"), features=RICH, required=False)
    recording = SnippetChooserBlock(
        "courses.Recording",
        label=_("Recording"),
        help_text=_("It is brought in under “Recordings” in the menu, with its captions and its transcript."),
    )

    class Meta:
        icon, label, template = "media", _("Film or sound"), "blocks/recording.html"
        description = _("A film or a sound recording, with captions and transcript.")
        preview_template = "blocks/preview/recording.html"


class FactCard(Card):
    fact = SnippetChooserBlock("courses.FactSnippet", label=_("Fact"))

    class Meta:
        icon, label, template = "info-circle", _("Dated fact"), "blocks/fact.html"
        description = _("A fact with its source and date, kept in one place for all lessons.")
        preview_template = "blocks/preview/fact.html"


class RoutesCard(Card):
    heading = blocks.CharBlock(label=_("Heading"), max_length=100, default="Vart vänder jag mig?")
    body = blocks.RichTextBlock(label=_("Text"), features=RICH, required=False)

    class Meta:
        icon, label, template = "mobile-alt", _("Where to turn"), "blocks/routes.html"
        description = _("The municipality's routes and support lines.")
        preview_value = {"heading": "Vart vänder jag mig?"}


class NoticeCard(Card):
    """Tells that what comes may be heavy; going on and passing it by are equal ways."""

    text = blocks.TextBlock(label=_("What comes"), max_length=300)
    skip = blocks.IntegerBlock(
        label=_("Cards to pass by"), min_value=1, max_value=5, default=1, help_text=_("So many of the next cards.")
    )

    class Meta:
        icon, label, template = "warning", _("Content notice"), "blocks/notice.html"
        description = _("Tells that what comes may be heavy, and offers to pass it by.")
        preview_value = {"text": "Nästa kort handlar om hot mot barn.", "skip": 1}


class ReflectCard(Card):
    opens_with = {"heading", "prompt"}
    heading = blocks.CharBlock(label=_("Heading"), max_length=100)
    prompt = blocks.RichTextBlock(label=_("Prompt"), features=RICH)
    answer = blocks.RichTextBlock(label=_("Model answer to compare with"), features=RICH, required=False)

    class Meta:
        icon, label, template = "edit", _("Reflect or rewrite"), "blocks/reflect.html"
        group = DOES
        description = _("Something to write for oneself. It is never stored.")
        preview_value = {"heading": "Skriv om", "prompt": "<p>Vad såg du egentligen?</p>", "answer": "<p>…</p>"}


class ChecklistCard(Card):
    heading = blocks.CharBlock(label=_("Heading"), max_length=100)
    body = blocks.RichTextBlock(label=_("Text"), features=RICH, required=False)
    items = blocks.ListBlock(blocks.CharBlock(label=_("Item"), max_length=200), label=_("Items"), min_num=2, max_num=8)

    class Meta:
        icon, label, template = "check", _("Checklist"), "blocks/checklist.html"
        group = DOES
        description = _("Things to tick for oneself. What is ticked is never stored.")
        preview_value = {"heading": "Inför samtalet", "items": ["Välj en lugn plats", "Bestäm hur du börjar"]}


class GuideCard(Card):
    heading = blocks.CharBlock(label=_("Heading"), max_length=100)
    body = blocks.RichTextBlock(label=_("Text"), features=RICH, required=False)
    minutes = blocks.IntegerBlock(label=_("Minutes"), min_value=5, max_value=120, default=15)
    questions = blocks.ListBlock(
        blocks.CharBlock(label=_("Question"), max_length=300), label=_("Questions to talk about"), min_num=1, max_num=8
    )

    class Meta:
        icon, label, template = "group", _("Discussion guide"), "blocks/guide.html"
        group = DOES
        description = _("Questions to talk about at a workplace meeting (APT).")
        preview_value = {"heading": "Prata om det på APT", "minutes": 15, "questions": ["Vad gör vi på måndag?"]}


class CardStream(blocks.StreamBlock):
    """Everything that an author may put in a lesson, in the order in which authors look for it."""

    text = TextCard()
    key_point = KeyPointCard()
    recording = RecordingCard()
    fact = FactCard()
    term = TermCard()
    source = SourceCard()
    routes = RoutesCard()
    notice = NoticeCard()
    recall = RecallCard()
    scenario = ScenarioCard()
    dialogue = DialogueCard()
    question = QuestionCard()
    choose = ChooseCard()
    sort = SortCard()
    match = MatchCard()
    order = OrderCard()
    plan = PlanCard()
    reflect = ReflectCard()
    checklist = ChecklistCard()
    guide = GuideCard()

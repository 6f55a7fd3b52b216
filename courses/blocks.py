"""The cards of a lesson. Each block is complete: icon, description, template, preview."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.images.blocks import ImageBlock
from wagtail.snippets.blocks import SnippetChooserBlock

RICH = ["bold", "italic", "link", "ul", "ol"]


class TextCard(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), max_length=100)
    body = blocks.RichTextBlock(label=_("Text"), features=RICH)
    image = ImageBlock(label=_("Image"), required=False)

    class Meta:
        icon, label, template = "pilcrow", _("Text"), "blocks/text.html"
        description = _("One idea, at most sixty words.")
        preview_value = {"heading": "Se förändringen", "body": "<p>Det som säger något är förändring över tid.</p>"}


class KeyPointCard(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Key point"), max_length=300)

    class Meta:
        icon, label, template = "pick", _("Key point"), "blocks/key_point.html"
        description = _("The one sentence to remember.")
        preview_value = {"text": "Du ska märka, berätta och gå vidare – inte utreda."}


class ScenarioOption(blocks.StructBlock):
    text = blocks.TextBlock(label=_("What one could do"), max_length=300)
    feedback = blocks.TextBlock(label=_("Feedback"))
    best = blocks.BooleanBlock(label=_("Best"), required=False)

    class Meta:
        icon, label = "radio-full", _("Option")


class ScenarioCard(blocks.StructBlock):
    """A situation that is decided before the rule is shown."""

    heading = blocks.CharBlock(label=_("Heading"), max_length=100)
    situation = blocks.RichTextBlock(label=_("Situation"), features=RICH)
    prompt = blocks.CharBlock(label=_("Prompt"), max_length=200)
    options = blocks.ListBlock(ScenarioOption(), label=_("Options"), min_num=2, max_num=5)
    rule = blocks.RichTextBlock(label=_("Rule, shown after the choice"), features=RICH, required=False)

    def clean(self, value):
        cleaned = super().clean(value)
        if sum(bool(option["best"]) for option in cleaned["options"]) != 1:
            raise StructBlockValidationError(
                block_errors={"options": ValidationError(_("Mark exactly one option as the best."))}
            )
        return cleaned

    class Meta:
        icon, label, template = "openquote", _("Scenario"), "blocks/scenario.html"
        description = _("A situation to decide before the rule is shown.")
        preview_value = {
            "heading": "Måndag 06.50",
            "situation": "<p>På skolans anslagstavla sitter nya klistermärken.</p>",
            "prompt": "Vad gör du?",
            "options": [
                {"text": "Fotograferar och berättar för chefen", "feedback": "Bra.", "best": True},
                {"text": "River ner dem och går vidare", "feedback": "Då syns inte mönstret.", "best": False},
            ],
            "rule": "<p>Märk, dokumentera, berätta.</p>",
        }


class SortItem(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Statement"), max_length=300)
    category = blocks.CharBlock(label=_("Category"), max_length=100)
    feedback = blocks.TextBlock(label=_("Feedback"))

    class Meta:
        icon, label = "list-ul", _("Statement")


class SortCard(blocks.StructBlock):
    """Statements to put into categories, by choosing: no dragging is needed."""

    heading = blocks.CharBlock(label=_("Heading"), max_length=100)
    prompt = blocks.CharBlock(label=_("Prompt"), max_length=200)
    categories = blocks.ListBlock(
        blocks.CharBlock(label=_("Category"), max_length=100), label=_("Categories"), min_num=2, max_num=6
    )
    items = blocks.ListBlock(SortItem(), label=_("Statements"), min_num=2, max_num=8)

    def clean(self, value):
        cleaned = super().clean(value)
        stray = {item["category"] for item in cleaned["items"]} - set(cleaned["categories"])
        if stray:
            message = _("These are not among the categories: %(names)s.") % {"names": ", ".join(sorted(stray))}
            raise StructBlockValidationError(block_errors={"items": ValidationError(message)})
        return cleaned

    class Meta:
        icon, label, template = "list-ul", _("Sort"), "blocks/sort.html"
        description = _("Statements to put into categories.")
        preview_value = {
            "heading": "Vart går du?",
            "prompt": "Välj väg för varje fall.",
            "categories": ["112", "Chefen"],
            "items": [{"text": "Någon är i fara nu.", "category": "112", "feedback": "Akut fara: 112."}],
        }


class QuestionCard(blocks.StructBlock):
    question = SnippetChooserBlock("quizzes.Question", label=_("Question"))

    class Meta:
        icon, label, template = "help", _("Question"), "blocks/question.html"
        description = _("A question of this lesson, with feedback.")


class RecallCard(QuestionCard):
    class Meta:
        icon, label = "history", _("Recall")
        description = _("A question from an earlier lesson, to bring it back.")


class ReflectCard(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), max_length=100)
    prompt = blocks.RichTextBlock(label=_("Prompt"), features=RICH)
    answer = blocks.RichTextBlock(label=_("Model answer to compare with"), features=RICH, required=False)

    class Meta:
        icon, label, template = "edit", _("Reflect"), "blocks/reflect.html"
        description = _("Something to write for oneself. It is never stored.")
        preview_value = {"heading": "Skriv om", "prompt": "<p>Vad såg du egentligen?</p>", "answer": "<p>…</p>"}


class FactCard(blocks.StructBlock):
    fact = SnippetChooserBlock("courses.FactSnippet", label=_("Fact"))

    class Meta:
        icon, label, template = "info-circle", _("Dated fact"), "blocks/fact.html"
        description = _("A fact with its source and date, kept in one place for all lessons.")


class RoutesCard(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), max_length=100, default="Vart vänder jag mig?")
    body = blocks.RichTextBlock(label=_("Text"), features=RICH, required=False)

    class Meta:
        icon, label, template = "mobile-alt", _("Where to turn"), "blocks/routes.html"
        description = _("The municipality's routes and support lines.")


class CardStream(blocks.StreamBlock):
    """Everything that an author may put in a lesson, in the order in which authors look for it."""

    recall = RecallCard()
    text = TextCard()
    key_point = KeyPointCard()
    scenario = ScenarioCard()
    sort = SortCard()
    question = QuestionCard()
    reflect = ReflectCard()
    fact = FactCard()
    routes = RoutesCard()

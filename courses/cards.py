"""What every card of a lesson is, and the cards that ask something: what may be chosen, and what it was worth.

A card is whole in one class: its fields, icon, description, preview and template, and, where it asks, how what is
posted is read, when it is answered and how it is told. What was chosen is kept as JSON by whoever keeps it; here
nothing is known of learners.
"""

from collections.abc import Iterator, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks
from wagtail.blocks import ChooserBlock
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.images.blocks import ImageBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from learning.rich import RICH
from learning.translations import source_of
from quizzes.grading import (
    ChoiceMissing,
    Kind,
    PaperQuestion,
    as_kept,
    check_number,
    check_order,
    check_placed,
    mixed,
    posted,
    to_keep,
)
from quizzes.models import Question
from quizzes.telling import choice, placed_by, refilled
from quizzes.telling import told as told_of

TELLS, ASKS, DOES = gettext_lazy("To read"), gettext_lazy("To answer"), gettext_lazy("To do")


class Fields(blocks.StructBlock):
    """Several fields; those that are left out where they are written as data get their defaults."""

    def normalize(self, value):
        if isinstance(value, self.meta.value_class):
            return value
        return super().normalize({name: block.get_default() for name, block in self.child_blocks.items()} | value)

    def get_default(self):
        """As a new one is met: each list with as many parts as it must have, so that nothing is red from the start."""
        value = super().get_default()
        for name, block in self.child_blocks.items():
            if isinstance(block, blocks.ListBlock):
                lacking = max(0, (block.meta.min_num or 0) - len(value[name]))
                value[name].extend(block.child_block.get_default() for _part in range(lacking))
        return value


class Card(Fields):
    """A card of a lesson, one screen on a phone."""

    asks = False
    # The fields that are read before anything is answered, to be searched; None: all.
    opens_with = None

    class Meta:
        group = TELLS

    def is_whole(self, value) -> bool:
        """Whether what the card points at is there; a draft may lack it, and the card is then passed over."""
        return all(value.get(name) for name, child in self.child_blocks.items() if _points(child))

    def is_left_open(self, value) -> bool:
        """Whether its author leaves what it points at to whoever knows the learner, who then puts it into the value."""
        return False

    def faults(self, value) -> Iterator[tuple[str, str]]:
        """What keeps it from being taken as it is written, by field and in words; a draft may have faults."""
        yield from ()

    def clean(self, value):
        cleaned, faults = super().clean(value), {}
        # Wagtail saves as one writes, and what is half written has faults.
        if not self.is_deferred_validation:
            for name, words in self.faults(cleaned):
                faults.setdefault(name, []).append(words)
        if faults:
            raise StructBlockValidationError({name: ValidationError(words) for name, words in faults.items()})
        return cleaned

    def open_words(self, stored: dict) -> list[str]:
        """The texts of what is stored that give away no answer; what the card points at is not asked for."""
        return [
            text
            for name, block in self.child_blocks.items()
            if stored.get(name)
            and name in (self.opens_with or [name])
            and not isinstance(block, ChooserBlock | ImageBlock)
            for text in block.get_searchable_content(block.to_python(stored[name]))
        ]

    def told(self, value, chosen) -> dict:
        """What the template shows besides the value, when so much is chosen (None: nothing yet)."""
        return {}


def _points(block: blocks.Block) -> bool:
    return isinstance(block, SnippetChooserBlock)


class AskingCard(Card):
    """A card on which something is chosen before one goes on."""

    asks = True
    opens_with = {"heading", "situation", "prompt"}
    # What the button says that hands it in.
    verb = gettext_lazy("Answer")
    # Whether it may be done over: what was chosen then goes.
    repeats = False
    # Whether it is for the learner alone, so that nothing on it is right.
    is_private = False

    class Meta:
        group = ASKS

    def read(self, value, data, chosen):
        """What has been chosen after this form. Raises ChoiceMissing, or ForeignAnswer for what is not offered."""
        raise NotImplementedError

    def fits(self, value, chosen) -> bool:
        """Whether the card could be answered so; it may have been written anew since."""
        raise NotImplementedError

    def refilled(self, told: dict, data) -> dict:
        """What the template shows when the form was refused: as it was filled in."""
        return refilled(told, data)

    def is_done(self, value, chosen) -> bool:
        """Whether nothing is left to choose."""
        return True

    def is_right(self, value, chosen) -> bool:
        """Whether all that was chosen is right; asked of what is done."""
        raise NotImplementedError

    def news(self, value, chosen) -> str:
        """What is said first when the card is done; empty: whether it was right."""
        return ""


class PromptedCard(AskingCard):
    """A card that asks under a heading."""

    heading = blocks.CharBlock(label=gettext_lazy("Heading"), max_length=100)
    prompt = blocks.CharBlock(label=gettext_lazy("Prompt"), max_length=200)


def _missing() -> ChoiceMissing:
    return ChoiceMissing(_("Choose an answer first. Nothing is lost."))


def index_of(text, number: int) -> int:
    """One of so many, from 0. Raises ChoiceMissing."""
    if not (isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 4 and int(text) < number):
        raise _missing()
    return int(text)


def _offered(options: Sequence, mark: str, chosen: list[int] | None) -> list[dict]:
    """The options that an author wrote, the right ones under `mark`; chosen are their places, None while open."""
    return [
        choice(
            str(index),
            option["text"],
            option["feedback"],
            right=option[mark],
            checked=chosen is not None and index in chosen,
            done=chosen is not None,
        )
        for index, option in enumerate(options)
    ]


# One of several


class ScenarioOption(Fields):
    text = blocks.TextBlock(label=gettext_lazy("What one could do"), max_length=300)
    feedback = blocks.TextBlock(label=gettext_lazy("Feedback"))
    best = blocks.BooleanBlock(label=gettext_lazy("Best"), required=False)

    class Meta:
        icon, label = "radio-full", gettext_lazy("Option")


class ScenarioCard(AskingCard):
    """A situation that is decided before the rule is shown."""

    heading = blocks.CharBlock(label=gettext_lazy("Heading"), max_length=100)
    situation = blocks.RichTextBlock(label=gettext_lazy("Situation"), features=RICH)
    prompt = blocks.CharBlock(label=gettext_lazy("Prompt"), max_length=200)
    options = blocks.ListBlock(ScenarioOption(), label=gettext_lazy("Options"), min_num=2, max_num=5)
    rule = blocks.RichTextBlock(label=gettext_lazy("Rule, shown after the choice"), features=RICH, required=False)

    class Meta:
        icon, label, template = "openquote", gettext_lazy("Scenario"), "blocks/scenario.html"
        description = gettext_lazy("A situation to decide before the rule is shown.")
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

    def faults(self, value):
        if sum(bool(option["best"]) for option in value["options"]) != 1:
            yield "options", _("Mark exactly one option as the best.")

    def read(self, value, data, chosen):
        return str(index_of(data.get("choice"), len(value["options"])))

    def fits(self, value, chosen) -> bool:
        return chosen in [str(index) for index in range(len(value["options"]))]

    def is_right(self, value, chosen) -> bool:
        return bool(value["options"][int(chosen)]["best"])

    def told(self, value, chosen) -> dict:
        return {"choices": _offered(value["options"], "best", None if chosen is None else [int(chosen)])}


def _paper(value) -> PaperQuestion:
    """The question as it reads now, asked for once while the card is at hand."""
    question = value["question"]
    if not hasattr(question, "_paper"):
        question._paper = question.on_paper()
    return question._paper


class QuestionCard(AskingCard):
    question = SnippetChooserBlock("quizzes.Question", label=gettext_lazy("Question"))

    class Meta:
        icon, label, template = "help", gettext_lazy("Question"), "blocks/question.html"
        description = gettext_lazy("A question of this lesson, with feedback.")
        preview_template = "blocks/preview/question.html"

    def to_python(self, value):
        return self.normalize({"question": Question.whole(value.get("question"))})

    def read(self, value, data, chosen):
        return to_keep(_paper(value).chosen(posted(data)))

    def fits(self, value, chosen) -> bool:
        return isinstance(chosen, list) and _paper(value).fits(as_kept(chosen))

    def is_right(self, value, chosen) -> bool:
        return _paper(value).is_right(as_kept(chosen))

    def told(self, value, chosen) -> dict:
        done = chosen is not None
        return told_of(_paper(value), as_kept(chosen) if done else None, done=done)


class RecallCard(QuestionCard):
    """A question that its author has chosen or, left open, one for each learner. What was chosen says of which."""

    question = SnippetChooserBlock(
        "quizzes.Question",
        label=gettext_lazy("Question"),
        required=False,
        help_text=gettext_lazy(
            "Leave it empty to ask everyone what they need most: what they missed in earlier lessons, and then what "
            "they answered longest ago. Where there is nothing to ask, the card is passed over."
        ),
    )

    class Meta:
        icon, label = "history", gettext_lazy("Recall")
        description = gettext_lazy("A question from an earlier lesson, to bring it back.")

    def is_left_open(self, value) -> bool:
        return not value.get("question")

    def read(self, value, data, chosen):
        return {"question": value["question"].pk, "chosen": super().read(value, data, chosen)}

    def fits(self, value, chosen) -> bool:
        asked = chosen.get("question") if isinstance(chosen, dict) else value["question"].pk
        return asked == value["question"].pk and super().fits(value, _of_recalled(chosen))

    def is_right(self, value, chosen) -> bool:
        return super().is_right(value, _of_recalled(chosen))

    def told(self, value, chosen) -> dict:
        return super().told(value, _of_recalled(chosen))

    def get_context(self, value, parent_context=None):
        """On paper and in a preview, where no learner is known, a general question stands for one that is left open."""
        context = super().get_context(value, parent_context)
        if self.is_left_open(value) and "lesson" in context:
            context["value"] = {**value, "question": context["lesson"].general_recall}
        return context


def _of_recalled(chosen):
    """What was chosen, without of which question; once that was not kept."""
    return chosen.get("chosen") if isinstance(chosen, dict) else chosen


# Several of many


class ChooseOption(Fields):
    text = blocks.TextBlock(label=gettext_lazy("Option"), max_length=300)
    right = blocks.BooleanBlock(label=gettext_lazy("To be chosen"), required=False)
    feedback = blocks.TextBlock(label=gettext_lazy("Feedback"))

    class Meta:
        icon, label = "tick-inverse", gettext_lazy("Option")


class ChooseCard(PromptedCard):
    """So many of the options are to be chosen; how many is said."""

    choose = blocks.IntegerBlock(label=gettext_lazy("How many to choose"), min_value=1, max_value=6)
    options = blocks.ListBlock(ChooseOption(), label=gettext_lazy("Options"), min_num=3, max_num=8)

    class Meta:
        icon, label, template = "tick-inverse", gettext_lazy("Choose several"), "blocks/choose.html"
        description = gettext_lazy("So many of the options are to be chosen.")
        preview_value = {
            "heading": "Vad behöver ett samtal?",
            "prompt": "Vilka två iakttagelser vill du prata om?",
            "choose": 2,
            "options": [
                {"text": "Hen har slutat äta med gruppen", "right": True, "feedback": "En förändring att fråga om."},
                {"text": "Hen har bytt frisyr", "right": False, "feedback": "Det säger ingenting."},
                {
                    "text": "Hen säger att några förtjänar att dö",
                    "right": True,
                    "feedback": "Det behöver tas på allvar.",
                },
            ],
        }

    def faults(self, value):
        right, choose = sum(bool(option["right"]) for option in value["options"]), value["choose"] or 0
        if right != choose:
            reason = _("%(right)d options are marked, and %(choose)d are to be chosen.")
            yield "options", reason % {"right": right, "choose": choose}

    def read(self, value, data, chosen):
        found = sorted({index_of(text, len(value["options"])) for text in data.getlist("choice")})
        check_number(len(found), asked=value["choose"])
        return found

    def fits(self, value, chosen) -> bool:
        places = range(len(value["options"]))
        return isinstance(chosen, list) and len(chosen) == value["choose"] and all(index in places for index in chosen)

    def is_right(self, value, chosen) -> bool:
        return chosen == [index for index, option in enumerate(value["options"]) if option["right"]]

    def told(self, value, chosen) -> dict:
        return {"choices": _offered(value["options"], "right", chosen)}


# Each to its own


class SortItem(Fields):
    text = blocks.TextBlock(label=gettext_lazy("Statement"), max_length=300)
    category = blocks.CharBlock(label=gettext_lazy("Category"), max_length=100)
    feedback = blocks.TextBlock(label=gettext_lazy("Feedback"))

    class Meta:
        icon, label = "list-ul", gettext_lazy("Statement")


class PlacingCard(PromptedCard):
    """Each of several things gets one of several places; no dragging is needed.

    A place is known by its text as it was written, in whatever language it is shown.
    """

    kind: Kind

    def things(self, value) -> list[dict]:
        """What is placed: `text`, the right `place`, and `feedback`."""
        raise NotImplementedError

    def places(self, value) -> list[str]:
        """Where it may be placed, in the order in which they are offered."""
        raise NotImplementedError

    def named(self, value, place: str | None) -> str:
        """What the place is called, in the language in which the card is shown."""
        return next((one for one in self.places(value) if source_of(one) == place), place or "")

    def read(self, value, data, chosen):
        places = [source_of(place) for place in self.places(value)]
        found = [data.get(f"item-{index}") for index in range(len(self.things(value)))]
        check_placed(sum(place in places for place in found), asked=len(found))
        return found

    def fits(self, value, chosen) -> bool:
        places = [source_of(place) for place in self.places(value)]
        return (
            isinstance(chosen, list)
            and len(chosen) == len(self.things(value))
            and all(place in places for place in chosen)
        )

    def is_right(self, value, chosen) -> bool:
        return all(item["right"] for item in self._items(value, chosen))

    def _items(self, value, chosen) -> list[dict]:
        placed = chosen or [None] * len(self.things(value))
        return [
            {
                **thing,
                "name": f"item-{index}",
                "value": placed[index] or "",
                "chosen": self.named(value, placed[index]),
                "its": self.named(value, thing["place"]),
                "right": placed[index] == thing["place"],
            }
            for index, thing in enumerate(self.things(value))
        ]

    def told(self, value, chosen) -> dict:
        places = [
            {"value": source_of(place), "name": self.named(value, source_of(place))} for place in self.places(value)
        ]
        return {"items": self._items(value, chosen), "places": places, "by": placed_by(self.kind, len(places))}


class SortCard(PlacingCard):
    """Statements to put into categories, by choosing."""

    kind = Kind.SORT
    categories = blocks.ListBlock(
        blocks.CharBlock(label=gettext_lazy("Category"), max_length=100),
        label=gettext_lazy("Categories"),
        min_num=2,
        max_num=6,
    )
    items = blocks.ListBlock(SortItem(), label=gettext_lazy("Statements"), min_num=2, max_num=8)

    class Meta:
        icon, label, template = "list-ul", gettext_lazy("Sort"), "blocks/sort.html"
        description = gettext_lazy("Statements to put into categories.")
        preview_value = {
            "heading": "Vart går du?",
            "prompt": "Välj väg för varje fall.",
            "categories": ["112", "Chefen"],
            "items": [
                {"text": "Någon är i fara nu.", "category": "112", "feedback": "Akut fara: 112."},
                {"text": "Klotter i trapphuset.", "category": "Chefen", "feedback": "Chefen anmäler."},
            ],
        }

    def faults(self, value):
        stray = {item["category"] for item in value["items"]} - set(value["categories"])
        if stray:
            yield "items", _("These are not among the categories: %(names)s.") % {"names": ", ".join(sorted(stray))}

    def things(self, value) -> list[dict]:
        return [
            {"text": item["text"], "place": item["category"], "feedback": item["feedback"]} for item in value["items"]
        ]

    def places(self, value) -> list[str]:
        return list(value["categories"])

    def get_context(self, value, parent_context=None):
        return super().get_context(value, parent_context) | {"items": self._items(value, None)}


class Pair(Fields):
    left = blocks.CharBlock(label=gettext_lazy("This"), max_length=150)
    right = blocks.CharBlock(label=gettext_lazy("goes with"), max_length=150)
    feedback = blocks.TextBlock(label=gettext_lazy("Feedback"))

    class Meta:
        icon, label = "link", gettext_lazy("Pair")


class MatchCard(PlacingCard):
    """Things to pair."""

    kind = Kind.MATCH
    pairs = blocks.ListBlock(Pair(), label=gettext_lazy("Pairs"), min_num=2, max_num=6)

    class Meta:
        icon, label, template = "link", gettext_lazy("Match"), "blocks/match.html"
        description = gettext_lazy("What goes with what.")
        preview_value = {
            "heading": "Vem gör vad?",
            "prompt": "Para ihop uppgiften med den som gör den.",
            "pairs": [
                {"left": "Utreder brott", "right": "Polisen", "feedback": "Brott utreds av polisen."},
                {"left": "Märker och berättar", "right": "Du", "feedback": "Du utreder inte."},
            ],
        }

    def faults(self, value):
        if len({pair["right"] for pair in value["pairs"]}) < len(value["pairs"]):
            yield "pairs", _("Two pairs have the same second half, so nobody could tell them apart.")

    def things(self, value) -> list[dict]:
        return [
            {"text": pair["left"], "place": source_of(pair["right"]), "feedback": pair["feedback"]}
            for pair in value["pairs"]
        ]

    def places(self, value) -> list[str]:
        return mixed([pair["right"] for pair in value["pairs"]])


class OrderCard(PlacingCard):
    """Steps to put in order, each by the number of its place."""

    kind = Kind.ORDER
    steps = blocks.ListBlock(
        blocks.CharBlock(label=gettext_lazy("Step"), max_length=200),
        label=gettext_lazy("Steps, in the right order"),
        min_num=3,
        max_num=7,
    )
    feedback = blocks.TextBlock(label=gettext_lazy("Why this order"))

    class Meta:
        icon, label, template = "list-ol", gettext_lazy("Put in order"), "blocks/order.html"
        description = gettext_lazy("Steps to put in the right order.")
        preview_value = {
            "heading": "I vilken ordning?",
            "prompt": "Vad gör du först, sedan och sist?",
            "steps": ["Ser till att ingen är i fara", "Berättar för chefen", "Skriver ner vad du såg"],
            "feedback": "Säkerheten går alltid först.",
        }

    def faults(self, value):
        if len(set(value["steps"])) < len(value["steps"]):
            yield "steps", _("Two steps are the same.")

    def things(self, value) -> list[dict]:
        steps = list(value["steps"])
        return [{"text": step, "place": str(steps.index(step) + 1), "feedback": ""} for step in mixed(steps)]

    def places(self, value) -> list[str]:
        return [str(number) for number in range(1, len(value["steps"]) + 1)]

    def named(self, value, place: str | None) -> str:
        return _("place %(number)s") % {"number": place} if place else ""

    def read(self, value, data, chosen):
        found = super().read(value, data, chosen)
        check_order([int(number) for number in found])
        return found

    def told(self, value, chosen) -> dict:
        told = super().told(value, chosen)
        if chosen:
            told["items"].sort(key=lambda item: int(item["place"]))
        return told


# In one's own words


class PlanCard(PromptedCard):
    """What one will do if something happens: for the learner alone."""

    verb = gettext_lazy("Save")
    repeats = is_private = True
    examples = blocks.ListBlock(
        blocks.CharBlock(label=gettext_lazy("Example"), max_length=250), label=gettext_lazy("Examples"), max_num=4
    )

    class Meta:
        icon, label, template = "calendar-check", gettext_lazy("If–then plan"), "blocks/plan.html"
        group = DOES
        description = gettext_lazy("What one will do if something happens. Only the learner sees it.")
        preview_value = {
            "heading": "Din egen plan",
            "prompt": "Bestäm i förväg vad du gör.",
            "examples": ["Om jag märker att någon drar sig undan, så frågar jag hur det är samma dag."],
        }

    LONGEST = 300

    def read(self, value, data, chosen):
        plan = {name: data.get(name, "").strip()[: self.LONGEST] for name in ("when", "then")}
        if not all(plan.values()):
            raise ChoiceMissing(_("Write both halves of the plan first. Nothing is lost."))
        return plan

    def fits(self, value, chosen) -> bool:
        return isinstance(chosen, dict) and {"when", "then"} <= chosen.keys()

    def is_right(self, value, chosen) -> bool:
        return True

    def news(self, value, chosen) -> str:
        return _("Your plan is kept. Only you see it.")

    def told(self, value, chosen) -> dict:
        return {"plan": chosen, "longest": self.LONGEST}

    def refilled(self, told: dict, data) -> dict:
        return told | {"plan": data}

"""The lesson as one takes it: which card, what was chosen, what it says. Pure of HTTP."""

from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from courses.models import LessonPage
from quizzes.grading import ChoiceMissing

from .models import LessonProgress

ASKING = {"question", "recall", "scenario", "sort"}


@dataclass
class Card:
    """A card of the lesson at its place, with what the person has chosen on it (None: nothing yet)."""

    block: object
    position: int  # from 1
    chosen: object = None

    @property
    def id(self) -> str:
        return self.block.id

    @property
    def kind(self) -> str:
        return self.block.block_type

    @property
    def asks(self) -> bool:
        """Whether something must be chosen before going on."""
        return self.kind in ASKING

    @property
    def is_open(self) -> bool:
        """Whether something is still to be chosen."""
        return self.asks and not self.is_answered

    @property
    def is_answered(self) -> bool:
        return self.chosen is not None

    @property
    def template(self) -> str:
        return self.block.block.meta.template

    @cached_property
    def question(self):
        """The question of a question or recall card, as it reads now."""
        return self.block.value["question"].on_paper()

    def read_choice(self, data):
        """What was chosen, out of the posted form, in the shape in which it is kept.

        Raises ChoiceMissing, or ForeignAnswer for anything that the card does not offer.
        """
        if self.kind == "sort":
            items = self.block.value["items"]
            chosen = [self._one(data.get(f"item-{index}"), self.categories) for index in range(len(items))]
        elif self.kind == "scenario":
            chosen = self._one(data.get("choice"), [str(i) for i in range(len(self.block.value["options"]))])
        else:
            chosen = sorted(self.question.chosen(data.getlist("choice")))
        return chosen

    def _one(self, value: str | None, offered: list[str]) -> str:
        if value not in offered:
            raise ChoiceMissing(_("Choose an answer first. Nothing is lost."))
        return value

    @property
    def categories(self) -> list[str]:
        return list(self.block.value["categories"])

    @cached_property
    def choices(self) -> list[dict]:
        """The options to choose from, with state and feedback once the card is answered."""
        if self.kind == "scenario":
            return [
                self._choice(str(index), option["text"], option["best"], option["feedback"], self.chosen == str(index))
                for index, option in enumerate(self.block.value["options"])
            ]
        return [
            self._choice(o.id, o.text, o.correct, o.feedback, self.is_answered and o.id in self.chosen)
            for o in self.question.options
        ]

    def _choice(self, value, text, right, feedback, checked) -> dict:
        state = ""
        if self.is_answered:
            state = "right" if right else "wrong" if checked else "plain"
        return {"value": value, "text": text, "checked": checked, "state": state, "feedback": feedback}

    @cached_property
    def items(self) -> list[dict]:
        """The statements of a sort card, with state and feedback once it is answered."""
        found = []
        for index, item in enumerate(self.block.value["items"]):
            chosen = self.chosen[index] if self.is_answered and index < len(self.chosen) else None
            found.append(
                {
                    "name": f"item-{index}",
                    "text": item["text"],
                    "category": item["category"],
                    "feedback": item["feedback"],
                    "chosen": chosen,
                    "right": chosen == item["category"],
                }
            )
        return found

    @property
    def is_right(self) -> bool:
        """Whether all that was chosen is right; only for answered cards."""
        if self.kind == "sort":
            return all(item["right"] for item in self.items)
        if self.kind == "scenario":
            return any(choice["checked"] and choice["state"] == "right" for choice in self.choices)
        return self.question.is_right(frozenset(self.chosen))


@dataclass
class Run:
    """A person's way through a lesson."""

    lesson: LessonPage
    progress: LessonProgress | None = None
    cards: list[Card] = field(init=False)

    def __post_init__(self):
        answers = self.progress.answers if self.progress else {}
        blocks = [block for block in self.lesson.cards if self._can_be_shown(block)]
        self.cards = [Card(block, n, answers.get(block.id)) for n, block in enumerate(blocks, start=1)]

    @staticmethod
    def _can_be_shown(block) -> bool:
        """Drafts may lack what a card points at; such a card is passed over."""
        needs = {"question": "question", "recall": "question", "fact": "fact"}.get(block.block_type)
        return needs is None or block.value.get(needs) is not None

    @property
    def resume_at(self) -> int:
        """The position to go on from: the first card not yet seen, or the first again."""
        seen = self.progress.seen if self.progress else 0
        return min(seen + 1, len(self.cards)) if not (self.progress and self.progress.finished_at) else 1

    def card_at(self, position: int) -> Card:
        """The card at the position, or the nearest one that may be shown: none is skipped unanswered."""
        return self.cards[max(1, min(position, self._furthest)) - 1]

    def card_with(self, card_id: str) -> Card | None:
        """The card with the id, where it is there and has been reached."""
        return next((card for card in self.cards[: self._furthest] if card.id == card_id), None)

    @property
    def _furthest(self) -> int:
        return self.resume_at if not (self.progress and self.progress.finished_at) else len(self.cards)

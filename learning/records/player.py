"""The lesson as one takes it: which card, what was chosen, what it says. Pure of HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.translation import override
from wagtail.blocks import StreamValue

import courses.cards
from courses.models import LessonPage
from learning.translated import Translated
from learning.translations import in_language, language_of
from quizzes.models import Question

from .models import LessonProgress


@dataclass
class Card:
    """A card of the lesson at its place, with what the person has chosen on it."""

    stream: StreamValue
    index: int
    position: int  # from 1
    language: str  # in which the lesson is told
    stored: object = None  # as it is kept, whether or not the card could still be answered so
    recall: Callable[[object], Question | None] | None = None  # what is asked where the author leaves it open

    @property
    def id(self) -> str:
        return self.stream.raw_data[self.index]["id"]

    @property
    def kind(self) -> str:
        return self.stream.raw_data[self.index]["type"]

    @cached_property
    def block(self) -> StreamValue.StreamChild:
        """The card whole. Asks the database for what it points at, so only of the card at hand."""
        value = self._rules.to_python(self.stream.raw_data[self.index]["value"])
        if self.is_left_open:
            value["question"] = self.recall(self.stored)
        for name, part in value.items():
            if isinstance(part, Translated):
                value[name] = in_language(part, self.language)
        return StreamValue.StreamChild(self._rules, value, id=self.id)

    @property
    def is_left_open(self) -> bool:
        """Whether what it asks is chosen for each learner."""
        return self._rules.is_left_open(self.stream.raw_data[self.index]["value"])

    @property
    def value(self):
        """What the author wrote."""
        return self.block.value

    @property
    def template(self) -> str:
        return self._rules.meta.template

    @property
    def _rules(self) -> courses.cards.Card:
        return self.stream.stream_block.child_blocks[self.kind]

    @cached_property
    def is_whole(self) -> bool:
        """Whether what the card points at is still there."""
        return self._rules.is_whole(self.value)

    @cached_property
    def chosen(self):
        """What was chosen; None where nothing was, or where the card has been written anew since."""
        fits = self._asks and self.stored is not None and self._rules.fits(self.value, self.stored)
        return self.stored if fits else None

    @property
    def is_begun(self) -> bool:
        return self.chosen is not None

    @cached_property
    def is_answered(self) -> bool:
        """Whether all that is asked has been chosen."""
        return self.is_begun and self._rules.is_done(self.value, self.chosen)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be chosen before going on."""
        return self._asks and not self.is_answered

    @property
    def has_answer(self) -> bool:
        """Whether something on it is right, and can be told to a room."""
        return self._asks and not self._rules.is_private

    @property
    def _asks(self) -> bool:
        return self._rules.asks and self.is_whole

    @property
    def verb(self) -> str:
        """What the button says that hands in what was chosen."""
        return str(self._rules.verb)

    @property
    def repeats(self) -> bool:
        """Whether it may be done over."""
        return self.is_answered and self._rules.repeats

    @property
    def skip(self) -> int:
        """How many of the next cards may be passed by."""
        return self.value.get("skip") or 0

    @cached_property
    def told(self) -> dict:
        """What the template shows besides what the author wrote."""
        return self._rules.told(self.value, self.chosen)

    @property
    def is_right(self) -> bool:
        """Whether all that was chosen is right; only for answered cards."""
        return self._rules.is_right(self.value, self.chosen)

    @property
    def news(self) -> str:
        """What is said first once it is answered; empty: whether it was right."""
        return str(self._rules.news(self.value, self.chosen))

    def read_choice(self, data):
        """What has been chosen after the posted form, in the shape in which it is kept.

        Raises ChoiceMissing, or ForeignAnswer for anything that the card does not offer.
        """
        return self._rules.read(self.value, data, self.chosen)

    def refill(self, data) -> None:
        """Show the posted form that was refused as it was filled in."""
        with override(self.language):
            self.told = self._rules.refilled(self.told, data)


@dataclass
class Run:
    """A person's way through a lesson; or a room's, where what is left open is asked in general."""

    lesson: LessonPage
    progress: LessonProgress | None = None
    recall: Callable[[object], Question | None] | None = None
    cards: list[Card] = field(init=False)

    def __post_init__(self):
        answers = self.progress.answers if self.progress else {}
        stream = self.lesson.cards
        language = language_of(self.lesson)
        recall = self.recall or (lambda stored: self.lesson.general_recall)
        there = [index for index, raw in enumerate(stream.raw_data) if self._is_there(raw)]
        cards = [Card(stream, index, position, language) for position, index in enumerate(there, start=1)]
        self.cards = [replace(card, stored=answers.get(card.id), recall=recall) for card in cards]

    def _is_there(self, raw: dict) -> bool:
        """Whether the card has what it needs; what was once published may lack what a card points at."""
        rules = self.lesson.cards.stream_block.child_blocks[raw["type"]]
        if rules.is_left_open(raw["value"]):
            return self.recall is not None or self.lesson.general_recall is not None
        return rules.is_whole(raw["value"])

    @property
    def resume_at(self) -> int:
        """The position to go on from: the first card not yet seen, or the first again."""
        seen = self.progress.seen if self.progress else 0
        return min(seen + 1, len(self.cards)) if not self._is_finished else 1

    def card_at(self, position: int) -> Card:
        """The card at the position, or the nearest one that may be shown: none is skipped unanswered.

        One that has nothing to ask is passed over.
        """
        index = max(1, min(position, self._furthest)) - 1
        return next((card for card in self.cards[index:] if not self._is_passed_over(card)), self.cards[index])

    def card_with(self, card_id: str) -> Card | None:
        """The card with the id, where it is there and has been reached."""
        reached = next((card for card in self.cards[: self._furthest] if card.id == card_id), None)
        furthest = None if reached else self.card_at(self._furthest)
        return furthest if furthest and furthest.id == card_id else reached

    def card_before(self, card: Card) -> Card | None:
        """The card to go back to."""
        return next((one for one in reversed(self.cards[: card.position - 1]) if not self._is_passed_over(one)), None)

    def _is_passed_over(self, card: Card) -> bool:
        """Whether it is left open and had nothing to ask when the person came to it, or has nothing now."""
        if not card.is_left_open or card.stored is not None:
            return False
        return self._is_finished or card.position < self.resume_at or not card.is_whole

    @property
    def _is_finished(self) -> bool:
        return bool(self.progress and self.progress.finished_at)

    @property
    def _furthest(self) -> int:
        return self.resume_at if not self._is_finished else len(self.cards)

"""The lesson as one takes it: which card, what was chosen, what it says. Pure of HTTP."""

from dataclasses import dataclass, field
from functools import cached_property

from courses.cards import AskingCard
from courses.models import LessonPage

from .models import LessonProgress


@dataclass
class Card:
    """A card of the lesson at its place, with what the person has chosen on it."""

    block: object
    position: int  # from 1
    stored: object = None  # as it is kept, whether or not the card could still be answered so

    @property
    def id(self) -> str:
        return self.block.id

    @property
    def kind(self) -> str:
        return self.block.block_type

    @property
    def value(self):
        return self.block.value

    @property
    def template(self) -> str:
        return self.block.block.meta.template

    @property
    def _rules(self):
        return self.block.block

    @cached_property
    def chosen(self):
        """What was chosen; None where nothing was, or where the card has been written anew since."""
        fits = self._rules.asks and self.stored is not None and self._rules.fits(self.value, self.stored)
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
        return self._rules.asks and not self.is_answered

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
        rules: AskingCard = self._rules
        return rules.read(self.value, data, self.chosen)


@dataclass
class Run:
    """A person's way through a lesson."""

    lesson: LessonPage
    progress: LessonProgress | None = None
    cards: list[Card] = field(init=False)

    def __post_init__(self):
        answers = self.progress.answers if self.progress else {}
        # Drafts may lack what a card points at.
        blocks = [block for block in self.lesson.cards if block.block.is_whole(block.value)]
        self.cards = [Card(block, n, answers.get(block.id)) for n, block in enumerate(blocks, start=1)]

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

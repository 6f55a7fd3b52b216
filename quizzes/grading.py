"""Papers and their grading: pure functions of what was shown and what was chosen."""

import hashlib
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning.errors import LearningError


class ForeignAnswer(LearningError):
    """An option was chosen that this question does not have."""

    status = 400


class ChoiceMissing(LearningError):
    """Not as many options were chosen as the question asks for."""

    status = 400


@dataclass(frozen=True)
class PaperOption:
    id: int
    text: str
    correct: bool
    feedback: str


@dataclass(frozen=True)
class PaperQuestion:
    """A question with its wording at the time."""

    id: int
    text: str
    kind: str
    topic: str
    must_pass: bool
    options: tuple[PaperOption, ...]
    told_in: str = ""  # the language of the wording; empty: the one in which questions are written

    @property
    def key(self) -> frozenset[int]:
        """The ids of the right options."""
        return frozenset(option.id for option in self.options if option.correct)

    @property
    def edition(self) -> str:
        """The same for the same wording and key, in whatever order its options were shown."""
        options = sorted((option.id, option.text, option.correct) for option in self.options)
        return hashlib.sha256(json.dumps([self.text, options]).encode()).hexdigest()[:16]

    @property
    def choose(self) -> int:
        """How many options are to be chosen."""
        return len(self.key)

    def chosen(self, raw: Iterable[str]) -> frozenset[int]:
        """The chosen option ids out of a form's values.

        Raises ForeignAnswer for an option of another question, ChoiceMissing for too few or too many.
        """
        try:
            chosen = frozenset(int(value) for value in raw)
        except ValueError:
            chosen = None
        if chosen is None or not chosen <= {option.id for option in self.options}:
            raise ForeignAnswer(_("That answer does not belong to this question. Nothing was saved; try again."))
        if len(chosen) != self.choose:
            raise ChoiceMissing(
                ngettext("Choose an answer first. Nothing is lost.", "Choose exactly %(number)d answers.", self.choose)
                % {"number": self.choose}
            )
        return chosen

    def is_right(self, chosen: frozenset[int]) -> bool:
        """Right means exactly the right options: ticking everything is wrong."""
        return chosen == self.key


@dataclass(frozen=True)
class Score:
    """How an attempt went: right answers of all, whether the must-pass ones held, and whether it is enough."""

    right: int
    total: int
    passed: bool


@dataclass(frozen=True)
class Paper:
    """The drawn questions in the order shown, and the share that passes (per cent)."""

    questions: tuple[PaperQuestion, ...]
    pass_percent: int

    def grade(self, choices: Mapping[int, frozenset[int]]) -> Score:
        """Grade on sets per question; an unanswered question is not right, nor is a missed must-pass forgiven."""
        results = [(question, question.is_right(choices.get(question.id, frozenset()))) for question in self.questions]
        right = sum(is_right for _question, is_right in results)
        musts_hold = all(is_right for question, is_right in results if question.must_pass)
        enough = right >= math.ceil(self.pass_percent * len(self.questions) / 100)
        return Score(right=right, total=len(self.questions), passed=bool(self.questions) and enough and musts_hold)

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> "Paper":
        questions = [
            PaperQuestion(**{**question, "options": tuple(PaperOption(**option) for option in question["options"])})
            for question in data["questions"]
        ]
        return cls(questions=tuple(questions), pass_percent=data["pass_percent"])


def draw(pool: Iterable[PaperQuestion], *, size: int, pass_percent: int, seed: int) -> Paper:
    """Draw a paper: every must-pass question, then evenly over the topics; options in random order.

    The same pool and seed give the same paper. A pool smaller than `size` is drawn whole.
    """
    chance = random.Random(seed)  # the order need not be unguessable: grading never leaves the server
    pool = sorted(pool, key=lambda question: question.id)
    chance.shuffle(pool)
    drawn = [question for question in pool if question.must_pass]
    by_topic = defaultdict(list)
    for question in pool:
        if not question.must_pass:
            by_topic[question.topic].append(question)
    used = defaultdict(int)
    for question in drawn:
        used[question.topic] += 1
    while len(drawn) < size and any(by_topic.values()):
        topic = min((t for t in by_topic if by_topic[t]), key=lambda t: used[t])
        drawn.append(by_topic[topic].pop())
        used[topic] += 1
    chance.shuffle(drawn)
    shuffled = [PaperQuestion(**{**vars(q), "options": tuple(chance.sample(q.options, len(q.options)))}) for q in drawn]
    return Paper(questions=tuple(shuffled), pass_percent=pass_percent)

"""Papers and their grading: pure functions of what was shown and what was chosen."""

import hashlib
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning.errors import LearningError
from learning.translations import source_of

# What is chosen for a question: the ids of options, or pairs of a thing's id and that of the place it was given.
Chosen = frozenset[int] | frozenset[tuple[int, int]]

CHOSEN = "choice"  # the name of a form's field; the place of a thing has the thing's id behind it


class ForeignAnswer(LearningError):
    """An option was chosen that this question does not have."""

    status = 400


class ChoiceMissing(LearningError):
    """Not as many options were chosen as the question asks for."""

    status = 400


class Kind(TextChoices):
    """How a question is answered."""

    SINGLE = "single", gettext_lazy("One right answer")
    MULTIPLE = "multiple", gettext_lazy("Several right answers")
    ORDER = "order", gettext_lazy("Put in order")
    MATCH = "match", gettext_lazy("Match")
    SORT = "sort", gettext_lazy("Sort")


PLACING = {Kind.ORDER, Kind.MATCH, Kind.SORT}  # each thing is given a place


@dataclass(frozen=True)
class PaperOption:
    """An answer that can be chosen, or a thing to place."""

    id: int
    text: str
    correct: bool
    feedback: str
    place: int = 0  # the id of the right place, of a thing to place


@dataclass(frozen=True)
class PaperPlace:
    """Where things can be placed: a number in an order, what a thing goes with, or a category."""

    id: int
    text: str


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
    places: tuple[PaperPlace, ...] = ()
    feedback: str = ""  # told to everybody, whatever was chosen
    image: int = 0  # the id of its picture; 0: none
    image_alt: str = ""
    # What counts as right since the wording was graded anew, the newest last (empty: anything); not kept on paper.
    regraded: tuple[frozenset[int], ...] = ()

    @classmethod
    def from_json(cls, data: dict) -> "PaperQuestion":
        options = tuple(PaperOption(**option) for option in data["options"])
        places = tuple(PaperPlace(**place) for place in data.get("places", []))
        return cls(**{**data, "options": options, "places": places, "regraded": ()})

    @property
    def places_things(self) -> bool:
        """Whether each option is a thing that is given a place."""
        return self.kind in PLACING

    @property
    def key(self) -> Chosen:
        """What is right: the ids of options, or each thing with its place."""
        if self.places_things:
            return frozenset((option.id, option.place) for option in self.options)
        return frozenset(option.id for option in self.options if option.correct)

    @property
    def true_key(self) -> Chosen:
        """What is right as far as is known: the key, or the newest that has taken its place."""
        return next((key for key in reversed(self.regraded) if key), self.key)

    @property
    def edition(self) -> str:
        """The same for the same wording and key, in whatever order its options were shown."""
        options = sorted((option.id, option.text, option.correct) for option in self.options)
        told = [self.text, options]
        if self.places_things:
            told += [sorted(self.key), sorted((place.id, place.text) for place in self.places)]
        if self.image:
            told.append(self.image)
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

    @property
    def choose(self) -> int:
        """How many options are to be chosen, or things to be placed."""
        return len(self.key)

    def chosen(self, raw: Iterable[str]) -> Chosen:
        """What was chosen, out of what a form says (see `posted`).

        Raises ForeignAnswer for an option of another question, ChoiceMissing for too few or too many.
        """
        read, offered = (self._pair, self._pairs) if self.places_things else (int, {o.id for o in self.options})
        try:
            chosen = frozenset(read(value) for value in raw)
        except (ValueError, TypeError):
            chosen = None
        if chosen is None or not chosen <= offered or (self.places_things and len(dict(chosen)) < len(chosen)):
            raise ForeignAnswer(_("That answer does not belong to this question. Nothing was saved; try again."))
        self._check_whole(chosen)
        return chosen

    @staticmethod
    def _pair(value) -> tuple[int, int]:
        thing, place = value.split(":") if isinstance(value, str) else value
        return int(thing), int(place)

    @property
    def _pairs(self) -> set[tuple[int, int]]:
        return {(option.id, place.id) for option in self.options for place in self.places}

    def _check_whole(self, chosen: Chosen) -> None:
        """Raises ChoiceMissing for anything but as many as are asked for, and a place for each thing."""
        if not self.places_things:
            check_number(len(chosen), asked=self.choose)
            return
        check_placed(len(chosen), asked=len(self.options))
        if self.kind == Kind.ORDER:
            check_order([place for _thing, place in chosen])

    def is_right(self, chosen: Chosen) -> bool:
        """Right means exactly the right options, or every thing in its place: ticking everything is wrong.

        Where the wording was graded anew, what was right stays right, and some of the options that then count suffice.
        """
        return chosen == self.key or any(not key or (chosen and chosen <= key) for key in self.regraded)

    def regraded_by(self, keys: Mapping[tuple[int, str], tuple[frozenset[int], ...]]) -> "PaperQuestion":
        """The question with what has been graded anew: question id and edition → what counts as right since."""
        return replace(self, regraded=keys.get((self.id, self.edition), ()))

    def hits(self, chosen: Chosen) -> bool:
        """Whether an answer is right by what is known now: what statistics count, whatever anybody was credited."""
        return bool(chosen) and chosen <= self.true_key

    def in_words(self, chosen: Chosen) -> list[str]:
        """What was chosen, an option or a thing with its place each."""
        if not self.places_things:
            return [option.text for option in self.options if option.id in chosen]
        named, given = {place.id: place.text for place in self.places}, dict(chosen)
        if self.kind == Kind.ORDER:
            in_order = sorted(self.options, key=lambda option: given.get(option.id, 0))
            return [f"{named.get(given.get(option.id), '–')}. {option.text}" for option in in_order]
        return [f"{option.text} → {named.get(given.get(option.id), '–')}" for option in self.options]

    def fits(self, chosen: Chosen) -> bool:
        """Whether the question, as it reads here, can be answered so."""
        try:
            return self.chosen(chosen) == chosen
        except (ForeignAnswer, ChoiceMissing):
            return False


def check_number(chosen: int, *, asked: int) -> None:
    """Raises ChoiceMissing for anything but as many as are asked for."""
    if chosen == asked:
        return
    if not chosen or asked == 1:
        raise ChoiceMissing(
            ngettext(
                "Choose an answer first. Nothing is lost.", "Choose %(number)d answers first. Nothing is lost.", asked
            )
            % {"number": asked}
        )
    raise ChoiceMissing(
        _("Choose exactly %(number)d answers. You have chosen %(chosen)d, and they are kept here.")
        % {"number": asked, "chosen": chosen}
    )


def check_placed(placed: int, *, asked: int) -> None:
    """Raises ChoiceMissing while anything has no place."""
    if placed < asked:
        raise ChoiceMissing(
            ngettext(
                "Choose for each of them first: one is left. What you have chosen is kept here.",
                "Choose for each of them first: %(number)d are left. What you have chosen is kept here.",
                asked - placed,
            )
            % {"number": asked - placed}
        )


def check_order(numbers: Sequence[int]) -> None:
    """Raises ChoiceMissing while several steps have the same of the places from 1 on, and says which are free."""
    used, places = Counter(numbers), range(1, len(numbers) + 1)
    if len(used) < len(numbers):
        raise ChoiceMissing(
            _("Each step has a place of its own. Chosen more than once: %(twice)s. Free: %(free)s. All is kept here.")
            % {
                "twice": ", ".join(str(place) for place in places if used[place] > 1),
                "free": ", ".join(str(place) for place in places if not used[place]),
            }
        )


def posted(data) -> list[str]:
    """What a form (a QueryDict) says was chosen: options, or things each with its place."""
    prefix = f"{CHOSEN}-"
    placed = [
        f"{name.removeprefix(prefix)}:{place}"
        for name in data
        if name.startswith(prefix)
        for place in data.getlist(name)
        if place
    ]
    return [*data.getlist(CHOSEN), *placed]


def to_keep(chosen: Chosen) -> list:
    """What was chosen, in the shape in which it is kept as JSON."""
    return sorted(list(one) if isinstance(one, tuple) else one for one in chosen)


def as_kept(kept: Iterable) -> Chosen:
    """What was chosen, out of the shape in which it is kept."""
    return frozenset(tuple(one) if isinstance(one, list) else one for one in kept)


def mixed(things: Iterable, text=lambda thing: thing) -> list:
    """The things in another order, the same each time and in every language."""
    things = list(things)
    found = sorted(things, key=lambda thing: hashlib.sha256(source_of(text(thing)).encode()).digest())
    return found[1:] + found[:1] if found == things else found


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

    @property
    def needed(self) -> int:
        """How many right answers are enough."""
        return math.ceil(self.pass_percent * len(self.questions) / 100)

    def grade(self, choices: Mapping[int, Chosen]) -> Score:
        """Grade on sets per question; an unanswered question is not right, nor is a missed must-pass forgiven."""
        results = [(question, question.is_right(choices.get(question.id, frozenset()))) for question in self.questions]
        right = sum(is_right for _question, is_right in results)
        musts_hold = all(is_right for question, is_right in results if question.must_pass)
        enough = right >= self.needed
        return Score(right=right, total=len(self.questions), passed=bool(self.questions) and enough and musts_hold)

    def regraded(self, keys: Mapping[tuple[int, str], tuple[frozenset[int], ...]]) -> "Paper":
        """The paper with what has been graded anew of its questions."""
        return replace(self, questions=tuple(one.regraded_by(keys) for one in self.questions)) if keys else self

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> "Paper":
        questions = tuple(PaperQuestion.from_json(question) for question in data["questions"])
        return cls(questions=questions, pass_percent=data["pass_percent"])


def draw(
    pool: Iterable,
    *,
    on_paper: Callable[[list], list[PaperQuestion]] = list,
    size: int,
    pass_percent: int,
    seed: int,
    quotas: Mapping[str, int] | None = None,
    preference: Mapping[int, float] | None = None,
    put_off: Collection[int] = (),
) -> Paper:
    """Draw a paper: every must-pass question, at least the quota of each topic, then evenly over all topics.

    Drawn are things with an id, a topic and must_pass; `on_paper` makes questions of those that were, in their order.
    Within a topic those come first for which the preference, by id, is greater; among equals those whose ids are not
    put off, and then chance decides. The order is random, of options too. The same pool and seed give the same paper.
    A pool smaller than `size` is drawn whole; a paper that must-pass questions and quotas make longer is longer.
    """
    chance = random.Random(seed)  # the order need not be unguessable: grading never leaves the server
    preference = defaultdict(float, preference or {})
    pool = sorted(pool, key=lambda question: question.id)
    chance.shuffle(pool)
    # From the end of which is taken.
    pool.sort(key=lambda question: (preference[question.id], question.id not in put_off))
    drawn = [question for question in pool if question.must_pass]
    by_topic = defaultdict(list)
    for question in pool:
        if not question.must_pass:
            by_topic[question.topic].append(question)
    used = Counter(question.topic for question in drawn)

    def take(topic: str) -> None:
        drawn.append(by_topic[topic].pop())
        used[topic] += 1

    for topic, number in (quotas or {}).items():
        while used[topic] < number and by_topic[topic]:
            take(topic)
    while len(drawn) < size and any(by_topic.values()):
        take(min((t for t in by_topic if by_topic[t]), key=lambda t: (used[t], -preference[by_topic[t][-1].id])))
    return _in_random_order(on_paper(drawn), pass_percent, chance)


def whole(questions: Iterable[PaperQuestion], *, pass_percent: int, seed: int) -> Paper:
    """A paper of all the questions, in random order."""
    return _in_random_order(sorted(questions, key=lambda question: question.id), pass_percent, random.Random(seed))


def _in_random_order(questions: list[PaperQuestion], pass_percent: int, chance: random.Random) -> Paper:
    chance.shuffle(questions)
    return Paper(questions=tuple(_shuffled(question, chance) for question in questions), pass_percent=pass_percent)


def shuffled(question: PaperQuestion, *, seed: int) -> PaperQuestion:
    """The question with its options in another order; the same for the same seed."""
    return _shuffled(question, random.Random(seed))


def _shuffled(question: PaperQuestion, chance: random.Random) -> PaperQuestion:
    """The question with its options in random order, and so with what things go with; steps never in the right one."""
    options, places = tuple(chance.sample(question.options, len(question.options))), question.places
    if question.kind == Kind.MATCH:
        places = tuple(chance.sample(places, len(places)))
    if question.kind == Kind.ORDER and [option.place for option in options] == [place.id for place in places]:
        options = options[1:] + options[:1]
    return replace(question, options=options, places=places)

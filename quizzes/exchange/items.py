"""A question by itself, as the formats of other systems are read into and written from, and what a file may hold."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from learning.access.pictures import PictureWrong, picture_format
from learning.errors import LearningError
from quizzes.grading import PLACING, Kind

# Far more than any bank needs, and little enough to be read at once.
MOST_BYTES = 20_000_000
MOST_QUESTIONS = 2_000
MOST_OPTIONS = 100
MOST_TEXT = 20_000  # characters of a text
MOST_PICTURE = 10_000_000
# What the bank has room for (quizzes.models).
LONGEST = {"option": 300, "topic": 100, "objective": 200, "alt": 300}

KEY = re.compile(r"[-a-zA-Z0-9_]{1,100}")
# Control characters, halves of characters and those that are none: no text has use for them, and XML refuses them.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


class QuestionFileWrong(LearningError):
    """The file holds no questions that can be read, or more than is allowed."""

    status = 400


class NotCarried(Exception):
    """The question has no equal on the other side; the text says why."""


@dataclass(frozen=True)
class ItemPicture:
    """A picture with what it shows; its name tells what it holds."""

    content: bytes
    alt: str = ""

    @property
    def name(self) -> str:
        return f"{hashlib.sha1(self.content, usedforsecurity=False).hexdigest()}.{picture_format(self.content)}"


@dataclass(frozen=True)
class ItemOption:
    """An answer, or a thing with its place; one without a text is a place that nothing belongs to."""

    text: str = ""
    place: str = ""
    correct: bool = False
    feedback: str = ""


@dataclass(frozen=True)
class Item:
    """A question with all that is told of it, whatever system it stands in. Its texts are plain."""

    kind: str
    text: str
    options: tuple[ItemOption, ...]
    feedback: str = ""
    topic: str = ""
    objective: str = ""
    level: str = ""
    must_pass: bool = False
    key: str = ""
    picture: ItemPicture | None = None

    @property
    def digest(self) -> str:
        """The same for the same question: a key for what has none."""
        told = (self.kind, self.text, self.options, self.picture and self.picture.content)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@dataclass
class Read:
    """What a file holds, and what of it could not be carried, in sentences."""

    items: list[Item] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass
class Written:
    """Questions as a file, and what of them could not be carried, in sentences."""

    content: bytes
    left_out: list[str] = field(default_factory=list)


class Losses:
    """What could not be carried, told so that whoever reads it finds the question."""

    def __init__(self):
        self.questions: list[str] = []
        self.parts: dict[str, dict[int, str]] = {}

    def question(self, number: int, name: str, why) -> None:
        """The whole question is left out."""
        told = {"question": _named(number, name), "why": why}
        self.questions.append(_("Question %(question)s is left out: %(why)s") % told)

    def part(self, number: int, name: str, what: str) -> None:
        """Something of the question is left out."""
        self.parts.setdefault(str(what), {})[number] = _named(number, name)

    def told(self) -> list[str]:
        return [*self.questions, *(self._sentence(*part) for part in self.parts.items())]

    @staticmethod
    def _sentence(what: str, questions: dict[int, str]) -> str:
        shown = ", ".join(list(questions.values())[:NAMED])
        if len(questions) > NAMED:
            shown = _("%(questions)s and %(more)d more") % {"questions": shown, "more": len(questions) - NAMED}
        return _("%(what)s: not carried from question %(questions)s.") % {"what": what, "questions": shown}


NAMED = 5  # so many questions are named that lose the same


def _named(number: int, name: str) -> str:
    quoted = _("“%(name)s”") % {"name": Truncator(" ".join(name.split()) or "–").chars(50)}
    return f"{number} {quoted}"


# Each question of a file: what it is called there, and how it is read; parts that are lost are told to the function.
Source = tuple[str, Callable[[Callable[[str], None]], Item]]


def gathered(sources: Iterable[Source]) -> Read:
    """The questions of a file, with what could not be carried. Raises QuestionFileWrong for too many."""
    found, losses = {}, Losses()
    for number, (name, make) in enumerate(sources, start=1):
        if number > MOST_QUESTIONS:
            raise QuestionFileWrong(
                _("The file has more than %(most)d questions. Divide it. Nothing was changed.")
                % {"most": MOST_QUESTIONS}
            )
        try:
            item = fitting(tidied(make(lambda what, at=(number, name): losses.part(*at, what))))
        except NotCarried as why:
            losses.question(number, name, why)
            continue
        if not KEY.fullmatch(item.key) or item.key in found:
            item = replace(item, key=item.digest)
        if item.key in found:
            losses.question(number, name, _("the same question stands earlier in the file."))
        found.setdefault(item.key, item)
    return Read(list(found.values()), losses.told())


def tidied(item: Item) -> Item:
    """The question with the places that nothing belongs to last, each once."""
    if item.kind not in (Kind.MATCH, Kind.SORT):
        return item
    things = [option for option in item.options if option.text]
    taken = {option.place for option in things}
    empty = {option.place: option for option in reversed(item.options) if option.place not in taken}
    return replace(item, options=(*things, *reversed(empty.values())))


def fitting(item: Item) -> Item:
    """The question, if it is whole enough to stand in a bank. Raises NotCarried."""
    if not item.text:
        raise NotCarried(_("it has no text."))
    if len(item.options) < 2:
        raise NotCarried(_("it has fewer than two options."))
    if len(item.options) > MOST_OPTIONS:
        raise NotCarried(_("it has more than %(most)d options.") % {"most": MOST_OPTIONS})
    if item.kind not in PLACING and not any(option.correct for option in item.options):
        raise NotCarried(_("no option is right."))
    if not all(option.place if item.kind in (Kind.MATCH, Kind.SORT) else option.text for option in item.options):
        raise NotCarried(_("an option has no text."))
    if any(len(text) > LONGEST["option"] for option in item.options for text in (option.text, option.place)):
        raise NotCarried(_("an option is longer than %(most)d characters.") % {"most": LONGEST["option"]})
    if any(len(text) > MOST_TEXT for text in (item.text, item.feedback, *(o.feedback for o in item.options))):
        raise NotCarried(_("a text is longer than %(most)d characters.") % {"most": MOST_TEXT})
    return item


def placing_kind(options: Iterable[ItemOption]) -> str:
    """To match, or, where things share a place, to sort."""
    places = [option.place for option in options]
    return Kind.MATCH if len(set(places)) == len(places) else Kind.SORT


def choosing_kind(options: Iterable[ItemOption]) -> str:
    return Kind.MULTIPLE if sum(option.correct for option in options) > 1 else Kind.SINGLE


def tell_partial(options: list[ItemOption], weights: list[float], lost: Callable[[str], None]) -> None:
    """Tell of points in part: for a wrong answer, or more for one that is right than for another."""
    shares = {round(weight, 2) for option, weight in zip(options, weights, strict=True) if option.correct}
    given = any(weight > 0 and not option.correct for option, weight in zip(options, weights, strict=True))
    if given or len(shares) > 1:
        lost(_("Points in part"))


def only_first(options: list[ItemOption], lost: Callable[[str], None]) -> list[ItemOption]:
    """Where one is to be chosen, only the first that is right stays so."""
    first = next((number for number, option in enumerate(options) if option.correct), None)
    if sum(option.correct for option in options) > 1:
        lost(_("That another answer is as right"))
    return [replace(option, correct=number == first) for number, option in enumerate(options)]


def true_or_false(is_true: bool, of_true: str, of_false: str) -> list[ItemOption]:
    """Whether something is true, as options with their feedback."""
    return [
        ItemOption(pgettext("answer", "True"), correct=is_true, feedback=of_true),
        ItemOption(pgettext("answer", "False"), correct=not is_true, feedback=of_false),
    ]


def unknown_kind(name: str) -> NotCarried:
    return NotCarried(_("its kind, “%(kind)s”, is not to be found here.") % {"kind": Truncator(name).chars(40)})


def clean(text: str) -> str:
    """A text as the bank keeps it."""
    return _NO_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def decoded(content: bytes, lost: list[str] | None = None) -> str:
    """The text of the file. What is not Unicode is read as Windows wrote it, and that is told."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if lost is not None:
            lost.append(_("The file is not in UTF-8. It was read as Windows-1252: check å, ä and ö."))
        return content.decode("cp1252", errors="replace")


# What a question says for which the formats have no field: kept as words of our own, which others let be.


OWN = "kunskapslaget:"


def own_words(item: Item, *, kind: str, topic: str) -> list[str]:
    """What is kept beside the fields; `kind` and `topic` are what the fields would be read as."""
    told = {"level": item.level, "objective": item.objective, "must_pass": "yes" if item.must_pass else ""}
    told |= {"kind": item.kind} if item.kind != kind else {}
    told |= {"topic": item.topic} if item.topic != topic else {}
    return [f"{OWN}{name}={value}" for name, value in told.items() if value or name == "topic"]


def with_own_words(item: Item, words: Iterable[str], lost: Callable[[str], None]) -> Item:
    """The question with what was kept beside its fields; words of others are told as lost."""
    found = {}
    for word in map(clean, words):
        name, is_ours, value = word.removeprefix(OWN).partition("=")
        if word.startswith(OWN) and is_ours:
            found[name] = value
        elif word:
            lost(_("Tags"))
    topic, objective = found.get("topic", item.topic), found.get("objective", "")
    if len(topic) > LONGEST["topic"]:
        lost(_("The end of a long topic"))
    kind = found.get("kind", item.kind)
    return replace(
        item,
        kind=kind if kind in PLACING and item.kind in PLACING else item.kind,
        topic=topic[: LONGEST["topic"]].strip(),
        objective=objective[: LONGEST["objective"]].strip(),
        level=found["level"] if found.get("level") in LEVELS else "",
        must_pass=found.get("must_pass") == "yes",
    )


LEVELS = {"remember", "understand", "apply"}


# A topic is the way of categories to the question, below what is everybody's.

_TOP = re.compile(r"\$\w+\$|top", re.IGNORECASE)


def category_of(topic: str) -> str:
    return "$course$/top/" + topic.replace("/", "//")


def topic_of(category: str) -> str:
    """What the way of categories says; a doubled slash is one of a name."""
    names = [name.replace("//", "/").strip() for name in re.split(r"(?<!/)/(?!/)", clean(category))]
    while names and _TOP.fullmatch(names[0]):
        del names[0]
    return " / ".join(filter(None, names))


def checked(content: bytes) -> bytes:
    """The picture, if it is one and nothing else. Raises QuestionFileWrong."""
    try:
        picture_format(content)
    except PictureWrong as error:
        raise QuestionFileWrong(str(error)) from error
    if len(content) > MOST_PICTURE or b"<script" in content.lower():
        raise QuestionFileWrong(
            _("A picture in the file is too big, or holds something else as well. Nothing was changed.")
        )
    return content

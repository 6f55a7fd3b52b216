"""GIFT, the text format of Moodle: docs.moodle.org/en/GIFT_format.

It has no pictures and no orders. A question to put in order is written as one to match with the numbers, and its kind
stands in a comment of ours, as does all else that the format has no place for.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from quizzes.grading import PLACING, Kind

from .items import (
    MOST_OPTIONS,
    OWN,
    Item,
    ItemOption,
    Losses,
    NotCarried,
    Read,
    Source,
    Written,
    category_of,
    choosing_kind,
    clean,
    decoded,
    gathered,
    only_first,
    own_words,
    placing_kind,
    tell_partial,
    topic_of,
    true_or_false,
    unknown_kind,
    with_own_words,
)
from .texts import FORMATTING, Plain, as_html, as_is, either, plain_of

NAME, ENDING = "GIFT", "txt"

# Characters with a meaning are written with a backslash. While a question is read they stand as characters that no
# text has (see clean), so that whatever is left of the signs means what it says.
_SIGNS = "~=#{}:\\"
_HIDDEN = {sign: chr(0xFDD0 + number) for number, sign in enumerate(_SIGNS)} | {"n": "\ufdef"}
_SHOWN = str.maketrans({hidden: "\n" if sign == "n" else sign for sign, hidden in _HIDDEN.items()})
_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d{0,10})?)%")
_TRUE, _FALSE = {"T", "TRUE"}, {"F", "FALSE"}
_COMMENT = f"// {OWN} "


def read(content: bytes) -> Read:
    notes = []
    found = gathered(_sources(decoded(content, notes).replace("\r\n", "\n")))
    return Read(found.items, notes + found.left_out)


def _sources(text: str) -> Iterator[Source]:
    topic = ""
    for comments, lines in _blocks(text):
        if lines[0].startswith("$CATEGORY:"):
            topic = topic_of(lines.pop(0).removeprefix("$CATEGORY:"))
        if lines:
            question = _ESCAPED.sub(lambda escaped: _HIDDEN[escaped[1]], clean("\n".join(lines)))
            title, stem = _titled(question)
            name = title or _FORMAT.sub("", stem.partition("{")[0], count=1)
            yield _shown(name), partial(_item, stem, comments, topic)


def _blocks(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """The comments and the lines of each question: they end at an empty line, unless their braces are still open."""
    comments, lines, depth = [], [], 0
    for line in map(str.strip, text.replace("\r", "\n").split("\n")):
        is_new = depth <= 0 if not line else line.startswith("::") and lines and not lines[-1]
        if lines and (is_new or _is_category(lines)):
            yield comments, lines
            comments, lines, depth = [], [], 0
        if line.startswith("//"):
            comments.append(line)
        elif line or lines:
            lines.append(line)
            bare = _ESCAPED.sub("", line)
            depth += bare.count("{") - bare.count("}")
    if lines:
        yield comments, lines


def _is_category(lines: list[str]) -> bool:
    return lines[0].startswith("$CATEGORY:")


def _shown(text: str) -> str:
    return clean(text.translate(_SHOWN))


def _titled(question: str) -> tuple[str, str]:
    if question.startswith("::"):
        title, ended, rest = question[2:].partition("::")
        if ended:
            return title, rest.strip()
    return "", question


def _item(question: str, comments: list[str], topic: str, lost: Callable[[str], None]) -> Item:
    stem, answers = _parted(question)
    answers, general, feedback = answers.rpartition("####")
    if not general:
        answers, feedback = feedback, ""
    tell = _Teller(lost)
    text = tell(stem)
    tell.default = (_FORMAT.match(stem) or [None, "moodle"])[1].lower()
    kind, options = _options(answers.strip(), tell)
    item = Item(kind, text, tuple(options), feedback=tell(feedback), topic=topic)
    return _with_comments(item, comments, lost)


def _parted(question: str) -> tuple[str, str]:
    """What is asked, and what stands in its braces; in the midst of a sentence they leave a gap."""
    before, opened, rest = question.partition("{")
    answers, closed, after = rest.partition("}")
    if not opened and "}" not in question:
        raise NotCarried(_("it asks nothing: it is a description."))
    if not closed:
        raise NotCarried(_("a brace is not closed."))
    return f"{before}_____{after}" if after.strip() else before.strip(), answers.strip()


class _Teller:
    """Reads texts in the format that they say, or that of their question, as plain."""

    def __init__(self, lost: Callable[[str], None]):
        self.lost, self.default = lost, "moodle"

    def __call__(self, text: str) -> str:
        text = text.strip()
        said = _FORMAT.match(text)
        form = said[1].lower() if said else self.default
        plain = self._plain(form, text[said.end() if said else 0 :].translate(_SHOWN))
        for what in plain.lost:
            self.lost(what)
        if plain.pictures:
            self.lost(_("Pictures"))
        return plain.text

    def _plain(self, form: str, text: str) -> Plain:
        if form == "markdown":
            self.lost(FORMATTING)
        readers = {"html": plain_of, "moodle": either}
        return readers.get(form, as_is)(text)


def _options(answers: str, tell: _Teller) -> tuple[str, list[ItemOption]]:
    if not answers:
        raise unknown_kind("essay")
    if answers.startswith("#"):
        raise unknown_kind("numerical")
    if answers.count("~") + answers.count("=") > 2 * MOST_OPTIONS:
        raise NotCarried(_("it has more than %(most)d options.") % {"most": MOST_OPTIONS})
    if "~" in answers:
        options = _choices(answers, tell)
        return choosing_kind(options), options
    if "=" in answers and "->" in answers:
        options = _pairs(answers, tell)
        return placing_kind(options), options
    said, *told = answers.split("#", 2)
    if said.strip() in _TRUE | _FALSE:
        wrong, right = [tell(one) for one in (*told, "", "")[:2]]
        is_true = said.strip() in _TRUE
        return Kind.SINGLE, true_or_false(is_true, *((right, wrong) if is_true else (wrong, right)))
    raise unknown_kind("shortanswer")


def _choices(answers: str, tell: _Teller) -> list[ItemOption]:
    """The alternatives. Where one is marked as right, any other that gives points is wrong; else those that do are."""
    parts = re.findall(r"([~=])([^~=]*)", answers)
    one_is_right = any(sign == "=" for sign, _text in parts)
    options, weights = [], []
    for sign, text in parts:
        weighed = _WEIGHT.match(text.strip()) if sign == "~" else None
        weight = float(weighed[1]) if weighed else 100.0 if sign == "=" else 0.0
        text, _hash, feedback = text.strip()[weighed.end() if weighed else 0 :].partition("#")
        is_right = sign == "=" if one_is_right else weight > 0
        options.append(ItemOption(tell(text), correct=is_right, feedback=tell(feedback)))
        weights.append(weight)
    tell_partial(options, weights, tell.lost)
    return only_first(options, tell.lost) if one_is_right else options


def _pairs(answers: str, tell: _Teller) -> list[ItemOption]:
    pairs = [text.partition("->") for text in answers.split("=")[1:]]
    if not all(arrow for _thing, arrow, _place in pairs):
        raise NotCarried(_("a pair has no second half."))
    return [ItemOption(tell(thing), _shown(place)) for thing, _arrow, place in pairs]


def _with_comments(item: Item, comments: list[str], lost: Callable[[str], None]) -> Item:
    """The question with what the comments above it say: an id and tags as Moodle writes them, and what is our own."""
    words, given, key = [], [], item.key
    for comment in comments:
        if comment.startswith(_COMMENT):
            told = _told(comment.removeprefix(_COMMENT))
            words += [word for word in told.get("words", []) if isinstance(word, str)]
            given = told.get("feedback", given)
        else:
            words += re.findall(r"\[tag:([^\]]*)\]", comment)
            key = (re.findall(r"\[id:([^\]]*)\]", comment) or [key])[0]
    item = with_own_words(replace(item, key=key), words, lost)
    options = item.options
    if isinstance(given, list) and len(given) == len(options) and all(isinstance(one, str) for one in given):
        options = [replace(o, feedback=clean(feedback)) for o, feedback in zip(options, given, strict=True)]
    if item.kind == Kind.ORDER:
        options = [replace(option, place="") for option in options]
    return replace(item, options=tuple(options))


def _told(comment: str) -> dict:
    try:
        told = json.loads(comment)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) and isinstance(told.get("words", []), list) else {}


# Out


def write(items: list[Item]) -> Written:
    losses, lines, topic = Losses(), [], ""
    for number, item in enumerate(sorted(items, key=lambda item: item.topic), start=1):
        if item.picture:
            losses.part(number, item.text, _("Pictures"))
        if item.topic != topic:
            topic = item.topic
            lines += [f"$CATEGORY: {category_of(topic)}".replace("\n", " "), ""]
        lines += [*_comments(item), *_question(item), ""]
    return Written("\n".join(lines).encode(), losses.told())


def _comments(item: Item) -> Iterator[str]:
    yield f"// [id:{item.key}]"
    read_as = placing_kind(item.options) if item.kind in PLACING else item.kind
    told = {"words": own_words(item, kind=read_as, topic=topic_of(category_of(item.topic).replace("\n", " ")))}
    if item.kind in PLACING and any(option.feedback for option in item.options):
        told["feedback"] = [option.feedback for option in item.options]
    if any(told.values()):
        yield _COMMENT + json.dumps(told, ensure_ascii=False)


def _question(item: Item) -> Iterator[str]:
    yield f"::{_escaped(Truncator(item.text).chars(80))}::[plain]{_escaped(item.text)}{{"
    share = 100 / max(1, sum(option.correct for option in item.options))
    for number, option in enumerate(item.options, start=1):
        if item.kind in PLACING:
            place = str(number) if item.kind == Kind.ORDER else option.place
            yield f"\t={_thing(option.text)} -> {_escaped(place)}"
            continue
        told = f"#{_plain(option.feedback)}" if option.feedback else ""
        sign = "=" if option.correct else "~"
        if item.kind == Kind.MULTIPLE:
            sign = f"~%{share if option.correct else -100:.7g}%"
        yield f"\t{sign}{_plain(option.text)}{told}"
    if item.feedback:
        yield f"\t####{_plain(item.feedback)}"
    yield "}"


def _escaped(text: str) -> str:
    return re.sub(r"[~=#{}:\\]", r"\\\g<0>", text).replace("\n", "\\n")


def _plain(text: str) -> str:
    """The text, so that its beginning is not taken for a format or a weight."""
    return f"[plain]{_escaped(text)}" if text.startswith(("[", "%")) else _escaped(text)


def _thing(text: str) -> str:
    """A thing to match; an arrow in it would part it, and stands only in HTML."""
    return f"[html]{_escaped(as_html(text))}" if "->" in text else _plain(text)

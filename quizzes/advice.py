"""What would make a question better, as its author writes it: hints, never refusals.

The rules are those that the textbooks agree on, as T. M. Haladyna, S. M. Downing and M. C. Rodriguez gathered them in
"A Review of Multiple-Choice Item-Writing Guidelines for Classroom Assessment" (Applied Measurement in Education 15,
2002; HDR below, with the number of the guideline), with what has been measured since.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import combinations

from django.utils.translation import gettext as _

from .grading import PLACING, Kind

ENOUGH = 3
MOST_ROWS = 1000  # as Django's formsets
LONGER = 1.5  # so much longer than every other that it stands out
MOST_WORDS = 60  # one screen of a phone
ALIKE = 0.85
SHORT_WHY = 4  # words that say no more than that it is right
LONG = 6  # a word of so many letters says something
PREFIX = 5  # letters by which two forms of it are known as one

WORD = re.compile(r"\w+")
NUMBER = re.compile(r"\d+")
ALL_OR_NONE = re.compile(
    r"\b(?:(?:alla|samtliga|ing[ae]n?t?(?: av)?)(?: (?:de|av de))? (?:ovanstående|ovan|alternativen)|inget av dem"
    r"|både a och b|(?:all|none) of (?:the above|these)|both a and b)\b",
    re.IGNORECASE,
)
# In small letters: what is written INTE is seen. "Eller inte" and "inte bara" deny nothing.
NEGATION = re.compile(r"(?<!eller )(?<!or )\b(?:inte|ej|icke|aldrig|not|never)\b(?! bara| only)")
ABSOLUTE = re.compile(
    r"\b(?:alltid|aldrig|endast|enbart|omöjligt|garanterat|utan undantag|always|never|only|impossible)\b",
    re.IGNORECASE,
)
# Long words that stand in any question, and give nothing away.
COMMON = {
    word[:PREFIX]
    for word in "vilken vilket vilka något någon några skulle behöver kommun kommunen kommunens exempel första främst "
    "följande stämmer person personen should which following municipality person example".split()
}


@dataclass(frozen=True)
class Row:
    """An option or a thing to place, as its author has written it so far; `name` is that of its part of the form."""

    name: str
    number: int
    text: str = ""
    correct: bool = False
    feedback: str = ""


@dataclass(frozen=True)
class Draft:
    """A question as its author has written it so far."""

    kind: str = Kind.SINGLE
    text: str = ""
    feedback: str = ""
    must_pass: bool = False
    rows: list[Row] = field(default_factory=list)

    @property
    def right(self) -> list[Row]:
        return [row for row in self.rows if row.correct]

    @property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows if not row.correct]


@dataclass(frozen=True)
class Hint:
    """What could be better, the field of the form where it is, and what its author knows the field by."""

    field: str
    words: str
    place: str = ""


def of_question(question) -> Draft:
    """The question as it was last saved."""
    return Draft(
        kind=question.kind,
        text=question.text,
        feedback=question.feedback,
        must_pass=question.must_pass,
        rows=[
            Row(f"options-{number - 1}", number, option.text, option.correct, option.feedback)
            for number, option in enumerate(question.options.all(), start=1)
        ],
    )


def of_form(data) -> Draft:
    """The question as its form (a QueryDict) reads right now; what no author could send reads as nothing."""
    total = data.get("options-TOTAL_FORMS", "")
    names = [f"options-{index}" for index in range(min(int(total), MOST_ROWS) if total.isdecimal() else 0)]
    kept = [name for name in names if not data.get(f"{name}-DELETE")]
    kept.sort(key=lambda name: int(place) if (place := data.get(f"{name}-ORDER", "")).isdecimal() else MOST_ROWS)
    rows = [
        Row(name, number, data.get(f"{name}-text", ""), f"{name}-correct" in data, data.get(f"{name}-feedback", ""))
        for number, name in enumerate(kept, start=1)
    ]
    told = {name: data.get(name, "") for name in ("kind", "text", "feedback")}
    return Draft(**told, must_pass="must_pass" in data, rows=rows)


def advice(draft: Draft) -> list[Hint]:
    """Every hint about the question, in the order of the form."""
    found = [*_on_question(draft)]
    if draft.kind in PLACING:
        found += _on_placing(draft)
    else:
        written = [row for row in draft.rows if row.text.strip()]
        draft = Draft(draft.kind, draft.text, draft.feedback, draft.must_pass, written)
        for rule in RULES:
            found += rule(draft)
    return [*found, *_on_must_pass(draft)]


def _on_question(draft: Draft) -> Iterator[Hint]:
    """One thing at a time, in few words, said positively (HDR 1, 13 and 17)."""
    place = _("Question")
    if draft.text.count("?") > 1:
        yield Hint("text", _("There are two questions here. Ask one thing at a time."), place)
    if len(WORD.findall(draft.text)) > MOST_WORDS:
        yield Hint("text", _("This is long for a phone. Leave out what is not needed to answer."), place)
    if NEGATION.search(draft.text):
        words = _("A “not” is easily missed. Ask what is right instead, or write NOT in capitals.")
        yield Hint("text", words, place)


def _on_placing(draft: Draft) -> Iterator[Hint]:
    """Whoever places things should learn why they belong there: feedback that explains (V. J. Shute, 2008)."""
    if draft.rows and not draft.feedback.strip() and not any(row.feedback.strip() for row in draft.rows):
        yield Hint("feedback", _("Say why it is so. It is shown to everybody, right or wrong."), _("Explanation"))


def _on_must_pass(draft: Draft) -> Iterator[Hint]:
    """Few decide alone: one answer is a weak witness (C. Spearman and W. Brown, Br. J. Psychol. 3, 1910)."""
    if draft.must_pass:
        words = _("Keep this for what nobody may get wrong, such as calling 112 when somebody is in danger.")
        yield Hint("must_pass", words, _("Must be right"))


def _number(draft: Draft) -> Iterator[Hint]:
    """Three options are enough (HDR 18; M. C. Rodriguez, "Three Options Are Optimal", Educ. Meas. 24, 2005)."""
    if draft.kind != Kind.SINGLE:
        return
    if len(draft.rows) > ENOUGH:
        row = draft.rows[-1]
        words = _("Three options are enough. Leave out the one that nobody would believe in.")
        yield Hint(f"{row.name}-text", words, _option(row))
    elif len(draft.rows) == 2:
        row = draft.rows[-1]
        words = _("With two options every second guess is right. Add one that somebody could believe in.")
        yield Hint(f"{row.name}-text", words, _option(row))


def _length(draft: Draft) -> Iterator[Hint]:
    """Options of about the same length: the right one is not the longest (HDR 24)."""
    if not draft.right or not draft.wrong:
        return
    longest = max(draft.rows, key=lambda row: len(row.text))
    others = max(len(row.text) for row in draft.wrong)
    if longest.correct and len(longest.text) > LONGER * others and len(longest.text) - others > 10:
        words = _(
            "The right option is much longer than the others, which gives it away. Shorten it, or fill the others."
        )
        yield Hint(f"{longest.name}-text", words, _option(longest))


def _all_or_none(draft: Draft) -> Iterator[Hint]:
    """No "all of the above" (HDR 26), and "none of the above" only with care (HDR 25)."""
    for row in draft.rows:
        if ALL_OR_NONE.search(row.text):
            words = _("Options that point at the others say little of what one knows. Write what it means instead.")
            yield Hint(f"{row.name}-text", words, _option(row))


def _cue_words(draft: Draft) -> Iterator[Hint]:
    """No words that give away: "always" and "never" are seldom right (HDR 28a)."""
    for row in draft.rows:
        if found := ABSOLUTE.search(row.text):
            words = _("“%(word)s” gives away: what is absolute is seldom right. Can you do without it?")
            yield Hint(f"{row.name}-text", words % {"word": found[0]}, _option(row))


def _echo(draft: Draft) -> Iterator[Hint]:
    """No word of the question in the right option alone: a clang association (HDR 28b)."""
    asked = _stems(draft.text)
    in_wrong = {stem for row in draft.wrong for stem in _stems(row.text)}
    if not draft.wrong:
        return
    for row in draft.right:
        for stem, word in _stems(row.text).items():
            if stem in asked and stem not in in_wrong:
                words = _("“%(word)s” stands in the question and only in the right option, which gives it away.")
                yield Hint(f"{row.name}-text", words % {"word": word}, _option(row))
                break


def _stems(text: str) -> dict[str, str]:
    """The long words of the text, by their beginnings."""
    stems = {word[:PREFIX].lower(): word for word in WORD.findall(text) if len(word) >= LONG}
    return {stem: word for stem, word in stems.items() if stem not in COMMON}


def _alike(draft: Draft) -> Iterator[Hint]:
    """Options that exclude each other: two that say nearly the same leave one to choose (HDR 22)."""
    for first, second in combinations(draft.rows, 2):
        if NUMBER.findall(first.text) == NUMBER.findall(second.text) and _likeness(first.text, second.text) >= ALIKE:
            words = _("This says nearly the same as option %(number)d. Could both be right?")
            yield Hint(f"{second.name}-text", words % {"number": first.number}, _option(second))


def _likeness(first: str, second: str) -> float:
    """How alike two texts are word by word, 0 to 1."""
    return SequenceMatcher(None, *(WORD.findall(text.lower()) for text in (first, second)), autojunk=False).ratio()


def _why(draft: Draft) -> Iterator[Hint]:
    """Feedback that explains teaches more than feedback that judges (V. J. Shute, Rev. Educ. Res. 78, 2008)."""
    for row in draft.right:
        said = len(WORD.findall(row.feedback))
        if 0 < said < SHORT_WHY:
            words = _("Say why it is right too: some who chose it were guessing.")
            yield Hint(f"{row.name}-feedback", words, _option(row))


def _option(row: Row) -> str:
    return _("Row %(number)d") % {"number": row.number}


RULES = [_number, _length, _all_or_none, _cue_words, _echo, _alike, _why]

"""Recognises what must be left out before anything is kept: personnummer, and membership of parties and unions."""

import re
from collections import Counter
from collections.abc import Iterable

from .columns import PERSONNUMMER, SENSITIVE, fold

# Six or eight digits of a birthday, and four characters of which the first is a letter in temporary numbers.
_SHAPE = re.compile(
    r"(?<!\w)(?:19|20)?\d\d(\d\d)(\d\d)(?:\s?[-+–\u2212]\s?|\s)?[\dTRSUWXJKLMN]\d{3}(?!\w)", re.IGNORECASE
)
_MASK = "…"
# Registers of elected officials write the party after the name: Kim Ek (S).
_PARTY = re.compile(r"\s*\(\w{1,4}\)$")
_PARTY_LETTERS = {"s", "m", "sd", "c", "v", "kd", "l", "fp", "mp", "fi"}
_PARTY_NAMES = {
    *("socialdemokraterna", "socialdemokrat", "arbetarepartietsocialdemokraterna", "moderaterna", "moderat"),
    *("moderatasamlingspartiet", "sverigedemokraterna", "sverigedemokrat", "centerpartiet", "centerpartist"),
    *("vansterpartiet", "vansterpartist", "kristdemokraterna", "kristdemokrat", "liberalerna", "liberal"),
    *("miljopartiet", "miljopartietdegrona", "miljopartist", "feministisktinitiativ"),
}


def is_personnummer(text: str) -> bool:
    """Whether the whole text has the shape of a personnummer, a coordination number or a temporary number."""
    match = _SHAPE.fullmatch(text.strip()) if len(text) >= 10 else None
    return bool(match) and _is_birthday(match)


def mask(text: str) -> str:
    """The text with every personnummer in it replaced by an ellipsis."""
    if len(text) < 10:
        return text
    return _SHAPE.sub(lambda match: _MASK if _is_birthday(match) else match[0], text)


def _is_birthday(match: re.Match) -> bool:
    """A month and a day; in coordination numbers 60 is added to the day."""
    return 1 <= int(match[1]) <= 12 and 1 <= int(match[2]) % 60 <= 31


def without_party(name: str) -> str:
    """The name without the party that is written after it."""
    return _PARTY.sub("", name) if name.endswith(")") else name


def columns_to_leave_out(headings: tuple[str, ...], sample: Iterable[tuple[str, ...]]) -> set[int]:
    """The columns that hold personnummer or membership, by their heading or by what stands in them."""
    filled, numbers, parties, names = Counter(), Counter(), Counter(), Counter()
    letters: dict[int, set[str]] = {}
    for cells in sample:
        for i, cell in enumerate(cells[: len(headings)]):
            if not cell:
                continue
            word = fold(cell)
            filled[i] += 1
            numbers[i] += is_personnummer(cell)
            names[i] += word in _PARTY_NAMES
            if word in _PARTY_LETTERS:
                parties[i] += 1
                letters.setdefault(i, set()).add(word)
    # A letter alone may mean anything; three of the parties' are no chance.
    for i in letters:
        names[i] += parties[i] if names[i] or len(letters[i]) >= 3 else 0
    by_heading = {i for i, heading in enumerate(headings) if fold(heading) in PERSONNUMMER | SENSITIVE}
    return by_heading | {i for i in filled if any(shaped[i] * 2 >= filled[i] for shaped in (numbers, names))}

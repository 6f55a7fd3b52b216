"""Recognises personnummer so that they can be left out: they are never stored, logged or shown."""

import re

# Six or eight digits of a birthday, and four characters of which the first is a letter in temporary numbers.
_SHAPE = re.compile(r"(?<!\w)(?:19|20)?\d\d(\d\d)(\d\d)[-+–\s]?[\dTRSUWXJKLMN]\d{3}(?!\w)", re.IGNORECASE)
_MASK = "…"


def is_personnummer(text: str) -> bool:
    """Whether the whole text has the shape of a personnummer, a coordination number or a temporary number."""
    match = _SHAPE.fullmatch(text.strip())
    return bool(match) and _is_birthday(match)


def mask(text: str) -> str:
    """The text with every personnummer in it replaced by an ellipsis."""
    if len(text) < 10:
        return text
    return _SHAPE.sub(lambda match: _MASK if _is_birthday(match) else match[0], text)


def _is_birthday(match: re.Match) -> bool:
    """A month and a day; in coordination numbers 60 is added to the day."""
    return 1 <= int(match[1]) <= 12 and 1 <= int(match[2]) % 60 <= 31

"""What single cells of an HR export mean: days, ids, names, addresses and shares. Each may raise ValueError."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import isfinite

# What stands where there is nothing.
NOTHING = {"NULL", "(null)", "null", "N/A", "n/a", "#N/A", "#SAKNAS!", "NaN", "saknas", "Saknas", "-", "–", "—"}
# What databases write where there is no day; the last ones mean that there is no last day.
NO_DAYS = {"0000-00-00", "00000000", "0001-01-01", "1900-01-00", "991231", "99-12-31", "999999", "99999999"}
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y.%m.%d", "%y-%m-%d")
# How many digits in a row are a day, and how.
DIGITS = {8: ("%Y%m%d",), 6: ("%y%m%d",)}
MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
# Years before this one are slips of the pen, such as 0202.
FIRST_YEAR = 1700
# Excel counts days from here.
EXCEL_EPOCH = date(1899, 12, 30)

_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_SLASHED = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})")
_WRITTEN = re.compile(r"(\d\d?)\.? ([a-z]{3})[a-z]*\.? (\d{4})")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@]+@[^\s<>()\[\],;:\"'@]+\.[^\s<>()\[\],;:\"'@.]+")
# Excel shows an id as 12 345 or 12345.0, and a long one as 1,23E+08, where the rest is lost.
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+")
_DECIMAL = re.compile(r"(\d+)[.,]0+")
_SHORTENED = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
_CODE_AND_NAME = re.compile(r"([A-Z]{0,3}\d{2,}[A-Z\d]*)(?:\s*[-–:,]\s*|\s+)(\D.*)")
_YEARS = re.compile(r"(\d{4})\s*[-–—/]\s*(\d{4}|\d{2})")
_THROUGH = re.compile(r"\s+[-–—]\s+|[–—]|\s+(?:till|t\.?\s?o\.?\s?m\.?)\s+")
_STEP = re.compile(r"\s+[/|\\]\s+|\s*[>»→]\s*")


class Ambiguous(ValueError):
    """A day that may be read in two ways."""


def month_first(days: Iterable[str]) -> bool | None:
    """Whether days such as 3/4/2025 begin with the month, as far as the others of their column tell."""
    slashed = [match for match in map(_SLASHED.match, days) if match]
    day_first = any(int(match[1]) > 12 for match in slashed)
    american = any(int(match[2]) > 12 for match in slashed)
    return american if day_first != american else None


@lru_cache(maxsize=65536)
def day(text: str, month_first: bool | None = None) -> date | None:
    """The day, however it is written; None for what means that there is none."""
    if match := _WRITTEN.fullmatch(text.lower()):
        return _within(int(match[3]), MONTHS.index(match[2]) + 1, int(match[1]))
    text = text.partition(" ")[0].partition("T")[0]
    if text in NO_DAYS:
        return None
    if match := _SERIAL.fullmatch(text):
        return EXCEL_EPOCH + timedelta(days=int(match[1]))
    if match := _SLASHED.fullmatch(text):
        first, second, year = map(int, match.groups())
        if month_first is None and first <= 12 and second <= 12 and first != second:
            raise Ambiguous(text)
        is_american = second > 12 or (month_first and first <= 12)
        return _within(year, *((first, second) if is_american else (second, first)))
    for pattern in DIGITS.get(len(text), ()) if text.isdecimal() else DATE_FORMATS:
        try:
            found = datetime.strptime(text, pattern)
        except ValueError:
            continue
        return _within(found.year, found.month, found.day)
    raise ValueError(text)


def _within(year: int, month: int, day: int) -> date:
    if year < FIRST_YEAR:
        raise ValueError(year)
    return date(year, month, day)


def term(text: str) -> tuple[date, date | None]:
    """The days of a term of office, told as such or by its years.

    An assembly sits from 15 October of the year of election, four years (kommunallagen, chapter 5); committees by
    whole years.
    """
    if match := _YEARS.fullmatch(text):
        first, last = int(match[1]), int(match[1][: 4 - len(match[2])] + match[2])
        if not first < last <= first + 8:
            raise ValueError(text)
        if first % 4 == 2 and last == first + 4:
            return date(first, 10, 15), date(last, 10, 14)
        return date(first, 1, 1), date(last, 12, 31)
    first, last = map(day, _THROUGH.split(text))
    if first is None or (last and last < first):
        raise ValueError(text)
    return first, last


def number(text: str) -> str:
    """An id as the system keeps it, not as Excel shows it."""
    if _SHORTENED.fullmatch(text):
        raise ValueError(text)
    if _SPACED.fullmatch(text):
        return text.replace(" ", "")
    match = _DECIMAL.fullmatch(text)
    return match[1] if match else text


def names(whole: str, *, last_first: bool = False) -> tuple[str, str]:
    """First and last name of 'Ek, Kim', of 'Kim Ek', or of 'Ek Kim' where the heading says so."""
    last, comma, first = whole.partition(",")
    if comma:
        return first.strip(), last.strip()
    if last_first:
        last, _space, first = whole.partition(" ")
        return first, last
    first, _space, last = whole.rpartition(" ")
    return first, last


def spelled(name: str) -> str:
    """The name as people write it: 'Öhrn-Älv' for 'ÖHRN-ÄLV'."""
    return name.title() if len(name) > 1 and name.isupper() else name


def address(text: str) -> str:
    """The first address in the cell, in lower case: of 'Kim Ek <Kim.Ek@example.org>', only what is within."""
    match = _ADDRESS.search(text) if "@" in text else None
    return match[0].lower() if match else ""


def share(text: str) -> float:
    """A share such as 75, '75 %', '0,75'; 0 where nothing can be read. It only decides which employment is the main."""
    if not text:
        return 0.0
    try:
        found = float(text.replace("%", "").replace(",", ".").replace(" ", ""))
    except ValueError:
        return 0.0
    return found if isfinite(found) else 0.0


def code_and_name(text: str) -> tuple[str, str]:
    """The code and the name of a unit that stand in one cell: '4711 Ängskolan'. No code: ''."""
    match = _CODE_AND_NAME.fullmatch(text)
    return (match[1], match[2]) if match else ("", text)


def is_path(text: str) -> bool:
    """Whether the cell leads through the organisation: 'Barn och utbildning / Ängskolan / Lag 3'."""
    return bool(_STEP.search(text))


def path(text: str) -> list[str]:
    """The units that the cell leads through, without the municipality itself."""
    steps = [step for step in _STEP.split(text) if step]
    if len(steps) == 1:
        steps = [step.strip() for step in re.split(r"[/\\|]", text) if step.strip()]
    if len(steps) > 1 and steps[0].casefold().endswith((" kommun", " stad")):
        steps = steps[1:]
    return steps

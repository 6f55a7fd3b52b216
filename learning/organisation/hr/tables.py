"""Reads the files of HR systems into lines of text. Knows files; knows neither columns nor the register."""

import csv
import io
import re
import unicodedata
import zipfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, dropwhile, islice
from typing import NamedTuple

from django.utils.translation import gettext as _

from learning.errors import LearningError

from . import columns
from .sensitive import columns_to_leave_out, mask, without_party

MAX_BYTES = 50 * 1024 * 1024
# What a workbook may unpack to: a small file can hold gigabytes of nothing.
MAX_UNPACKED = 500 * 1024 * 1024
MAX_CELLS = 200
# The heading stands below the title of a report, but not far below.
HEADING_WITHIN = 50
# So many lines tell what a column holds.
SAMPLE = 500
DELIMITERS = ";\t,|"
# With these words a line sums up or signs off.
FOOT = ("summa", "totalt", "total", "slutsumma", "delsumma", "antal", "utskriv", "sida")
FOOT_WITHIN = 5
# A line break within a quoted cell is rare; a quote that was never closed is not.
LONGEST_RECORD = 5


class UnreadableFile(LearningError):
    """The file is no HR export that can be read; nothing was changed."""

    status = 400


class Line(NamedTuple):
    """A line of the file and its number there, from 1. `problem` says why it could not be read, if so."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass
class Table:
    """What a file holds, without what is sensitive: headings, the names of columns left out, and lines to read once.

    `sample` is the first of the lines; they come among the others too.
    """

    headings: list[str]
    left_out: list[str]
    sample: list[Line]
    lines: Iterator[Line]


def read_table(content: bytes) -> Table:
    """Read CSV, TSV or text with any usual delimiter (UTF-8, UTF-16, Windows-1252, cp850) or an Excel workbook.

    Titles above the heading and sums below the lines are skipped, and a broken line never costs the others.
    Raises UnreadableFile with what to do.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_("The file is larger than 50 MB. Nothing was changed."))
    lines = _workbook(content) if content.startswith(b"PK\x03\x04") else _text(content)
    lines = (line for line in lines if any(line.cells))
    first = list(islice(lines, SAMPLE))
    at = _heading_at(first[:HEADING_WITHIN])
    headings = first[at].cells
    # Reports repeat their heading on every page.
    body = (line for line in chain(first[at + 1 :], lines) if line.cells != headings)
    out = columns_to_leave_out(headings, [line.cells for line in first[at + 1 :]])
    keep = [i for i, heading in enumerate(headings) if heading and i not in out]
    names = {i for i in keep if columns.is_name(headings[i])}

    def kept(line: Line) -> Line:
        cells = (line.cells[i] if i < len(line.cells) else "" for i in keep)
        cells = (without_party(cell) if i in names else cell for i, cell in zip(keep, cells, strict=True))
        return Line(line.number, tuple(map(mask, cells)), line.problem)

    lines = map(kept, _without_foot(body))
    sample = list(islice(lines, SAMPLE))
    if not sample:
        raise UnreadableFile(_("The file has headings and no rows. Nothing was changed."))
    return Table(
        headings=_told_apart(mask(headings[i]) for i in keep),
        left_out=[headings[i] for i in sorted(out)],
        sample=sample,
        lines=chain(sample, lines),
    )


def _told_apart(headings: Iterable[str]) -> list[str]:
    """The headings, of which those that come again are numbered: 'Namn', 'Namn (2)'."""
    seen, told = Counter(), []
    for heading in headings:
        seen[heading] += 1
        told.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return told


def _heading_at(lines: list[Line]) -> int:
    """Where the heading stands: the line with most headings that we know, or else the first that looks like one."""
    if not lines:
        raise UnreadableFile(_("The file is empty. Nothing was changed."))
    known = [columns.known_headings(line.cells) for line in lines]
    if max(known) >= 2:
        return known.index(max(known))
    for at, line in enumerate(lines):
        words = [cell for cell in line.cells if cell]
        if len(words) >= 3 and len(set(words)) == len(words) and not any(re.search(r"\d", word) for word in words):
            return at
    raise UnreadableFile(
        _(
            "No line of headings was found among the first %(lines)d lines. Nothing was changed. "
            "Export the list as Excel or CSV with a heading above each column, and try again."
        )
        % {"lines": HEADING_WITHIN}
    )


def _without_foot(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines without sums and signatures among the last few."""
    last = deque()
    for line in lines:
        last.append(line)
        if len(last) > FOOT_WITHIN:
            yield last.popleft()
    yield from (line for line in last if not is_foot(line))


def is_foot(line: Line) -> bool:
    """Whether the line sums up or signs off: few cells, and a word for that in one of them."""
    words = [columns.fold(cell) for cell in line.cells if cell]
    return any(word.startswith(FOOT) for word in words) and len(words) <= max(2, len(line.cells) // 2)


# Not 't Hooft, which is a name.
_FORCED = re.compile(r"'[\d=+@-]")


def clean(text: str) -> str:
    """One line of composed characters, without controls, surplus space and the apostrophe that says "text" in Excel."""
    if text.startswith("'") and _FORCED.match(text):
        text = text[1:]
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} else char for char in text)
    return " ".join(text.split())


# Text


def _text(content: bytes) -> Iterator[Line]:
    text = _decode(content)
    if text.lstrip()[:15].lower().startswith(("<", "mime-version")):
        raise UnreadableFile(
            _("The file holds a web page or XML, not a table. Open it in Excel, save it as .xlsx and try again.")
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        return _records(lines, lines[0][4], first=1)
    return _records(lines, _delimiter(lines[:HEADING_WITHIN]))


def _decode(content: bytes) -> str:
    """The text, without the marks and nulls that some systems leave in it. What no encoding knows becomes U+FFFD."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            _(
                "The file is an old Excel workbook (.xls), or protected by a password. "
                "Save it as .xlsx without a password, or as CSV, and try again."
            )
        )
    if content.startswith(b"%PDF"):
        raise UnreadableFile(_("The file is a PDF. Export the list as Excel or CSV and try again."))
    if encoding := _sixteen_bits(content):
        text = content.decode(encoding, "replace")
    else:
        # Line by line: files that were pasted together are not all of one encoding.
        eight_bits = _eight_bits(content)
        text = "\n".join(_decode_line(line, eight_bits) for line in content.split(b"\n"))
    return text.replace("\x00", "").removeprefix("\ufeff")


def _sixteen_bits(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = content[:2000]
    for encoding, offset in (("utf-16-be", 0), ("utf-16-le", 1)):
        if start[offset::2].count(0) > len(start) // 4:
            return encoding
    return ""


def _decode_line(line: bytes, eight_bits: str) -> str:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return line.decode(eight_bits, "replace")
    return _once(text) if "Ã" in text else text


def _once(text: str) -> str:
    """The text that was written as UTF-8 twice, such as 'Ã¥' for 'å'."""
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


def _eight_bits(content: bytes) -> str:
    """The encoding in which the bytes are most å, ä and ö: Windows-1252, or the older ones of DOS and Macintosh."""

    def letters(encoding: str) -> int:
        return sum(map(content.count, (letter.encode(encoding) for letter in "åäöÅÄÖé")))

    return max(("cp1252", "cp850", "mac-roman"), key=letters)


def _delimiter(lines: list[str]) -> str:
    """The delimiter that makes most headings of some line; where no heading is known, the most frequent one."""

    def worth(delimiter: str) -> tuple[int, int]:
        known = max(columns.known_headings([_unquoted(cell) for cell in line.split(delimiter)]) for line in lines)
        return known, sum(line.count(delimiter) for line in lines)

    return max(DELIMITERS, key=worth)


def _unquoted(cell: str) -> str:
    return cell.strip().strip('"')


def _records(lines: list[str], delimiter: str, first: int = 0) -> Iterator[Line]:
    """Each record by itself, so that a quote that is never closed costs no line but its own."""
    width = max((line.count(delimiter) for line in lines[first : first + HEADING_WITHIN]), default=0)
    at = first
    while at < len(lines):
        line, taken = lines[at], 1
        if '"' not in line:
            cells, problem = line.split(delimiter), ""
        else:
            cells, taken, problem = _quoted(lines, at, delimiter, width)
        yield Line(at + 1, tuple(clean(cell) for cell in cells[:MAX_CELLS]), problem)
        at += taken


def _quoted(lines: list[str], at: int, delimiter: str, width: int) -> tuple[list[str], int, str]:
    """The cells of a record with quotes, how many lines it takes, and what is wrong with it, if anything."""
    for taken in range(1, LONGEST_RECORD + 1):
        record = lines[at : at + taken]
        # A line that is a whole record by itself does not belong to the one before it.
        is_whole = record[-1].count(delimiter) >= width and record[-1].count('"') % 2 == 0
        if len(record) < taken or (taken > 1 and is_whole):
            break
        try:
            return next(csv.reader(["\n".join(record)], delimiter=delimiter, strict=True)), taken, ""
        except csv.Error:
            continue
    cells = [_unquoted(cell) for cell in lines[at].split(delimiter)]
    return cells, 1, _("A quotation mark is not closed, or stands within a cell.")


# Workbooks


def _workbook(content: bytes) -> Iterator[Line]:
    """The lines of the visible sheet that has the best heading, and of those that repeat its heading."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _expect_workbook(archive)
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        headings = [_best(sheet) for sheet in sheets]
        best = max(headings, key=columns.known_headings)
        alike = [sheet for sheet, heading in zip(sheets, headings, strict=True) if heading == best]
        yield from _one_after_another(alike, best)
    except UnreadableFile:
        raise
    except Exception as error:  # a damaged workbook fails in as many ways as there are parts in it
        raise UnreadableFile(
            _("The workbook cannot be read. Open it in Excel, save it as .xlsx and try again.")
        ) from error


def _expect_workbook(archive: zipfile.ZipFile) -> None:
    if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
        raise UnreadableFile(_("The workbook is too large when unpacked. Nothing was changed."))
    if "[Content_Types].xml" not in archive.namelist():
        raise UnreadableFile(
            _(
                "The file is packed (.zip) or from LibreOffice (.ods). "
                "Unpack it, or save it as .xlsx or CSV, and try again. Nothing was changed."
            )
        )


def _one_after_another(sheets: Iterable, heading: tuple[str, ...]) -> Iterator[Line]:
    """The lines of the sheets, such as one for each department: titles of the first only; the numbers go on."""
    number = 0
    for sheet in sheets:
        above = number
        lines = _rows(sheet) if not above else dropwhile(lambda line: line.cells != heading, _rows(sheet))
        for line in lines:
            number = above + line.number
            yield line._replace(number=number)


def _best(sheet) -> tuple[str, ...]:
    """The line of the sheet with most headings that we know."""
    # Some systems write a wrong size of the sheet, which would hide what is outside it.
    sheet.reset_dimensions()
    lines = (line.cells for line in islice(_rows(sheet), HEADING_WITHIN))
    return max(lines, key=columns.known_headings, default=())


def _rows(sheet) -> Iterator[Line]:
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_CELLS), start=1):
        yield Line(number, tuple(map(_cell, row)))


def _cell(value) -> str:
    """What the cell shows: days as 2025-12-31, whole numbers without decimals."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (date, time)):
        return value.isoformat()
    return clean(str(value))

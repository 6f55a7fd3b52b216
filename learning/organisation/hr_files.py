"""Reads an HR export into rows. Knows files; knows nothing of the register."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from learning.errors import LearningError

from .models import Population

MAX_BYTES = 50 * 1024 * 1024
NO_END = {date(9999, 12, 31), date(2999, 12, 31)}
DATE_FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y")

# The headings that Swedish HR systems print, folded (see _fold). First match wins.
HEADINGS = {
    "hr_id": ["hrid", "personid", "personalid", "personalnummer", "medarbetarid", "anvandarid"],
    "employment_no": ["anstallningsnummer", "anstallningsnr", "anstnr", "anstid", "anstallningsid"],
    "first_name": ["fornamn", "tilltalsnamn"],
    "last_name": ["efternamn"],
    "email": ["epost", "epostadress", "email", "mail", "mejl"],
    "department": ["forvaltning", "sektor", "namnd", "forvaltningsnamn", "organisationniva1"],
    "unit": ["enhet", "enhetsnamn", "arbetsplats", "avdelning", "organisationniva2"],
    "unit_code": ["enhetskod", "orgkod", "organisationskod", "kostnadsstalle", "ansvar"],
    "role": ["befattning", "befattningsbenamning", "titel", "yrke", "roll", "tjanst"],
    "starts_on": ["anstalldfrom", "from", "fran", "anstallningsdatum", "startdatum", "anstalldfran", "frandatum"],
    "ends_on": ["anstalldtom", "tom", "till", "slutdatum", "anstalldtill", "tilldatum"],
    "is_main": ["huvudanstallning", "huvudanst", "primar"],
    "population": ["kategori", "population", "personkategori", "grupp"],
}
# Personnummer is recognised so that it can be left alone: it is never read, stored or logged.
PERSONNUMMER = {"personnr", "personnummer", "pnr", "persnr", "samordningsnummer"}
PERSONNUMMER_SHAPE = re.compile(r"(?<!\d)(?:19|20)?\d\d(\d\d)(\d\d)[-+–\s]?\d{4}(?!\d)")
REQUIRED = ["hr_id", "first_name", "last_name", "unit"]
LABELS = {
    "hr_id": "Anställningsnummer",
    "employment_no": "Anställningsnummer",
    "first_name": "Förnamn",
    "last_name": "Efternamn",
    "email": "E-post",
    "department": "Förvaltning",
    "unit": "Enhet",
    "unit_code": "Enhetskod",
    "role": "Befattning",
}
# What the register has room for.
LONGEST = {"hr_id": 50, "employment_no": 50, "first_name": 150, "last_name": 150, "email": 254}
LONGEST |= {"department": 200, "unit": 200, "unit_code": 50, "role": 100}
POPULATIONS = {
    "": Population.EMPLOYEE,
    "anstalld": Population.EMPLOYEE,
    "medarbetare": Population.EMPLOYEE,
    "manad": Population.EMPLOYEE,
    "timavlonad": Population.EMPLOYEE,
    "fortroendevald": Population.ELECTED,
    "politiker": Population.ELECTED,
    "samverkanspart": Population.PARTNER,
    "partner": Population.PARTNER,
}


class UnreadableFile(LearningError):
    """The file is no HR export that can be read; nothing was changed."""

    status = 400


@dataclass(frozen=True)
class Row:
    """One employment as the file tells it. `number` is the line in the file, from 1."""

    number: int
    hr_id: str
    first_name: str
    last_name: str
    unit: str
    department: str = ""
    unit_code: str = ""
    email: str = ""
    role: str = ""
    employment_no: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    is_main: bool = True
    population: str = Population.EMPLOYEE


@dataclass(frozen=True)
class Refusal:
    """A row that was not read, and why in words. `hr_id` is empty where the row does not say whose it is."""

    number: int
    reason: str
    hr_id: str = ""


def refuse(number: int, reason: str, hr_id: str) -> Refusal:
    """Refuse the row; a personnummer in it is kept neither as the id nor in the reason."""
    hr_id = "" if _looks_like_personnummer(hr_id) else hr_id
    return Refusal(
        number, PERSONNUMMER_SHAPE.sub(lambda match: "…" if _is_birthday(match) else match[0], reason), hr_id
    )


@dataclass
class HrFile:
    """What a file holds: rows that can be applied and rows that cannot."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def read(content: bytes) -> HrFile:
    """Read a CSV export (`;`, `,` or tab; UTF-8, UTF-16 or cp1252; Swedish headings).

    A broken row is refused by itself and never costs the others. Raises UnreadableFile when no heading
    line is found or a needed column is missing.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_("The file is larger than 50 MB. Nothing was changed."))
    lines = _table(_decode(content))
    columns = _columns(next(lines, (0, []))[1])
    hr_file = HrFile()
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        value = {name: " ".join(cells[i].split()) if i < len(cells) else "" for name, i in columns.items()}
        try:
            hr_file.rows.append(_row(number, value))
        except ValueError as error:
            hr_file.refused.append(refuse(number, str(error), value["hr_id"]))
    return hr_file


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(_("The file is not text in UTF-8 or Windows-1252. Save it as CSV and try again."))


def _table(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines with their numbers, cut at the separator that the first line uses most."""
    heading = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(";\t,", key=heading.count)
    # Strict: a quote that is never closed would swallow the rows after it, and so end their employments.
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise UnreadableFile(
            _("Line %(line)d cannot be read: %(error)s. Nothing was changed.")
            % {"line": reader.line_num, "error": error}
        ) from error


def _fold(heading: str) -> str:
    """Lower case letters and digits without accents: 'Fr.o.m.' and 'from' are the same heading."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]", "", plain)


def _columns(headings: list[str]) -> dict[str, int]:
    """Which column holds which field."""
    place = {}
    for index, heading in enumerate(headings):
        if _fold(heading) not in PERSONNUMMER:
            place.setdefault(_fold(heading), index)
    columns = {}
    for name, synonyms in HEADINGS.items():
        found = next((place[word] for word in synonyms if word in place), None)
        if found is not None:
            columns[name] = found
    if "hr_id" not in columns and "employment_no" in columns:
        columns["hr_id"] = columns.pop("employment_no")
    missing = [LABELS[name] for name in REQUIRED if name not in columns]
    if missing:
        raise UnreadableFile(
            _("These columns were not found: %(columns)s. The first line must hold the headings. Nothing was changed.")
            % {"columns": ", ".join(missing)}
        )
    return columns


def _row(number: int, value: dict) -> Row:
    empty = [LABELS[name] for name in REQUIRED if not value[name]]
    if empty:
        raise ValueError(_("%(columns)s is empty.") % {"columns": ", ".join(empty)})
    too_long = [LABELS[name] for name, most in LONGEST.items() if len(value.get(name, "")) > most]
    if too_long:
        raise ValueError(_("%(columns)s is too long.") % {"columns": ", ".join(too_long)})
    if _looks_like_personnummer(value["hr_id"]) or _looks_like_personnummer(value.get("employment_no", "")):
        raise ValueError(_("The HR id looks like a personnummer, which is never stored. Use an employment number."))
    value["starts_on"] = _date(value.get("starts_on", ""))
    value["ends_on"] = _date(value.get("ends_on", ""))
    if value["starts_on"] and value["ends_on"] and value["ends_on"] < value["starts_on"]:
        raise ValueError(_("The employment ends before it starts."))
    value["is_main"] = _fold(value.get("is_main", "")) not in {"nej", "n", "0", "false", "no"}
    category = value.get("population", "")
    if _fold(category) not in POPULATIONS:
        raise ValueError(_("The category “%(category)s” is not known.") % {"category": category})
    value["population"] = POPULATIONS[_fold(category)]
    return Row(number=number, **value)


def _looks_like_personnummer(value: str) -> bool:
    """Ten or twelve digits with a month and a day (or a coordination number) in their places."""
    match = PERSONNUMMER_SHAPE.fullmatch(value)
    return bool(match) and _is_birthday(match)


def _is_birthday(match: re.Match) -> bool:
    return 1 <= int(match[1]) <= 12 and 1 <= int(match[2]) % 60 <= 31


def _date(text: str) -> date | None:
    """A day, or None for empty and for the days that mean 'no end'."""
    if not text:
        return None
    for pattern in DATE_FORMATS:
        try:
            day = datetime.strptime(text.partition(" ")[0].partition("T")[0], pattern).date()
        except ValueError:
            continue
        return None if day in NO_END else day
    raise ValueError(_("“%(text)s” is not a date; write it as 2025-12-31.") % {"text": text})

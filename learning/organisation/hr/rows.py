"""From the lines of an HR export to rows that say who works where. Knows columns; knows nothing of the register."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import NamedTuple

from django.utils.translation import gettext as _

from learning.organisation.models import SERIES, Leave, Population

from . import cells
from .columns import Columns, fold, labels
from .sensitive import is_personnummer, mask
from .tables import SAMPLE, Line, is_foot

# From this year on a last day means that there is none.
NO_END_YEAR = 2090
# Before this year a day means that nobody wrote one.
NO_START_YEAR = 1930
# What the register has room for.
LONGEST = {"hr_id": 40, "employment_no": 50, "first_name": 150, "last_name": 150, "email": 254}
LONGEST |= {"department": 200, "unit": 200, "unit_path": 200, "unit_code": 50, "role": 100}

# What many rows have in common.
REPEATED = ("department", "unit", "unit_path", "unit_code", "role", "first_name", "last_name")
DAYS = ("starts_on", "ends_on", "leave_from", "leave_through")

NO = {"", "nej", "n", "0", "false", "no", "falskt", "f"}
POPULATIONS = {
    "anstalld": Population.EMPLOYEE,
    "medarbetare": Population.EMPLOYEE,
    "personal": Population.EMPLOYEE,
    "manad": Population.EMPLOYEE,
    "manadsavlonad": Population.EMPLOYEE,
    "manadsanstalld": Population.EMPLOYEE,
    "tillsvidare": Population.EMPLOYEE,
    "tillsvidareanstalld": Population.EMPLOYEE,
    "visstid": Population.EMPLOYEE,
    "vikarie": Population.EMPLOYEE,
    "vikariat": Population.EMPLOYEE,
    "tim": Population.EMPLOYEE,
    "timavlonad": Population.EMPLOYEE,
    "timanstalld": Population.EMPLOYEE,
    "intermittent": Population.EMPLOYEE,
    "fortroendevald": Population.ELECTED,
    "fortroendevalda": Population.ELECTED,
    "politiker": Population.ELECTED,
    "samverkanspart": Population.PARTNER,
    "samverkan": Population.PARTNER,
    "partner": Population.PARTNER,
}
# What stands in place of the name of who is protected.
PROTECTED_NAMES = ("skydda", "sekret")
# How Swedish HR systems name leave, by what the folded word begins with; anything else is other leave.
LEAVE_REASONS = {
    "foraldra": Leave.Reason.PARENTAL,
    "barnledig": Leave.Reason.PARENTAL,
    "mammaledig": Leave.Reason.PARENTAL,
    "pappaledig": Leave.Reason.PARENTAL,
    "graviditet": Leave.Reason.PARENTAL,
    "sjuk": Leave.Reason.SICK,
    "rehab": Leave.Reason.SICK,
    "studie": Leave.Reason.STUDIES,
    "utbildning": Leave.Reason.STUDIES,
}


class Row(NamedTuple):
    """One employment as the file tells it. `number` is the line in the file, from 1."""

    number: int
    hr_id: str
    first_name: str
    last_name: str
    unit: str = ""
    department: str = ""
    # The units between the department and the unit, where the file tells them.
    above: tuple[str, ...] = ()
    unit_code: str = ""
    email: str = ""
    role: str = ""
    employment_no: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    is_main: bool | None = None
    extent: float = 0.0
    population: str = Population.EMPLOYEE
    leave_reason: str = ""
    leave_from: date | None = None
    leave_through: date | None = None
    protected: bool = False

    @property
    def told(self) -> tuple:
        """What the row says, apart from where it stands."""
        return self[1:]


@dataclass(frozen=True)
class Refusal:
    """A row that was not read: the field, and why in words. `hr_id` is empty where the row does not say whose it is."""

    number: int
    reason: str
    hr_id: str = ""
    column: str = ""


class _Wrong(ValueError):
    """Something in a field that cannot be stored."""

    def __init__(self, field: str, reason: str):
        super().__init__(reason)
        self.field = field


class Reader:
    """Reads the lines of one file, which lists this population where a row does not say otherwise."""

    def __init__(self, headings: list[str], columns: Columns, population: str = Population.EMPLOYEE):
        self.places = [(name, headings.index(heading)) for name, heading in columns.items() if heading in headings]
        self.population, self.labels = Population(population), labels(population)
        self.last_name_first = fold(columns.get("full_name", "")).startswith("efternamn")
        self.month_first: dict[str, bool | None] = {}

    def rows(self, lines: Iterable[Line]) -> Iterator[Row | Refusal]:
        """Read each line. What cannot be read is refused by itself and never costs the others."""
        lines = iter(lines)
        first = list(islice(lines, SAMPLE))
        for name, i in self.places:
            if name in DAYS:
                self.month_first[name] = cells.month_first(line.cells[i] for line in first)
        same: dict[str, str] = {}
        for line in chain(first, lines):
            value = {name: "" if line.cells[i] in cells.NOTHING else line.cells[i] for name, i in self.places}
            # A hundred units stand on a hundred thousand rows; one of each is enough.
            value |= {name: same.setdefault(value[name], value[name]) for name in REPEATED if name in value}
            if not any(value.values()) or _is_no_row(line, value.get("hr_id", "")):
                continue
            try:
                if line.problem:
                    raise _Wrong("", line.problem)
                yield self._row(line.number, value)
            except _Wrong as wrong:
                yield self._refusal(line.number, str(wrong), value.get("hr_id", ""), wrong.field)

    def _refusal(self, number: int, reason: str, hr_id: str, field: str) -> Refusal:
        """Refuse the row; a personnummer in it is kept neither as the id nor in the reason."""
        hr_id = "" if is_personnummer(hr_id) or "…" in hr_id else hr_id[: LONGEST["hr_id"]]
        return Refusal(number, mask(reason), hr_id, str(self.labels[field]) if field else "")

    def _row(self, number: int, value: dict[str, str]) -> Row:
        self._rewrite(value)
        protected = fold(value.get("protected", "")) not in NO
        protected |= any(
            value.get(name, "").lower().startswith(PROTECTED_NAMES) for name in ("first_name", "last_name")
        )
        self._check_texts(value, protected)
        starts_on, ends_on = self._period(value, "starts_on", "ends_on")
        if "term" in value:
            first, last = self._term(value["term"])
            starts_on, ends_on = starts_on or first, ends_on or last
        leave_from, leave_through = self._period(value, "leave_from", "leave_through")
        department, above = value.get("department", ""), ()
        if "unit_path" in value and (steps := cells.path(value["unit_path"])):
            *above, value["unit"] = steps
            department, above = (above[0], tuple(above[1:])) if above else (department, ())
        return Row(
            number=number,
            hr_id=value["hr_id"],
            # Of a protected person not even the name is kept.
            first_name="" if protected else value["first_name"],
            last_name="" if protected else value["last_name"],
            unit=value.get("unit", ""),
            department=department,
            above=above,
            unit_code=value.get("unit_code", ""),
            email=value.get("email", ""),
            role=value.get("role", ""),
            employment_no=value.get("employment_no", ""),
            starts_on=starts_on,
            ends_on=ends_on,
            is_main=fold(value["is_main"]) not in NO if value.get("is_main") else None,
            extent=cells.share(value.get("extent", "")),
            population=self._population(value.get("population", "")),
            leave_reason=_leave_reason(value, leave_from),
            leave_from=leave_from,
            leave_through=leave_through,
            protected=protected,
        )

    def _rewrite(self, value: dict[str, str]) -> None:
        """Give each cell the form that it has in the system, whatever Excel and reports made of it."""
        full_name = value.pop("full_name", "")
        if full_name and not value.get("last_name"):
            value["first_name"], value["last_name"] = cells.names(full_name, last_first=self.last_name_first)
        for name in ("first_name", "last_name"):
            value[name] = cells.spelled(value.get(name, ""))
        for name in ("hr_id", "employment_no"):
            try:
                value[name] = cells.number(value.get(name, ""))
            except ValueError:
                value[name] = ""  # a row with half an id does not say whose it is
                reason = _(
                    "Excel has shortened the number, so it cannot be told which it is. Format the column as text."
                )
                raise _Wrong(name, reason) from None
        value["email"] = cells.address(value.get("email", ""))
        if not value.get("unit") and "unit_path" not in value:
            code, name = cells.code_and_name(value.get("unit_code", ""))
            value["unit_code"], value["unit"] = (code, name) if code else (name, "")
        elif "unit_code" not in value and value.get("unit"):
            value["unit_code"], value["unit"] = cells.code_and_name(value["unit"])

    def _check_texts(self, value: dict[str, str], protected: bool) -> None:
        for name in ("hr_id", "employment_no"):
            if is_personnummer(value[name]) or "…" in value[name]:
                raise _Wrong(
                    name, _("The HR id looks like a personnummer, which is never stored. Use an employment number.")
                )
        if not value["hr_id"]:
            raise _Wrong("hr_id", _("The HR id is empty."))
        if "@" in value["hr_id"]:
            value["hr_id"] = ""
            raise _Wrong("hr_id", _("An e-mail address is no id, since addresses change hands."))
        if value["hr_id"].startswith(SERIES):
            raise _Wrong("hr_id", _("The id begins with a word that is kept for other systems."))
        for name in () if protected else ("first_name", "last_name"):
            if not value.get(name):
                raise _Wrong(name, _("The %(column)s is empty.") % {"column": self.labels[name]})
        if not any(value.get(name) for name in ("unit", "unit_path", "unit_code")):
            raise _Wrong("unit", _("The %(column)s is empty.") % {"column": self.labels["unit"]})
        if max(map(len, value.values())) <= min(LONGEST.values()) and "\ufffd" not in "".join(value.values()):
            return
        for name, text in value.items():
            if len(text) > LONGEST.get(name, 1000):
                raise _Wrong(name, _("The %(column)s is too long.") % {"column": self.labels[name]})
            if "\ufffd" in text:
                raise _Wrong(
                    name, _("The %(column)s holds a character that cannot be read.") % {"column": self.labels[name]}
                )

    def _period(self, value: dict[str, str], first: str, last: str) -> tuple[date | None, date | None]:
        starts_on, ends_on = self._day(value, first), self._day(value, last)
        if starts_on and starts_on.year < NO_START_YEAR:
            starts_on = None
        if ends_on and not NO_START_YEAR <= ends_on.year < NO_END_YEAR:
            ends_on = None
        if starts_on and ends_on and ends_on < starts_on:
            raise _Wrong(last, _("The last day, %(last)s, is before the first.") % {"last": ends_on})
        return starts_on, ends_on

    def _term(self, text: str) -> tuple[date | None, date | None]:
        try:
            return cells.term(text) if text else (None, None)
        except ValueError:
            reason = _("“%(text)s” is not a term of office; write it as 2022-10-15 – 2026-10-14.")
            raise _Wrong("term", reason % {"text": text[:50]}) from None

    def _day(self, value: dict[str, str], name: str) -> date | None:
        text = value.get(name, "")
        try:
            return cells.day(text, self.month_first.get(name)) if text else None
        except cells.Ambiguous:
            reason = _("“%(text)s” can be read in two ways; write it as 2025-12-31.")
        except (ValueError, OverflowError):
            reason = _("“%(text)s” is not a date; write it as 2025-12-31.")
        raise _Wrong(name, reason % {"text": text[:50]})

    def _population(self, category: str) -> str:
        if not category:
            return self.population
        if fold(category) not in POPULATIONS:
            raise _Wrong("population", _("The category “%(category)s” is not known.") % {"category": category[:50]})
        return POPULATIONS[fold(category)]


def settle(columns: Columns, headings: list[str], sample: list[Line]) -> Columns:
    """The guessed columns, corrected by what stands in them."""

    def mostly(name: str, fits: Callable[[str], bool]) -> bool:
        place = headings.index(columns[name]) if name in columns else None
        filled = (line.cells[place] for line in sample if line.cells[place]) if place is not None else ()
        return sum(map(fits, filled)) * 2 > len(sample)

    columns = dict(columns)
    if mostly("population", lambda cell: fold(cell) not in POPULATIONS):
        # Such as the terms of the employment, which say nothing of who is counted.
        del columns["population"]
    if mostly("hr_id", lambda cell: "@" in cell):
        del columns["hr_id"]
    if "unit_path" not in columns and mostly("unit", cells.is_path):
        columns["unit_path"] = columns.pop("unit")
    return columns


def _is_no_row(line: Line, hr_id: str) -> bool:
    """Whether the line only says what the lines around it are: 'Enhet: Ängskolan', 'Sida 2', 'Delsumma'."""
    if hr_id and " " not in hr_id and ":" not in hr_id:
        return False
    is_alone = len(line.cells) > 2 and sum(map(bool, line.cells)) == 1
    return is_alone or (not hr_id and is_foot(line))


def _leave_reason(value: dict[str, str], leave_from: date | None) -> str:
    """The reason code, or nothing for who is not on leave."""
    word = fold(value.get("leave_reason", ""))
    if word in NO and leave_from is None:
        return ""
    found = (reason for beginning, reason in LEAVE_REASONS.items() if word.startswith(beginning))
    return next(found, Leave.Reason.OTHER)

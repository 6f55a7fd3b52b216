"""From the lines of an HR export to rows that say who works where. Knows columns; knows nothing of the register."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from learning.organisation.models import Leave, Population

from .columns import LABELS, Columns, fold
from .personnummer import is_personnummer, mask
from .tables import Line

DATE_FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%Y.%m.%d", "%y%m%d", "%y-%m-%d")
# From this year on a last day means that there is none.
NO_END_YEAR = 2090
# Before this year a first day means that nobody wrote one.
NO_START_YEAR = 1930
# Excel counts days from here.
EXCEL_EPOCH = date(1899, 12, 30)
# What the register has room for.
LONGEST = {"hr_id": 50, "employment_no": 50, "first_name": 150, "last_name": 150, "email": 254}
LONGEST |= {"department": 200, "unit": 200, "unit_code": 50, "role": 100}

# What many rows have in common.
REPEATED = ("department", "unit", "unit_code", "role")

NO = {"", "nej", "n", "0", "false", "no", "falskt", "f"}
POPULATIONS = {
    "": Population.EMPLOYEE,
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


def read_rows(headings: list[str], lines: Iterable[Line], columns: Columns) -> Iterator[Row | Refusal]:
    """Read each line by these columns. What cannot be read is refused by itself and never costs the others."""
    places = [(name, headings.index(heading)) for name, heading in columns.items() if heading in headings]
    same: dict[str, str] = {}
    for line in lines:
        value = {name: line.cells[i] for name, i in places}
        # A hundred units stand on a hundred thousand rows; one of each is enough.
        value |= {name: same.setdefault(value[name], value[name]) for name in REPEATED if name in value}
        if not any(value.values()):
            continue
        try:
            if line.problem:
                raise _Wrong("", line.problem)
            yield _row(line.number, value)
        except _Wrong as wrong:
            yield refuse(line.number, str(wrong), value.get("hr_id", ""), wrong.field)


def refuse(number: int, reason: str, hr_id: str, field: str = "") -> Refusal:
    """Refuse the row; a personnummer in it is kept neither as the id nor in the reason."""
    hr_id = "" if is_personnummer(hr_id) or "…" in hr_id else hr_id[: LONGEST["hr_id"]]
    return Refusal(number, mask(reason), hr_id, str(LABELS[field]) if field else "")


def _row(number: int, value: dict[str, str]) -> Row:
    full_name = value.pop("full_name", "")
    if full_name and not value.get("last_name"):
        value["first_name"], value["last_name"] = _split(full_name)
    _check_texts(value)
    protected = fold(value.get("protected", "")) not in NO
    starts_on, ends_on = _period(value, "starts_on", "ends_on")
    leave_from, leave_through = _period(value, "leave_from", "leave_through")
    return Row(
        number=number,
        hr_id=value["hr_id"],
        # Of a protected person not even the name is kept.
        first_name="" if protected else value["first_name"],
        last_name="" if protected else value["last_name"],
        unit=value.get("unit", ""),
        department=value.get("department", ""),
        unit_code=value.get("unit_code", ""),
        email=value.get("email", "").lower() if "@" in value.get("email", "") else "",
        role=value.get("role", ""),
        employment_no=value.get("employment_no", ""),
        starts_on=starts_on,
        ends_on=ends_on,
        is_main=fold(value["is_main"]) not in NO if value.get("is_main") else None,
        extent=_number(value.get("extent", "")),
        population=_population(value.get("population", "")),
        leave_reason=_leave_reason(value, leave_from),
        leave_from=leave_from,
        leave_through=leave_through,
        protected=protected,
    )


def _check_texts(value: dict[str, str]) -> None:
    if not value.get("hr_id"):
        raise _Wrong("hr_id", _("The HR id is empty."))
    for name in ("hr_id", "employment_no"):
        if is_personnummer(value.get(name, "")) or "…" in value.get(name, ""):
            raise _Wrong(
                name, _("The HR id looks like a personnummer, which is never stored. Use an employment number.")
            )
    for name in ("first_name", "last_name"):
        if not value.get(name):
            raise _Wrong(name, _("The %(column)s is empty.") % {"column": LABELS[name]})
    if not value.get("unit") and not value.get("unit_code"):
        raise _Wrong("unit", _("The %(column)s is empty.") % {"column": LABELS["unit"]})
    for name, text in value.items():
        if len(text) > LONGEST.get(name, 1000):
            raise _Wrong(name, _("The %(column)s is too long.") % {"column": LABELS[name]})
        if "\ufffd" in text:
            raise _Wrong(name, _("The %(column)s holds a character that cannot be read.") % {"column": LABELS[name]})


def _split(full_name: str) -> tuple[str, str]:
    """First and last name of 'Ek, Kim' or 'Kim Ek'."""
    last, comma, first = full_name.partition(",")
    if comma:
        return first.strip(), last.strip()
    first, _space, last = full_name.rpartition(" ")
    return first, last


def _period(value: dict[str, str], first: str, last: str) -> tuple[date | None, date | None]:
    starts_on, ends_on = _date(value, first), _date(value, last)
    if starts_on and starts_on.year < NO_START_YEAR:
        starts_on = None
    if ends_on and ends_on.year >= NO_END_YEAR:
        ends_on = None
    if starts_on and ends_on and ends_on < starts_on:
        raise _Wrong(last, _("The last day, %(last)s, is before the first.") % {"last": ends_on})
    return starts_on, ends_on


def _date(value: dict[str, str], name: str) -> date | None:
    text = value.get(name, "")
    if not text:
        return None
    try:
        return _day(text)
    except ValueError:
        raise _Wrong(name, _("“%(text)s” is not a date; write it as 2025-12-31.") % {"text": text[:50]}) from None


@lru_cache(maxsize=65536)
def _day(text: str) -> date:
    day = text.partition(" ")[0].partition("T")[0]
    if len(day) == 5 and day.isdecimal():
        return EXCEL_EPOCH + timedelta(days=int(day))
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(day, pattern).date()
        except ValueError:
            continue
    raise ValueError(text)


def _number(text: str) -> float:
    """A share such as 75, '75 %', '0,75'; 0 where nothing can be read. It only decides which employment is the main."""
    try:
        return float(text.replace("%", "").replace(",", ".").replace(" ", "") or 0)
    except ValueError:
        return 0.0


def _population(category: str) -> str:
    if fold(category) not in POPULATIONS:
        raise _Wrong("population", _("The category “%(category)s” is not known.") % {"category": category[:50]})
    return POPULATIONS[fold(category)]


def _leave_reason(value: dict[str, str], leave_from: date | None) -> str:
    """The reason code, or nothing for who is not on leave."""
    word = fold(value.get("leave_reason", ""))
    if word in NO and leave_from is None:
        return ""
    found = (reason for beginning, reason in LEAVE_REASONS.items() if word.startswith(beginning))
    return next(found, Leave.Reason.OTHER)

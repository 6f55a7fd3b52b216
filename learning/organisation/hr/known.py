"""The register as it is known on the day of an HR file, read once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db.models import F, Max

from learning.organisation.models import Appointment, Employment, Leave, Municipality, OrgUnit, Person

from .findings import Finding, Kind, step
from .rows import Row


class Period(NamedTuple):
    """An employment of the register."""

    pk: int
    unit: int
    no: str
    population: str
    role: str
    is_main: bool
    starts_on: date
    ends_on: date | None

    def holds(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class Known(NamedTuple):
    """A person of the register."""

    pk: int
    first_name: str
    last_name: str
    email: str | None
    is_protected: bool


class Register:
    """The municipality's register on the day of the file, read once."""

    def __init__(self, municipality: Municipality, on: date):
        self.municipality, self.on = municipality, on
        people = Person.objects.filter(municipality=municipality).exclude(external_id=None)
        fields = ("external_id", "pk", "first_name", "last_name", "email", "is_protected")
        self.people = {hr_id: Known(*rest) for hr_id, *rest in people.values_list(*fields).iterator()}
        self.owners = {known.email: hr_id for hr_id, known in self.people.items() if known.email}
        elsewhere = Person.objects.exclude(pk__in=people.values("pk")).exclude(email=None)
        self.owners |= dict.fromkeys(elsewhere.values_list("email", flat=True), "")
        rows = Employment.objects.filter(person__in=people, unit__in=municipality.units)
        self.periods: dict[str, list[Period]] = defaultdict(list)
        fields = ("unit", "external_no", "population", "role", "is_main", "starts_on", "ends_on")
        # Values that repeat are kept once.
        same: dict = {}
        current = rows.exclude(ends_on__lt=on).order_by("starts_on", "pk")
        for hr_id, pk, *rest in current.values_list("person__external_id", "pk", *fields).iterator():
            self.periods[hr_id].append(Period(pk, *(same.setdefault(value, value) for value in rest)))
        ended = rows.filter(ends_on__lt=on)
        ended = ended.values_list("person__external_id", "external_no", "population", "unit", "role", "is_main")
        self.ended: dict[str, list[tuple]] = defaultdict(list)
        for hr_id, *rest in ended.annotate(last=Max("ends_on")):
            self.ended[hr_id].append(tuple(rest))
        self.functions: dict[str, list[str]] = defaultdict(list)
        appointments = Appointment.objects.on(on).filter(person__in=people).order_by("pk")
        for appointment in appointments.annotate(hr_id=F("person__external_id")):
            self.functions[appointment.hr_id].append(appointment.get_function_display())
        self.leaves: dict[str, list[Leave]] = defaultdict(list)
        leaves = Leave.objects.filter(person__in=people).exclude(ends_on__lt=on).order_by("starts_on", "pk")
        for leave in leaves.annotate(hr_id=F("person__external_id")):
            self.leaves[leave.hr_id].append(leave)


@dataclass
class Units:
    """Finds the unit of a row, and opens it where that is asked for."""

    municipality: Municipality
    on: date
    vague: set[str] = field(default_factory=set)

    def __post_init__(self):
        root = self.municipality.root
        units = list(self.municipality.units.on(self.on))
        self.is_empty = units == [root]
        self.starts_on = {unit.pk: unit.starts_on for unit in units}
        self.names = {unit.pk: unit.name for unit in self.municipality.units}
        departments = {u.name.casefold(): u.pk for u in units if u.depth == root.depth + 1}
        department_of = {u.path: u.name.casefold() for u in units if u.depth == root.depth + 1}
        self.by_code = {u.code: u.pk for u in units if u.code}
        # A row that names no department finds a unit whose name only one unit has, or else a department.
        names = Counter(u.name.casefold() for u in units)
        self.by_name = {("", u.name.casefold()): u.pk for u in units if names[u.name.casefold()] == 1}
        self.by_name |= {("", name): pk for name, pk in departments.items()}
        steplen = OrgUnit.steplen
        self.by_name |= {
            (department_of.get(u.path[: root.depth * steplen + steplen], ""), u.name.casefold()): u.pk for u in units
        }
        self.departments: dict[str, int | str] = dict(departments)

    def heed(self, rows: Iterable[Row]) -> None:
        """A code that stands for several units in the file, such as a cost centre, tells none of them."""
        names = defaultdict(set)
        for row in rows:
            names[row.unit_code].add((row.department.casefold(), row.unit.casefold()))
        self.vague = {code for code, units in names.items() if len(units) > 1} | {""}

    def of(self, row: Row) -> int | str | None:
        """The unit's id, or the reference of one that is to be opened; None for one that is not known."""
        by_code = None if row.unit_code in self.vague else self.by_code.get(row.unit_code)
        return by_code or self.by_name.get((row.department.casefold(), row.unit.casefold()))

    def open(self, row: Row, opens_on: date) -> Iterator[Finding]:
        """Open the row's unit, and its department before it."""
        parent: int | str = self.municipality.root.pk
        department = row.department.casefold()
        if department and department not in self.departments:
            yield self._opened(row, row.department, self.municipality.department_word, parent, "", opens_on)
            self.departments[department] = self.by_name["", department] = f"new:{row.department}/"
        if department:
            parent = self.departments[department]
        name = row.unit or row.unit_code
        code = "" if row.unit_code in self.vague else row.unit_code
        yield self._opened(row, name, "enhet", parent, code, opens_on)
        reference = f"new:{row.department}/{name}"
        self.by_name[department, row.unit.casefold()] = reference
        if code:
            self.by_code[code] = reference

    def _opened(self, row: Row, name: str, kind: str, parent, code: str, opens_on: date) -> Finding:
        reference = f"new:{row.department}/" if kind == self.municipality.department_word else None
        reference = reference or f"new:{row.department}/{name}"
        self.starts_on[reference], self.names[reference] = opens_on, name
        after = {"ref": reference, "name": name, "kind": kind, "parent": parent, "code": code, "starts_on": opens_on}
        under = "" if parent == self.municipality.root.pk else self.names[parent]
        details = {"unit": name, "under": under}
        return Finding(
            Kind.UNIT_OPENED, row.number, name=name, details=details, steps=(step("unit", None, None, after),)
        )

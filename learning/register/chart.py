"""The organisation of a day, as a chart that one can read."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count

from learning.organisation.models import Appointment, Employment, Municipality, OrgUnit, Population


@dataclass
class Line:
    """A unit of the chart, with who leads it and how many people it and all below it have, by population."""

    unit: OrgUnit
    level: int
    people: Counter = field(default_factory=Counter)
    heads: list[Appointment] = field(default_factory=list)

    @property
    def employees(self) -> int:
        return self.people[Population.EMPLOYEE]

    @property
    def others(self) -> list[tuple[str, int]]:
        """The other populations here: their name and number."""
        return [(label, self.people[value]) for value, label in Population.choices[1:] if self.people[value]]


@dataclass
class Chart:
    """The municipality at the top, and each department with all below it."""

    top: Line
    departments: list[list[Line]]


def chart_of(municipality: Municipality, on: date) -> Chart:
    """The organisation as it was, is or is planned to be on the day. A person counts once, at the main employment."""
    units = _by_name(municipality.units.on(on))
    lines = {unit.path: Line(unit, unit.depth - municipality.root.depth) for unit in units}
    top = lines.setdefault(municipality.root.path, Line(municipality.root, 0))
    _count(municipality.root, lines, on)
    _lead(municipality, lines, on)
    departments = defaultdict(list)
    for path, line in lines.items():
        if line is not top:
            departments[path[: 2 * OrgUnit.steplen]].append(line)
    return Chart(top, list(departments.values()))


def _by_name(units: Iterable[OrgUnit]) -> list[OrgUnit]:
    """In the order of the tree, those beside each other by name."""
    units = list(units)
    names = {unit.path: (unit.name.casefold(), unit.path) for unit in units}
    steps = range(OrgUnit.steplen, 256, OrgUnit.steplen)

    def way(unit: OrgUnit) -> list[tuple]:
        return [names.get(unit.path[:end], ("", "")) for end in steps if end <= len(unit.path)]

    return sorted(units, key=way)


def line_of(unit: OrgUnit, on: date) -> Line:
    """The unit by itself, with how many people it and all below it have on the day."""
    line = Line(unit, 0)
    _count(unit, {unit.path: line}, on)
    return line


def _count(top: OrgUnit, lines: dict[str, Line], on: date) -> None:
    """Count the people of the top and all below it into those of them that have a line."""
    employments = Employment.objects.on(on).filter(unit__path__startswith=top.path, is_main=True)
    counted = employments.values_list("unit__path", "population").annotate(people=Count("person", distinct=True))
    for path, population, people in counted.order_by():
        for end in range(OrgUnit.steplen, len(path) + 1, OrgUnit.steplen):
            if line := lines.get(path[:end]):
                line.people[population] += people


def _lead(municipality: Municipality, lines: dict[str, Line], on: date) -> None:
    heads = Appointment.objects.on(on).filter(
        unit__path__startswith=municipality.root.path, function=Appointment.Function.HEAD
    )
    for head in heads.select_related("person", "unit").order_by("starts_on", "pk"):
        if line := lines.get(head.unit.path):
            line.heads.append(head)

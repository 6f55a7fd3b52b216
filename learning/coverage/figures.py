"""The one query layer of all figures: screen, file and report ask here (ARCHITECTURE rule 3).

Each figure is counted from the standings of its day, on the organisation of its day, over distinct people.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from learning.organisation.models import OrgUnit
from learning.plans.models import Requirement

from .models import FrozenReport, Standing, Status

# Printed with frozen reports: a change of method gets a new number.
METHOD = "1: distinct people of the unit's subtree on the day; people in several units count once, by the best standing"


@dataclass(frozen=True)
class Coverage:
    """How many of those who should know this, do: headcount = counted + every exclusion by reason."""

    on: date
    counts: dict[Status, int]

    @property
    def headcount(self) -> int:
        """Everyone employed in the unit or below it that day, whatever the population."""
        return sum(self.counts.values())

    @property
    def counted(self) -> int:
        """The denominator: those of whom the requirement is asked."""
        return sum(number for status, number in self.counts.items() if status.is_counted)

    @property
    def competent(self) -> int:
        return self.counts.get(Status.COMPETENT, 0)

    @property
    def lacking(self) -> int:
        return self.counted - self.competent

    @property
    def excluded(self) -> dict[Status, int]:
        """Those outside the denominator, by reason; reasons that nobody has are left out."""
        return {status: n for status, n in self.counts.items() if n and not status.is_counted}

    @property
    def share(self) -> float | None:
        """The exact share in per cent; None where nobody is counted."""
        return 100 * self.competent / self.counted if self.counted else None

    @property
    def percent(self) -> int | None:
        """The share in whole per cent. 100 means everyone, and 0 means nobody."""
        return None if self.share is None else int(rounded(self.share))

    def as_dict(self) -> dict:
        """The figure as it is written into files and reports."""
        return {
            "headcount": self.headcount,
            "counted": self.counted,
            "competent": self.competent,
            "counts": {status.name.lower(): self.counts.get(status, 0) for status in Status},
        }

    @classmethod
    def from_dict(cls, on: date, data: dict) -> "Coverage":
        return cls(on, {status: data["counts"][status.name.lower()] for status in Status})


def rounded(share: float, decimals: int = 0) -> Decimal:
    """The share as it is written, half up; what is neither all nor nothing stays a step from both."""
    step = Decimal(1).scaleb(-decimals)
    # By its shortest words: 12.35 is to be 12.4, though as a binary fraction it is a little less.
    whole = Decimal(str(share)).quantize(step, ROUND_HALF_UP)
    return min(max(whole, step), 100 - step) if 0 < share < 100 else whole


def at(requirement: Requirement, unit: OrgUnit, on: date) -> Coverage:
    """The coverage of the unit and all below it on the day."""
    rows = _standings(requirement, unit).on(on).values_list("person", "status")
    return _tally(on, rows)


def series(requirement: Requirement, unit: OrgUnit, days: Iterable[date]) -> list[Coverage]:
    """The coverage of the unit on each of the days, from one query."""
    return series_of(requirement, {unit.path}, days)[unit.path]


def series_of(requirement: Requirement, paths: set[str], days: Iterable[date]) -> dict[str, list[Coverage]]:
    """The coverage of the units with these paths on each of the days, from one query."""
    rows = {path: [] for path in paths}
    top = min(paths, key=len)
    found = Standing.objects.filter(requirement=requirement, unit__path__startswith=top)
    for path, *row in found.values_list("unit__path", "person", "status", "starts_on", "ends_on"):
        for end in range(len(top), len(path) + 1, OrgUnit.steplen):
            if path[:end] in rows:
                rows[path[:end]].append(row)
    return {path: _series(own, list(days)) for path, own in rows.items()}


def _series(rows: list, days: list[date]) -> list[Coverage]:
    return [
        _tally(day, ((p, s) for p, s, first, last in rows if first <= day and (last is None or day <= last)))
        for day in days
    ]


def tree(requirement: Requirement, unit: OrgUnit, on: date) -> dict[OrgUnit, Coverage]:
    """The coverage of the unit and of every unit below it that was open on the day, in tree order."""
    units = list(OrgUnit.objects.under(unit).on(on))
    people = {open_unit.path: [] for open_unit in units}
    rows = _standings(requirement, unit).on(on).values_list("person", "status", "unit__path")
    for person, status, path in rows:
        for end in range(len(unit.path), len(path) + 1, OrgUnit.steplen):
            if path[:end] in people:
                people[path[:end]].append((person, status))
    return {open_unit: _tally(on, people[open_unit.path]) for open_unit in units}


def people(requirement: Requirement, unit: OrgUnit, on: date) -> dict[int, Status]:
    """Person id → standing, for everyone in the unit and below it on the day."""
    return _best(_standings(requirement, unit).on(on).values_list("person", "status"))


def frozen(report: FrozenReport, unit: OrgUnit) -> Coverage | None:
    """The figure of the unit in a frozen report; None where the unit did not exist then."""
    data = next((data for data in report.body["units"] if data["id"] == unit.pk), None)
    return Coverage.from_dict(report.on, data) if data else None


def frozen_tree(report: FrozenReport) -> dict[str, Coverage]:
    """Path → figure, for every unit of a frozen report."""
    return {data["path"]: Coverage.from_dict(report.on, data) for data in report.body["units"]}


def _standings(requirement: Requirement, unit: OrgUnit):
    return Standing.objects.filter(requirement=requirement, unit__path__startswith=unit.path)


def _best(rows: Iterable[tuple[int, int]]) -> dict[int, Status]:
    best = {}
    for person, status in rows:
        best[person] = min(status, best.get(person, status))
    return {person: Status(status) for person, status in best.items()}


def _tally(on: date, rows: Iterable[tuple[int, int]]) -> Coverage:
    counts = Counter(_best(rows).values())
    return Coverage(on, {status: counts.get(status, 0) for status in Status})

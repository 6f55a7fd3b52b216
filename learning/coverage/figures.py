"""The one query layer of all figures: screen, file and report ask here (ARCHITECTURE rule 3).

Each figure is counted from the standings of its day, on the organisation of its day, over distinct people. Where a
structure is given, those same people are counted in the units of that structure instead (coverage.structure).
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial

from django.db.models import Case, Min, Q, QuerySet, When
from django.utils.translation import gettext_noop

from learning.organisation.models import OrgUnit
from learning.plans.models import Requirement

from .models import FrozenReport, Standing, Status
from .structure import Structure

# Printed with frozen reports: a change of method gets a new number.
METHOD = gettext_noop(
    "3: distinct people of the unit's subtree on the day; people in several units count once, by the best standing; "
    "counted are those whom the rule of the day means; a completion counts while it is valid, by the course and by the "
    "rule, and no newer edition of the course has ended it"
)


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
        """The figure of a report; an older one does not know of every status."""
        return cls(on, {status: data["counts"].get(status.name.lower(), 0) for status in Status})


def rounded(share: float, decimals: int = 0) -> Decimal:
    """The share as it is written, half up; what is neither all nor nothing stays a step from both."""
    step = Decimal(1).scaleb(-decimals)
    # By its shortest words: 12.35 is to be 12.4, though as a binary fraction it is a little less.
    whole = Decimal(str(share)).quantize(step, ROUND_HALF_UP)
    return min(max(whole, step), 100 - step) if 0 < share < 100 else whole


def at(requirement: Requirement, unit: OrgUnit, on: date, structure: Structure | None = None) -> Coverage:
    """The coverage of the unit and all below it on the day."""
    best = _standings(requirement, unit.path, structure).on(on).values("person").annotate(best=Min("status"))
    return _coverage(on, Counter(best.values_list("best", flat=True)))


def series(
    requirement: Requirement, unit: OrgUnit, days: Iterable[date], structure: Structure | None = None
) -> list[Coverage]:
    """The coverage of the unit on each of the days, from one query."""
    days = list(days)
    found = {figure.on: figure for figure in series_of(requirement, {unit.path}, days, structure)[unit.path]}
    return [found[day] for day in days]


def series_of(
    requirement: Requirement, paths: set[str], days: Iterable[date], structure: Structure | None = None
) -> dict[str, list[Coverage]]:
    """The coverage of the units with these paths on each of the days, from one query."""
    days = sorted(set(days))
    sweeps = {path: _Sweep(len(days)) for path in paths}
    top = min(paths, key=len)
    rows = _standings(requirement, top, structure)
    rows = rows.values_list("unit__path", "person", "status", "starts_on", "ends_on")
    before, through = _places(days)
    for path, person, status, first, last in _placed(rows, structure):
        start, end = before(first), len(days) if last is None else through(last)
        if start < end:
            for length in range(len(top), len(path) + 1, OrgUnit.steplen):
                if sweep := sweeps.get(path[:length]):
                    sweep.add(person, status, start, end)
    return {
        path: [_coverage(day, counts) for day, counts in zip(days, sweep, strict=True)]
        for path, sweep in sweeps.items()
    }


def _places(days: list[date]):
    """How many of the days come before a day, and how many through it; most days are asked for many times."""
    return cache(partial(bisect_left, days)), cache(partial(bisect_right, days))


class _Sweep:
    """Counts people by their best standing, from day to day, by what begins and ends between them."""

    def __init__(self, days: int):
        self.begun, self.ended = [[] for _ in range(days + 1)], [[] for _ in range(days + 1)]

    def add(self, person: int, status: int, start: int, end: int) -> None:
        """A standing that holds from the day in place `start` until the one in place `end`."""
        self.begun[start].append((person, status))
        self.ended[end].append((person, status))

    def __iter__(self):
        counts, held = Counter(), defaultdict(list)
        for begun, ended in zip(self.begun[:-1], self.ended[:-1], strict=True):
            for changes, change in ((ended, list.remove), (begun, list.append)):
                for person, status in changes:
                    own = held[person]
                    if own:
                        counts[min(own)] -= 1
                    change(own, status)
                    if own:
                        counts[min(own)] += 1
            yield counts


def tree(
    requirement: Requirement, unit: OrgUnit, on: date, structure: Structure | None = None
) -> dict[OrgUnit, Coverage]:
    """The coverage of the unit and of every unit below it that was open on the day, in tree order."""
    units = list(OrgUnit.objects.under(unit).on(structure.on if structure else on))
    best = {open_unit.path: {} for open_unit in units}
    rows = _standings(requirement, unit.path, structure).on(on).values_list("unit__path", "person", "status")
    for path, person, status in _placed(rows, structure):
        for end in range(len(unit.path), len(path) + 1, OrgUnit.steplen):
            own = best.get(path[:end])
            if own is not None and status < own.get(person, Status.NOT_MEANT + 1):
                own[person] = status
    return {open_unit: _coverage(on, Counter(best[open_unit.path].values())) for open_unit in units}


# In lists those who lack the course come first, then those who have it, then those who are not asked.
ORDER = (Status.EXPIRED, Status.NOT_STARTED, Status.STARTED, Status.COMPETENT)


def people(
    requirement: Requirement,
    unit: OrgUnit,
    on: date,
    statuses: Iterable[Status] = Status,
    structure: Structure | None = None,
) -> QuerySet:
    """(Person id, standing) of those in the unit and below it with these standings on the day, in order, by name."""
    rows = _standings(requirement, unit.path, structure).on(on).values("person").annotate(best=Min("status"))
    rows = rows.filter(best__in=[int(status) for status in statuses])
    return rows.order_by(rank(), "person__last_name", "person__first_name", "person").values_list("person", "best")


def rank() -> Case:
    """The place in lists of what is annotated as `best`."""
    return Case(*[When(best=status, then=place) for place, status in enumerate(ORDER)], default=len(ORDER))


def frozen(report: FrozenReport, unit: OrgUnit) -> Coverage | None:
    """The figure of the unit in a frozen report; None where the unit did not exist then."""
    data = next((data for data in report.body["units"] if data["id"] == unit.pk), None)
    return Coverage.from_dict(report.on, data) if data else None


def frozen_tree(report: FrozenReport) -> dict[str, Coverage]:
    """Path → figure, for every unit of a frozen report."""
    return {data["path"]: Coverage.from_dict(report.on, data) for data in report.body["units"]}


def _standings(requirement: Requirement, path: str, structure: Structure | None):
    """The standings of the unit with this path and all below it; where a structure is given, as it counts them."""
    here = structure.within(path) if structure else Q(unit__path__startswith=path)
    return Standing.objects.filter(here, requirement=requirement)


def _placed(rows: Iterable[tuple], structure: Structure | None) -> Iterable[tuple]:
    """The rows (path, person, …), each with the path of the unit in which the person is counted."""
    if structure is None:
        return rows
    return ((structure.home(path, person), person, *rest) for path, person, *rest in rows)


def _coverage(on: date, counts: Mapping[int, int]) -> Coverage:
    return Coverage(on, {status: counts.get(status, 0) for status in Status})

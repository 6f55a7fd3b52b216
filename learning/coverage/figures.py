"""The one query layer of all figures: screen, file and report ask here (ARCHITECTURE rule 3).

Each figure is of distinct people by their standings of its day, on the organisation of its day, as the ledger keeps it
(coverage.ledger). Where a structure is given, those same people are counted in its units instead (coverage.structure).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import accumulate

from django.db.models import Case, Min, Q, QuerySet, Value, When
from django.utils.translation import gettext_noop

from learning.organisation.models import OrgUnit
from learning.plans.models import Requirement

from . import ledger
from .models import FrozenReport, Standing, Status
from .structure import Structure

# Printed with frozen reports: a change of method gets a new number.
METHOD = gettext_noop(
    "3: distinct people of the unit's subtree on the day; people in several units count once, by the best standing; "
    "counted are those whom the rule of the day means; a completion counts while it is valid, by the course and by the "
    "rule, and no newer edition of the course has ended it"
)


# Those whom a requirement means, and of whom it is not asked on the day.
ASKED_OTHERWISE = (Status.ON_LEAVE, Status.EXEMPT, Status.NEW)


@dataclass(frozen=True)
class Coverage:
    """How many of those who should know this, do: headcount = counted + every exclusion by reason."""

    on: date
    counts: dict[Status, int]

    @property
    def headcount(self) -> int:
        """Everyone employed in the unit or below it that day, whatever the population."""
        return sum(self.counts.values())

    @cached_property
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
    def is_of_nobody(self) -> bool:
        """Whether nobody is asked, nor would be but for leave, an exemption or being new."""
        return not self.counted and not any(self.counts.get(status) for status in ASKED_OTHERWISE)

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
    return series(requirement, unit, [on], structure)[0]


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
    if not days or not paths:
        return {path: [] for path in paths}
    found = _counted(requirement, paths, days, structure) if structure else _kept(requirement, paths, days)
    return {path: [_coverage(day, found.get((path, day))) for day in days] for path in paths}


def tree(
    requirement: Requirement, unit: OrgUnit, on: date, structure: Structure | None = None
) -> dict[OrgUnit, Coverage]:
    """The coverage of the unit and of every unit below it that was open on the day, in tree order."""
    units = list(OrgUnit.objects.under(unit).on(structure.on if structure else on))
    found = series_of(requirement, {open_unit.path for open_unit in units}, [on], structure)
    return {open_unit: found[open_unit.path][0] for open_unit in units}


def together(requirements: QuerySet[Requirement], on: date) -> Coverage:
    """The coverage of all municipalities that ask these, each as a whole; whoever is asked by two counts in both."""
    roots = requirements.on(on).order_by().values_list("pk", "municipality__root", "pk")
    return _coverage(on, ledger.total(roots, on))


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


def frozen_people(report: FrozenReport, unit: OrgUnit) -> QuerySet:
    """(Person id, standing) of those in the unit and below it, as they were fixed."""
    rows = report.standings.filter(unit__path__startswith=unit.path).order_by().values("person")
    return rows.annotate(best=Min("status")).values_list("person", "best")


def rows(
    requirement: Requirement, unit: OrgUnit, on: date, fixed: FrozenReport | None = None
) -> Iterator[tuple[int, int, str]]:
    """(Person, standing, path) for each unit below this one that somebody is in, as it is known or as it was fixed."""
    if fixed:
        known = fixed.standings.filter(unit__path__startswith=unit.path)
    else:
        known = _standings(requirement, unit.path, None).on(on)
    return known.order_by().values_list("person", "status", "unit__path").iterator(chunk_size=5000)


def _standings(requirement: Requirement, path: str, structure: Structure | None):
    """The standings of the unit with this path and all below it; where a structure is given, as it counts them."""
    here = structure.within(path) if structure else Q(unit__path__startswith=path)
    return Standing.objects.filter(here, requirement=requirement)


def _kept(requirement: Requirement, paths: set[str], days: list[date]) -> dict[tuple[str, date], ledger.Numbers]:
    """The numbers of each path and day, as the ledger has them."""
    units = OrgUnit.objects.filter(path__in=paths).order_by()
    return ledger.numbers(units.values_list(Value(requirement.pk), "pk", "path"), days)


def _counted(
    requirement: Requirement, paths: set[str], days: list[date], structure: Structure
) -> dict[tuple[str, date], ledger.Numbers]:
    """The numbers of each path and day, counted from the standings in the units of the structure."""
    rows = _standings(requirement, min(paths, key=len), structure).overlapping(days[0], days[-1])
    placed = ((structure.home(path, person), person, *rest) for path, person, *rest in rows.values_list(*ledger.ROW))
    changed = defaultdict(lambda: ledger.NOTHING)  # since the day before of those that are asked for
    for (path, on), numbers in ledger.changes(placed).items():
        place = bisect_left(days, on)
        changed[path, place] = ledger.plus(changed[path, place], numbers)
    found = {}
    for path in paths:
        sums = accumulate((changed[path, place] for place in range(len(days))), ledger.plus)
        found |= {(path, day): numbers for day, numbers in zip(days, sums, strict=True)}
    return found


def _coverage(on: date, numbers: ledger.Numbers | None) -> Coverage:
    return Coverage(on, dict(zip(Status, numbers or [0] * len(Status), strict=True)))

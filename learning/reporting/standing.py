"""What a page or a file says about a unit: every figure from coverage.figures, every name within authority."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from learning.access.authority import Action, Authority
from learning.coverage import figures
from learning.coverage.figures import Coverage
from learning.coverage.models import FrozenReport, Status
from learning.dated import DAY
from learning.organisation.models import Employment, OrgUnit, Person
from learning.plans.models import Goal
from learning.records.models import Completion

# Below this, a figure without names could point at somebody (TRUST: published figures).
SMALLEST_GROUP = 10
SMALLEST_PART = 5


@dataclass
class Line:
    """A person of the unit and their status; never answers, scores or time spent."""

    person: Person
    status: Status
    unit_name: str = ""
    role: str = ""
    completed_on: date | None = None
    valid_through: date | None = None


@dataclass
class UnitStanding:
    """A unit's standing towards a goal on a day, as this reader may see it."""

    authority: Authority
    unit: OrgUnit
    goal: Goal
    on: date
    today: date

    @property
    def requirement(self):
        return self.goal.requirement

    @cached_property
    def may_see_people(self) -> bool:
        return self.authority.units(Action.SEE_PEOPLE).filter(pk=self.unit.pk).exists()

    @cached_property
    def tree(self) -> dict[OrgUnit, Coverage]:
        """The figures of the unit and of all below it."""
        return figures.tree(self.requirement, self.unit, self.on)

    @cached_property
    def coverage(self) -> Coverage:
        return self.tree.get(self.unit) or figures.at(self.requirement, self.unit, self.on)

    @cached_property
    def moved_to(self) -> list[OrgUnit]:
        """Where the unit is to be found, if it is closed on the day."""
        closed = self.unit.ends_on is not None and self.unit.ends_on < self.on
        return list(self.unit.successors.all()) if closed else []

    @cached_property
    def came_from(self) -> list[OrgUnit]:
        """Where the unit was, if it is not yet open on the day."""
        return list(self.unit.predecessors.all()) if self.on < self.unit.starts_on else []

    @property
    def hide_own(self) -> bool:
        """Whether this unit's own figure is too small to show to this reader."""
        return not self.may_see_people and is_small(self.coverage)

    @property
    def hide_outcome(self) -> bool:
        """Whether the fixed figure is too small to show to this reader."""
        return not self.may_see_people and is_small(self.outcome)

    @property
    def partition(self) -> list[dict]:
        """Everyone employed here, by status: those counted first, then those who are not, by reason."""
        counts = self.coverage.counts
        return [
            {"label": status.label, "number": counts[status], "is_counted": status.is_counted}
            for status in Status
            if counts[status] or status.is_counted
        ]

    @property
    def excluded_total(self) -> int:
        return sum(self.coverage.excluded.values())

    @cached_property
    def units_below(self) -> list[dict]:
        """The units right below, by name, each with its figure; hidden where a group is too small to show unnamed."""
        below = [(u, c) for u, c in self.tree.items() if u.depth == self.unit.depth + 1]
        return [
            {"unit": unit, "coverage": coverage, "hidden": not self.may_see_people and is_small(coverage)}
            for unit, coverage in sorted(below, key=lambda row: row[0].name.casefold())
        ]

    @cached_property
    def path_to_unit(self) -> list[OrgUnit]:
        """The units above that the reader may open, from the top."""
        above = [self.unit.path[:end] for end in range(OrgUnit.steplen, len(self.unit.path), OrgUnit.steplen)]
        return list(self.authority.units(Action.SEE_FIGURES).filter(path__in=above)) if above else []

    @cached_property
    def outcome(self) -> Coverage | None:
        """What was fixed for this unit at the goal's date; None before it, or where the unit did not exist."""
        report = self.frozen_report
        return figures.frozen(report, self.unit) if report else None

    @property
    def outcome_reached(self) -> bool:
        """Whether the fixed share is at least the threshold; exactly, before any rounding."""
        return self.outcome.share is not None and self.outcome.share >= self.goal.threshold_percent

    @cached_property
    def frozen_report(self) -> FrozenReport | None:
        return FrozenReport.objects.filter(goal=self.goal).first()

    @property
    def is_after_goal(self) -> bool:
        return self.goal.is_closed(self.on)

    @cached_property
    def history(self) -> list[Coverage]:
        """The figure at each month's end since the requirement began, and on the day itself."""
        return figures.series(self.requirement, self.unit, month_ends(self.requirement.starts_on, self.on))

    @property
    def history_newest_first(self) -> list[Coverage]:
        return self.history[::-1]

    @cached_property
    def lines(self) -> list[Line]:
        """Everyone in the unit and below it: those who lack it first, then by name."""
        if not self.may_see_people:
            return []
        statuses = figures.people(self.requirement, self.unit, self.on)
        people = Person.objects.in_bulk(statuses)
        work, done = self._work(), self._completions()
        lines = [
            Line(people[pk], status, *work.get(pk, ("", "")), *done.get(pk, (None, None)))
            for pk, status in statuses.items()
        ]
        order = [Status.EXPIRED, Status.NOT_STARTED, Status.STARTED, Status.COMPETENT]
        rank = {status: place for place, status in enumerate(order)}
        return sorted(lines, key=lambda line: (rank.get(line.status, 9), line.person.last_name, line.person.first_name))

    def _work(self) -> dict[int, tuple[str, str]]:
        rows = Employment.objects.on(self.on).filter(unit__path__startswith=self.unit.path)
        values = rows.order_by("is_main", "-starts_on").values_list("person", "unit__name", "role")
        return {person: (unit, role) for person, unit, role in values}

    def _completions(self) -> dict[int, tuple[date, date | None]]:
        rows = Completion.objects.filter(course_key=self.requirement.course_key, completed_on__lte=self.on)
        rows = rows.filter(person__employments__unit__path__startswith=self.unit.path)
        values = rows.order_by("completed_on").values_list("person", "completed_on", "valid_through")
        return {person: (completed_on, valid_through) for person, completed_on, valid_through in values}


def is_small(coverage: Coverage) -> bool:
    """Whether the figure may only be shown to those who may see the people behind it."""
    return coverage.counted < SMALLEST_GROUP or coverage.competent < SMALLEST_PART or coverage.lacking < SMALLEST_PART


def month_ends(first: date, last: date) -> list[date]:
    """The last day of each month from `first` on, and `last` itself."""
    days = []
    month = first.replace(day=1)
    while month <= last:
        month = (month + timedelta(days=32)).replace(day=1)
        days.append(min(month - DAY, last))
    return days

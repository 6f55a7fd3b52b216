"""What a page or a file says about a unit: every figure from coverage.figures, every name within authority."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from learning.access.authority import Action, Authority
from learning.coverage import figures
from learning.coverage.figures import Coverage
from learning.coverage.models import FrozenReport, Status
from learning.coverage.structure import Structure
from learning.dated import DAY, in_force
from learning.organisation.models import OrgUnit
from learning.plans.models import Goal, Rule

from .address import AS_IT_IS, AS_IT_WAS
from .people import PeopleList
from .small import hidden_paths, is_small, merged

# A curve goes back this far at most, whatever day a requirement is said to have begun.
LONGEST_HISTORY_YEARS = 20


@dataclass
class UnitStanding:
    """A unit's standing towards a goal on a day, as this reader may see it."""

    authority: Authority
    unit: OrgUnit
    goal: Goal
    goals: list[Goal]  # all that there are to choose among
    on: date
    today: date
    organisation: str = ""  # as the address asks for it

    @property
    def requirement(self):
        return self.goal.requirement

    @cached_property
    def rule(self) -> Rule:
        """Who is meant on the day."""
        return self.requirement.rule_on(self.on)

    @property
    def latest(self) -> date:
        """The day that is shown where none is asked for: today, or the last day of a requirement that has ended."""
        return min(self.today, self.requirement.ends_on or self.today)

    def within(self, day: date) -> date:
        """The day, or the nearest one on which there is a figure."""
        return max(min(day, self.latest), min(self.requirement.starts_on, self.latest))

    @cached_property
    def may_see_people(self) -> bool:
        return self.authority.units(Action.SEE_PEOPLE).filter(pk=self.unit.pk).exists()

    @cached_property
    def may_see_all(self) -> bool:
        """Whether the reader may see everyone in the municipality."""
        return self.authority.units(Action.SEE_PEOPLE).filter(path=self.unit.root_path).exists()

    @property
    def shows_names(self) -> bool:
        """Whether people are listed. In today's organisation some come from units that a head has never had."""
        return self.may_see_people and (self.structure is None or self.may_see_all)

    @cached_property
    def structure(self) -> Structure | None:
        """Today's structure, where it is asked for by one who may ask, of a unit that is open today."""
        return self._todays_structure if self.organisation == AS_IT_IS and self._may_ask_today else None

    @property
    def _may_ask_today(self) -> bool:
        # Without names, figures would be told that nothing hides: those of the units that became this one.
        return self.may_see_people and in_force(self.unit, self.today)

    @cached_property
    def _todays_structure(self) -> Structure:
        return Structure(self.unit.root_path, self.today)

    @property
    def offers_structures(self) -> bool:
        """Whether there is anything to choose: an earlier day, or a curve across a reorganisation."""
        return self._may_ask_today and bool(self.on != self.latest or self.reorganised_on)

    @cached_property
    def reorganised_on(self) -> list[date]:
        """The days that the curve crosses, on which units came from elsewhere into this one, or left it."""
        if not self._may_ask_today:
            return []
        days = self._todays_structure.reorganisations(self.unit.path)
        last = self.today if self.structure else self.on
        return [day for day in days if self.first_day < day <= last]

    @cached_property
    def tree(self) -> dict[OrgUnit, Coverage]:
        """The figures of the unit and of all below it."""
        return figures.tree(self.requirement, self.unit, self.on, self.structure)

    @cached_property
    def coverage(self) -> Coverage:
        return self.tree.get(self.unit) or figures.at(self.requirement, self.unit, self.on, self.structure)

    @cached_property
    def moved_to(self) -> list[OrgUnit]:
        """Where the unit is to be found, if it is closed on the day."""
        closed = self.unit.ends_on is not None and self.unit.ends_on < self.on
        return list(self.unit.successors.all()) if closed else []

    @cached_property
    def came_from(self) -> list[OrgUnit]:
        """Where the unit was, if it is not yet open on the day."""
        before = self.on < self.unit.starts_on and self.structure is None
        return list(self.unit.predecessors.all()) if before else []

    @cached_property
    def hidden(self) -> set[str]:
        """The paths of the units whose figures this reader may not see."""
        if self.may_see_people:
            return set()
        tree = figures.tree(self.requirement, OrgUnit.objects.get(path=self.unit.root_path), self.on)
        return hidden_paths({unit.path: coverage for unit, coverage in tree.items()})

    @property
    def hide_own(self) -> bool:
        """Whether this unit's own figure is hidden from this reader."""
        return not self.may_see_people and (self.unit.path in self.hidden or is_small(self.coverage))

    @property
    def hide_outcome(self) -> bool:
        """Whether the fixed figure is hidden from this reader."""
        if self.may_see_people:
            return False
        return self.unit.path in hidden_paths(figures.frozen_tree(self.frozen_report))

    @property
    def shows_statuses(self) -> bool:
        """Whether everyone employed is told by status: without names only at the top, so that nothing is subtracted."""
        return self.may_see_people or (self.unit.is_root() and not self.hide_own)

    @property
    def partition(self) -> list[dict]:
        """Everyone employed here, by status: those counted first, then those who are not, by reason."""
        counts = self.coverage.counts
        cells = [
            {"label": status.label, "number": counts[status], "is_counted": status.is_counted}
            for status in Status
            if counts[status] or status.is_counted
        ]
        if self.may_see_people:
            return cells
        # Those completed and those counted are told anyway, so each part is merged within itself.
        completed, lacking = cells[:1], [cell for cell in cells[1:] if cell["is_counted"]]
        return completed + merged(lacking) + merged([cell for cell in cells if not cell["is_counted"]])

    @property
    def hide_headcount(self) -> bool:
        """Whether the headcount would tell a number that the partition does not."""
        return any(cell["number"] is None for cell in self.partition)

    @property
    def excluded_total(self) -> int:
        return sum(self.coverage.excluded.values())

    @cached_property
    def units_below(self) -> list[dict]:
        """The units right below, by name, each with its figure; hidden where a group is too small to show unnamed."""
        below = [(u, c) for u, c in self.tree.items() if u.depth == self.unit.depth + 1]
        return [
            {"unit": unit, "coverage": coverage, "hidden": unit.path in self.hidden}
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
        """Whether the fixed share is at least the threshold fixed with it; exactly, before any rounding."""
        return self.outcome.share is not None and self.outcome.share >= self.threshold

    @property
    def threshold(self) -> int:
        """The threshold that was fixed with the outcome; that of the goal where nothing is fixed."""
        return self.frozen_report.body["threshold_percent"] if self.frozen_report else self.goal.threshold_percent

    @cached_property
    def frozen_report(self) -> FrozenReport | None:
        """What was fixed at the date that the goal has."""
        return FrozenReport.objects.filter(goal=self.goal, on=self.goal.due_on).first() if self.goal.due_on else None

    @property
    def is_after_goal(self) -> bool:
        """Whether the outcome is to be spoken of: not beside an earlier day that was asked for."""
        return self.goal.is_closed(self.today if self.on == self.latest else self.on)

    @property
    def is_later_than_outcome(self) -> bool:
        return self.goal.is_closed(self.on)

    @property
    def first_day(self) -> date:
        """The day on which the curve begins."""
        longest = date(max(self.on.year - LONGEST_HISTORY_YEARS, 1), 1, 1)
        return max(self.requirement.starts_on, longest)

    @cached_property
    def _structure_of_successor(self) -> Structure | None:
        """For a unit that came out of a reorganisation, the structure of the day: its curve begins before it opened."""
        if self.organisation == AS_IT_WAS or not self._may_ask_today or not self.first_day < self.unit.starts_on:
            return None
        if not in_force(self.unit, self.on) or not self.unit.predecessors.exists():
            return None
        return Structure(self.unit.root_path, self.on)

    @property
    def shows_predecessors(self) -> bool:
        """Whether the curve counts those of the units that became this one."""
        return bool(self.structure or self._structure_of_successor)

    @cached_property
    def history(self) -> list[Coverage]:
        """The figure at each month's end since the requirement began, and on the day itself.

        A figure that is hidden from this reader is one of nobody.
        """
        days = month_ends(self.first_day, self.on)
        if self.may_see_people:
            return figures.series(self.requirement, self.unit, days, self.structure or self._structure_of_successor)
        return self._history_without_names(days)

    def _history_without_names(self, days: list[date]) -> list[Coverage]:
        """The figures of the unit; those that are small, or are told by the units beside on that day, left out."""
        line = [self.unit.path[:end] for end in range(OrgUnit.steplen, len(self.unit.path), OrgUnit.steplen)]
        root = OrgUnit.objects.get(path=self.unit.root_path)
        below = OrgUnit.objects.under(root).filter(depth__lte=self.unit.depth)
        beside = {unit.path for unit in below if unit.is_root() or unit.path[: -OrgUnit.steplen] in line}
        found = figures.series_of(self.requirement, beside, days)
        shown = []
        for place, day in enumerate(days):
            hidden = hidden_paths({path: points[place] for path, points in found.items()})
            shown.append(Coverage(day, {}) if self.unit.path in hidden else found[self.unit.path][place])
        return shown

    @property
    def history_newest_first(self) -> list[Coverage]:
        return self.history[::-1]

    def people(self, statuses: Iterable[Status] = Status) -> PeopleList:
        """Those with these standings; nobody, for a reader who may not be told who they are."""
        told = list(statuses) if self.shows_names else []
        return PeopleList(self.requirement, self.unit, self.on, told, self.coverage.counts, self.structure)


def month_ends(first: date, last: date) -> list[date]:
    """The last day of each month from `first` on, and `last` itself."""
    days = []
    month = first.replace(day=1)
    while month <= last:
        month = (month + timedelta(days=32)).replace(day=1)
        days.append(min(month - DAY, last))
    return days

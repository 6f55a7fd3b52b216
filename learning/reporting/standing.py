"""What a page or a file says about a unit: every figure from coverage.figures, every name within authority."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db.models import OuterRef, Q
from django.db.models.functions import Left
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from learning.access.authority import Action, Authority
from learning.coverage import figures
from learning.coverage.figures import Coverage
from learning.coverage.forecast import Forecast, counts_for, pace_of
from learning.coverage.models import FrozenReport, Status
from learning.coverage.services import STILL_COUNTING, is_waiting
from learning.coverage.structure import Structure, is_reorganised, reorganised_on
from learning.dated import DAY, in_force
from learning.organisation.models import OrgUnit, OrgUnitQuerySet
from learning.plans.models import Goal, Rule

from .address import AS_IT_IS, AS_IT_WAS, NOT_YET
from .duties import has_duties
from .people import PeopleList
from .small import SMALLEST_PART, hidden_paths, is_small, merged

# A curve goes back this far at most, whatever day a requirement is said to have begun, and ahead no further than that.
LONGEST_HISTORY_YEARS, LONGEST_FORECAST_YEARS = 20, 10


@dataclass(frozen=True)
class Elsewhere:
    """Where the people of a unit are at another time, and whether the reader may open it."""

    unit: OrgUnit
    may_open: bool


@dataclass
class UnitStanding:
    """A unit's standing towards a goal on a day, as this reader may see it."""

    authority: Authority
    unit: OrgUnit  # as `told` describes it
    goal: Goal
    goals: list[Goal]  # all that there are to choose among
    on: date
    today: date
    organisation: str = ""  # as the address asks for it
    asked_on: date | None = None  # the same

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

    @property
    def is_past(self) -> bool:
        """Whether it is told of a day that has been."""
        return self.on < self.today

    @property
    def another_day(self) -> str:
        """Why another day is shown than the one that is asked for, in a sentence; nothing where it is that day."""
        words = {"day": date_format(self.on, "j F Y")}
        if self.asked_on in (None, self.on):
            return ""
        if self.asked_on > self.today and not self.is_past:
            return str(NOT_YET)
        if self.asked_on > self.on:
            return _("This was asked through %(day)s. That day is shown here.") % words
        if not self.may_see_people:
            return _("Earlier days are shown only to those who may see the people. %(day)s is shown here.") % words
        return _("There are figures from %(day)s on. That day is shown here.") % words

    @property
    def still_counting(self) -> str:
        """That the figures lack what was changed last, in a sentence; nothing where they have everything."""
        return str(STILL_COUNTING) if self.unit.is_waiting else ""

    @property
    def may_see_people(self) -> bool:
        return self.authority.reaches(self.unit, Action.SEE_PEOPLE)

    @property
    def may_see_all(self) -> bool:
        """Whether the reader may see everyone in the municipality."""
        return self.authority.reaches(OrgUnit(path=self.unit.root_path), Action.SEE_PEOPLE)

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
        if not self._may_ask_today or not self.unit.is_reorganised:
            return []
        last = self.today if self.structure else self.on
        return [day for day in reorganised_on(self.unit, self.today) if self.first_day < day <= last]

    @cached_property
    def _around(self) -> list[OrgUnit]:
        """The units above that the reader may open, from the top, and all that have ever been right below."""
        path, step = self.unit.path, OrgUnit.steplen
        above = [path[:end] for end in range(step, len(path), step)]
        above = [one for one in above if self.authority.reaches(OrgUnit(path=one), Action.SEE_FIGURES)]
        if not above and self.unit.is_leaf():
            return []
        below = Q(path__startswith=path, depth=self.unit.depth + 1)
        return list(OrgUnit.objects.filter(below | Q(path__in=above)))

    @property
    def path_to_unit(self) -> list[OrgUnit]:
        """The units above that the reader may open, from the top."""
        return [unit for unit in self._around if unit.depth < self.unit.depth]

    @property
    def _below(self) -> list[OrgUnit]:
        """The units right below that are open on the day."""
        day = self.structure.on if self.structure else self.on
        return [unit for unit in self._around if unit.depth > self.unit.depth and in_force(unit, day)]

    @cached_property
    def _figures(self) -> dict[str, dict[date, Coverage]]:
        """Path → day → figure, for the unit and those right below, on all days that the page tells of: asked once."""
        paths = {self.unit.path, *(unit.path for unit in self._below)}
        if not self.may_see_people:
            paths |= self._beside
        found = figures.series_of(self.requirement, paths, {*self._past, self.on, *self._ahead}, self.structure)
        return {path: {figure.on: figure for figure in points} for path, points in found.items()}

    @property
    def coverage(self) -> Coverage:
        return self._figures[self.unit.path][self.on]

    @cached_property
    def tree(self) -> dict[OrgUnit, Coverage]:
        """The figures of the unit and of all below it, for files."""
        return figures.tree(self.requirement, self.unit, self.on, self.structure)

    @cached_property
    def moved_to(self) -> list[Elsewhere]:
        """Where the unit is to be found, if it is closed on the day."""
        closed = self.unit.ends_on is not None and self.unit.ends_on < self.on
        return self._elsewhere(self.unit.successors) if closed else []

    @cached_property
    def came_from(self) -> list[Elsewhere]:
        """Where the unit was, if it is not yet open on the day."""
        before = self.on < self.unit.starts_on and self.structure is None
        return self._elsewhere(self.unit.predecessors) if before else []

    def _elsewhere(self, units) -> list[Elsewhere]:
        return [Elsewhere(unit, self.authority.reaches(unit, Action.SEE_FIGURES)) for unit in units.all()]

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
    def method(self) -> str:
        """How it is counted, with its number."""
        return _(figures.METHOD)

    @property
    def excluded_total(self) -> int:
        return sum(self.coverage.excluded.values())

    @property
    def counted_then(self) -> int | None:
        """How many the forecast is of, on the goal's day: only to those who may see who comes and goes until then."""
        return self.forecast.nothing_more.counted if self.forecast and self.may_see_people else None

    @cached_property
    def units_below(self) -> list[dict]:
        """The units right below, by name, each with its figure; hidden where a group is too small to show unnamed."""
        return [
            {"unit": unit, "coverage": self._figures[unit.path][self.on], "hidden": unit.path in self.hidden}
            for unit in sorted(self._below, key=lambda unit: unit.name.casefold())
        ]

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
        """What was fixed at the date that the goal has, once it has passed."""
        closed = self.goal.is_closed(self.today)
        return FrozenReport.objects.filter(goal=self.goal, on=self.goal.due_on).first() if closed else None

    @property
    def is_after_goal(self) -> bool:
        """Whether the goal and its outcome are spoken of as past: from its day on, not beside an earlier one."""
        if not self.goal.is_closed(self.today):
            return False
        return self.on == self.latest or self.on >= self.goal.due_on

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
    def _past(self) -> list[date]:
        return month_ends(self.first_day, self.on)

    @cached_property
    def history(self) -> list[Coverage]:
        """The figure at each month's end since the requirement began, and on the day itself.

        A figure that is hidden from this reader is one of nobody.
        """
        if self._structure_of_successor and not self.structure:
            return figures.series(self.requirement, self.unit, self._past, self._structure_of_successor)
        return self.history_of(self.unit)

    def history_of(self, unit: OrgUnit) -> list[Coverage]:
        """The same for the unit or one right below it."""
        points = self._figures[unit.path]
        return [Coverage(day, {}) if unit.path in self._hidden_on[day] else points[day] for day in self._past]

    @cached_property
    def _hidden_on(self) -> dict[date, set[str]]:
        """Day → the units whose figures of that day are hidden: small ones, and those that tell of them beside."""
        if self.may_see_people:
            return dict.fromkeys(self._past, frozenset())
        return {day: hidden_paths({path: points[day] for path, points in self._figures.items()}) for day in self._past}

    @cached_property
    def _beside(self) -> set[str]:
        """The paths of the units from the root down to this one, and of those beside each of them."""
        line = [self.unit.path[:end] for end in range(OrgUnit.steplen, len(self.unit.path), OrgUnit.steplen)]
        above = OrgUnit.objects.under_paths([self.unit.root_path]).filter(depth__lte=self.unit.depth)
        return {unit.path for unit in above if unit.is_root() or unit.path[: -OrgUnit.steplen] in line}

    @cached_property
    def _ahead(self) -> list[date]:
        """The days of the forecast, the goal's date last; none where there is nothing to tell."""
        due_on, ends_on = self.goal.due_on, self.requirement.ends_on
        if due_on is None or due_on <= self.on or self.on != self.today or (ends_on and ends_on < due_on):
            return []
        return month_ends(self.on + DAY, due_on) if due_on.year - self.on.year <= LONGEST_FORECAST_YEARS else []

    @cached_property
    def forecast(self) -> Forecast | None:
        """What the goal's date will show, as far as this reader may be told; none for an earlier day, or a small group.

        Without names it is told of the whole municipality only, and a pace of few people is none.
        """
        if not self._ahead or not (self.may_see_people or self.unit.is_root()):
            return None
        if self.structure:
            ahead = figures.series(self.requirement, self.unit, self._ahead)
        else:
            ahead = [self._figures[self.unit.path][day] for day in self._ahead]
        found = Forecast(
            threshold=self.threshold,
            today=self.on,
            ahead=ahead,
            pace=pace_of(self.requirement, self.rule, self.unit, self.on),
            months=counts_for(self.requirement, self.rule),
        )
        return found if found.nothing_more.counted and (self.may_see_people or self._is_told(found)) else None

    def _is_told(self, found: Forecast) -> bool:
        """Whether no figure of the forecast tells of few people."""
        figures_told = [self.coverage, *found.ahead, *map(found.at_pace_on, found.ahead)]
        return not any(map(is_small, figures_told)) and not 0 < (found.pace.people if found.pace else 0) < SMALLEST_PART

    @property
    def history_newest_first(self) -> list[Coverage]:
        return self.history[::-1]

    def people(self, statuses: Iterable[Status] = Status) -> PeopleList:
        """Those with these standings; nobody, for a reader who may not be told who they are."""
        told = list(statuses) if self.shows_names else []
        return PeopleList(self.requirement, self.unit, self.on, told, self.coverage.counts, self.structure)


def told(units: OrgUnitQuerySet) -> OrgUnitQuerySet:
    """The units, with what decides what more is to be asked and told of each.

    Whether it is reorganised, has functions to fill, and waits for changes to be counted.
    """
    waits = is_waiting(Left(OuterRef("path"), OrgUnit.steplen))
    return units.annotate(is_reorganised=is_reorganised(), has_duties=has_duties(), is_waiting=waits)


def month_ends(first: date, last: date) -> list[date]:
    """The last day of each month from `first` on, and `last` itself."""
    days = []
    month = first.replace(day=1)
    while month <= last:
        month = (month + timedelta(days=32)).replace(day=1)
        days.append(min(month - DAY, last))
    return days

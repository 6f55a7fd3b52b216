"""The other measures of a unit, over the same denominators: how far people have come, by population and by role."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from learning.access.authority import in_service
from learning.coverage import figures
from learning.coverage.figures import Coverage
from learning.coverage.models import Status
from learning.organisation.models import Appointment, Employment, Municipality, OrgUnit, Population
from learning.plans.models import Requirement

from .charts import percent
from .small import SMALLEST_PART, hidden_paths, is_small
from .standing import UnitStanding

HEADS = [Appointment.Function.HEAD, Appointment.Function.DEPUTY]
# How far people have come: those in any of these standings, of those counted.
BEGUN = (Status.STARTED, Status.EXPIRED, Status.COMPETENT)
EVER = (Status.EXPIRED, Status.COMPETENT)
NOW = (Status.COMPETENT,)


@dataclass(frozen=True)
class Measure:
    """So many of those counted; None where that would tell of few people."""

    title: str
    meaning: str
    number: int | None
    counted: int

    @property
    def share(self) -> float | None:
        return 100 * self.number / self.counted if self.counted and self.number is not None else None

    @property
    def percent(self) -> str:
        return percent(self.share)


@dataclass(frozen=True)
class Asked:
    """A requirement or an offer, whom it means, and how far they have come; None where it is hidden."""

    requirement: Requirement
    population: str
    who: str
    coverage: Coverage | None
    begun: int | None
    ever: int | None

    @property
    def is_offer(self) -> bool:
        return self.requirement.is_offer


@dataclass(frozen=True)
class Group:
    """People of a kind of role, among all those counted; None where it is hidden."""

    title: str
    coverage: Coverage | None

    @property
    def is_hidden(self) -> bool:
        return self.coverage is None


def measures_of(standing: UnitStanding) -> list[Measure]:
    """From those who have begun to those who have it now: each is part of the one before."""
    told = [
        (_("Begun"), _("Has begun a lesson, or has completed the course at some time."), BEGUN),
        (_("Completed at some time"), _("Has completed the course, whether that still counts or not."), EVER),
        (_("Has it now"), _("Has a completion that counts on the day: this is what the goal measures."), NOW),
    ]
    counted = standing.coverage.counted
    return [Measure(*words, _number(standing, standing.coverage, parts), counted) for *words, parts in told]


def requirements_of(standing: UnitStanding) -> list[Asked]:
    """What is asked or offered on the day, population by population: they never share a denominator."""
    asked = Requirement.objects.on(standing.on).filter(municipality__root__path=standing.unit.root_path)
    asked = asked.select_related("course").prefetch_related("rules__units").order_by("priority", "pk")
    found = [_asked(standing, one) for one in asked]
    order = list(Population.values)
    found.sort(key=lambda one: (order.index(one.requirement.rule_on(standing.on).population), one.is_offer))
    return [one for one in found if one.coverage is None or one.coverage.counted]


def _asked(standing: UnitStanding, requirement: Requirement) -> Asked:
    rule = requirement.rule_on(standing.on)
    coverage = figures.at(requirement, standing.unit, standing.on, standing.structure)
    is_hidden = coverage.counted and not standing.may_see_people and is_small(coverage)
    return Asked(
        requirement,
        rule.get_population_display(),
        rule.who,
        None if is_hidden else coverage,
        None if is_hidden else _number(standing, coverage, BEGUN),
        None if is_hidden else _number(standing, coverage, EVER),
    )


def _number(standing: UnitStanding, coverage: Coverage, parts: tuple[Status, ...]) -> int | None:
    """How many have these standings; None for a reader without names where any standing is of few."""
    lacking = [coverage.counts[status] for status in Status.lacking()]
    if parts != NOW and not standing.may_see_people and any(0 < number < SMALLEST_PART for number in lacking):
        return None
    return sum(coverage.counts[status] for status in parts)


def roles_of(standing: UnitStanding) -> list[Group]:
    """Those counted by their role: heads, the first line by the municipality's words, and all others."""
    heads = in_service(standing.on).filter(function__in=HEADS).values("person")
    people = _counted(standing)
    in_front = people.filter(person__in=_first_line(standing)).exclude(person__in=heads)
    counts = {
        _("Heads and their deputies"): Counter(people.filter(person__in=heads).values_list("best", flat=True)),
        _("First line"): Counter(in_front.values_list("best", flat=True)),
    }
    counts[_("Others")] = Counter(standing.coverage.counts) - sum(counts.values(), Counter())
    groups = {
        title: Coverage(standing.on, {status: own[status] for status in Status.counted()})
        for title, own in counts.items()
    }
    hidden = _hidden(standing, groups)
    return [Group(title, None if title in hidden else own) for title, own in groups.items() if own.counted]


def _counted(standing: UnitStanding) -> QuerySet:
    """(Person, best standing) of those counted."""
    told = figures.people(standing.requirement, standing.unit, standing.on, Status.counted(), standing.structure)
    return told.order_by()


def _first_line(standing: UnitStanding) -> QuerySet:
    """Those who work in a role that contains one of the municipality's words for the first line."""
    words = [word.casefold() for word in Municipality.objects.of_unit(standing.unit).first_line]
    work = Employment.objects.on(standing.on).filter(unit__path__startswith=standing.unit.root_path)
    # In Python: SQLite knows upper and lower case of English letters only.
    roles = [role for role in work.values_list("role", flat=True).distinct() if _is_meant(role, words)]
    return work.filter(role__in=roles).values("person")


def _is_meant(role: str, words: list[str]) -> bool:
    return any(word in role.casefold() for word in words)


def _hidden(standing: UnitStanding, groups: dict[str, Coverage]) -> set[str]:
    """The groups that a reader without names is not told: hidden as units beside each other are."""
    if standing.may_see_people:
        return set()
    # As if each group were a unit right below.
    paths = {title: f"{standing.unit.path}{place:0{OrgUnit.steplen}}" for place, title in enumerate(groups)}
    hidden = hidden_paths({standing.unit.path: standing.coverage, **{paths[one]: groups[one] for one in groups}})
    return {title for title in groups if paths[title] in hidden}

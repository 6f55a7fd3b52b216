"""Composes and publishes what a municipality tells everybody, each release hidden together with all before it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import override

from learning.coverage import figures
from learning.coverage.figures import Coverage
from learning.coverage.models import FrozenReport, Status
from learning.coverage.services import expect_counted
from learning.dated import in_force
from learning.organisation.models import Municipality, OrgUnit, Person
from learning.plans.models import Goal, Requirement

from .address import measured_goals
from .models import PublicFigures, Release
from .small import hidden_paths, merged
from .told import Group, Told

# Half-years: told more often, too little is new of a department, and it would have to be hidden.
ENDS = [(6, 30), (12, 31)]
# So many at most are published when figures are opened, so that there is a curve.
MOST_AT_FIRST = 8
SCHEMA = 1


@transaction.atomic
def open_figures(*, municipality: Municipality, by: Person, now: datetime) -> list[Release]:
    """Show the figures to everybody from now on; returns what was published. Raises StillCounting."""
    PublicFigures.objects.update_or_create(municipality=municipality, defaults={"opened_at": now, "opened_by": by})
    return publish_due(municipality=municipality, now=now)


def close_figures(*, municipality: Municipality) -> None:
    """Show the figures no longer, and publish no more. What was published is kept, and counts as told."""
    PublicFigures.objects.filter(municipality=municipality).update(opened_at=None, opened_by=None)


@transaction.atomic
def publish_due(*, municipality: Municipality, now: datetime) -> list[Release]:
    """Publish what is due of a municipality whose figures are open; a second time there is nothing to publish.

    Raises StillCounting.
    """
    figures_of = PublicFigures.objects.select_for_update().filter(municipality=municipality).first()
    if figures_of is None or figures_of.opened_at is None:
        return []
    return tell(municipality, now)


@transaction.atomic
def tell(municipality: Municipality, now: datetime, through: date | None = None) -> list[Release]:
    """Fix the releases that are due, through a day where one is given; returns them. Raises StillCounting."""
    if _days(municipality, now, through):
        expect_counted(municipality)
    # Two who fix the same do it one after the other; the second finds nothing to fix.
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    due = drafts(municipality, now, through)
    for release in due:
        release.save()
    return due


def drafts(municipality: Municipality, now: datetime, through: date | None = None) -> list[Release]:
    """The releases that are due, through a day where one is given; not saved."""
    days = _days(municipality, now, through)
    writer = _Writer(municipality) if days else None
    # Everybody is told the same words, in whatever language somebody reads the page around them.
    with override(settings.LANGUAGE_CODE):
        bodies = [writer.write(on) for on in days]
    return [
        Release(municipality=municipality, on=on, published_at=now, body=body)
        for on, body in zip(days, bodies, strict=True)
        # Of days gone by only those that tell something; of the newest, that there are too few to tell is told too.
        if on == days[-1] or any(counts_somebody(goal["figure"]) for goal in body["goals"])
    ]


def _days(municipality: Municipality, now: datetime, through: date | None) -> list[date]:
    """The days that are due, through a day where one is given."""
    return [day for day in days_due(municipality, localdate(now)) if through is None or day <= through]


def days_due(municipality: Municipality, today: date) -> list[date]:
    """The ends of half-years that have passed and are not told of, in order."""
    last = municipality.releases.order_by("on").values_list("on", flat=True).last()
    days = [date(year, *end) for year in range(today.year - MOST_AT_FIRST // 2, today.year + 1) for end in ENDS]
    passed = [day for day in days if day < today]
    return [day for day in passed if day > last] if last else passed[-MOST_AT_FIRST:]


class _Writer:
    """Writes the releases of a municipality in order, and knows what those before have told."""

    def __init__(self, municipality: Municipality):
        self.municipality, self.root = municipality, municipality.root
        self.told: dict[object, Told] = defaultdict(Told)  # by course: each is told of by itself
        self.last: dict[tuple, dict] = {}  # requirement and unit → what was last told
        requirements = {one.key: one for one in municipality.requirements.all()}
        for release in municipality.releases.order_by("on"):
            # Goals that are measured alike have the same figures.
            entries = {entry["key"]: entry for entry in entries_of(release.body)}
            for key, entry in entries.items():
                if requirement := requirements.get(key):
                    self._read(requirement, release.on, entry)

    def write(self, on: date) -> dict:
        """The release of a day after all those before."""
        goals = [goal for goal in measured_goals(self.root) if in_force(goal.requirement, on)]
        tables = {one: self._table(one, on) for one in dict.fromkeys(goal.requirement for goal in goals)}
        others = self.municipality.requirements.on(on).exclude(pk__in=[one.pk for one in tables])
        return {
            "schema": SCHEMA,
            "municipality": self.municipality.name,
            "is_fictional": self.municipality.is_fictional,
            "on": on.isoformat(),
            "method": figures.METHOD,
            "goals": [{**_about(goal, on), **tables[goal.requirement]} for goal in goals],
            "others": [
                {**_about_requirement(one, on), **self._table(one, on, of_departments=False)}
                for one in others.order_by("priority", "pk")
            ],
        }

    def _table(self, requirement: Requirement, on: date, *, of_departments: bool = True) -> dict:
        """The figures of the municipality and its departments, those that can be told."""
        fixed = _fixed(requirement, on)
        tree = self._tree(requirement, on, fixed)
        hidden = hidden_paths({unit.path: coverage for unit, coverage in tree.items()})
        departments = [unit for unit in tree if of_departments and unit.depth == self.root.depth + 1]
        whole, parts = self._groups(requirement, on, departments, fixed)
        told = self.told[requirement.course_key]
        safe = {unit: group for unit, group in parts.items() if group and unit.path not in hidden}
        shown = told.choose(whole, safe) if self.root.path not in hidden else None
        if shown is not None:
            told.tell(whole, [parts[unit] for unit in shown])
        open_to_all = set() if shown is None else {self.root, *shown}
        open_to_all |= {unit for unit, coverage in tree.items() if coverage.is_of_nobody}
        of_whole, *rows = [
            self._row(requirement, unit, on, tree[unit] if unit in open_to_all else None)
            for unit in (self.root, *parts)
        ]
        return {
            **of_whole,
            "not_counted": _not_counted(tree[self.root]) if shown is not None else [],
            "units": sorted(rows, key=lambda row: row["name"].casefold()),
        }

    def _tree(self, requirement: Requirement, on: date, fixed: FrozenReport | None) -> dict[OrgUnit, Coverage]:
        """The figures of the day; where the outcome of a goal was fixed that day, those that were fixed."""
        known_now = figures.tree(requirement, self.root, on)
        if fixed is None:
            return known_now
        outcome = figures.frozen_tree(fixed)
        return {unit: outcome[unit.path] for unit in known_now if unit.path in outcome}

    def _row(self, requirement: Requirement, unit: OrgUnit, on: date, coverage: Coverage | None) -> dict:
        """A unit with its figure; where that is hidden, with the one that was told last."""
        place = requirement.key, unit.pk
        row = {"unit": unit.pk, "name": unit.name, "figure": None, "last": self.last.get(place)}
        if coverage:
            row |= {"figure": _figure(coverage, is_offer=requirement.is_offer), "last": None}
            if coverage.counted:
                self.last[place] = {"on": on.isoformat(), **row["figure"]}
        return row

    def _read(self, requirement: Requirement, on: date, entry: dict) -> None:
        """Note what a release has told of a requirement."""
        units = list(self.municipality.departments(on))
        whole, parts = self._groups(requirement, on, units, _fixed(requirement, on))
        told = {row["unit"]: row["figure"] for row in (entry, *entry["units"]) if counts_somebody(row["figure"])}
        for unit, figure in told.items():
            self.last[requirement.key, unit] = {"on": on.isoformat(), **figure}
        if self.root.pk in told:
            self.told[requirement.course_key].tell(whole, [parts[unit] for unit in units if unit.pk in told])

    def _groups(
        self, requirement: Requirement, on: date, units: list[OrgUnit], fixed: FrozenReport | None
    ) -> tuple[Group, dict[OrgUnit, Group]]:
        """Those who are counted in the municipality, and in each of the units."""
        told = self.told[requirement.course_key]
        whole, *parts = [
            told.group(((person, status == Status.COMPETENT) for person, status in people), on)
            for people in _counted(requirement, on, fixed, [self.root, *units])
        ]
        return whole, dict(zip(units, parts, strict=True))


def _fixed(requirement: Requirement, on: date) -> FrozenReport | None:
    """The outcome that was fixed of the day, if who stood how was kept with it."""
    found = FrozenReport.objects.filter(goal__requirement=requirement, on=on).exclude(standings=None)
    return found.order_by("pk").first()


def _counted(
    requirement: Requirement, on: date, fixed: FrozenReport | None, units: list[OrgUnit]
) -> Iterator[list[tuple[int, Status]]]:
    """(Person, standing) of those counted in each of the units, the first of which has all others below it."""
    found = {unit.path: {} for unit in units}
    lengths, counted = {len(path) for path in found}, set(Status.counted())
    for person, status, path in figures.rows(requirement, units[0], on, fixed):
        for length in lengths:
            if (best := found.get(path[:length])) is not None:
                best[person] = min(status, best.get(person, status))
    for best in found.values():
        yield [(person, status) for person, status in best.items() if status in counted]


def counts_somebody(figure: dict | None) -> bool:
    """Whether it is a figure, and not one of nobody."""
    return bool(figure and figure["counted"])


def entries_of(body: dict) -> list[dict]:
    """Everything that a release tells a figure of: goals, and what is asked or offered beside them."""
    return [*body["goals"], *body.get("others", [])]


def _about(goal: Goal, on: date) -> dict:
    """What a figure means, beside it: the goal, and everything that decides who is counted."""
    return {
        "goal": goal.text,
        **_about_requirement(goal.requirement, on),
        "threshold_percent": goal.threshold_percent,
        "due_on": goal.due_on and goal.due_on.isoformat(),
    }


def _about_requirement(requirement: Requirement, on: date) -> dict:
    rule = requirement.rule_on(on)
    return {
        "key": requirement.key,
        "requirement": requirement.title,
        "definition": requirement.definition,
        "who": rule.who,
        "population": rule.population,
        "is_offer": requirement.is_offer,
        "grace_days": rule.grace_days,
    }


def _figure(coverage: Coverage, *, is_offer: bool) -> dict:
    """The numbers that are told. Of an offer no share is: nobody lacks what is offered."""
    share = None if is_offer else coverage.percent
    return {"counted": coverage.counted, "completed": coverage.competent, "per_cent": share}


def _not_counted(coverage: Coverage) -> list[dict]:
    """Those who are not counted, by reason; few of several reasons together, and where that is few too, no number."""
    cells = [{"label": status.name.lower(), "number": number} for status, number in coverage.excluded.items()]
    return [{"reasons": cell["label"].split(", "), "number": cell["number"]} for cell in merged(cells)]

"""What is asked and of whom, changed from a day on; and plans, written as files, brought into the register."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import CoursePage
from learning.dated import DAY
from learning.errors import LearningError
from learning.organisation.models import Municipality

from .models import ActionPlan, Duty, Goal, GoalArea, Requirement, Rule
from .signals import requirement_changed

CATALOGUE = Path(__file__).parent / "catalogue"


class CourseMissing(LearningError):
    """The plan asks for a course that the municipality does not have."""


class OutcomeIsFixed(LearningError):
    """A figure of the day, or of a later one, has been fixed."""


@transaction.atomic
def require(
    *, requirement: Requirement, terms: Mapping | None = None, on: date | None = None, reason: str = ""
) -> Requirement:
    """Save what is asked; where `terms` (fields of Rule) are given, they hold from the day, and no earlier day changes.

    Without a day they hold from the requirement's first. Rules that would have begun later give way. Raises
    OutcomeIsFixed.
    """
    requirement.save()
    if terms is not None:
        _open_rule(requirement, terms, max(on or requirement.starts_on, requirement.starts_on), reason)
    _fit_first_rule(requirement)
    requirement_changed.send(sender=None, requirement=requirement)
    return requirement


def _open_rule(requirement: Requirement, terms: Mapping, on: date, reason: str) -> None:
    expect_not_fixed(requirement, on)
    requirement.rules.filter(starts_on__gte=on).delete()
    requirement.rules.overlapping(on, None).update(ends_on=on - DAY)
    units = terms.get("units", ())
    values = {name: value for name, value in terms.items() if name != "units"}
    rule = Rule.objects.create(requirement=requirement, starts_on=on, reason=reason, **values)
    rule.units.set(units)


def expect_not_fixed(requirement: Requirement, on: date) -> None:
    """Refuse a rule that would hold on a day whose outcome has been fixed."""
    fixed = requirement.reported_through
    if fixed and on <= fixed:
        raise OutcomeIsFixed(
            _("The outcome of %(fixed)s has been fixed, so a change can hold from %(day)s at the earliest.")
            % {"fixed": fixed, "day": fixed + DAY}
        )


def _fit_first_rule(requirement: Requirement) -> None:
    """Let the first rule begin with the requirement; those that have ended by then are none of it."""
    requirement.rules.filter(ends_on__lt=requirement.starts_on).delete()
    first = requirement.rules.first()
    if first and first.starts_on != requirement.starts_on:
        first.starts_on = requirement.starts_on
        first.save(update_fields=["starts_on"])


def read_plan(name: str) -> dict:
    """The plan file of that name."""
    return tomllib.loads((CATALOGUE / f"{name}.toml").read_text())


@transaction.atomic
def load_plan(*, municipality: Municipality, source: dict) -> ActionPlan:
    """Make the plan of the municipality from its file; a plan that is already there is left as it is."""
    existing = ActionPlan.objects.filter(municipality=municipality, key=source["key"]).first()
    if existing:
        return existing
    requirements = {data["key"]: _requirement(municipality, data) for data in source["requirements"]}
    for data in source.get("duties", []):
        Duty.objects.create(municipality=municipality, **_with_courses(municipality, data))
    fields = ("key", "title", "valid_from", "valid_to", "adopted_by", "steward", "reported_to", "note")
    plan = ActionPlan(municipality=municipality, **{name: source[name] for name in fields if name in source})
    plan.areas = [_area(data, requirements) for data in source["areas"]]
    plan.save()
    plan.save_revision()
    return plan


def _area(data: dict, requirements: dict[str, Requirement]) -> GoalArea:
    area = GoalArea(title=data["title"])
    area.goals = [Goal(**{**goal, "requirement": requirements.get(goal.get("requirement"))}) for goal in data["goals"]]
    return area


def _requirement(municipality: Municipality, data: dict) -> Requirement:
    """What the plan asks, of those whom its rule means."""
    fields = _with_courses(municipality, data)
    rule = fields.pop("rule")
    if rule.pop("first_line", False):
        rule["first_line_words"] = municipality.first_line
    terms = _with_courses(municipality, rule)
    return require(requirement=Requirement(municipality=municipality, **fields), terms=terms)


def _with_courses(municipality: Municipality, data: dict) -> dict:
    """The same with the courses that the plan names by their slugs."""
    named = [name for name in ("course", "refresher_course") if name in data]
    return {**data, **{name: _course(municipality, data[name]) for name in named}}


def _course(municipality: Municipality, slug: str) -> CoursePage:
    root = municipality.site.root_page
    course = CoursePage.objects.descendant_of(root).filter(slug=slug).first()
    if course is None:
        raise CourseMissing(
            _("The plan asks for the course “%(course)s”. Load it first; nothing was changed.") % {"course": slug}
        )
    return course

"""What is asked and of whom, changed from a day on; how activities go; and plans, written as files, brought in."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import CoursePage
from learning.dated import DAY
from learning.errors import LearningError
from learning.organisation.models import Municipality, Person

from .models import (
    ActionPlan,
    Activity,
    Decision,
    Duty,
    FollowUp,
    Goal,
    GoalArea,
    Indicator,
    PreventionLevel,
    Remark,
    Requirement,
    Rule,
    Stewardship,
)
from .signals import requirement_changed

CATALOGUE = Path(__file__).parent / "catalogue"
COURSES = ("course", "refresher_course")  # what names a course in a plan file


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


def follow_up(*, activity: Activity, status: str, text: str, by: Person, now: datetime) -> FollowUp:
    """Note how an activity goes. A note is never changed: what was wrong is told by another."""
    return FollowUp.objects.create(activity=activity, status=status, text=text, written_by=by, written_at=now)


# What a plan file tells row by row, by the name of the rows.
ROWS = {
    "decisions": Decision,
    "stewardship": Stewardship,
    "levels": PreventionLevel,
    "remarks": Remark,
    "indicators": Indicator,
}
FIELDS = ("key", "title", "valid_from", "valid_to", "is_open_ended", "case_number", "applies_to", "steward")
FIELDS += ("supported_by", "follow_up", "follow_up_months", "reported_to")


def plan_names() -> list[str]:
    """The plans that come with the product, by the short names of their municipalities."""
    return sorted(path.stem for path in CATALOGUE.glob("*.toml"))


def read_plan(name: str) -> dict:
    """The plan file of that name."""
    return tomllib.loads((CATALOGUE / f"{name}.toml").read_text())


def courses_named(source: dict) -> list[str]:
    """The courses that the plan file asks for, each once."""
    asking = [*source.get("requirements", []), *source.get("duties", [])]
    asking += [one["rule"] for one in source.get("requirements", [])]
    return list(dict.fromkeys(one[name] for one in asking for name in COURSES if name in one))


@transaction.atomic
def load_plan(*, municipality: Municipality, source: dict) -> ActionPlan:
    """Make the plan of the municipality from its file, published; one that is already there is left as it is.

    Raises CourseMissing.
    """
    existing = ActionPlan.objects.filter(municipality=municipality, key=source["key"]).first()
    if existing:
        return existing
    requirements = {data["key"]: _requirement(municipality, data) for data in source.get("requirements", [])}
    for data in source.get("duties", []):
        Duty.objects.create(municipality=municipality, **_with_courses(municipality, data))
    plan = ActionPlan(municipality=municipality, **{name: source[name] for name in FIELDS if name in source})
    for name, model in ROWS.items():
        setattr(plan, name, [model(**row) for row in source.get(name, [])])
    plan.areas = [_area(data, requirements) for data in source["areas"]]
    plan.save()
    plan.save_revision().publish()
    return plan


def _area(data: dict, requirements: dict[str, Requirement]) -> GoalArea:
    area = GoalArea(title=data["title"])
    area.goals = [Goal(**{**goal, "requirement": requirements.get(goal.get("requirement"))}) for goal in data["goals"]]
    area.activities = [Activity(**activity) for activity in data.get("activities", [])]
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
    named = [name for name in COURSES if name in data]
    return {**data, **{name: _course(municipality, data[name]) for name in named}}


def _course(municipality: Municipality, slug: str) -> CoursePage:
    root = municipality.site.root_page
    course = CoursePage.objects.descendant_of(root).filter(slug=slug).first()
    if course is None:
        raise CourseMissing(
            _("The plan asks for the course “%(course)s”. Load it first; nothing was changed.") % {"course": slug}
        )
    return course

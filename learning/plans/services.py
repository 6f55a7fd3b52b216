"""Brings a plan, written as a file, into the register."""

import tomllib
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import CoursePage
from learning.errors import LearningError
from learning.organisation.models import Municipality

from .models import ActionPlan, Duty, Goal, GoalArea, Requirement

CATALOGUE = Path(__file__).parent / "catalogue"


class CourseMissing(LearningError):
    """The plan asks for a course that the municipality does not have."""


def read_plan(name: str) -> dict:
    """The plan file of that name."""
    return tomllib.loads((CATALOGUE / f"{name}.toml").read_text())


@transaction.atomic
def load_plan(*, municipality: Municipality, source: dict) -> ActionPlan:
    """Make the plan of the municipality from its file; a plan that is already there is left as it is."""
    existing = ActionPlan.objects.filter(municipality=municipality, key=source["key"]).first()
    if existing:
        return existing
    requirements = {data["key"]: _asked(Requirement, municipality, data) for data in source["requirements"]}
    for data in source.get("duties", []):
        _asked(Duty, municipality, data)
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


def _asked(model: type[Duty | Requirement], municipality: Municipality, data: dict) -> Duty | Requirement:
    """What the plan asks for, with the course that it names by its slug."""
    if "course" in data:
        data = {**data, "course": _course(municipality, data["course"])}
    return model.objects.create(municipality=municipality, **data)


def _course(municipality: Municipality, slug: str) -> CoursePage:
    root = municipality.site.root_page
    course = CoursePage.objects.descendant_of(root).filter(slug=slug).first()
    if course is None:
        raise CourseMissing(
            _("The plan asks for the course “%(course)s”. Load it first; nothing was changed.") % {"course": slug}
        )
    return course

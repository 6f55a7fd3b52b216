"""What the forms of a plan and of a situation picture send."""

from wagtail.test.utils.form_data import inline_formset, nested_form_data

from learning.plans.models import ActionPlan

FIELDS = ["title", "valid_from", "valid_to", "case_number", "applies_to", "steward", "supported_by"]
FIELDS += ["follow_up", "follow_up_months", "reported_to"]
GOAL = ["text", "obligation", "due_on", "requirement_id", "threshold_percent", "predecessor_id"]
ACTIVITY = ["title", "unit_id", "department", "responsible", "time", "due_on", "resources"]
ROWS = {
    "decisions": ["kind", "body", "decided_on", "year", "reference", "valid_from", "valid_to"],
    "levels": ["kind", "name", "text"],
    "remarks": ["kind", "about", "says"],
    "stewardship": ["kind", "next_on", "done_on", "note"],
}


def plan_form(plan: ActionPlan) -> dict:
    """The plan as its form sends it when nothing has been changed."""
    form = _values(plan, FIELDS) | ({"is_open_ended": "on"} if plan.is_open_ended else {})
    form |= {name: _rows(getattr(plan, name), names) for name, names in ROWS.items()}
    areas = []
    for area in plan.areas.all():
        below = {"goals": _rows(area.goals, GOAL), "activities": _rows(area.activities, ACTIVITY)}
        areas.append({"id": area.pk, "title": area.title, **below})
    return nested_form_data(
        {**form, "areas": inline_formset(areas, initial=len(areas)), "indicators": inline_formset([])}
    )


def new_plan_form(**values) -> dict:
    """A plan with these values and nothing in it, before it is flattened."""
    rows = {name: inline_formset([]) for name in [*ROWS, "areas", "indicators"]}
    return {"title": "Plan", **rows, **values}


def picture_form(*topics: dict, **values) -> dict:
    """A picture of these topics, before it is flattened; those that are saved bring their id."""
    rows = [
        {"title": "Ämne", "text": "Det har märkts.", "change": "", "no_lesson_because": "", **row} for row in topics
    ]
    saved = sum("id" in row for row in topics)
    about = {"year": "2025", "title": "Lägesbild", "made_by": "", "handed_over_to": "", "summary": "", **values}
    return {**about, "topics": inline_formset(rows, initial=saved)}


def _rows(rows, names: list[str]) -> dict:
    found = [{"id": row.pk, **_values(row, names)} for row in rows.all()]
    return inline_formset(found, initial=len(found))


def _values(thing, names: list[str]) -> dict:
    values = {name.removesuffix("_id"): getattr(thing, name) for name in names}
    return {name: "" if value is None else value for name, value in values.items()}

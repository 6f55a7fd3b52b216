"""What the public page of a plan is made of."""

from datetime import date

from django.utils.translation import gettext as _

from .models import ActionPlan
from .models.plan import Validity
from .warnings import Severity, public_warnings, told


def page_of(plan: ActionPlan, on: date) -> dict:
    """What residents read of the plan on the day, by the names of the template."""
    found = public_warnings(plan, on)
    activities, goals = plan.activities, plan.goals
    return {
        "plan": plan,
        "lead": _lead(plan.validity, on),
        "passed": [goal for goal in goals if goal.is_closed(on)],
        "not_noted": any(activity.latest is None for activity in activities),
        "wrong": [one for one in found if one.severity == Severity.ATTENTION],
        "to_know": [one for one in found if one.severity == Severity.INFO],
    }


def _lead(validity: Validity, on: date) -> str:
    """When the plan applies, in a sentence."""
    first, last = validity.first, validity.last
    days = {"first": told(first) if first else "", "last": told(last) if last else ""}
    if validity.has_ended(on):
        words = (
            _("The plan applied from %(first)s through %(last)s.") if first else _("The plan applied through %(last)s.")
        )
    elif first and last:
        words = _("The plan applies from %(first)s through %(last)s.")
    elif last:
        words = _("The plan applies through %(last)s.")
    elif validity.is_open_ended:
        words = (
            _("The plan applies from %(first)s until further notice.")
            if first
            else _("The plan applies until further notice.")
        )
    elif first:
        words = _("The plan applies from %(first)s. It does not say until when.")
    else:
        words = _("The plan does not say when it applies.")
    return words % days

"""What an address asks for and how it is written: the goal (mal), the day (datum) and the organisation."""

from datetime import date
from urllib.parse import urlencode

from django.db.models import F
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning.coverage.models import FrozenReport
from learning.dated import in_force
from learning.errors import LearningError
from learning.organisation.models import OrgUnit
from learning.plans.models import Goal

# The organisation of the day itself, or that of today; without a word, that of the day.
AS_IT_WAS, AS_IT_IS = "da", "idag"
# Said wherever a day to come is asked for.
NOT_YET = gettext_lazy("Days to come cannot be shown. Today is shown here.")


class NotADate(LearningError):
    """The date in the address cannot be read."""

    status = 400


def measured_goals(unit: OrgUnit) -> list[Goal]:
    """The measured goals of the unit's municipality: those of the newest plan first, and as the plan orders them."""
    newest = F("area__plan__valid_from").desc(nulls_last=True)
    order = [newest, "-area__plan", "area__sort_order", "area", "sort_order", "pk"]
    goals = Goal.objects.decided().filter(area__plan__municipality__root__path=unit.root_path).exclude(requirement=None)
    return list(goals.select_related("requirement__course", "area__plan").order_by(*order))


def goal_asked_for(request, goals: list[Goal], on: date) -> Goal:
    """The goal of the address among these; without one, the first to be reached on the day, or else the first.

    To be reached is what was asked on the day, by a plan that applied, and whose own date had not passed.
    """
    text = request.GET.get("mal", "")
    if not text:
        return next((goal for goal in goals if _is_to_reach(goal, on)), goals[0])
    goal = next((goal for goal in goals if text == str(goal.pk)), None)
    if goal is None:
        raise Http404
    return goal


def _is_to_reach(goal: Goal, on: date) -> bool:
    begins = goal.area.plan.valid_from or date.min
    return begins <= on and in_force(goal.requirement, on) and not goal.is_closed(on)


def fixed_goal_asked_for(request, goals: list[Goal], on: date) -> Goal:
    """The goal of the address; without one, that whose outcome was fixed for the newest date, if there is any."""
    if request.GET.get("mal"):
        return goal_asked_for(request, goals, on)
    reports = FrozenReport.objects.filter(goal__in=goals, on=F("goal__due_on")).order_by("-on", "-goal")
    newest = reports.values_list("goal", flat=True).first()
    return next((goal for goal in goals if goal.pk == newest), goals[0])


def day_asked_for(request) -> date | None:
    """The day of the address, whether or not there is anything to tell of it; None where none is asked for."""
    text = request.GET.get("datum", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise NotADate(_("“%(text)s” is not a date. Write it as 2025-12-31.") % {"text": text}) from error


def organisation_asked_for(request) -> str:
    """The organisation of the address; empty where none is asked for."""
    text = request.GET.get("organisation", "")
    return text if text in (AS_IT_WAS, AS_IT_IS) else ""


def query_of(*, goal: Goal | None, on: date | None, organisation: str = "") -> str:
    """The end of an address that asks for the goal, the day and the organisation; None where they go without saying."""
    words = {"mal": goal and goal.pk, "datum": on and on.isoformat(), "organisation": organisation}
    asked = {name: value for name, value in words.items() if value}
    return f"?{urlencode(asked)}" if asked else ""

"""Pages and files for heads, coordinators and the board."""

from datetime import date

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from learning.access.authority import Action, authority_of
from learning.access.rules import requires
from learning.coverage.models import Status
from learning.errors import LearningError
from learning.plans.models import Goal

from .charts import line_chart
from .files import people_file, units_file
from .standing import UnitStanding

PEOPLE_ON_A_PAGE = 50
LACKING, EVERYONE = "saknar", "alla"


class NotADate(LearningError):
    """The date in the address cannot be read."""

    status = 400


@requires(Action.SEE_FIGURES)
@require_safe
def overview(request):
    """Go to the highest unit that one may see."""
    unit = authority_of(request).units(Action.SEE_FIGURES).order_by("depth", "path").first()
    return redirect("reporting:unit", pk=unit.pk)


@requires(Action.SEE_FIGURES)
@require_safe
def unit(request, pk):
    """Where a unit stands: the sentence, the outcome at the goal's date, units below, people, history."""
    standing = _standing(request, pk, Action.SEE_FIGURES)
    if standing is None:
        return render(request, "reporting/no_goal.html")
    query = f"?datum={standing.on}" if standing.on != standing.today else ""
    context = {
        "standing": standing,
        "query": query,
        "breadcrumb": [
            {"label": above.name, "url": reverse("reporting:unit", args=[above.pk]) + query}
            for above in standing.path_to_unit
        ],
        # Month by month, a small group would be pointed out even where today's figure is not.
        "chart": _chart(standing) if standing.history and not standing.hide_own else None,
        **_filtered_people(request, standing),
    }
    return render(request, "reporting/unit.html", context)


@requires(Action.SEE_PEOPLE)
@require_safe
def unit_csv(request, pk):
    """The figures of the unit and all below it as a file."""
    return units_file(_standing_or_404(request, pk))


@requires(Action.SEE_PEOPLE)
@require_safe
def people_csv(request, pk):
    """The people of the unit as a file."""
    return people_file(_standing_or_404(request, pk))


def _standing_or_404(request, pk) -> UnitStanding:
    standing = _standing(request, pk, Action.SEE_PEOPLE)
    if standing is None:
        raise Http404
    return standing


def _standing(request, pk, action) -> UnitStanding | None:
    """The unit within the reader's authority, with the goal and the day of the address; None without any goal."""
    today = timezone.localdate()
    unit = get_object_or_404(authority_of(request).units(action), pk=pk)
    goals = Goal.objects.filter(area__plan__municipality__root__path=unit.root_path).exclude(requirement=None)
    goals = goals.select_related("requirement", "area__plan")
    goal = get_object_or_404(goals, pk=request.GET["mal"]) if request.GET.get("mal", "").isdigit() else goals.first()
    if goal is None:
        return None
    standing = UnitStanding(authority=authority_of(request), unit=unit, goal=goal, on=today, today=today)
    # Without names only today is answered: day by day, a small group could be told from its changes.
    if standing.may_see_people:
        standing.on = max(_day(request, today), min(goal.requirement.starts_on, today))
    return standing


def _day(request, today: date) -> date:
    """The day asked for; today where none is. Days to come are not answered here."""
    text = request.GET.get("datum", "")
    try:
        return min(date.fromisoformat(text), today) if text else today
    except ValueError as error:
        raise NotADate(_("“%(text)s” is not a date. Write it as 2025-12-31.") % {"text": text}) from error


def _chart(standing: UnitStanding) -> dict:
    points = [(figure.on, figure.share) for figure in standing.history]
    return line_chart(
        points,
        goal=standing.goal.threshold_percent,
        goal_on=standing.goal.due_on,
        today=standing.today,
        title=_("Share with %(requirement)s, month by month") % {"requirement": standing.requirement.title},
        description=_chart_description(standing),
    )


def _chart_description(standing: UnitStanding) -> str:
    first, last = standing.history[0], standing.history[-1]
    return _("From %(first)s per cent on %(start)s to %(last)s per cent on %(end)s.") % {
        "first": "–" if first.percent is None else first.percent,
        "start": first.on,
        "last": "–" if last.percent is None else last.percent,
        "end": last.on,
    }


def _filtered_people(request, standing: UnitStanding) -> dict:
    """The people with the status of the address, a page at a time, and how many have each."""
    groups = {LACKING: [status for status in Status if status.is_counted and status != Status.COMPETENT]}
    groups |= {status.name.lower(): [status] for status in Status}
    groups[EVERYONE] = list(Status)
    chosen = request.GET.get("status", LACKING)
    if chosen not in groups:
        chosen = LACKING
    labels = {LACKING: _("Need the course"), EVERYONE: _("Everyone")}
    filters = [
        {
            "value": name,
            "label": labels.get(name) or statuses[0].label,
            "count": sum(line.status in statuses for line in standing.lines),
            "current": name == chosen,
        }
        for name, statuses in groups.items()
    ]
    lines = [line for line in standing.lines if line.status in groups[chosen]]
    page = Paginator(lines, PEOPLE_ON_A_PAGE).get_page(request.GET.get("sida"))
    return {
        "filters": [f for f in filters if f["count"] or f["current"]],
        "people": page,
        "chosen": chosen if "status" in request.GET else "",
    }

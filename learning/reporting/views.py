"""Pages and files for heads, coordinators and the board."""

from datetime import date
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from learning.access.authority import Action, authority_of, decided_on
from learning.access.log import What, note_names
from learning.access.rules import requires
from learning.coverage import figures
from learning.coverage.assignments import overdue
from learning.coverage.differences import differences
from learning.coverage.models import FrozenReport, Status
from learning.coverage.signals import reminding_asked
from learning.coverage.vacancies import Post
from learning.dated import in_force
from learning.organisation.models import Person
from learning.plans.models import ActionPlan, Goal
from learning.plans.warnings import Severity, public_warnings, warnings_of
from learning.surveys.retention import retained_in

from . import files
from .address import (
    AS_IT_IS,
    AS_IT_WAS,
    NOT_YET,
    day_asked_for,
    fixed_goal_asked_for,
    goal_asked_for,
    measured_goals,
    organisation_asked_for,
    query_of,
)
from .charts import in_words, line_chart, small_multiple
from .duties import DutyStanding, duties_of, duties_within
from .measures import measures_of, requirements_of, roles_of
from .outlook import said
from .standing import UnitStanding, told

PEOPLE_ON_A_PAGE = 50
# More people than this are listed where they are asked for: nobody reads them all, and each list of names is noted.
LISTED_UNASKED = 100
# So many units are drawn over time side by side.
DRAWN = range(2, 25)
LACKING, EVERYONE = "saknar", "alla"


@requires(Action.SEE_FIGURES)
@require_safe
def overview(request):
    """Go to the highest unit that one may see."""
    unit = authority_of(request).units(Action.SEE_FIGURES).order_by("depth", "path").first()
    asked = request.GET.urlencode()
    return redirect(reverse("reporting:unit", args=[unit.pk]) + (f"?{asked}" if asked else ""))


@requires(Action.SEE_FIGURES)
@require_safe
def unit(request, pk):
    """Where a unit stands: the sentence, the outcome at the goal's date, units below, people, history."""
    standing = _standing(request, pk, Action.SEE_FIGURES)
    if standing is None:
        return render(request, "reporting/no_goal.html")
    query, authority = _query(standing), authority_of(request)
    is_today = standing.on == standing.today
    # Functions are to be filled today too, though a requirement has ended.
    duties_on = standing.on if standing.on != standing.latest else standing.today
    is_past = duties_on < standing.today
    context = {
        "standing": standing,
        "query": query,
        "said": standing.forecast and said(standing.forecast),
        "overdue": _overdue(standing),
        "duties": duties_of(standing.unit, duties_on, is_past=is_past) if standing.unit.has_duties else [],
        "may_decide": is_today and authority.reaches(standing.unit, Action.DECIDE),
        "may_lead": authority.reaches(standing.unit, Action.LEAD) and in_force(standing.unit, standing.today),
        "see_surveys": standing.unit.is_root() and authority.may(Action.SEE_SURVEYS),
        "remind_url": _remind_url(standing),
        **(_plan(request, standing) if standing.unit.is_root() else {}),
        "may_publish": standing.unit.is_root() and authority.may(Action.PUBLISH),
        "goals": _goal_choices(standing),
        "organisations": _organisation_choices(standing),
        "breadcrumb": [
            {"label": above.name, "url": reverse("reporting:unit", args=[above.pk]) + query}
            for above in standing.path_to_unit
        ],
        # Month by month, a small group would be pointed out even where today's figure is not.
        "chart": _chart(standing) if _has_figures(standing) and not standing.hide_own else None,
        "small_charts": _small_charts(standing),
        **_filtered_people(request, standing),
    }
    shown = next((choice["label"] for choice in context["filters"] if choice["current"]), "")
    listed = [line.person for line in context["people"]]
    context["leads_to"] = _leads_to(request, standing, listed)
    _note(request, standing, listed, asked=shown)
    if standing.may_see_people:
        _note_holders(request, [post for duty in context["duties"] for post in duty.told], duties_on)
    return render(request, "reporting/unit.html", context)


@requires(Action.SEE_FIGURES)
@require_safe
def measures(request, pk):
    """The other measures of the unit: how far people have come, population by population and role by role."""
    standing = _standing_or_404(request, pk, Action.SEE_FIGURES)
    if not standing.shows_statuses:
        return redirect("reporting:unit", pk)
    is_today = standing.on == standing.today
    context = {
        "standing": standing,
        "query": _query(standing),
        "measures": measures_of(standing),
        "requirements": requirements_of(standing),
        "roles": roles_of(standing),
        "duties": duties_of(standing.unit, standing.on, is_past=standing.is_past),
        "retained": retained_in(standing.unit, standing.requirement.course, standing.today) if is_today else [],
    }
    return render(request, "reporting/measures.html", context)


@requires(Action.SEE_PEOPLE)
@require_safe
def measures_file(request, pk, ending):
    """The same as a file."""
    return files.measures_file(_standing_or_404(request, pk), ending)


@requires(Action.SEE_PEOPLE)
@require_safe
def unit_file(request, pk, ending):
    """The figures of the unit and all below it as a file."""
    return files.units_file(_standing_or_404(request, pk), ending)


@requires(Action.SEE_PEOPLE)
@require_safe
def people_file(request, pk, ending):
    """The people of the unit as a file."""
    standing = _standing_or_404(request, pk)
    if not standing.shows_names:
        raise Http404
    _note(request, standing, standing.people().ids(), exported=True)
    return files.people_file(standing, ending)


@requires(Action.SEE_PEOPLE)
@require_safe
def outcome(request, pk):
    """What was fixed at the goal's date beside what is known of that day now, and why they differ, by person."""
    standing = _standing(request, pk, Action.SEE_PEOPLE, goal_of=fixed_goal_asked_for)
    if standing is None or not standing.outcome:
        raise Http404
    report, fixed = standing.frozen_report, standing.outcome
    known_now = figures.at(standing.requirement, standing.unit, report.on)
    found = differences(report, standing.unit)
    names = Person.objects.in_bulk([one.person_id for one in found])
    rows = sorted(((names[one.person_id], one) for one in found), key=lambda row: str(row[0]).casefold())
    _note(request, standing, list(names.values()), asked=_("Fixed outcome"))
    context = {
        "standing": standing,
        "report": report,
        "known_now": known_now,
        "statuses": [
            {"status": status, "fixed": fixed.counts[status], "now": known_now.counts[status]}
            for status in Status
            if status.is_counted or fixed.counts[status] or known_now.counts[status]
        ],
        "rows": rows,
        "has_people": report.standings.exists(),
        "carried_on": [
            {"label": _goal_label(goal), "url": reverse("reporting:unit", args=[pk]) + _query(standing, goal)}
            for goal in standing.goals
            if goal.predecessor_id == standing.goal.pk
        ],
        "method": _(report.body["method"]),
        "back": reverse("reporting:unit", args=[pk]) + _query(standing),
    }
    return render(request, "reporting/outcome_page.html", context)


@requires(Action.SEE_PEOPLE)
@require_safe
def outcome_json(request, pk):
    """What was fixed, as it was hashed: every unit is in it, so only for those who may see everyone."""
    within = authority_of(request).units(Action.SEE_PEOPLE)
    report = get_object_or_404(FrozenReport, pk=pk, municipality__root__in=within)
    about = {"frozen_at": report.frozen_at, "sha256": report.sha256}
    return files.data_file({**about, "content": report.body})


def _leads_to(request, standing: UnitStanding, people: list[Person]) -> set[Person]:
    """Those listed whose own page the reader may open: of an earlier day some answer to others now, or have left."""
    if standing.on == standing.today:
        decides = authority_of(request).reaches(standing.unit, Action.DECIDE)
        return set(people) - {request.user} if decides else set()
    return set(decided_on(request).filter(pk__in=[person.pk for person in people])) if people else set()


def _remind_url(standing: UnitStanding) -> str:
    """Where those who need it can be reminded, where any room reminds people; today, and by one who sees them."""
    if not standing.shows_names or standing.on != standing.today or not standing.coverage.lacking:
        return ""
    answers = reminding_asked.send(sender=None, unit=standing.unit, requirement=standing.requirement)
    return next((address for _receiver, address in answers if address), "")


def _overdue(standing: UnitStanding) -> int:
    """How many were to have done it before today; where no units are below, the list itself says who."""
    if not (standing.shows_names and standing.units_below and standing.on == standing.today):
        return 0
    return overdue(standing.requirement, standing.unit, standing.today)


def _note(request, standing: UnitStanding, people: list, *, asked: str = "", exported: bool = False) -> None:
    """Note whose names and standings are told, towards what and on which day."""
    asked = ", ".join(filter(None, [capfirst(standing.requirement.title), str(asked), standing.on.isoformat()]))
    note_names(request, what=What.UNIT_PEOPLE, people=people, unit=standing.unit, asked=asked, exported=exported)


@requires(Action.SEE_PEOPLE)
@require_safe
def duties(request):
    """The functions that the reader's units are to fill, and how it stands with each."""
    found, on = _duties(request)
    lacking = sum(len(standing.lacking) for standing in found)
    counts = {EVERYONE: sum(len(standing.posts) for standing in found), LACKING: lacking}
    labels = {EVERYONE: _("All"), LACKING: _("Only those who lack it")}
    shown = request.GET.get("visa", EVERYONE)
    shown = shown if shown in counts else EVERYONE
    day = {"datum": on.isoformat()} if on != timezone.localdate() else {}
    context = {
        "duties": [(standing, standing.lacking if shown == LACKING else standing.posts) for standing in found],
        "filters": [
            {"label": labels[name], "count": counts[name], "current": name == shown, "url": _address(visa=name, **day)}
            for name in counts
        ],
        "on": on,
        "today": timezone.localdate(),
        "another_day": NOT_YET if (day_asked_for(request) or on) > on else "",
        "shown": shown,
        "query": _address(**day),
    }
    _note_holders(request, [post for _standing, posts in context["duties"] for post in posts], on)
    return render(request, "reporting/duties.html", context)


@requires(Action.SEE_PEOPLE)
@require_safe
def duties_file(request, ending):
    """The same as a file."""
    found, on = _duties(request)
    _note_holders(request, [post for standing in found for post in standing.posts], on, exported=True)
    return files.duties_file(found, request.user.municipality, on, ending)


def _duties(request) -> tuple[list[DutyStanding], date]:
    today = timezone.localdate()
    on = min(day_asked_for(request) or today, today)
    return duties_within(authority_of(request).units(Action.SEE_PEOPLE), on, is_past=on < today), on


def _note_holders(request, posts: list[Post], on: date, *, exported: bool = False) -> None:
    """Note of whom it is told that they hold a function, and how trained they are."""
    people = [holder.person for post in posts for holder in post.holders]
    note_names(request, what=What.FUNCTIONS, people=people, asked=on.isoformat(), exported=exported)


def _address(**words) -> str:
    return f"?{urlencode(words)}"


def _standing_or_404(request, pk, action=Action.SEE_PEOPLE) -> UnitStanding:
    standing = _standing(request, pk, action)
    if standing is None:
        raise Http404
    return standing


def _plan(request, standing: UnitStanding) -> dict:
    """The plan of the goal, with what those who keep it should do about it; to others what residents are told."""
    plan = ActionPlan.objects.with_warnings().get(areas__goals=standing.goal)
    warn = warnings_of if authority_of(request).may(Action.WRITE) else public_warnings
    found = [one for one in warn(plan, standing.today) if one.severity == Severity.ATTENTION]
    return {"plan": plan, "plan_warnings": found}


def _standing(request, pk, action, goal_of=goal_asked_for) -> UnitStanding | None:
    """The unit within the reader's authority, with the goal and the day of the address; None without any goal."""
    today = timezone.localdate()
    unit = get_object_or_404(told(authority_of(request).units(action)), pk=pk)
    goals = measured_goals(unit)
    if not goals:
        return None
    asked_on, authority = day_asked_for(request), authority_of(request)
    # Without names only today is answered: day by day, a small group could be told from its changes.
    earlier = asked_on if authority.reaches(unit, Action.SEE_PEOPLE) else None
    standing = UnitStanding(
        authority=authority,
        unit=unit,
        goal=goal_of(request, goals, min(earlier or today, today)),
        goals=goals,
        on=today,
        today=today,
        organisation=organisation_asked_for(request),
        asked_on=asked_on,
    )
    standing.on = standing.latest
    if earlier:
        standing.on = standing.within(earlier)
    return standing


def _query(standing: UnitStanding, goal: Goal | None = None, organisation: str | None = None) -> str:
    """The end of an address that keeps to the goal, the day and the organisation, or turns to another."""
    several = len(standing.goals) > 1
    day = standing.on if standing.on != standing.latest else None
    organisation = standing.organisation if organisation is None else organisation
    return query_of(goal=(goal or standing.goal) if several else None, on=day, organisation=organisation)


def _organisation_choices(standing: UnitStanding) -> list[dict]:
    """The organisation of the day or that of today, where there is anything to choose."""
    here = reverse("reporting:unit", args=[standing.unit.pk])
    labels = {AS_IT_WAS: _("As it was"), AS_IT_IS: _("In today’s organisation")}
    current = AS_IT_IS if standing.structure else AS_IT_WAS
    choices = [
        {"label": label, "url": here + _query(standing, organisation=name), "current": name == current}
        for name, label in labels.items()
    ]
    return choices if standing.offers_structures else []


def _goal_choices(standing: UnitStanding) -> list[dict]:
    """The goals to choose among, where there is more than one."""
    here = reverse("reporting:unit", args=[standing.unit.pk])
    choices = [
        {"label": _goal_label(goal), "url": here + _query(standing, goal), "current": goal == standing.goal}
        for goal in standing.goals
    ]
    return choices if len(choices) > 1 else []


def _goal_label(goal: Goal) -> str:
    """The goal in a few words."""
    what = capfirst(goal.requirement.title)
    if goal.due_on is None:
        return what
    return _("%(what)s, by %(day)s at the latest") % {"what": what, "day": date_format(goal.due_on, "j F Y")}


def _has_figures(standing: UnitStanding) -> bool:
    return any(figure.counted for figure in standing.history)


def _chart(standing: UnitStanding) -> dict:
    points = [(figure.on, figure.share) for figure in standing.history]
    return line_chart(
        points,
        goal=standing.threshold,
        goal_on=standing.goal.due_on,
        today=standing.today,
        band=_band(standing),
        title=_("Share with %(requirement)s, month by month") % {"requirement": standing.requirement.title},
        description=_chart_description(standing, points),
    )


def _band(standing: UnitStanding) -> list[tuple]:
    """What may come: between nothing more and today's pace."""
    forecast = standing.forecast
    known = [figure for figure in forecast.ahead if figure.counted] if forecast else []
    return [(figure.on, figure.share, forecast.at_pace_on(figure).share) for figure in known]


def _small_charts(standing: UnitStanding) -> list[dict]:
    """The units right below over time, all on one scale; where there are too many to be seen together, none."""
    shown = [row for row in standing.units_below if row["coverage"].counted and not row["hidden"]]
    if len(shown) not in DRAWN:
        return []
    days = {"first": standing.history[0].on, "last": standing.on} if standing.history else {}
    return [
        {
            **row,
            "picture": small_multiple(
                [(figure.on, figure.share) for figure in standing.history_of(row["unit"])],
                goal=standing.threshold,
                **days,
            ),
        }
        for row in shown
    ]


def _chart_description(standing: UnitStanding, points: list[tuple]) -> str:
    return f"{in_words(points)} {said(standing.forecast).title}" if standing.forecast else in_words(points)


def _filtered_people(request, standing: UnitStanding) -> dict:
    """The people with the status of the address, a page at a time, and how many have each."""
    groups = {LACKING: Status.lacking()}
    groups |= {status.name.lower(): [status] for status in Status}
    groups[EVERYONE] = list(Status)
    chosen = request.GET.get("status", "")
    if chosen not in groups:
        chosen = LACKING if standing.coverage.headcount <= LISTED_UNASKED else ""
    labels = {LACKING: _("Needed the course") if standing.is_past else _("Need the course"), EVERYONE: _("Everyone")}
    filters = [
        {
            "value": name,
            "label": labels.get(name) or statuses[0].label,
            "count": len(standing.people(statuses)),
            "current": name == chosen,
        }
        for name, statuses in groups.items()
    ]
    people = standing.people(groups[chosen] if chosen else [])
    return {
        "filters": [f for f in filters if f["count"] or f["current"]],
        "people": Paginator(people, PEOPLE_ON_A_PAGE).get_page(request.GET.get("sida")),
        "lists_people": bool(chosen),
        "chosen": chosen if "status" in request.GET else "",
    }

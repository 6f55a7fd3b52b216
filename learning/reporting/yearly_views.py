"""The yearly report: made and fixed by the coordinator, read by all who read figures."""

from datetime import date, datetime
from decimal import Decimal

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from learning.access.authority import Action, authority_of
from learning.access.rules import requires
from learning.coverage.services import STILL_COUNTING, StillCounting, count_waiting

from .files import data_file
from .forms import BeginForm, ReportForm
from .models import ReportDraft, YearlyReport
from .sentences import in_words, points_since, title_of
from .showing import goal_of, row_of, together
from .yearly import (
    COMMENTED,
    DraftIsGone,
    ReportHasChanged,
    begin,
    comment,
    compose,
    content_of,
    day_to_propose,
    freeze_report,
)


@requires(Action.SEE_FIGURES)
@require_http_methods(["GET", "HEAD", "POST"])
def reports(request):
    """The reports that are fixed; whoever publishes begins the next one here."""
    municipality, may_publish = request.user.municipality, authority_of(request).may(Action.PUBLISH)
    if request.method == "POST" and not may_publish:
        raise Http404
    today, draft, form = timezone.localdate(), None, None
    if may_publish:
        draft = ReportDraft.objects.filter(municipality=municipality).first()
        proposed = day_to_propose(municipality, today)
        form = BeginForm(request.POST or None, municipality=municipality, today=today, initial={"on": proposed})
        if request.method == "POST" and form.is_valid():
            begin(municipality=municipality, on=form.cleaned_data["on"], by=request.user, now=timezone.now())
            return redirect("reporting:report_draft")
    context = {"reports": _titled(list(_readable(request))), "draft": draft, "form": form}
    return render(request, "reporting/reports.html", context, status=400 if form and form.errors else 200)


def _titled(found) -> list[tuple[str, YearlyReport, YearlyReport]]:
    """The title of each report, the report, and the newest edition of its day."""
    newest = {report.on: report for report in reversed(found)}
    return [(title_of(report.on), report, newest[report.on]) for report in found]


def _readable(request):
    """The reports of the reader's municipality: what stands in them may be read by anybody who reads figures."""
    return YearlyReport.objects.filter(municipality=request.user.municipality)


@requires(Action.SEE_FIGURES)
@require_safe
def report(request, pk):
    """A report as it was fixed."""
    found = get_object_or_404(_readable(request), pk=pk)
    newer = _readable(request).filter(on=found.on, edition__gt=found.edition).first()
    return render(request, "reporting/report.html", {**_shown(found.body), "report": found, "newer": newer})


@requires(Action.SEE_FIGURES)
@require_safe
def report_json(request, pk):
    """The same as data, as it was hashed."""
    found = get_object_or_404(_readable(request), pk=pk)
    about = {"frozen_at": found.frozen_at, "edition": found.edition, "sha256": found.sha256}
    return data_file({**about, "content": found.body})


@requires(Action.PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def report_draft(request):
    """The report as it would be fixed now, with room for what its editor says."""
    draft, now = ReportDraft.objects.filter(municipality=request.user.municipality).first(), timezone.now()
    if draft is None:
        messages.warning(request, _("There is no draft. It has been fixed or thrown away, or none was begun."))
        return redirect("reporting:reports")
    if "discard" in request.POST:
        draft.delete()
        messages.success(request, _("The draft was thrown away. Nothing of it was fixed."))
        return redirect("reporting:reports")
    form = ReportForm(request.POST or None, draft=draft)
    if form.is_valid():
        return _written(request, draft, form, now)
    still_counting = "" if count_waiting(draft.municipality) else STILL_COUNTING
    body = compose(draft, now)
    form.initial["seen"] = content_of(body)
    context = {**_shown(body, form), "draft": draft, "form": form, "still_counting": still_counting}
    return render(request, "reporting/report_draft.html", context, status=400 if form.errors else 200)


def _written(request, draft: ReportDraft, form: ReportForm, now: datetime) -> HttpResponse:
    """Keep what the editor wrote, and fix the report where that is asked for."""
    try:
        comment(draft=draft, comments=form.comments, by=request.user, now=now)
        if "fix" not in request.POST:
            messages.success(request, _("Your comments are saved. The report is still a draft that only you see."))
            return redirect("reporting:report_draft")
        report = freeze_report(draft=draft, seen=form.cleaned_data["seen"], by=request.user, now=now)
    except (ReportHasChanged, DraftIsGone, StillCounting) as error:
        messages.error(request, str(error))
        return redirect("reporting:report_draft")
    messages.success(request, _("The report is fixed. It can be read by all who read figures, and printed."))
    return redirect("reporting:report", report.pk)


def _shown(body: dict, form: ReportForm | None = None) -> dict:
    """What the page of a report shows of its content; with the fields of its form, while it is written."""
    # In the report's own language, as what stands in it.
    with override(body["language"]):
        return {
            "body": body,
            "title": title_of(_day(body["on"])),
            "as_of": in_words(body["on"]),
            "earlier_on": body["earlier"] and in_words(body["earlier"]["on"]),
            "goals": together(_goal(entry, body) for entry in body["goals"]),
            "has_outlook": any(entry["outlook"] for entry in body["goals"]),
            "others": [_figure(entry) for entry in body["others"]],
            "areas": [_area(area) for area in body["areas"]],
            "indicators": [
                {**one, "now": _reading(one["now"]), "before": _reading(one["before"])} for one in body["indicators"]
            ],
            "said": {key: {"text": body["comments"].get(key), "field": form and form[key]} for key in COMMENTED},
        }


def _goal(entry: dict, body: dict) -> dict:
    points = [(_day(on), share) for on, share in entry["points"]]
    shown = goal_of(entry, _day(body["on"]), points)
    return {**shown, "rows": [_figure(row) for row in entry["units"]], "outlook": entry["outlook"]}


def _figure(row: dict) -> dict:
    """A figure, and how many percentage points it has moved since the report before."""
    change = points_since(row)
    points = "" if change is None else f"{change:+d}"
    return {
        **row_of(row),
        "about": row,
        # With a true minus, and nothing before nought.
        "points": points.replace("-", "\N{MINUS SIGN}").replace("+0", "0"),
        # What the report before told may have been of an earlier day.
        "since": points and _day(row["before"].get("on")),
    }


def _area(area: dict) -> dict:
    """An area with its days as days."""
    activities = [{**one, "due": _day(one["due_on"]), "noted": _day(one["noted_on"])} for one in area["activities"]]
    return {**area, "activities": activities, "goals": [{**one, "due": _day(one["due_on"])} for one in area["goals"]]}


def _reading(value: dict | None) -> dict | None:
    return value and {**value, "value": number_format(Decimal(value["value"])), "on": _day(value["on"])}


def _day(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None

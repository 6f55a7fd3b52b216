"""Public pages beside the page tree."""

from datetime import date, datetime
from hashlib import sha256

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Route
from learning.access.authority import Action
from learning.access.rules import public, requires
from learning.coverage.services import STILL_COUNTING, StillCounting, count_waiting
from learning.organisation.models import Municipality
from learning.plans.models import ActionPlan
from learning.plans.page import page_of
from learning.reporting import showing
from learning.reporting.files import data_file
from learning.reporting.models import PublicFigures, Release
from learning.reporting.releases import close_figures, drafts, open_figures
from learning.spreadsheets import csv_response

# What is published does not change, but which release is the newest does, and whether any is shown.
MAX_AGE = 3600


@public
@require_safe
def routes(request):
    """Where to turn: for staff, residents and relatives alike."""
    municipality = Municipality.objects.of_request(request)
    return render(request, "home/routes.html", {"routes": Route.objects.shown_in(municipality)})


@public
@require_safe
def plan(request, key=None):
    """The municipality's plan: the newest that is published, or the one of the address."""
    plans = ActionPlan.objects.filter(municipality=Municipality.objects.of_request(request), live=True)
    wanted = plans.filter(key=key) if key else plans
    chosen = wanted.newest_first().whole().first()
    if chosen is None and key:
        raise Http404
    if chosen is None:
        return render(request, "home/no_plan.html")
    others = plans.exclude(pk=chosen.pk).newest_first()
    today = timezone.localdate()
    told = showing.told_of(chosen.goals, _releases(request), today)
    return render(request, "plans/plan.html", {**page_of(chosen, today), "others": others, "told": told})


@public
@require_safe
def accessibility(request):
    """The statement of accessibility."""
    return render(request, "home/accessibility.html")


@public
@require_safe
def figures(request, on=None):
    """How far the municipality has come: the newest release, or that of a day."""
    releases = _releases(request)
    if not releases and on is None:
        return render(request, "home/figures.html")
    release = _chosen(releases, on)
    return render(request, "home/figures.html", {**showing.page(release, releases), "releases": releases})


@public
@require_safe
def figures_json(request, on=None):
    """The same as JSON."""
    release = _chosen(_releases(request), on)
    return _cached(request, data_file(showing.data(release)))


@public
@require_safe
def figures_csv(request, on=None):
    """The same as a file for a spreadsheet."""
    release = _chosen(_releases(request), on)
    return _cached(request, csv_response(f"siffror-{release.on}.csv", showing.rows(release)))


def _releases(request) -> list[Release]:
    return list(Release.objects.shown(Municipality.objects.of_request(request)))


def _chosen(releases: list[Release], on: date | None) -> Release:
    """The release of the day, the newest where none is asked for."""
    release = next((one for one in releases if on in (None, one.on)), None)
    if release is None:
        raise Http404
    return release


def _cached(request, response: HttpResponse) -> HttpResponse:
    """The response, to be kept a while; empty for whoever has the very same."""
    etag = quote_etag(sha256(response.content).hexdigest())
    response = get_conditional_response(request, etag, response=response)
    response["ETag"] = etag
    patch_vary_headers(response, ["Cookie"])  # which tells the language
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


@requires(Action.PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def publishing(request):
    """What would be told to everybody, and the decision to tell it or to tell no more."""
    municipality, now = request.user.municipality, timezone.now()
    if request.method == "POST":
        _open_or_close(request, municipality, now)
        return redirect("home:publishing")
    still_counting = "" if count_waiting(municipality) else STILL_COUNTING
    releases = sorted([*municipality.releases.all(), *drafts(municipality, now)], key=lambda one: one.on, reverse=True)
    opened = PublicFigures.objects.filter(municipality=municipality).exclude(opened_at=None).first()
    context = {"opened": opened, "releases": releases, "still_counting": still_counting}
    if releases:
        context |= showing.page(releases[0], releases)
    return render(request, "home/publishing.html", context)


def _open_or_close(request, municipality: Municipality, now: datetime) -> None:
    """Do what was decided about the figures, and say what came of it."""
    if "open" not in request.POST:
        close_figures(municipality=municipality)
        messages.success(request, _("The figures are closed. What has been published is kept, and shown to nobody."))
        return
    try:
        open_figures(municipality=municipality, by=request.user, now=now)
    except StillCounting as error:
        messages.error(request, str(error))
        return
    messages.success(request, _("The figures are open to everybody. They are renewed when a half-year has ended."))


@public
@require_safe
def components(request):
    """Every component in all its states, for those who build the pages."""
    return render(request, "components/index.html")

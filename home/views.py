"""Public pages beside the page tree."""

from django.http import Http404
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from courses.models import Route
from learning.access.rules import public
from learning.organisation.models import Municipality
from learning.plans.models import ActionPlan
from learning.plans.page import page_of


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
    return render(request, "plans/plan.html", {**page_of(chosen, localdate()), "others": others})


@public
@require_safe
def accessibility(request):
    """The statement of accessibility."""
    return render(request, "home/accessibility.html")


@public
@require_safe
def components(request):
    """Every component in all its states, for those who build the pages."""
    return render(request, "components/index.html")

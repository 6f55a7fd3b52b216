"""Public pages beside the page tree."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from courses.models import Route
from learning.access.rules import public
from learning.organisation.models import Municipality


@public
@require_safe
def routes(request):
    """Where to turn: for staff, residents and relatives alike."""
    municipality = Municipality.objects.of_request(request)
    return render(request, "home/routes.html", {"routes": Route.objects.shown_in(municipality)})


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

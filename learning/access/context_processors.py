from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, lazy
from django.utils.translation import gettext as _

from learning.organisation.models import Municipality

from .authority import MAY, Action, functions


def navigation(request):
    """What every page's frame needs: whose pages these are, and where the person may go."""
    return {
        "municipality": SimpleLazyObject(lambda: _municipality(request)),
        "navigation": lazy(lambda: _links(request), list)(),
        "demo": settings.DEMO,
    }


def _municipality(request):
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and user.municipality_id:
        return user.municipality
    return Municipality.objects.of_request(request)


def _links(request) -> list[dict]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    granted = set().union(*(MAY[function] for function in functions(user, on=timezone.localdate())))
    links = [(_("My page"), "records:my_page")]
    if Action.SEE_FIGURES in granted:
        links.append((_("The standing"), "reporting:overview"))
    if Action.WRITE in granted or user.is_superuser:
        links.append((_("Write"), "wagtailadmin_home"))
    return [
        {"label": label, "url": reverse(name), "current": request.path.startswith(reverse(name))}
        for label, name in links
    ]

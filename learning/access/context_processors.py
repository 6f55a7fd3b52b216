from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from learning.organisation.models import Municipality

from .authority import Action, authority_of
from .lesson_links import is_by_link
from .shared import is_shared


def navigation(request):
    """What every page's frame needs: whose pages these are, and where the person may go."""
    return {
        "municipality": SimpleLazyObject(lambda: _municipality(request)),
        "navigation": SimpleLazyObject(lambda: _links(request)),
        "demo": settings.DEMO,
        "is_shared": is_shared(request),
        "is_by_link": SimpleLazyObject(lambda: is_by_link(request)),
    }


def _municipality(request):
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and user.municipality_id:
        return user.municipality
    return Municipality.objects.of_request(request)


def _links(request) -> list[dict]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or is_by_link(request):
        return []
    authority = authority_of(request)
    links = [(_("My page"), "records:my_page")]
    if authority.may(Action.SEE_FIGURES):
        links.append((_("The standing"), "reporting:overview"))
    if authority.may(Action.WRITE) or user.is_superuser:
        links.append((_("Write"), "wagtailadmin_home"))
    return [
        {"label": label, "url": reverse(name), "current": request.path.startswith(reverse(name))}
        for label, name in links
    ]

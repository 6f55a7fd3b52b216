"""What every page of the register stands on: whose register it is, where one is, and what was searched for."""

from collections.abc import Iterable
from datetime import timedelta

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from learning.access.authority import Action, authority_of
from learning.organisation.models import Municipality

PAGE = 50  # rows on a page
SOON = timedelta(days=30)  # what begins or ends within these days is said


def municipality_of(request) -> Municipality:
    """The one whose register the user keeps."""
    municipality = Municipality.objects.filter(pk=request.user.municipality_id).first()
    if municipality is None or not authority_of(request).units(Action.KEEP_REGISTER).filter(pk=municipality.root_id):
        raise Http404
    return municipality


def frame(title: str, above: Iterable[tuple[str, str]] = (), *, icon: str = "group") -> dict:
    """The context of the head of a page of the register: its title below the start page and what is above it."""
    return head(title, [(reverse("wagtailadmin_home"), _("Home")), *above], icon=icon)


def head(title: str, above: Iterable[tuple[str, str]], *, icon: str) -> dict:
    """The context of the head of a page: its title below the pages (address, label) above it."""
    crumbs = [*above, ("", title)]
    return {
        "breadcrumbs_items": [{"url": url, "label": label} for url, label in crumbs],
        "header_icon": icon,
        "header_title": title,
    }


def words_of(request) -> str:
    """What the address searches for."""
    return request.GET.get("q", "").replace("\x00", "").strip()

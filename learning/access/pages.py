"""Keeps the pages of one municipality from the editors of another where Wagtail's views do not ask."""

from functools import wraps

from django.http import Http404
from django.shortcuts import get_object_or_404
from wagtail.admin.auth import require_admin_access
from wagtail.models import Page


def of_own_pages(view):
    """Answers for a page that one may not edit as for one that does not exist: the view would name it."""

    @require_admin_access
    @wraps(view)
    def guarded(request, page_id, **kwargs):
        page = get_object_or_404(Page, pk=page_id)
        if not page.permissions_for_user(request.user).can_edit():
            raise Http404
        return view(request, page_id=page_id, **kwargs)

    return guarded

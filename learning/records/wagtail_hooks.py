"""The player takes over live requests for lessons and courses: same address, and content knows no learner.

In the admin, what is taken stays.
"""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.models import Page

from courses.models import CourseIndexPage, CoursePage, LessonPage

from . import views
from .keeping import PageIsTaken, is_taken

PLAYERS = {LessonPage: views.lesson, CoursePage: views.course}


@hooks.register("before_serve_page")
def admit(page, request, serve_args, serve_kwargs):
    """Let the signed-in people of its municipality come to a lesson or a course; others sign in first."""
    if page.specific_class not in (*PLAYERS, CourseIndexPage):
        return None
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    municipality = request.user.municipality
    if municipality is None or not page.is_descendant_of(municipality.site.root_page):
        raise Http404
    return None


# After Wagtail's own, which asks whether the page is private.
@hooks.register("on_serve_page", order=1)
def play(serve):
    """Serve a lesson or a course as the person's own."""

    def serve_played(page, request, serve_args, serve_kwargs):
        player = PLAYERS.get(page.specific_class)
        return player(request, page.specific) if player else serve(page, request, serve_args, serve_kwargs)

    return serve_played


@hooks.register("before_delete_page")
def keep_what_has_been_learned(request, page):
    """Say why what somebody has taken is not deleted, and offer to archive it."""
    return _refuse(request, [page]) if is_taken(page) else None


@hooks.register("before_bulk_action")
def keep_what_has_been_learned_of_many(request, action_type, objects, action):
    """Delete none of the pages that are ticked if somebody has taken one."""
    pages = [page for page in objects if isinstance(page, Page)] if action_type == "delete" else []
    taken = [page for page in pages if is_taken(page)]
    return _refuse(request, taken) if taken else None


def _refuse(request, pages: list[Page]):
    refusal, title, parent = PageIsTaken(), _("This stays"), pages[0].get_parent()
    back = reverse("wagtailadmin_explore", args=[parent.pk])
    may_archive = [page for page in pages if page.live and page.permissions_for_user(request.user).can_unpublish()]
    context = {
        "reason": str(refusal),
        "pages": pages,
        "may_archive": may_archive,
        "back": back,
        "breadcrumbs_items": [{"url": back, "label": parent.title}, {"url": "", "label": title}],
        "header_title": title,
        "header_icon": "lock",
    }
    return TemplateResponse(request, "records/taken.html", context, status=refusal.status)

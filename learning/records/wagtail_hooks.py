"""The player takes over live requests for lessons and courses: same address, and content knows no learner."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page

from courses.models import CourseIndexPage, CoursePage, LessonPage
from quizzes.models import Attempt

from . import views
from .models import Completion, LessonProgress

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
    """Refuse to delete what somebody has begun or completed: unpublishing is the way."""
    return _refuse(request, page.get_parent()) if _is_taken(page) else None


@hooks.register("before_bulk_action")
def keep_what_has_been_learned_of_many(request, action_type, objects, action):
    """Refuse to delete any of the pages that are ticked if somebody has begun or completed one."""
    taken = [page for page in objects if isinstance(page, Page) and _is_taken(page)] if action_type == "delete" else []
    return _refuse(request, taken[0].get_parent()) if taken else None


def _is_taken(page) -> bool:
    below = page.get_descendants(inclusive=True)
    return (
        LessonProgress.objects.filter(lesson__in=below.values("pk")).exists()
        or Completion.objects.filter(course__in=below.values("pk")).exists()
        or Attempt.objects.filter(subject_key__in=below.values("translation_key")).exists()
    )


def _refuse(request, parent):
    messages.error(
        request, _("Somebody has taken this, so it cannot be deleted. Unpublish it instead; nothing was changed.")
    )
    return redirect("wagtailadmin_explore", parent.pk)

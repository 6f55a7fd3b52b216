"""The player takes over live requests for lessons and courses: same address, and content knows no learner."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages

from courses.models import CourseIndexPage, CoursePage, LessonPage

from . import views
from .models import Completion, LessonProgress

PLAYERS = {LessonPage: views.lesson, CoursePage: views.course}


@hooks.register("before_serve_page")
def play(page, request, serve_args, serve_kwargs):
    """Serve a lesson or a course to the signed-in people of its municipality; others sign in first."""
    page_class = page.specific_class
    if page_class not in (*PLAYERS, CourseIndexPage):
        return None
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    municipality = request.user.municipality
    if municipality is None or not page.is_descendant_of(municipality.site.root_page):
        raise Http404
    player = PLAYERS.get(page_class)
    return player(request, page.specific) if player else None


@hooks.register("before_delete_page")
def keep_what_has_been_learned(request, page):
    """Refuse to delete what somebody has begun or completed: unpublishing is the way."""
    below = page.get_descendants(inclusive=True)
    begun = LessonProgress.objects.filter(lesson__in=below.values("pk")).exists()
    if begun or Completion.objects.filter(course__in=below.values("pk")).exists():
        messages.error(
            request, _("Somebody has taken this, so it cannot be deleted. Unpublish it instead; nothing was changed.")
        )
        return redirect("wagtailadmin_explore", page.get_parent().pk)
    return None

"""The player takes over live requests for lessons and courses: same address, and content knows no learner."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from wagtail import hooks

from courses.models import CourseIndexPage, CoursePage, LessonPage

from . import views

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

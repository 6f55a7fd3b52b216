"""Coming to a lesson by a link from a mail: what it is about, a button, and then the lesson."""

from functools import wraps

from django.conf import settings
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.models import LessonPage
from learning.access.lesson_links import LessonLink, LinkRefused, enter, read_link
from learning.access.rules import open_by_link, public
from learning.organisation.models import Municipality, Person
from learning.translations import in_language

from .overview import CourseState, current_progress


def _kept_to_itself(view):
    """Nobody keeps the page, finds it by searching, or is told its address by it."""

    @never_cache
    @wraps(view)
    def kept(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        # Not "no-referrer": a browser would then send the form without its origin, and it would be refused as forged.
        response["Referrer-Policy"] = "strict-origin"
        return response

    return kept


@open_by_link
@public
@require_http_methods(["GET", "HEAD", "POST"])
@_kept_to_itself
def lesson_link(request, token):
    """What the lesson is about, without a name, and a button; only pressing it lets the link's person in."""
    now = timezone.now()
    try:
        link = read_link(token, on=timezone.localdate(now))
        lesson = _lesson(link.person.municipality, link.lesson_id)
    except LinkRefused as problem:
        return render(request, "records/lesson_link_refused.html", {"problem": problem}, status=problem.status)
    if request.user == link.person:
        return redirect(_onward(request, link.person, lesson))
    if request.method != "POST":
        return _landing(request, link, lesson)
    enter(request, link.person, now=now)
    response = redirect(_onward(request, link.person, lesson))
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, _language(request, link))
    return response


def _lesson(municipality: Municipality, pk: int) -> LessonPage:
    """The lesson, while it is published. Raises LinkRefused."""
    lessons = LessonPage.objects.live().public().descendant_of(municipality.site.root_page)
    lesson = lessons.filter(pk=pk).first()
    if lesson is None:
        raise LinkRefused
    return lesson


def _onward(request, person: Person, lesson: LessonPage) -> str:
    """Where the person goes on: in the lesson; once it is finished with the next of the course, or on its page."""
    on = timezone.localdate()
    progress = current_progress(person, lesson, on=on)
    if progress and progress.finished_at:
        course = lesson.course
        return (CourseState(person, course, on).next_lesson or course).get_url(request)
    return lesson.get_url(request)


def _language(request, link: LessonLink) -> str:
    """The language that was chosen in this browser, or else the one that the link was sent in."""
    return get_language() if settings.LANGUAGE_COOKIE_NAME in request.COOKIES else link.language


def _landing(request, link: LessonLink, lesson: LessonPage):
    language = _language(request, link)
    context = {
        "municipality": link.person.municipality,
        "lesson": in_language(lesson, language),
        "course": in_language(lesson.course, language),
    }
    with override(language):
        return render(request, "records/lesson_link.html", context)

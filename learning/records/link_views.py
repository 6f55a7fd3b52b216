"""Coming to a lesson or a course by a link from a mail: what it is about, a button, and then where one goes on."""

from functools import wraps

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.models import CoursePage, LessonPage
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
    """What the page is about, without a name, and a button; only pressing it lets the link's person in."""
    now = timezone.now()
    try:
        link = read_link(token, on=timezone.localdate(now))
        page = _page(link.person.municipality, link.page_id)
    except LinkRefused as problem:
        return render(request, "records/lesson_link_refused.html", {"problem": problem}, status=problem.status)
    if request.user == link.person:
        return redirect(_onward(request, link.person, page))
    if request.method != "POST":
        return _landing(request, link, page)
    enter(request, link.person, now=now)
    response = redirect(_onward(request, link.person, page))
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, _language(request, link))
    return response


def _page(municipality: Municipality, pk: int) -> LessonPage | CoursePage:
    """The lesson or course, while it is published. Raises LinkRefused."""
    for kind in (LessonPage, CoursePage):
        pages = kind.objects.live().public().descendant_of(municipality.site.root_page)
        if page := pages.filter(pk=pk).first():
            return page
    raise LinkRefused


def _onward(request, person: Person, page: LessonPage | CoursePage) -> str:
    """Where the person goes on: in the lesson; once it is finished with the next of the course, or on its page.

    With a course that is completed: to the proof.
    """
    on = timezone.localdate()
    if isinstance(page, CoursePage):
        state = CourseState(person, page, on)
        if state.is_valid:
            return reverse("records:proof", args=[state.completion.uuid])
        return (state.next_lesson or page).get_url(request)
    progress = current_progress(person, page, on=on)
    if progress and progress.finished_at:
        return (CourseState(person, page.course, on).next_lesson or page.course).get_url(request)
    return page.get_url(request)


def _language(request, link: LessonLink) -> str:
    """The language that was chosen in this browser, or else the one that the link was sent in."""
    return get_language() if settings.LANGUAGE_COOKIE_NAME in request.COOKIES else link.language


def _landing(request, link: LessonLink, page: LessonPage | CoursePage):
    language = _language(request, link)
    lesson = page if isinstance(page, LessonPage) else None
    context = {
        "municipality": link.person.municipality,
        "lesson": lesson and in_language(lesson, language),
        "course": in_language(lesson.course if lesson else page, language),
    }
    with override(language):
        return render(request, "records/lesson_link.html", context)

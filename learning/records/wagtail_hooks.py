"""The player takes over live requests for lessons and courses: same address, and content knows no learner.

In the admin, what is published asks what it means for those who have completed it, and what is taken stays.
"""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.widgets import Button
from wagtail.models import Page

from courses.models import CourseIndexPage, CoursePage, LessonPage
from learning.access.lesson_links import shut_out
from learning.register.frame import head
from learning.register.wagtail_hooks import KeepersItem

from . import views
from .keeping import PageIsTaken, is_taken
from .meaning import course_above, meaning

PLAYERS = {LessonPage: views.lesson, CoursePage: views.course}
# What the editor's buttons post when somebody else, or nobody, is there when the page is published.
WORKFLOW_BUTTONS = {"action-submit", "action-restart-workflow", "action-workflow-action"}


@hooks.register("before_serve_page")
def admit(page, request, serve_args, serve_kwargs):
    """Let the signed-in people of its municipality come to a lesson or a course; others sign in first."""
    if page.specific_class not in (*PLAYERS, CourseIndexPage):
        shut_out(request)
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


@hooks.register("register_register_menu_item")
def offer_training_elsewhere():
    """What waits for the coordinator's decision, beside the register."""
    return KeepersItem(_("Training elsewhere"), reverse("records:waiting_evidence"), icon_name="doc-full", order=35)


@hooks.register("register_admin_urls")
def meaning_address():
    return [path("kurser/<int:pk>/betydelse/", meaning, name="change_meaning")]


def _address(course: CoursePage, page: Page) -> str:
    chosen = f"?lesson={page.pk}" if page.pk != course.pk else ""
    return reverse("change_meaning", args=[course.pk]) + chosen


def _say_editorial(request, course: CoursePage, words: str) -> None:
    button = messages.button(reverse("change_meaning", args=[course.pk]), _("What does the change mean?"))
    messages.warning(request, words, buttons=[button])


@hooks.register("after_publish_page")
def ask_what_it_means(request, page):
    """Lead whoever publishes to the question; what is published later counts as editorial until it is answered."""
    course = course_above(page)
    if course is None:
        return None
    if page.latest_revision and page.latest_revision.approved_go_live_at:
        words = _("When “%(page)s” is published by the clock, the change counts as editorial until you say otherwise.")
        _say_editorial(request, course, words % {"page": page.title})
        return None
    messages.success(request, _("“%(page)s” has been published.") % {"page": page.title})
    return redirect(_address(course, page))


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def say_what_a_workflow_means(request, page):
    """Say that what a workflow publishes counts as editorial until somebody says otherwise."""
    course = course_above(page) if WORKFLOW_BUTTONS & set(request.POST) else None
    if course:
        words = _("When “%(page)s” is approved, the change counts as editorial until somebody says otherwise.")
        _say_editorial(request, course, words % {"page": page.title})


@hooks.register("after_bulk_action")
def say_what_many_mean(request, action_type, objects, action):
    """Say that pages published together count as editorial until somebody says otherwise."""
    pages = [page for page in objects if isinstance(page, Page)] if action_type == "publish" else []
    for course in {course for page in pages if (course := course_above(page))}:
        words = _("The changes in “%(course)s” count as editorial until you say otherwise.")
        _say_editorial(request, course, words % {"course": course.title})


@hooks.register("register_page_header_buttons")
def offer_meaning(page, user, view_name, next_url=None):
    """Lead to the question from the course and its lessons."""
    course = course_above(page)
    if course and course.permissions_for_user(user).can_publish():
        yield Button(_("What does the change mean?"), _address(course, page), icon_name="history", priority=55)


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
    refusal, parent = PageIsTaken(), pages[0].get_parent()
    back = reverse("wagtailadmin_explore", args=[parent.pk])
    may_archive = [page for page in pages if page.live and page.permissions_for_user(request.user).can_unpublish()]
    context = {
        "reason": str(refusal),
        "pages": pages,
        "may_archive": may_archive,
        "back": back,
        **head(_("This stays"), [(back, parent.title)], icon="lock"),
    }
    return TemplateResponse(request, "records/taken.html", context, status=refusal.status)

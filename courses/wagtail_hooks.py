from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.action_menu import SubmitForModerationMenuItem
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import Button
from wagtail.models import Page
from wagtail.permissions import policy_registry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from learning.access.snippets import MunicipalSnippetViewSet, register_municipal
from learning.organisation.models import Municipality

from . import views
from .errors import LessonStopped
from .models import ColleagueTask, CourseIndexPage, CoursePage, FactSnippet, LessonPage, Recording, Route
from .reports import ContentAgeView, StartPanel
from .review import let_colleagues_read


class FactViewSet(MunicipalSnippetViewSet):
    model = FactSnippet
    icon = "info-circle"
    list_display = ["text", "source", "as_of", "check_by"]


class RouteViewSet(MunicipalSnippetViewSet):
    model = Route
    icon = "mobile-alt"
    list_display = ["situation", "action", "number", "checked_on"]
    sort_order_field = "sort_order"


class _SavedByHand:
    """Saves when somebody says so: a form that saves itself would send a chosen film again at each save."""

    def setup(self, *args, **kwargs):
        super().setup(*args, **kwargs)
        self.autosave_enabled = False


class _RecordingCreateView(_SavedByHand, MunicipalSnippetViewSet.add_view_class):
    pass


class _RecordingEditView(_SavedByHand, MunicipalSnippetViewSet.edit_view_class):
    pass


class RecordingViewSet(MunicipalSnippetViewSet):
    model = Recording
    add_view_class = _RecordingCreateView
    edit_view_class = _RecordingEditView
    icon = "media"
    menu_order = 230
    add_to_admin_menu = True
    list_display = ["title", "format", Column("told_length", label=capfirst(_("length")))]


class FactsViewSetGroup(SnippetViewSetGroup):
    menu_label = _("Facts and routes")
    menu_icon = "info-circle"
    menu_order = 220
    items = [FactViewSet, RouteViewSet]


for model in (FactSnippet, Route, Recording):
    register_municipal(model)
register_snippet(FactsViewSetGroup)
register_snippet(RecordingViewSet)


@hooks.register("register_admin_urls")
def package_urls():
    return [
        path("kurspaket/<int:pk>/", views.package, name="course_package"),
        path("kurspaket/<int:pk>/ta-in/", views.bring_package, name="bring_course_package"),
    ]


@hooks.register("register_page_header_buttons")
def offer_packages(page, user, view_name, next_url=None):
    """The ways out and in for a course, where its page or the list of courses is looked at."""
    if not page.permissions_for_user(user).can_publish():
        return
    if page.specific_class is CoursePage:
        yield Button(_("Course package"), reverse("course_package", args=[page.pk]), icon_name="download", priority=80)
    if page.specific_class is CourseIndexPage:
        address = reverse("bring_course_package", args=[page.pk])
        yield Button(_("Bring a course from a file"), address, icon_name="upload", priority=80)


def _writes(user) -> bool:
    return policy_registry.get_by_type(Page).user_has_any_permission(user, ContentAgeView.any_permission_required)


@hooks.register("construct_homepage_panels")
def show_what_waits(request, panels):
    """Put what waits for those who write first; it tells what Wagtail's own list of texts to approve tells."""
    if _writes(request.user):
        panels[:] = [panel for panel in panels if panel.name != "workflow_objects_to_moderate"]
        panels.append(StartPanel())


@hooks.register("after_create_page")
def arrange_reading(request, page):
    """Let the editors of a new list of courses read each other's texts."""
    if isinstance(page, CourseIndexPage):
        municipality = Municipality.objects.filter(site__root_page__in=page.get_ancestors()).first()
        if municipality:
            let_colleagues_read(page, municipality)


class _SendToColleague(SubmitForModerationMenuItem):
    """Wagtail's button that starts a workflow, in words that say what happens."""

    def get_context_data(self, parent_context):
        return {**super().get_context_data(parent_context), "label": _("Send to a colleague to read")}


@hooks.register("construct_page_action_menu")
def ask_first(menu_items, request, context):
    """Make the first button what is asked for: to send to a colleague, or as that colleague to approve."""
    sending = [item for item in menu_items if item.name == SubmitForModerationMenuItem.name]
    workflow = (context.get("page") or context["parent_page"]).get_workflow() if sending else None
    if ColleagueTask.objects.filter(workflow_tasks__workflow=workflow).exists():
        menu_items[:] = [_SendToColleague(), *(item for item in menu_items if item not in sending)]
    menu_items.sort(key=lambda item: item.name != "approve")


@hooks.register("before_copy_page")
def refuse_published_copies(request, page):
    """Publish no copy of a lesson that has come to have stops since it was published."""
    if request.POST.get("publish_copies") or request.POST.get("alias"):
        for lesson in LessonPage.objects.descendant_of(page, inclusive=True).live():
            if stops := lesson.stops():
                raise LessonStopped(lesson, stops)


@hooks.register("register_admin_urls")
def content_age_urls():
    return [
        path("reports/content-age/", ContentAgeView.as_view(), name="content_age"),
        path("reports/content-age/results/", ContentAgeView.as_view(results_only=True), name="content_age_results"),
    ]


class _WritersItem(MenuItem):
    """Shown to those who write."""

    def is_shown(self, request):
        return _writes(request.user)


@hooks.register("register_reports_menu_item")
def offer_content_age():
    return _WritersItem(
        _("Age of the content"), reverse("content_age"), name="content-age", icon_name="time", order=700
    )

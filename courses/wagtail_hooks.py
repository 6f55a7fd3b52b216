from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets import Button
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from learning.access.snippets import MunicipalSnippetViewSet, register_municipal

from . import views
from .models import CourseIndexPage, CoursePage, FactSnippet, Route


class FactViewSet(MunicipalSnippetViewSet):
    model = FactSnippet
    icon = "info-circle"
    list_display = ["text", "source", "as_of", "check_by"]


class RouteViewSet(MunicipalSnippetViewSet):
    model = Route
    icon = "mobile-alt"
    list_display = ["situation", "action", "number", "checked_on"]
    sort_order_field = "sort_order"


class FactsViewSetGroup(SnippetViewSetGroup):
    menu_label = _("Facts and routes")
    menu_icon = "info-circle"
    menu_order = 220
    items = [FactViewSet, RouteViewSet]


for model in (FactSnippet, Route):
    register_municipal(model)
register_snippet(FactsViewSetGroup)


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

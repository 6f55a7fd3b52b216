from django.urls import path
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.permissions import policy_registry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import CopyView, SnippetViewSetGroup

from courses.models import CoursePage
from courses.panels import STYLES
from courses.upkeep import writable
from learning.access.snippets import MunicipalSnippetViewSet, register_municipal

from .models import ActionPlan, Duty, Requirement, SituationPicture
from .situation import needs
from .views import RequirementCreateView, RequirementEditView, note_follow_up, plans_of
from .warnings import Severity, warnings_of


class ActionPlanViewSet(MunicipalSnippetViewSet):
    model = ActionPlan
    icon = "clipboard-list"
    copy_view_enabled = False  # Wagtail's would take the key and the rows of the plan along
    list_display = ["title", "valid_from", Column("steward", label=capfirst(_("steward"))), LiveStatusTagColumn()]

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("follow_up/<int:pk>/", note_follow_up, name="follow_up")]


class RequirementViewSet(MunicipalSnippetViewSet):
    model = Requirement
    icon = "tasks"
    list_display = ["title", "obligation", "course", "priority", "starts_on", "ends_on"]
    ordering = ["priority", "title"]
    add_view_class = RequirementCreateView
    edit_view_class = RequirementEditView


class DutyViewSet(MunicipalSnippetViewSet):
    model = Duty
    icon = "key"
    list_display = ["title", "course", "starts_on", "ends_on"]


class NextPictureView(CopyView):
    """Begins the picture of the next year from this one, which stays as it is."""

    def get_initial_form_instance(self):
        return super().get_initial_form_instance().get_latest_revision_as_object().following()


class SituationPictureViewSet(MunicipalSnippetViewSet):
    model = SituationPicture
    icon = "view"
    copy_view_class = NextPictureView
    list_display = ["title", "year", Column("made_by", label=capfirst(_("made by"))), LiveStatusTagColumn()]


class PlansViewSetGroup(SnippetViewSetGroup):
    menu_label = _("Plans")
    menu_icon = "clipboard-list"
    menu_order = 230
    items = [ActionPlanViewSet, RequirementViewSet, DutyViewSet, SituationPictureViewSet]


for model in (ActionPlan, Requirement, Duty, SituationPicture):
    register_municipal(model)
register_snippet(PlansViewSetGroup)


class PlansPanel(Component):
    """What is to be done about the municipality's newest plan, on the start page of those who keep it."""

    name = "plans"
    order = 110
    template_name = "plans/start_panel.html"

    def get_context_data(self, parent_context):
        plan = plans_of(parent_context["request"].user).newest_first().whole().first()
        found = warnings_of(plan, localdate()) if plan else []
        return {"plan": plan, "warnings": [one for one in found if one.severity == Severity.ATTENTION]}


class NeedsPanel(Component):
    """The topics of the newest situation picture that lack a lesson, on the start page of those who write."""

    name = "situation_needs"
    order = 105
    template_name = "plans/needs_panel.html"
    media = STYLES

    def get_context_data(self, parent_context):
        user = parent_context["request"].user
        may_write = policy_registry.get_by_type(SituationPicture).user_has_permission(user, "change")
        topics = needs(user.municipality) if may_write and user.municipality else []
        return {"topics": topics, "courses": writable(user, CoursePage).order_by("path") if topics else []}


@hooks.register("construct_homepage_panels")
def show_plan(request, panels):
    panels += [NeedsPanel(), PlansPanel()]


@hooks.register("before_unpublish")
def refuse_to_take_back_evidence(request, instance):
    """Wagtail's view goes past `ActionPlan.unpublish`."""
    if isinstance(instance, ActionPlan):
        instance.expect_no_evidence()

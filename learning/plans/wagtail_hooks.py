from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from learning.access.snippets import MunicipalSnippetViewSet, register_municipal

from .models import ActionPlan, Duty, Requirement
from .views import RequirementCreateView, RequirementEditView


class ActionPlanViewSet(MunicipalSnippetViewSet):
    model = ActionPlan
    icon = "clipboard-list"
    list_display = ["title", "valid_from", "valid_to", "steward"]


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


class PlansViewSetGroup(SnippetViewSetGroup):
    menu_label = _("Plans")
    menu_icon = "clipboard-list"
    menu_order = 230
    items = [ActionPlanViewSet, RequirementViewSet, DutyViewSet]


for model in (ActionPlan, Requirement, Duty):
    register_municipal(model)
register_snippet(PlansViewSetGroup)

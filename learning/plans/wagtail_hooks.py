from wagtail.snippets.models import register_snippet

from learning.access.snippets import MunicipalSnippetViewSet, register_municipal

from .models import ActionPlan


class ActionPlanViewSet(MunicipalSnippetViewSet):
    model = ActionPlan
    icon = "clipboard-list"
    menu_order = 230
    add_to_admin_menu = True
    list_display = ["title", "valid_from", "valid_to", "steward"]


register_municipal(ActionPlan)
register_snippet(ActionPlanViewSet)

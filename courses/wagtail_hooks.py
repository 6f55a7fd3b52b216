from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from learning.access.snippets import MunicipalSnippetViewSet, register_municipal

from .models import FactSnippet, Route


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

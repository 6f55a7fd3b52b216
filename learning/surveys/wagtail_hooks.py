from django.utils.text import capfirst
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.snippets.models import register_snippet

from learning.access.snippets import MunicipalSnippetViewSet, register_municipal

from .models import Survey


class SurveyViewSet(MunicipalSnippetViewSet):
    model = Survey
    icon = "comment"
    list_display = [
        "title",
        Column("get_kind_display", label=capfirst(Survey._meta.get_field("kind").verbose_name), sort_key="kind"),
        "course",
        LiveStatusTagColumn(),
    ]
    add_to_admin_menu = True
    menu_order = 240


register_municipal(Survey)
register_snippet(SurveyViewSet)

from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.admin.viewsets.base import ViewSet
from wagtail.permissions import policy_registry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from learning.access.snippets import MunicipalSnippetViewSet, register_municipal

from . import views
from .models import KnowledgeCheck, Question


class QuestionViewSet(MunicipalSnippetViewSet):
    model = Question
    icon = "help"
    list_display = ["text", "topic", "kind", BooleanColumn("must_pass", label=capfirst(_("must be right")))]
    list_filter = ["topic", "kind", "must_pass"]


class KnowledgeCheckViewSet(MunicipalSnippetViewSet):
    model = KnowledgeCheck
    icon = "tasks"
    list_display = ["title", "draw", "pass_percent"]


class StatisticsMenuItem(MenuItem):
    def is_shown(self, request):
        return policy_registry.get_by_type(Question).user_has_any_permission(request.user, views.NEEDED)


class StatisticsViewSet(ViewSet):
    name = "question_statistics"
    url_prefix = "fragestatistik"
    icon = "view"
    menu_label = _("Statistics")
    menu_item_class = StatisticsMenuItem

    def get_urlpatterns(self):
        return [path("", views.statistics, name="index"), path("<int:pk>/", views.question, name="question")]


class QuizViewSetGroup(SnippetViewSetGroup):
    menu_label = _("Questions")
    menu_icon = "help"
    menu_order = 210
    items = [QuestionViewSet, KnowledgeCheckViewSet, StatisticsViewSet]


for model in (Question, KnowledgeCheck):
    register_municipal(model)
register_snippet(QuizViewSetGroup)

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from learning.access.snippets import MunicipalSnippetViewSet, register_municipal

from .models import KnowledgeCheck, Question


class QuestionViewSet(MunicipalSnippetViewSet):
    model = Question
    icon = "help"
    list_display = ["text", "topic", "kind", "must_pass"]
    list_filter = ["topic", "kind", "must_pass"]


class KnowledgeCheckViewSet(MunicipalSnippetViewSet):
    model = KnowledgeCheck
    icon = "tasks"
    list_display = ["title", "draw", "pass_percent"]


class QuizViewSetGroup(SnippetViewSetGroup):
    menu_label = _("Questions")
    menu_icon = "help"
    menu_order = 210
    items = [QuestionViewSet, KnowledgeCheckViewSet]


for model in (Question, KnowledgeCheck):
    register_municipal(model)
register_snippet(QuizViewSetGroup)

import django_filters
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.admin.viewsets.base import ViewSet
from wagtail.models import WorkflowState
from wagtail.permissions import policy_registry
from wagtail.snippets.action_menu import SubmitForModerationMenuItem
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from learning.access.snippets import MunicipalSnippetViewSet, register_municipal

from . import regrade_views, views
from .exchange import views as exchange
from .models import KnowledgeCheck, Question

USED, UNUSED = "used", "unused"
LIVE, CHANGED, DRAFT, READ = "live", "changed", "draft", "read"
ROOMY = "question__roomy"  # a column that a phone leaves out


def _choice(label, **extra):
    """A filter with one choice of several, as Wagtail shows them."""
    return django_filters.ChoiceFilter(label=capfirst(label), widget=forms.RadioSelect, empty_label=_("All"), **extra)


class QuestionFilterSet(WagtailFilterSet):
    """What the list of questions can be narrowed to."""

    topic = _choice(_("topic"))
    status = _choice(
        _("status"),
        method="having_status",
        choices=[
            (LIVE, _("Published")),
            (CHANGED, _("Published, with a newer draft")),
            (DRAFT, _("Not published")),
            (READ, _("With a colleague to read")),
        ],
    )
    use = _choice(
        _("use"), method="having_use", choices=[(USED, _("Used in a lesson or check")), (UNUSED, _("Used nowhere"))]
    )

    class Meta:
        model = Question
        fields = ["topic", "kind", "level", "status", "use", "must_pass", "is_shared"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        topics = views.questions_of(self.request.user).order_by("topic").exclude(topic="")
        self.filters["topic"].extra["choices"] = [(topic, topic) for topic in dict.fromkeys(_topics(topics))]

    def having_status(self, questions, name, value):
        if value == READ:
            waiting = WorkflowState.objects.filter(
                base_content_type=ContentType.objects.get_for_model(Question), status=WorkflowState.STATUS_IN_PROGRESS
            )
            return questions.filter(pk__in=[int(pk) for pk in waiting.values_list("object_id", flat=True)])
        if value == DRAFT:
            return questions.filter(live=False)
        return questions.filter(live=True, has_unpublished_changes=value == CHANGED)

    def having_use(self, questions, name, value):
        found = questions.filter(uses=0) if value == UNUSED else questions.filter(uses__gt=0)
        return questions.filter(pk__in=list(found.values_list("pk", flat=True)))  # which can be searched too


def _topics(questions):
    return questions.values_list("topic", flat=True)


class UsesColumn(Column):
    """How many lessons and checks use a question, and the way to where they are named."""

    cell_template_name = "quizzes/admin/uses_cell.html"

    class Media:
        css = {"all": ["css/authoring.css"]}


class _SaysWhatIsKept:
    """Wagtail says that nothing was saved, while a draft of it may well have been."""

    def get_error_message(self):
        if self.action == "publish" and not self.locked_for_user:
            return gettext("The question was not published. What you have written stands here. See what to do below.")
        return super().get_error_message()


class _QuestionEditView(_SaysWhatIsKept, MunicipalSnippetViewSet.edit_view_class):
    pass


class _QuestionCreateView(_SaysWhatIsKept, MunicipalSnippetViewSet.add_view_class):
    @cached_property
    def workflow(self):
        # Wagtail asks the model; here each municipality has its own.
        return (self.object or Question(municipality=self.request.user.municipality)).get_workflow()


class QuestionViewSet(MunicipalSnippetViewSet):
    model = Question
    icon = "help"
    add_view_class = _QuestionCreateView
    edit_view_class = _QuestionEditView
    list_display = [
        "__str__",
        Column("topic", label=capfirst(_("topic")), sort_key="topic", classname=ROOMY),
        Column("get_kind_display", label=capfirst(_("kind")), sort_key="kind", classname=ROOMY),
        UsesColumn("uses", label=_("Used"), sort_key="uses"),
        LiveStatusTagColumn(label=_("Status")),
    ]
    filterset_class = QuestionFilterSet

    def get_queryset(self, request):
        # By the name under which Wagtail looks for what it would otherwise ask of each row by itself.
        waiting = Prefetch("_workflow_states", WorkflowState.objects.active(), to_attr="_current_workflow_states")
        questions = super().get_queryset(request).with_uses()
        return questions.select_related("latest_revision").prefetch_related(waiting)

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("advice/", views.hints, name="advice")]


class KnowledgeCheckViewSet(MunicipalSnippetViewSet):
    model = KnowledgeCheck
    icon = "tasks"
    list_display = ["title", "draw", "pass_percent"]


class BankMenuItem(MenuItem):
    def is_shown(self, request):
        return policy_registry.get_by_type(Question).user_has_any_permission(request.user, views.NEEDED)


class StatisticsViewSet(ViewSet):
    name = "question_statistics"
    url_prefix = "fragestatistik"
    icon = "view"
    menu_label = _("Statistics")
    menu_item_class = BankMenuItem

    def get_urlpatterns(self):
        return [
            path("", views.statistics, name="index"),
            path("<int:pk>/", views.question, name="question"),
            path("<int:pk>/ratta-om/<slug:edition>/", regrade_views.grade_anew, name="grade_anew"),
        ]


class SharedViewSet(ViewSet):
    name = "shared_questions"
    url_prefix = "fragor-fran-andra"
    icon = "globe"
    menu_label = _("Questions from others")
    menu_item_class = BankMenuItem

    def get_urlpatterns(self):
        return [path("", views.shared, name="index"), path("<int:pk>/kopiera/", views.copy, name="copy")]


class ExchangeViewSet(ViewSet):
    name = "question_files"
    url_prefix = "fragefiler"
    icon = "upload"
    menu_label = _("Bring in and take out")
    menu_item_class = BankMenuItem

    def get_urlpatterns(self):
        return [
            path("", exchange.index, name="index"),
            path("<int:pk>/", exchange.confirm, name="confirm"),
            path("ut/", exchange.take_out, name="take_out"),
        ]


class QuizViewSetGroup(SnippetViewSetGroup):
    menu_label = _("Questions")
    menu_icon = "help"
    menu_order = 210
    items = [QuestionViewSet, KnowledgeCheckViewSet, SharedViewSet, StatisticsViewSet, ExchangeViewSet]


for model in (Question, KnowledgeCheck):
    register_municipal(model)
register_snippet(QuizViewSetGroup)


class _SendToColleague(SubmitForModerationMenuItem):
    """Wagtail's button that starts a workflow, in words that say what happens."""

    def get_context_data(self, parent_context):
        return {**super().get_context_data(parent_context), "label": _("Send to a colleague to read")}


@hooks.register("construct_snippet_action_menu")
def ask_first(menu_items, request, context):
    """Make the first button what is asked for: to send to a colleague, or as that colleague to approve."""
    if context["model"] is not Question:
        return
    sending = [item for item in menu_items if item.name == SubmitForModerationMenuItem.name]
    is_new = context["view"] == "create"  # of a new one Wagtail asks the model, which has no workflow
    if sending or (is_new and Question(municipality=request.user.municipality).has_workflow):
        menu_items[:] = [_SendToColleague(), *(item for item in menu_items if item not in sending)]
    menu_items.sort(key=lambda item: item.name != "approve")


@hooks.register("before_delete_snippet")
def keep_what_is_used(request, snippets):
    """Refuse to remove questions that lessons or checks point at, and say where they are."""
    questions = [snippet for snippet in snippets if isinstance(snippet, Question)]
    used = Question.objects.with_uses().filter(pk__in=[question.pk for question in questions], uses__gt=0)
    if not used:
        return None
    for question in used:
        words = gettext("“%(question)s” is used and was not removed. Take it out of these first, then remove it.")
        messages.warning(request, words % {"question": question})
    return redirect(reverse(Question.snippet_viewset.get_url_name("usage"), args=[used[0].pk]))


hooks.register("register_bulk_action", exchange.TakeOut)

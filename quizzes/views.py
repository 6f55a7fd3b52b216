"""Pages of Wagtail's admin: how the questions do, what would make one better, and what others share."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.permissions import policy_registry
from wagtail.search.backends import get_search_backend

from learning.register.frame import frame, words_of

from . import analysis
from .advice import advice, of_form
from .counting import count
from .models import Question, Regrade
from .plots import scatter, trace_plot
from .sharing import copy_question

SHARED_ON_A_PAGE = 10

NEEDED = ["change", "view"]


def questions_of(user):
    """The questions that the user may see or change. Raises PermissionDenied where there is no such right at all."""
    policy = policy_registry.get_by_type(Question)
    if not policy.user_has_any_permission(user, NEEDED):
        raise PermissionDenied
    return policy.instances_user_has_any_permission_for(user, NEEDED).prefetch_related("options")


@require_admin_access
@require_safe
def statistics(request):
    """Every question with its figures, those that should be looked at first."""
    statistics, counted_at = analysis.kept_statistics_of(questions_of(request.user))
    rows = [
        {"question": question, "found": found, "verdicts": analysis.verdicts(question, found)}
        for question, found in statistics.items()
    ]
    rows.sort(
        key=lambda row: (row["verdicts"][0].rank if row["verdicts"] else analysis.FINE + 1, row["question"].topic)
    )
    context = {
        **frame(_("How the questions do"), icon="view"),
        "rows": rows,
        "counted_at": counted_at,
        "plot": scatter(rows),
        "shown_from": analysis.SHOWN_FROM,
        "stable_from": analysis.STABLE_FROM,
    }
    return render(request, "quizzes/admin/statistics.html", context)


@require_admin_access
@require_safe
def question(request, pk):
    """One question: its options, how it tells people apart, how long it takes, and how its earlier wordings did."""
    asked = get_object_or_404(questions_of(request.user), pk=pk)
    counts = count([pk])
    found = analysis.statistics_of([asked], counts)[asked]
    context = {
        **frame(
            _("How the question does"), [(reverse("question_statistics:index"), _("How the questions do"))], icon="view"
        ),
        "question": asked,
        "found": found,
        "verdicts": analysis.verdicts(asked, found),
        "paces": _paces(asked) if found.is_shown else [],
        "plot": trace_plot(analysis.traces(asked)),
        "edition": asked.on_paper().edition,
        "earlier": analysis.earlier(asked, counts),
        "regrades": Regrade.objects.filter(question_id=pk).select_related("decided_by").counted(),
        "shown_from": analysis.SHOWN_FROM,
        "edit_url": reverse(asked.snippet_viewset.get_url_name("edit"), args=[asked.pk]),
    }
    return render(request, "quizzes/admin/question.html", context)


def _paces(asked: Question) -> list[dict]:
    numbers = analysis.paces(asked)
    labels = [_("within %(number)d seconds") % {"number": bound} for bound in analysis.PACES]
    labels.append(_("later"))
    total = sum(numbers)
    rows = zip(labels, numbers, strict=True)
    return [{"label": label, "share": number / total, "number": number} for label, number in rows if total]


@require_admin_access
@require_POST
def hints(request):
    """What would make the question better as its form reads now; nothing is kept."""
    if not policy_registry.get_by_type(Question).user_has_any_permission(request.user, ["add", "change"]):
        raise PermissionDenied
    return render(request, "quizzes/admin/hints.html", {"hints": advice(of_form(request.POST))})


def _shared_with(user):
    """What other municipalities share with the user's. Raises PermissionDenied for whoever may write no question."""
    if not user.municipality_id or not policy_registry.get_by_type(Question).user_has_permission(user, "add"):
        raise PermissionDenied
    return Question.objects.shared_with(user.municipality)


@require_admin_access
@require_safe
def shared(request):
    """The published questions that others share, each whole, to look for and to copy."""
    found = _shared_with(request.user).select_related("municipality", "image").prefetch_related("options")
    topics = found.order_by("topic").exclude(topic="").values_list("topic", flat=True).distinct()
    topic, words = request.GET.get("topic", ""), words_of(request)
    if topic:
        found = found.filter(topic=topic)
    if words:
        found = get_search_backend().autocomplete(words, found, order_by_relevance=False)
    context = {
        **frame(_("Questions from others"), icon="globe"),
        "page_obj": Paginator(found, SHARED_ON_A_PAGE).get_page(request.GET.get("p")),
        "query": f"{urlencode({'q': words, 'topic': topic})}&",
        "topics": topics,
        "topic": topic,
        "words": words,
    }
    return render(request, "quizzes/admin/shared.html", context)


@require_admin_access
@require_POST
def copy(request, pk):
    """Make a draft of one's own out of a question that is shared."""
    question = get_object_or_404(_shared_with(request.user), pk=pk)
    own = copy_question(question=question, to=request.user.municipality, by=request.user)
    messages.success(
        request, _("The question is here as a draft of your own. Read it through, make it yours, and publish it.")
    )
    return redirect(reverse(own.snippet_viewset.get_url_name("edit"), args=[own.pk]))

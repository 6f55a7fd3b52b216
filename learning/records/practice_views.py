"""Practising what one has learned: a question at a time, for oneself."""

from datetime import date, timedelta

from django.contrib import messages
from django.db.models import QuerySet
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from learning.access.lesson_links import is_by_link
from learning.access.rules import open_by_link, signed_in
from learning.errors import LearningError
from learning.organisation.models import Person
from learning.translations import in_language
from quizzes.grading import PaperQuestion, posted, shuffled
from quizzes.telling import told

from .models import PractisedQuestion
from .practice import A_DAY, Known, forget_practice, note_practice, to_practise


@open_by_link
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def practice(request):
    """The next question whose day has come; GET changes nothing, POST tells what an answer was worth."""
    on = timezone.localdate()
    if request.POST.get("act") == "forget":
        return _forget(request)
    known = to_practise(request.user, on=on)
    asked = next((one for one in known if str(one.question.pk) == request.POST.get("question")), None)
    if asked:
        return _answered(request, known, asked, on)
    due = [one for one in known if one.trace.is_due(on)]
    is_enough = _practised(request.user, on).count() >= A_DAY
    return _ask(request, known, due[0], on) if due and not is_enough else _nothing_more(request, known, on)


def _practised(person: Person, on: date) -> QuerySet[PractisedQuestion]:
    return PractisedQuestion.objects.filter(person=person, answered_on=on)


def _forget(request):
    if "sure" not in request.POST:
        messages.warning(request, _("Tick that you are sure first. Nothing was forgotten."))
        return redirect("records:practice")
    forget_practice(request.user)
    messages.success(request, _("What you have practised is forgotten. Your lessons and proofs are as they were."))
    return redirect("records:practice" if is_by_link(request) else "records:my_page")


def _answered(request, known: list[Known], asked: Known, on: date):
    """What the answer was worth; one that is missing or forged is refused, and the question asked again."""
    question = _as_asked(asked, on)
    try:
        chosen = question.chosen(posted(request.POST))
    except LearningError as problem:
        return _show(request, known, asked, on, told=told(question, None, done=False), problem=problem)
    right = question.is_right(chosen)
    note_practice(person=request.user, known=asked, right=right, on=on)
    return _show(request, known, asked, on, told=told(question, chosen, done=True), answered=True, right=right)


def _ask(request, known: list[Known], asked: Known, on: date):
    return _show(request, known, asked, on, told=told(_as_asked(asked, on), None, done=False))


def _as_asked(asked: Known, on: date) -> PaperQuestion:
    """The question in the reader's language, its options in another order another day."""
    question = in_language(asked.question, get_language()).on_paper()
    return shuffled(question, seed=on.toordinal() + question.id)


def _show(request, known, asked, on, *, told, answered=False, right=None, problem=None):
    """The question, at its place among what was practised today and what is due."""
    position = _practised(request.user, on).exclude(question=asked.question).count() + 1
    left = sum(one.trace.is_due(on) for one in known if one is not asked)
    context = {
        "player_title": _("Practise"),
        "asks": True,
        "kind": "question",
        "told": told,
        "answered": answered,
        "right": right,
        "problem": problem or "",
        "position": position,
        "total": position + min(left, max(0, A_DAY - position)),
        "next_label": _("Next") if answered else _("Answer"),
        "next_url": request.path if answered else "",
    }
    return render(request, "records/practice.html", context, status=problem.status if problem else 200)


def _nothing_more(request, known: list[Known], on: date):
    days = [max(one.trace.due_on, on + timedelta(days=1)) for one in known if one.trace.due_on]
    context = {
        "knows": bool(known),
        "next_on": min(days, default=None),
        "has_practised": PractisedQuestion.objects.filter(person=request.user).exists(),
    }
    return render(request, "records/practice_done.html", context)

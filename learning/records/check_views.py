"""Taking the knowledge check of a course, and what measures before and after one."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courses.models import CoursePage, LessonPage
from learning.access.rules import open_by_link, signed_in
from learning.translations import in_language
from quizzes.grading import ChoiceMissing, ForeignAnswer, PaperQuestion, as_kept, posted
from quizzes.models import Answer, Attempt, Confidence, KnowledgeCheck, Regrade
from quizzes.services import (
    AttemptClosed,
    NotAllAnswered,
    Time,
    TimeNotChosen,
    TimeOut,
    WaitFirst,
    answer,
    begin_attempt,
    hand_in,
    last_handed_in,
    open_attempt,
    waits_until,
)
from quizzes.telling import Clock, refilled, told

from .models import Completion
from .overview import CourseState
from .services import course_of
from .views import as_asked


def _own_course(request, pk: int) -> CoursePage:
    """A course of the person's own municipality; others do not exist."""
    if not request.user.municipality_id:
        raise Http404
    root = request.user.municipality.site.root_page
    courses = CoursePage.objects.live().descendant_of(root).select_related("check_ref", "measure_ref")
    return get_object_or_404(courses, pk=pk)


@open_by_link
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def check(request, pk):
    """The knowledge check of a course: GET tells how it works, POST begins or goes on."""
    page = _own_course(request, pk)
    if not page.check_ref:
        raise Http404
    return _begin(request, page, page.check_ref)


@open_by_link
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def measure(request, pk):
    """What measures before or after a course, as often as it is offered; else the course."""
    page = _own_course(request, pk)
    stage = CourseState(request.user, page, timezone.localdate()).stage
    return _begin(request, page, page.measure_ref, stage) if stage else redirect(page.get_url(request))


def _begin(request, page: CoursePage, asked: KnowledgeCheck, stage: str = ""):
    about = {"person": request.user, "check": asked, "subject_key": page.key, "now": timezone.now()}
    problem, status = "", 200
    if request.method == "POST":
        try:
            begun = begin_attempt(**about, stage=stage, language=get_language(), time=request.POST.get("time", ""))
            return redirect(_first_unanswered(begun))
        except (TimeNotChosen, WaitFirst) as refused:
            problem, status = str(refused), refused.status
    going_on = open_attempt(**about, stage=stage)
    waits = None if going_on or stage else waits_until(**about)
    context = {
        "page": in_language(page, get_language()),
        "course": page,
        "check": in_language(asked, get_language()),
        "stage": stage,
        "left": [] if stage else CourseState(request.user, page, timezone.localdate()).left,
        "open_attempt": going_on,
        "is_out_of_time": bool(going_on) and going_on.is_out_of_time(about["now"]),
        "times": [] if going_on or not asked.minutes else Time.choices,
        "waits": waits,
        "again": _lessons_to_take_again(page, last_handed_in(request.user, asked, page.key)) if waits else [],
        "problem": "" if waits else problem,
    }
    return render(request, "records/check.html", context, status=status)


def _lessons_to_take_again(page: CoursePage | None, attempt: Attempt) -> list[LessonPage]:
    """The lessons of the course whose topics went wrong, where a topic is the title of a lesson."""
    return list(page.lessons().filter(title__in=attempt.missed_topics())) if page else []


def _first_unanswered(attempt: Attempt) -> str:
    answered = attempt.choices()
    questions = attempt.as_paper.questions
    position = next((n for n, q in enumerate(questions, start=1) if q.id not in answered), len(questions))
    return reverse("records:check_question", args=[attempt.pk, position])


def _own_attempt(request, pk: int) -> Attempt:
    return get_object_or_404(Attempt.objects.select_related("check_ref"), pk=pk, person=request.user)


@open_by_link
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def check_question(request, pk, position):
    """One question of an open attempt; each answer is kept as soon as it is given."""
    attempt = _own_attempt(request, pk)
    if attempt.handed_in_at:
        return as_asked(request, redirect("records:check_result", pk=attempt.pk))
    if not 1 <= position <= attempt.total:
        raise Http404
    question = attempt.question_at(position)
    problem = ""
    if request.method == "POST":
        try:
            problem = _take_answer(request, attempt, question)
        except AttemptClosed:  # handed in from elsewhere at the same moment
            return as_asked(request, redirect("records:check_result", pk=attempt.pk))
        except TimeOut as late:
            return _time_is_out(request, attempt, status=late.status)
        if not problem and position < attempt.total:
            following = redirect("records:check_question", pk=attempt.pk, position=position + 1)
            return as_asked(request, following)
        if not problem:
            return as_asked(request, _hand_in_or_go_back(attempt))
    elif attempt.is_out_of_time(timezone.now()):
        return _time_is_out(request, attempt)
    given = attempt.answers.filter(question_id=question.id).first()
    shown = told(question, as_kept(given.chosen) if given else None, done=False)
    context = {
        "attempt": attempt,
        "question": question,
        "player_title": _("Before and after") if attempt.measures else _("Knowledge check"),
        "asks": True,
        "kind": "question",
        "keeps": True,
        "position": position,
        "next_label": _("Hand in") if position == attempt.total else _("Next"),
        "total": attempt.total,
        "told": refilled(shown, request.POST) if problem else shown,
        "confidences": _confidences(request, given) if _asks_confidence(attempt) else [],
        "clock": Clock.of(attempt.ends_at, timezone.now()),
        "problem": problem,
        "previous": f"../{position - 1}/" if position > 1 else "",
    }
    return render(request, "records/check_question.html", context, status=400 if problem else 200)


def _asks_confidence(attempt: Attempt) -> bool:
    return bool(attempt.check_ref) and attempt.check_ref.asks_confidence


def _confidences(request, given: Answer | None) -> list[dict]:
    """How sure one can say to be, with what was posted or kept."""
    said = request.POST.get("confidence", str(given.confidence if given else ""))
    return [{"value": one.value, "text": one.label, "checked": str(one.value) == said} for one in Confidence]


def _time_is_out(request, attempt: Attempt, status: int = 200):
    """What is left to do when the time is out: to hand in what is answered."""
    context = {
        "attempt": attempt,
        "answered": attempt.answers.count(),
        "total": attempt.total,
    }
    return render(request, "records/check_time_out.html", context, status=status)


def _take_answer(request, attempt, question) -> str:
    """Keep the answer; returns what is wrong with it in words, or nothing."""
    sure = request.POST.get("confidence", "") if _asks_confidence(attempt) else ""
    try:
        answer(attempt=attempt, choices={question: posted(request.POST)}, now=timezone.now(), confidence=sure)
    except (ChoiceMissing, ForeignAnswer) as problem:
        return str(problem)
    return ""


def _hand_in_or_go_back(attempt: Attempt):
    try:
        hand_in(attempt=attempt, now=timezone.now())
    except NotAllAnswered:
        return redirect(_first_unanswered(attempt))
    return redirect("records:check_result", pk=attempt.pk)


@open_by_link
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def check_result(request, pk):
    """How it went, question by question, with the feedback of what was chosen; one's own only. POST hands in."""
    attempt = _own_attempt(request, pk)
    if request.method == "POST":
        return _hand_in_or_go_back(attempt)
    if not attempt.handed_in_at:
        return redirect(_first_unanswered(attempt))
    page = course_of(attempt)
    if attempt.measures:
        return render(request, "records/check_measured.html", {"attempt": attempt, "course": page})
    given = {one.question_id: one for one in attempt.answers.all()}
    questions = [_result(question, given.get(question.id)) for question in attempt.graded_paper.questions]
    wrong = [one for one in questions if not one["right"]]
    has_check = bool(page and page.check_ref_id)
    about = {"person": request.user, "check": attempt.check_ref, "subject_key": attempt.subject_key}
    context = {
        "attempt": attempt,
        "questions": questions,
        "regrades": Regrade.objects.of(attempt),
        # What one was sure of first: put right, it is what is best remembered (Butterfield & Metcalfe 2001).
        "wrong": sorted(wrong, key=lambda one: not one["was_sure"]),
        "right": [one for one in questions if one["right"]],
        "missed_must": [one for one in wrong if one["question"].must_pass],
        "again": _lessons_to_take_again(page, attempt),
        "course": page if has_check else None,
        "waits": waits_until(**about, now=timezone.now()) if attempt.check_ref and not attempt.passed else None,
        "completion": Completion.objects.filter(attempt=attempt).lasting(timezone.localdate()).first(),
    }
    return render(request, "records/check_result.html", context)


def _result(question: PaperQuestion, given: Answer | None) -> dict:
    """A question as the result shows it, with how sure the person was."""
    chosen = as_kept(given.chosen) if given else None
    sure = given.confidence if given else None
    return {
        **told(question, chosen, done=True),
        "right": question.is_right(chosen or frozenset()),
        "is_missing": given is None,
        "was_sure": (sure or 0) >= Confidence.FAIRLY,
        "guessed": sure == Confidence.GUESS,
    }

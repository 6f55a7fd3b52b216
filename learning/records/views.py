"""Taking lessons and checks, one's own page, and the proof of completion."""

from django.http import Http404, JsonResponse
from django.http.request import split_domain_port
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import Site
from wagtail.views import serve

from courses.kept import lesson_at
from courses.models import CoursePage, LessonPage, Route
from courses.search import LONGEST, MOST, find
from learning.access.authority import Action, authority_of
from learning.access.rules import signed_in
from learning.errors import LearningError
from learning.translations import in_language, parts_in_language
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

from .models import IN_A_GROUP, Completion, LessonProgress
from .overview import CourseState, completed, courses_of, current_progress, states_of
from .player import Run
from .practice import question_to_recall
from .services import course_of, finish_lesson, forget_choice, note_card


def page_at(request, path: str):
    """One's own lesson, found by its address in one query; everything else as Wagtail finds and guards it."""
    page = _own_lesson(request, path)
    return lesson(request, page) if page else serve(request, path)


def _own_lesson(request, path: str) -> LessonPage | None:
    """The published lesson at the address, if it is of the person's own municipality and nothing keeps it private."""
    municipality = request.user.municipality if request.user.is_authenticated else None
    if municipality is None or not path:
        return None
    site = municipality.site
    if split_domain_port(request.get_host())[0] != site.hostname and Site.find_for_request(request) != site:
        return None
    return lesson_at(site.root_page.url_path + path, get_language())


# A phone gets a fifth of the bytes; nothing here is worth guessing by the length of an answer (BREACH).
@gzip_page
def lesson(request, page: LessonPage):
    """A lesson, card by card. GET shows a card and changes nothing; POST notes it and goes on."""
    on = timezone.localdate()
    shown = request.POST.get("question", "")

    def recall(stored):
        return question_to_recall(request.user, page, on=on, stored=stored, shown=shown)

    progress = current_progress(request.user, page, on=on)
    run = Run(in_language(page, get_language()), progress, recall)
    if request.method == "POST":
        return _as_asked(request, _go_on(request, page, run))
    part = request.GET.get("kort")
    if part in LAST and progress and progress.finished_at:
        return LAST[part](request, page, run.lesson)
    return _show_card(request, page, run, run.card_at(_position(request.GET, run.resume_at)))


def _as_asked(request, response):
    """The answer as the script in the page wants it: where to go next, so that it is fetched once."""
    if request.headers.get("X-Requested-With") == "fetch" and response.status_code == 302:
        return JsonResponse({"next": response.url})
    return response


def _position(data, default: int) -> int:
    try:
        return int(data.get("kort", default))
    except ValueError:
        return default


def _show_card(request, page, run, card, problem: str = "", status: int = 200):
    before = run.card_before(card)
    context = {
        "page": run.lesson,
        "lesson": run.lesson,
        "player_title": run.lesson.title,
        "action": request.path,
        "keeps": True,
        "card": card,
        "kind": card.kind,
        "act": "answer" if card.is_open else "next",
        "position": card.position,
        "total": len(run.cards),
        "next_label": _next_label(card, len(run.cards)),
        "skip_label": _("Pass it by") if card.skip else "",
        "problem": problem,
        "previous": f"?kort={before.position}" if before else "",
    }
    if card.kind == "routes":
        context["routes"] = Route.objects.shown_in(request.user.municipality)
    return render(request, "records/lesson.html", context, status=status)


def _next_label(card, total: int) -> str:
    if card.is_open:
        return card.verb
    return _("Finish the lesson") if card.position == total else _("Next")


def _go_on(request, page, run):
    """Do what the posted form says with the card that it names; the same form twice does the same once."""
    card = run.card_with(request.POST.get("card"))
    if card is None:  # the lesson was changed meanwhile, or the card is not reached
        return redirect(request.path)
    match request.POST.get("act"):
        case "answer" if card.is_open:
            return _take_choice(request, page, run, card)
        case "next" if not card.is_open:
            return _leave(request, page, run, card.position)
        case "skip" if card.skip:
            return _leave(request, page, run, min(card.position + card.skip, len(run.cards)))
        case "again" if card.repeats:
            forget_choice(person=request.user, lesson=page, card_id=card.id)
            return redirect(f"{request.path}?kort={card.position}")
    return redirect(f"{request.path}?kort={card.position}{'#svar' if card.is_begun else ''}")


def _take_choice(request, page, run, card):
    """Keep what was chosen on the card, and show what it was worth."""
    try:
        chosen = card.read_choice(request.POST)
    except LearningError as problem:
        card.refill(request.POST)
        return _show_card(request, page, run, card, problem=str(problem), status=problem.status)
    about = {"card_id": card.id, "chosen": chosen, "instead_of": card.stored, "position": card.position - 1}
    note_card(person=request.user, lesson=page, now=timezone.now(), **about)
    return redirect(f"{request.path}?kort={card.position}#svar")


def _leave(request, page, run, position: int):
    """Note that the cards up to this one are done with, and go to the next, or to the end of the lesson."""
    now = timezone.now()
    note_card(person=request.user, lesson=page, position=position, now=now)
    if position < len(run.cards):
        return redirect(f"{request.path}?kort={position + 1}")
    finish_lesson(person=request.user, lesson=page, now=now)
    return redirect(f"{request.path}?kort=klar")


def _lesson_done(request, page, shown):
    state = CourseState(request.user, page.course, timezone.localdate())
    context = {**_whole(page, shown), "state": state}
    return render(request, "records/lesson_done.html", context)


def _whole(page, shown) -> dict:
    """The lesson with what stands beside its cards."""
    return {
        "page": shown,
        "lesson": shown,
        "course": in_language(page.course, get_language()),
        "sources": parts_in_language(page, "sources", get_language()),
    }


def _handout(request, page, shown):
    """All of the lesson at once, to print; for those who have taken it, since it tells what is right."""
    context = {
        **_whole(page, shown),
        "routes": Route.objects.shown_in(request.user.municipality),
        "back": f"{request.path}?kort=klar",
    }
    return render(request, "records/handout.html", context)


# What may be asked for in place of a card when the lesson has been taken.
LAST = {"klar": _lesson_done, "alla": _handout}


def course(request, page: CoursePage):
    """A course: what one will be able to do, its lessons with one's own progress, and the check."""
    state = CourseState(request.user, page, timezone.localdate())
    may_lead = authority_of(request).may(Action.LEAD)
    context = {"page": in_language(page, get_language()), "state": state, "may_lead": may_lead}
    return render(request, "records/course.html", context)


@signed_in
@require_safe
def my_page(request):
    """What is left, what is valid until when, and the proofs."""
    states, others = courses_of(request.user, on=timezone.localdate())
    left = [state for state in states if state.is_asked and not state.is_done]
    context = {
        "states": states,
        "others": others,
        "all_done": not left,
        "may_practise": any(state.finished or state.is_valid for state in states),
        "minutes_left": sum(state.minutes_left for state in left),
        "completions": Completion.objects.filter(person=request.user).lasting(timezone.localdate()),
    }
    return render(request, "records/my_page.html", context)


@signed_in
@require_safe
def search(request):
    """The published courses and lessons of one's own municipality with these words, and how far one is in each."""
    query = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
    own = request.user.municipality
    hits = find(query, municipality=own, language=get_language()) if own else []
    shown, today = hits[:MOST], timezone.localdate()
    states = states_of(request.user, [(hit.page, hit.course) for hit in shown if hit.is_lesson], on=today)
    states |= dict.fromkeys(
        completed(request.user, [hit.page for hit in shown if not hit.is_lesson], on=today), "finished"
    )
    context = {
        "query": query,
        "longest": LONGEST,
        "hits": [(hit, states.get(hit.page, "")) for hit in shown],
        "number": len(hits),
        "most": MOST,
    }
    return render(request, "records/search.html", context)


def _own_course(request, pk: int) -> CoursePage:
    """A course of the person's own municipality; others do not exist."""
    if not request.user.municipality_id:
        raise Http404
    root = request.user.municipality.site.root_page
    courses = CoursePage.objects.live().descendant_of(root).select_related("check_ref", "measure_ref")
    return get_object_or_404(courses, pk=pk)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def check(request, pk):
    """The knowledge check of a course: GET tells how it works, POST begins or goes on."""
    page = _own_course(request, pk)
    if not page.check_ref:
        raise Http404
    return _begin(request, page, page.check_ref)


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


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def check_question(request, pk, position):
    """One question of an open attempt; each answer is kept as soon as it is given."""
    attempt = _own_attempt(request, pk)
    if attempt.handed_in_at:
        return _as_asked(request, redirect("records:check_result", pk=attempt.pk))
    if not 1 <= position <= attempt.total:
        raise Http404
    question = attempt.question_at(position)
    problem = ""
    if request.method == "POST":
        try:
            problem = _take_answer(request, attempt, question)
        except AttemptClosed:  # handed in from elsewhere at the same moment
            return _as_asked(request, redirect("records:check_result", pk=attempt.pk))
        except TimeOut as late:
            return _time_is_out(request, attempt, status=late.status)
        if not problem and position < attempt.total:
            following = redirect("records:check_question", pk=attempt.pk, position=position + 1)
            return _as_asked(request, following)
        if not problem:
            return _as_asked(request, _hand_in_or_go_back(attempt))
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
        "missed_must": any(one["question"].must_pass for one in wrong),
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


@signed_in
@require_safe
def proof(request, uuid):
    """The proof of one of one's own completions, to print."""
    completions = Completion.objects.lasting(timezone.localdate()).select_related("unit", "edition")
    completion = get_object_or_404(completions, uuid=uuid, person=request.user)
    in_a_group = LessonProgress.objects.filter(
        person=request.user,
        course_key=completion.course_key,
        evidence_level__in=IN_A_GROUP,
        finished_at__date__lte=completion.completed_on,
    )
    context = {"completion": completion, "in_a_group": in_a_group.select_related("lesson").order_by("finished_at")}
    return render(request, "records/proof.html", context)

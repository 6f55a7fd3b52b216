"""Taking lessons, one's own page, search, and the proof of completion."""

from django.http import JsonResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from wagtail.models import Site
from wagtail.views import serve

from courses.kept import lesson_at
from courses.models import CoursePage, LessonPage, Route
from courses.search import LONGEST, MOST, find
from learning.access.authority import Action, authority_of
from learning.access.rules import open_by_link, signed_in
from learning.errors import LearningError
from learning.translations import in_language, parts_in_language

from .models import Completion
from .overview import CourseState, completed, courses_of, current_progress, states_of
from .player import Run
from .practice import question_to_recall
from .services import finish_lesson, forget_choice, note_card


@open_by_link
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
        return as_asked(request, _go_on(request, page, run))
    part = request.GET.get("kort")
    if part in LAST and progress and progress.finished_at:
        return LAST[part](request, page, run.lesson)
    return _show_card(request, page, run, run.card_at(_position(request.GET, run.resume_at)))


def as_asked(request, response):
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
    today = timezone.localdate()
    states, others = courses_of(request.user, on=today)
    left = [state for state in states if state.is_left]
    context = {
        "states": states,
        "offered": [state for state in states if state.asked and state.asked.is_offer],
        "others": others,
        "all_done": not left,
        "only_offers": all(state.asked and state.asked.is_offer for state in states),
        "may_practise": any(state.finished or state.is_valid for state in states),
        "minutes_left": sum(state.minutes_left for state in left),
        "exemptions": request.user.exemptions.overlapping(today, None).select_related("decided_by"),
        "taken_back": Completion.objects.with_days().filter(person=request.user).exclude(withdrawn_on=None),
        "completions": Completion.objects.filter(person=request.user).lasting(today),
    }
    return render(request, "records/my_page.html", context)


@open_by_link
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

"""Answering a few questions once more, some months after a course; and what is retained of it."""

from dataclasses import dataclass

from django.core import signing
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import CoursePage
from learning.access.authority import Action
from learning.access.rules import open_by_link, requires, signed_in
from learning.errors import LearningError
from learning.organisation.models import Person
from learning.translations import in_language
from quizzes.grading import PaperQuestion, posted, shuffled
from quizzes.models import Question
from quizzes.telling import told

from . import pulse
from .files import retained_file
from .retention import retained_by_course


@dataclass
class _Sheet:
    """What a person is asked and has answered so far. It goes with the form, signed: until the last is answered
    nothing of it is kept anywhere."""

    left: list[int]
    right: dict[int, bool]

    @classmethod
    def drawn(cls, person: Person, due: pulse.Pulse) -> "_Sheet":
        questions, weakness = pulse.questions_of(due.course)
        return cls([one.pk for one in pulse.drawn(questions, weakness, person.uuid, due.round)], {})

    @classmethod
    def read(cls, signed: str, person: Person, course: CoursePage) -> "_Sheet | None":
        """What a form carries; None where it was made for something else, or too long ago."""
        try:
            left, right = signing.loads(signed, salt=_salt(person, course), max_age=pulse.OPEN)
        except signing.BadSignature:
            return None
        there = set(Question.objects.filter(pk__in=left).values_list("pk", flat=True))
        sheet = cls([pk for pk in left if pk in there], dict(right))
        return sheet if sheet.left or sheet.right else None

    def signed(self, person: Person, course: CoursePage) -> str:
        return signing.dumps([self.left, [*self.right.items()]], salt=_salt(person, course), compress=True)


def _salt(person: Person, course: CoursePage) -> str:
    return f"learning.surveys.pulse {person.uuid} {course.pk}"


@open_by_link
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, pk):
    """A question at a time, each with what it was worth at once; the last answer has all of them counted."""
    on, person = timezone.localdate(), request.user
    course = get_object_or_404(pulse.courses_of(person.municipality), pk=pk)
    sheet = _Sheet.read(request.POST.get("sheet", ""), person, course)
    if sheet and not sheet.left:
        return _done(request, course, sheet)
    due = pulse.pulse_of(person, course, on)
    if due is None:
        if pulse.has_answered(person, course, on):
            return render(request, "surveys/pulse_answered.html", {"course": in_language(course, get_language())})
        raise Http404
    if sheet is None:
        return _ask(request, course, _Sheet.drawn(person, due), is_old=request.method == "POST")
    return _answered(request, course, sheet, on) if "question" in request.POST else _ask(request, course, sheet)


def _answered(request, course: CoursePage, sheet: _Sheet, on):
    """What the answer was worth; one that is missing or forged is refused, and the question asked again."""
    question = _as_asked(sheet.left[0], request.user)
    try:
        chosen = question.chosen(posted(request.POST))
    except LearningError as problem:
        return _show(request, course, sheet, told=told(question, None, done=False), problem=problem)
    right = question.is_right(chosen)
    sheet = _Sheet(sheet.left[1:], sheet.right | {question.id: right})
    if not sheet.left:
        pulse.answer(person=request.user, course=course, right=sheet.right, on=on)
    return _show(request, course, sheet, told=told(question, chosen, done=True), answered=True, right=right)


def _ask(request, course: CoursePage, sheet: _Sheet, *, is_old: bool = False):
    words = _("The page had been open for too long, so the questions begin anew. Nothing was kept.")
    problem = LearningError(words) if is_old else None
    asked = told(_as_asked(sheet.left[0], request.user), None, done=False)
    return _show(request, course, sheet, told=asked, problem=problem)


def _as_asked(pk: int, person: Person) -> PaperQuestion:
    """The question in the reader's language, its options in an order of the person's own."""
    question = Question.objects.prefetch_related("options").get(pk=pk)
    return shuffled(in_language(question, get_language()).on_paper(), seed=person.uuid.int + pk)


def _show(request, course, sheet, *, told, answered=False, right=None, problem=None):
    position = len(sheet.right) + (not answered)
    context = {
        "player_title": in_language(course, get_language()).title,
        "asks": True,
        "kind": "question",
        "course": course,
        "sheet": sheet.signed(request.user, course),
        "told": told,
        "answered": answered,
        "right": right,
        "problem": problem or "",
        "position": position,
        "total": len(sheet.right) + len(sheet.left),
        "next_label": _("Next") if answered else _("Answer"),
    }
    return render(request, "surveys/pulse.html", context, status=problem.status if problem else 200)


def _done(request, course: CoursePage, sheet: _Sheet):
    """How it went, and two lessons to take again where something was missed: said here, and kept nowhere."""
    missed = Question.objects.filter(pk__in=[pk for pk, right in sheet.right.items() if not right])
    language = get_language()
    context = {
        "course": in_language(course, language),
        "right": sum(sheet.right.values()),
        "total": len(sheet.right),
        "lessons": [in_language(one, language) for one in pulse.lessons_again(course, missed)],
    }
    return render(request, "surveys/pulse_done.html", context)


@requires(Action.SEE_SURVEYS)
@require_safe
def retained(request):
    """What is still known of each course, round by round: of all, by topic, and by department."""
    found = retained_by_course(request.user.municipality, timezone.localdate())
    return render(request, "surveys/retained.html", {"courses": found, "smallest": pulse.SMALLEST})


@requires(Action.SEE_SURVEYS)
@require_safe
def retained_csv(request):
    """The same figures as a file."""
    on = timezone.localdate()
    return retained_file(retained_by_course(request.user.municipality, on), on)

"""Bringing back what has been learned: which question is asked whom, and when.

Questions come back evenly: seven days after a right answer, the day after a wrong one. One that has been right four
times, each time when its day had come, rests; a wrong answer lets it begin anew. What comes before its day moves the
next one on and adds nothing, and right after wrong on one day is still wrong.

Retrieval that is spaced beats retrieval that is massed (g = 0.74), and intervals that grow do no better than even ones
(g = 0.03): Latimier, Peyre & Ramus, "A meta-analytic review of the benefit of spacing out retrieval practice episodes
on retention", Educational Psychology Review 33 (2021). So the schedule is the simplest there is. That it is a week, and
four times, is our own choice: a person of a municipality comes by rarely.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from courses.models import CoursePage, LessonPage
from learning.organisation.models import Person
from quizzes.grading import as_kept
from quizzes.models import Answer, PoolItem, Question

from .models import Completion, LessonProgress, PractisedQuestion

AFTER_RIGHT, AFTER_WRONG = timedelta(days=7), timedelta(days=1)
RESTS_AFTER = 4
A_DAY = 10  # questions at most: a little now and again


@dataclass(frozen=True)
class Trace:
    """When a question was last met, and how many times in a row it was right then, each when its day had come."""

    on: date
    in_a_row: int

    @property
    def due_on(self) -> date | None:
        """When it comes back; None while it rests."""
        if self.in_a_row >= RESTS_AFTER:
            return None
        return self.on + (AFTER_RIGHT if self.in_a_row else AFTER_WRONG)

    def is_due(self, on: date) -> bool:
        return self.due_on is not None and self.due_on <= on

    def after(self, on: date, right: bool) -> "Trace":
        """How it stands after an answer."""
        return Trace(on, self.in_a_row + self.is_due(on) if right else 0)


@dataclass(frozen=True)
class Known:
    """A question that a person has met, and how it stands with it."""

    question: Question
    trace: Trace

    @property
    def urgency(self) -> tuple:
        """What was missed comes first, then what was met longest ago."""
        return self.trace.in_a_row > 0, self.trace.on, self.question.pk


class Learned:
    """What a person has been taught in the municipality, and what became of its questions."""

    def __init__(self, person: Person, *, on: date):
        self.person, self.on = person, on
        rows = LessonProgress.objects.filter(person=person).order_by("started_at", "pk")
        self.progress = defaultdict(list)
        for row in rows:
            self.progress[row.lesson_key].append(row)
        self.lessons = list(self._own(LessonPage).filter(translation_key__in=self.progress))

    def _own(self, model: type) -> QuerySet:
        """The published pages of the kind in the person's own municipality."""
        municipality = self.person.municipality
        return model.objects.live().descendant_of(municipality.site.root_page) if municipality else model.objects.none()

    def from_lessons(self, lessons: Iterable[LessonPage] | None = None) -> dict[int, date]:
        """The questions of the lessons that have been taken, of all or of these, each with the day when that was."""
        found = {}
        for lesson in self.lessons if lessons is None else lessons:
            ended = [row.finished_at for row in self.progress[lesson.translation_key] if row.finished_at]
            if ended:
                found |= dict.fromkeys(lesson.questions().values(), timezone.localdate(max(ended)))
        return found

    def from_checks(self) -> dict[int, date]:
        """The questions of the checks of courses that are completed; until then a check stays a check."""
        done = Completion.objects.filter(person=self.person, completed_on__lte=self.on).lasting(self.on)
        done = done.exclude(lasts_through__lt=self.on).order_by("completed_on")
        completed = dict(done.values_list("course_key", "completed_on"))
        courses = self._own(CoursePage).filter(translation_key__in=completed)
        pool = PoolItem.objects.filter(check_ref__courses__in=courses)
        keys = pool.values_list("question", "check_ref__courses__translation_key")
        return {question: completed[key] for question, key in keys if key in completed}

    def before(self, lesson: LessonPage) -> list[LessonPage]:
        """The lessons before this one in its course, and those of other courses that the person has completed."""
        course = lesson.path[: -LessonPage.steplen]
        done = Completion.objects.filter(person=self.person).upheld(self.on)
        completed = {*done.values_list("course_key", flat=True)}
        return [
            one
            for one in self.lessons
            if (one.path < lesson.path if one.path.startswith(course) else self._course_keys(one) & completed)
        ]

    def _course_keys(self, lesson: LessonPage) -> set:
        return {row.course_key for row in self.progress[lesson.translation_key]}

    def recalled_in(self, lesson: LessonPage) -> set[int]:
        """What has been recalled in the lesson since it was begun."""
        rows = [row for row in self.progress[lesson.translation_key] if not row.finished_at]
        return {stored["question"] for row in rows for stored in row.answers.values() if _is_recall(stored)}

    def known(self, met: Mapping[int, date]) -> list[Known]:
        """How it stands with each of the questions, which were met on these days, the most urgent first."""
        questions = Question.objects.filter(pk__in=met, live=True, municipality=self.person.municipality_id)
        found = {question.pk: question for question in questions.prefetch_related("options")}
        rows = PractisedQuestion.objects.filter(person=self.person, question__in=found)
        practised = {row.question_id: Trace(row.answered_on, row.in_a_row) for row in rows}
        answers = self._answers(found)
        return sorted(
            (
                Known(question, _trace(practised.get(pk), answers[pk] or [(met[pk], True)]))
                for pk, question in found.items()
            ),
            key=lambda known: known.urgency,
        )

    def _answers(self, questions: Mapping[int, Question]) -> dict[int, list[tuple[date, bool]]]:
        """What was answered in lessons and checks that were handed in: the day, and whether it was right."""
        found = defaultdict(list)
        for day, question, chosen in self._in_lessons():
            paper = questions[question].on_paper() if question in questions else None
            if paper and paper.fits(chosen):
                found[question].append((day, paper.is_right(chosen)))
        in_checks = Answer.objects.filter(attempt__person=self.person, question_id__in=questions, right__isnull=False)
        for question, at, right in in_checks.values_list("question_id", "answered_at", "right"):
            found[question].append((timezone.localdate(at), right))
        return found

    def _in_lessons(self) -> Iterator[tuple]:
        for lesson in self.lessons:
            own = lesson.questions()
            for row in self.progress[lesson.translation_key]:
                day = timezone.localdate(row.finished_at or row.started_at)
                for card, stored in row.answers.items():
                    if _is_recall(stored):
                        yield day, stored["question"], as_kept(stored["chosen"])
                    elif card in own and isinstance(stored, list):
                        yield day, own[card], as_kept(stored)


def _is_recall(stored) -> bool:
    """Whether it is what was chosen on a recall card, which says of which question."""
    return isinstance(stored, dict) and "question" in stored


def _trace(practised: Trace | None, answers: list[tuple[date, bool]]) -> Trace:
    """How it stands after the answers, in whatever order they come; what was practised tells of all before it."""
    trace = practised
    for day, right in sorted(one for one in answers if practised is None or one[0] > practised.on):
        trace = trace.after(day, right) if trace else Trace(day, int(right))
    return trace


# In a lesson


def question_to_recall(
    person: Person, lesson: LessonPage, *, on: date, stored=None, shown: str = ""
) -> Question | None:
    """What a recall card asks the person that its author has left open; None where there is nothing.

    A question of an earlier lesson that the person has taken: what they missed comes first, then what they met longest
    ago; none of this lesson, and none that they met today. What was answered (`stored`) or `shown` stays the same.
    """
    if _is_recall(stored):
        asked = Question.objects.filter(pk=stored["question"], municipality=person.municipality_id)
        if kept := asked.prefetch_related("options").first():
            return kept
    learned = Learned(person, on=on)
    here = {*lesson.questions().values(), *learned.recalled_in(lesson)}
    known = learned.known(learned.from_lessons(learned.before(lesson)))
    fit = [one for one in known if one.question.pk not in here]
    as_shown = (one for one in fit if str(one.question.pk) == shown)
    found = next(as_shown, None) or next((one for one in fit if one.trace.on < on), None)
    return found and found.question


# By oneself


def to_practise(person: Person, *, on: date) -> list[Known]:
    """The questions that the person may practise, the most urgent first: of lessons taken and courses completed."""
    learned = Learned(person, on=on)
    return learned.known(learned.from_checks() | learned.from_lessons())


def note_practice(*, person: Person, known: Known, right: bool, on: date) -> None:
    """Note how it went with a question whose day has come. Before its day, and so a second time, nothing is changed."""
    if not known.trace.is_due(on):
        return
    trace = known.trace.after(on, right)
    PractisedQuestion.objects.update_or_create(
        person=person, question=known.question, defaults={"answered_on": trace.on, "in_a_row": trace.in_a_row}
    )


def forget_practice(person: Person) -> None:
    """Forget all that the person has practised; lessons, checks and proofs stay as they are."""
    PractisedQuestion.objects.filter(person=person).delete()

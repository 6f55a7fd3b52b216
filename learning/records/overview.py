"""What is left for a person, what is new, and what is valid: the lines of their own page."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet
from wagtail.models import Page

from courses.models import CoursePage, Edition, EditionQuerySet, LessonPage
from learning.organisation.models import Person
from quizzes.models import Stage
from quizzes.services import handed_in

from .models import Completion, LessonProgress
from .signals import courses_asked


@dataclass(frozen=True)
class Asked:
    """A course that is asked of a person, or offered: why in words, and by when; not open: nothing is left to do."""

    course_key: UUID
    why: str
    due_on: date | None = None
    priority: int = 1
    is_offer: bool = False
    is_open: bool = True

    @property
    def order(self) -> tuple:
        """What is asked comes before what is offered, what is to be done before what is done, the first by priority."""
        return self.is_offer, not self.is_open, self.priority, self.due_on or date.max


@dataclass
class CourseState:
    """A course as it stands for a person."""

    person: Person
    course: CoursePage
    on: date
    asked: Asked | None = None  # None: where it is not known, or taken of their own will

    @property
    def is_left(self) -> bool:
        """Whether it is asked of the person and not done."""
        return bool(self.asked) and self.asked.is_open and not self.asked.is_offer

    @cached_property
    def _pages(self) -> list[LessonPage]:
        return list(self.course.lessons())

    @cached_property
    def _progress(self) -> dict:
        # By the lessons' own keys too: one that was taken in another course and moved here is taken.
        of_course = Q(course_key=self.course.key) | Q(lesson_key__in=[page.translation_key for page in self._pages])
        rows = LessonProgress.objects.filter(of_course, person=self.person).order_by("pk")
        return {row.lesson_key: row for row in rows}

    @cached_property
    def lessons(self) -> list[dict]:
        """The lessons in order, each with whether it is new to the person, its progress, and finished or begun."""
        rows = []
        for page in self._pages:
            asked = _asking(self._newer, page)
            progress = _counting(self._progress.get(page.translation_key), asked)
            rows.append({"page": page, "progress": progress, "state": _state(progress), "is_new": asked is not None})
        return rows

    @cached_property
    def _newer(self) -> list[Edition]:
        return newer_editions(self.person, self.course, on=self.on)

    @cached_property
    def news(self) -> list[Edition]:
        """The newer editions that still ask something of whoever has completed an earlier one."""
        new = [row["page"] for row in self.lessons if row["is_new"] and row["state"] != "finished"]
        return [one for one in self._newer if one.is_retake or any(one.asks_for(page) for page in new)]

    @cached_property
    def retake(self) -> Edition | None:
        """The newer edition that first ends what the person has completed, if any does."""
        return min((one for one in self.news if one.is_retake), key=lambda one: one.grace_until, default=None)

    @cached_property
    def left(self) -> list[LessonPage]:
        """The lessons to take, in order: of those whose completion counts, what is new is asked first and alone."""
        only_new = self.is_valid and bool(self.news)
        left = [row for row in self.lessons if row["state"] != "finished"]
        return [row["page"] for row in left if row["is_new"] or not only_new]

    @property
    def finished(self) -> int:
        return sum(row["state"] == "finished" for row in self.lessons)

    @property
    def next_lesson(self) -> LessonPage | None:
        """The first lesson that is left, or None."""
        return self.left[0] if self.left else None

    @property
    def minutes_left(self) -> int:
        return sum(page.minutes for page in self.left)

    @cached_property
    def completion(self) -> Completion | None:
        """The completion that counts longest, of those made through the day."""
        done = Completion.objects.filter(person=self.person, course_key=self.course.key, completed_on__lte=self.on)
        done = done.lasting(self.on)
        return done.order_by(F("lasts_through").desc(nulls_first=True), "-completed_on", "-pk").first()

    @property
    def is_begun(self) -> bool:
        return bool(self._progress)

    @property
    def is_valid(self) -> bool:
        """Whether there is a completion that counts on the day."""
        through = self.completion and self.completion.lasts_through
        return bool(self.completion) and (through is None or through >= self.on)

    @property
    def status(self) -> str:
        """Where the person stands, by the names that statuses are shown by."""
        if self.is_valid:
            return "competent"
        return "expired" if self.completion else "started" if self.is_begun else "not_started"

    @property
    def is_done(self) -> bool:
        """Whether nothing is asked of the person."""
        return self.is_valid and not self.news

    @property
    def asks_for_the_check(self) -> bool:
        """Whether the knowledge check is asked of the person."""
        return not self.is_valid or self.retake is not None

    @cached_property
    def stage(self) -> str:
        """What may be measured of the person now: before the first lesson, or after the course, once each."""
        check = self.course.measure_ref
        stage = Stage.AFTER if self.completion else "" if self.is_begun else Stage.BEFORE
        if not check or not check.measures or not stage:
            return ""
        done = handed_in(person=self.person, check_ref=check, subject_key=self.course.key, stage=stage)
        return "" if done.exists() else stage

    @property
    def has_taken_the_new(self) -> bool:
        """Whether newer editions asked for lessons only, and all of them are taken."""
        return self.is_done and any(row["is_new"] for row in self.lessons)


def newer_editions(person: Person, course: CoursePage, *, on: date) -> list[Edition]:
    """The editions after the newest that the person has completed; none for those who have completed none."""
    return _not_completed(person, Edition.objects.of(course.key), on)


def news_of(course: CoursePage, people: QuerySet, *, on: date) -> dict[int, list[Edition]]:
    """Person → the newer editions that still ask something of whoever of these has completed an earlier one.

    The same as `CourseState.news` of each, with as many questions for one as for a thousand.
    """
    opened = list(Edition.objects.of(course.key).opened_by(on).exclude(kind=Edition.Kind.FIRST))
    done = Completion.objects.filter(person__in=people, course_key=course.key, completed_on__lte=on)
    newest = dict(done.upheld(on).order_by().values_list("person").annotate(Max("edition__number")))
    pages = [page for page in course.lessons() if any(one.asks_for(page) for one in opened)]
    rows = LessonProgress.objects.filter(person__in=people, lesson_key__in=[page.translation_key for page in pages])
    progress = {(row.person_id, row.lesson_key): row for row in rows.order_by("pk")}
    found = {}
    for person, number in newest.items():
        newer = [one for one in opened if one.number > number]
        left = [
            page
            for page in pages
            if _state(_counting(progress.get((person, page.translation_key)), _asking(newer, page))) != "finished"
        ]
        news = [one for one in newer if one.is_retake or any(one.asks_for(page) for page in left)]
        if news:
            found[person] = news
    return found


@dataclass(frozen=True)
class Left:
    """What is left of a course for a person: the lessons, in order, and whether the knowledge check is."""

    lessons: tuple[LessonPage, ...]
    check: bool


def left_of(course: CoursePage, people: Collection[int], *, on: date, check: bool = False) -> dict[int, Left]:
    """Person → what is left of the course for each of these; with `check`, its knowledge check whatever counts.

    The same as `CourseState.left` and `asks_for_the_check` of each, with as many questions for one as for a thousand.
    """
    pages = list(course.lessons())
    of_course = Q(course_key=course.key) | Q(lesson_key__in=[page.translation_key for page in pages])
    progress = defaultdict(dict)
    for row in LessonProgress.objects.filter(of_course, person__in=people).order_by("pk"):
        progress[row.person_id][row.lesson_key] = row
    done = Completion.objects.filter(person__in=people, course_key=course.key, completed_on__lte=on).order_by()
    newest = dict(done.values_list("person").annotate(Max("edition__number")))
    valid = {*done.lasting(on).exclude(lasts_through__lt=on).values_list("person", flat=True)} if newest else set()
    opened = list(Edition.objects.of(course.key).opened_by(on).exclude(kind=Edition.Kind.FIRST)) if newest else []
    found = {}
    for person in people:
        newer = [one for one in opened if one.number > newest.get(person, one.number)]
        asking = {page: _asking(newer, page) for page in pages}
        own = progress[person]
        left = [page for page in pages if _state(_counting(own.get(page.translation_key), asking[page])) != "finished"]
        new = [page for page in left if asking[page]]
        retake = any(one.is_retake for one in newer)
        only_new = person in valid and (retake or any(one.asks_for(page) for one in newer for page in new))
        asks = check or retake or person not in valid
        found[person] = Left(tuple(new if only_new else left), bool(course.check_ref_id) and asks)
    return found


def _not_completed(person: Person, editions: EditionQuerySet, on: date) -> list[Edition]:
    opened = list(editions.opened_by(on).exclude(kind=Edition.Kind.FIRST))
    if not opened:
        return []
    done = Completion.objects.filter(person=person, course_key=opened[0].course_key, completed_on__lte=on)
    newest = done.upheld(on).aggregate(newest=Max("edition__number"))["newest"]
    return [one for one in opened if newest and one.number > newest]


def asked_anew(person: Person, lesson: LessonPage, *, on: date) -> Edition | None:
    """The newest edition that asks the person for the lesson again, if any does."""
    return _asking(_not_completed(person, _editions_of(lesson), on), lesson)


def _editions_of(lesson: LessonPage) -> EditionQuerySet:
    """The editions of the lesson's course, which is not fetched: they are asked for with every card."""
    course = Page.objects.filter(path=lesson.path[: -Page.steplen]).values("translation_key")[:1]
    return Edition.objects.of(course)


# Asked with every card, and Django would need longer to put it together than the database to answer.
_NEWEST = """
    SELECT *, EXISTS (SELECT 1 FROM courses_edition WHERE course_key = taken.course_key AND number > 1) AS has_newer
    FROM records_lessonprogress AS taken WHERE person_id = %s AND lesson_key = %s ORDER BY id DESC LIMIT 1
"""


def current_progress(person: Person, lesson: LessonPage, *, on: date) -> LessonProgress | None:
    """Where the person is in the lesson on the day, with one question where no edition asks for anything anew."""
    newest = next(iter(LessonProgress.objects.raw(_NEWEST, [person.pk, lesson.translation_key.hex])), None)
    if newest is None or not newest.has_newer:
        return newest
    return _counting(newest, asked_anew(person, lesson, on=on))


def _state(progress: LessonProgress | None) -> str:
    return "finished" if progress and progress.finished_at else "started" if progress else ""


def states_of(person: Person, lessons: list[tuple[LessonPage, CoursePage]], *, on: date) -> dict[LessonPage, str]:
    """How far the person is in each of the lessons, each with its course; as many questions for one as for many."""
    courses = {course.key for _page, course in lessons}
    rows = LessonProgress.objects.filter(person=person, lesson_key__in=[page.translation_key for page, _ in lessons])
    progress = {row.lesson_key: row for row in rows.order_by("pk")}
    done = Completion.objects.filter(person=person, course_key__in=courses, completed_on__lte=on)
    newest = dict(done.upheld(on).order_by().values_list("course_key").annotate(Max("edition__number")))
    newer = defaultdict(list)
    for one in Edition.objects.filter(course_key__in=newest).opened_by(on).order_by("number"):
        if one.number > newest[one.course_key]:
            newer[one.course_key].append(one)
    return {
        page: _state(_counting(progress.get(page.translation_key), _asking(newer[course.key], page)))
        for page, course in lessons
    }


def completed(person: Person, courses: list[CoursePage], *, on: date) -> set[CoursePage]:
    """Those of the courses of which the person has a completion that counts on the day."""
    done = Completion.objects.filter(person=person, course_key__in=[course.key for course in courses])
    done = done.filter(completed_on__lte=on).lasting(on).exclude(lasts_through__lt=on)
    keys = {*done.values_list("course_key", flat=True)}
    return {course for course in courses if course.key in keys}


def progress_in(person: Person, lesson: LessonPage, asked: Edition | None) -> LessonProgress | None:
    """Where the person is in the lesson; what was done before the edition that asks for it anew does not count."""
    newest = LessonProgress.objects.filter(person=person, lesson_key=lesson.translation_key).last()
    return _counting(newest, asked)


def _asking(editions: list[Edition], lesson: LessonPage) -> Edition | None:
    return next((one for one in reversed(editions) if one.asks_for(lesson)), None)


def _counting(progress: LessonProgress | None, asked: Edition | None) -> LessonProgress | None:
    """The progress, unless it is from before the edition that asks for the lesson."""
    if progress is None or asked is None:
        return progress
    since = progress.course_key == asked.course_key and progress.edition_number >= asked.number
    return progress if since else None


def courses_of(person: Person, *, on: date) -> tuple[list[CourseState], list[CoursePage]]:
    """The courses that are the person's: asked of them or offered on the day, or begun; and the others of the site.

    What is asked comes first, then what is offered, then what they began themselves.
    """
    if not person.municipality_id:
        return [], []
    courses = CoursePage.objects.live().descendant_of(person.municipality.site.root_page).order_by("path")
    asked = _asked_of(person, on)
    begun = {*person.lesson_progress.values_list("course_key", flat=True)}
    begun |= {*person.completions.upheld(on).values_list("course_key", flat=True)}
    own, others = [], []
    for course in courses:
        if course.key in asked or course.key in begun:
            own.append(CourseState(person, course, on, asked.get(course.key)))
        else:
            others.append(course)
    return sorted(own, key=lambda state: (0, *state.asked.order) if state.asked else (1, state.is_done)), others


def _asked_of(person: Person, on: date) -> dict[UUID, Asked]:
    """Course → what is asked of the person in it; where that is more than one thing, the first of them."""
    answers = courses_asked.send(sender=None, person=person, on=on)
    found = sorted((asked for _receiver, answer in answers for asked in answer), key=lambda asked: asked.order)
    return {asked.course_key: asked for asked in reversed(found)}

"""What is left for a person, and what is valid: the lines of their own page."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import F, Q

from courses.models import CoursePage
from learning.organisation.models import Person

from .models import Completion, LessonProgress


@dataclass
class CourseState:
    """A course as it stands for a person."""

    person: Person
    course: CoursePage
    on: date

    @cached_property
    def _progress(self) -> dict:
        of_course = Q(course_key=self.course.key) | Q(lesson_key__in=self.course.lessons().values("translation_key"))
        rows = LessonProgress.objects.filter(of_course, person=self.person)
        return {row.lesson_key: row for row in rows}

    @cached_property
    def lessons(self) -> list[dict]:
        """The lessons in order, each with whether it is finished or begun."""
        rows = []
        for lesson in self.course.lessons():
            progress = self._progress.get(lesson.translation_key)
            state = "finished" if progress and progress.finished_at else "started" if progress else ""
            rows.append({"page": lesson, "state": state})
        return rows

    @property
    def finished(self) -> int:
        return sum(row["state"] == "finished" for row in self.lessons)

    @property
    def next_lesson(self):
        """The first lesson that is left, or None."""
        return next((row["page"] for row in self.lessons if row["state"] != "finished"), None)

    @property
    def minutes_left(self) -> int:
        return sum(row["page"].minutes for row in self.lessons if row["state"] != "finished")

    @cached_property
    def completion(self) -> Completion | None:
        """The completion that is valid longest, of those made through the day."""
        done = Completion.objects.filter(person=self.person, course_key=self.course.key, completed_on__lte=self.on)
        return done.order_by(F("valid_through").desc(nulls_first=True), "-completed_on", "-pk").first()

    @property
    def is_begun(self) -> bool:
        return bool(self._progress)

    @property
    def is_valid(self) -> bool:
        """Whether there is a completion that is valid on the day."""
        through = self.completion and self.completion.valid_through
        return bool(self.completion) and (through is None or through >= self.on)


def courses_of(person: Person, *, on: date) -> tuple[list[CourseState], list[CoursePage]]:
    """The courses that are the person's: asked of them on the day, or begun; and the others that the site has.

    Those that are not validly completed come first. A course is asked of those who are employed in the population of
    a requirement that is in force (S9).
    """
    if not person.municipality_id:
        return [], []
    courses = CoursePage.objects.live().descendant_of(person.municipality.site.root_page).order_by("path")
    populations = person.employments.on(on).values("population")
    asked = courses.filter(
        Q(requirements__ends_on=None) | Q(requirements__ends_on__gte=on),
        requirements__starts_on__lte=on,
        requirements__population__in=populations,
    ).values_list("pk", flat=True)
    begun = {*person.lesson_progress.values_list("course_key", flat=True)}
    begun |= {*person.completions.values_list("course_key", flat=True)}
    asked, own, others = set(asked), [], []
    for course in courses:
        if course.pk in asked or course.key in begun:
            own.append(CourseState(person, course, on))
        else:
            others.append(course)
    return sorted(own, key=lambda state: state.is_valid), others

"""Any sequence of publications with any answers: nothing that was completed or counted is ever taken back."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from courses.editions import Kind, open_edition
from courses.models import Edition
from learning.append_only import hash_of
from learning.coverage import figures
from learning.coverage.models import Standing, Status
from learning.coverage.services import freeze, settle
from learning.dated import DAY
from learning.records.models import Completion, EvidenceLevel
from learning.records.overview import CourseState
from learning.records.services import finish_lesson, record_completion
from tests.factories import make_course, make_goal, make_municipality, make_person, make_unit, moment

FIRST, GOAL, LAST = date(2025, 1, 1), date(2025, 12, 31), date(2026, 12, 31)
SPAN = (LAST - FIRST).days
VALIDITY = 6  # months

number = st.integers(0, 10_000)
acts = st.sampled_from(["pass_check", "pass_check", "take", "take", "editorial", "delta", "retake"])
days = st.integers(0, SPAN).map(lambda offset: FIRST + timedelta(days=offset))
histories = st.lists(st.tuples(days, acts, number, number), max_size=14).map(lambda steps: sorted(steps, key=_day))


def _day(step):
    return step[0]


class World:
    """A unit with three people, a course of two lessons, and an editor who publishes."""

    def __init__(self, course, people):
        self.course, self.people, self.lessons = course, people, list(course.lessons())
        settle()

    def play(self, step) -> None:
        day, act, one, other = step
        getattr(self, act)(day, one, other)
        settle()

    def pass_check(self, day, one, other):
        person = self.people[one % len(self.people)]
        record_completion(person=person, course=self.course, on=day, evidence_level=EvidenceLevel.CHECKED)

    def take(self, day, one, other):
        person, lesson = self.people[one % len(self.people)], self.lessons[other % len(self.lessons)]
        finish_lesson(person=person, lesson=lesson, now=moment(day))

    def editorial(self, day, one, other):
        self.lessons[one % len(self.lessons)].save_revision().publish()

    def delta(self, day, one, other):
        lessons = [self.lessons, self.lessons[:1], self.lessons[1:]][one % 3]
        self._open(day, Kind.DELTA, lessons=lessons)

    def retake(self, day, one, other):
        self._open(day, Kind.RETAKE, lessons=self.lessons[: one % 2], grace_days=other % 120)

    def _open(self, day, kind, **about):
        open_edition(course=self.course, kind=kind, note="Nytt", on=day, by=self.people[0], **about)


def competent_days(person) -> set[date]:
    """The days on which the person is counted as competent, a while past the last of the story included."""
    found = set()
    for standing in Standing.objects.filter(person=person, status=Status.COMPETENT):
        last = min(standing.ends_on or date.max, LAST + timedelta(days=400))
        found |= {standing.starts_on + timedelta(days=offset) for offset in range((last - standing.starts_on).days + 1)}
    return found


def counts_on(completion: Completion, day: date) -> bool:
    """The rule, told day by day: valid, and ended by no newer edition."""
    if not completion.completed_on <= day <= completion.valid_through:
        return False
    newer = Edition.objects.filter(number__gt=completion.edition.number).exclude(grace_until=None)
    return all(day <= edition.grace_until for edition in newer)


class EditionPromises(TestCase):
    @classmethod
    def setUpTestData(cls):
        municipality = make_municipality()
        cls.unit = make_unit(municipality)
        cls.course = make_course(municipality, validity_months=VALIDITY)
        cls.goal = make_goal(cls.course, municipality, due_on=GOAL)
        cls.people = [make_person(cls.unit) for _ in range(3)]

    @given(history=histories)
    def test_no_publication_lowers_what_was_completed_or_counted_until_its_day(self, history):
        world, requirement, report = World(self.course, self.people), self.goal.requirement, None
        for step in history:
            day = step[0]
            if report is None and day > GOAL:
                report = freeze(goal=self.goal, now=moment(day))
                fixed = report.body
            until = [FIRST + timedelta(days=offset) for offset in range(0, (day - FIRST).days, 20)]
            completed, counted = Completion.objects.count(), figures.series(requirement, self.unit, until)
            competent = figures.at(requirement, self.unit, day).competent
            world.play(step)
            assert Completion.objects.count() >= completed
            assert figures.series(requirement, self.unit, until) == counted
            assert figures.at(requirement, self.unit, day).competent >= competent
        if report:
            report.refresh_from_db()
            assert (report.body, report.sha256) == (fixed, hash_of(fixed))

    @given(history=histories)
    def test_competence_follows_the_rule_and_falls_only_where_a_grace_or_a_validity_ends(self, history):
        world = World(self.course, self.people)
        for step in history:
            world.play(step)
        ends = set(Edition.objects.exclude(grace_until=None).values_list("grace_until", flat=True))
        for person in self.people:
            done = list(Completion.objects.filter(person=person).select_related("edition"))
            competent = competent_days(person)
            falls = {day for day in competent if day + DAY not in competent}
            assert falls <= ends | {completion.valid_through for completion in done}
            for day in falls | {day + DAY for day in falls} | ends | {FIRST, LAST, *(c.completed_on for c in done)}:
                told = any(counts_on(completion, day) for completion in done)
                assert (day in competent) == told
                assert CourseState(person, self.course, day).is_valid == told

    @given(history=histories)
    def test_lessons_alone_never_make_competent_nor_lengthen_it(self, history):
        world = World(self.course, self.people)
        for step in history:
            _on, act, one, _other = step
            person = self.people[one % len(self.people)]
            before = competent_days(person)
            world.play(step)
            if act == "take":
                assert competent_days(person) == before

"""Random histories, made with the real verbs: what figures promise holds whatever happens."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from courses.editions import Kind, open_edition
from learning.coverage import figures
from learning.coverage.models import Standing
from learning.coverage.services import rebuild, settle
from learning.errors import LearningError
from learning.organisation.models import Employment, OrgUnit, Person
from learning.organisation.reorganisation import move_unit
from learning.organisation.services import appoint, employ, end_employment, grant_leave, move_employment
from learning.plans.services import require
from learning.records.exemptions import exempt
from learning.records.models import Completion, EvidenceLevel
from learning.records.services import finish_lesson, record_completion, withdraw
from tests.factories import make_course, make_goal, make_municipality, make_person, make_unit, moment

FIRST, LAST = date(2022, 1, 2), date(2026, 6, 30)
SPAN = (LAST - FIRST).days

PEOPLE = ["hire", "hire", "hire", "second", "end", "move", "reorganise", "leave", "exempt", "appoint"]
acts = st.sampled_from([*PEOPLE, "complete", "withdraw", "begin", "publish", "rule"])
number = st.integers(0, 10_000)
steps = st.lists(st.tuples(acts, number, number, st.floats(0, 1)), max_size=12)


class World:
    """A small municipality to which things happen."""

    def __init__(self, municipality, course, goal):
        self.municipality, self.course, self.requirement = municipality, course, goal.requirement
        self.lesson = course.lessons().first()

    def play(self, steps, first: date, last: date) -> None:
        """Let each step happen on its day between first and last; what a rule refuses does not happen."""
        for act, one, other, when in steps:
            day = first + timedelta(days=round(when * (last - first).days))
            try:
                getattr(self, act)(one, other, day)
            except LearningError:
                continue
        settle()

    def unit(self, number: int, day: date) -> OrgUnit:
        units = list(self.municipality.units.on(day))
        return units[number % len(units)]

    def employment(self, number: int, day: date) -> Employment | None:
        employments = list(Employment.objects.on(day).filter(ends_on=None, starts_on__lt=day).order_by("pk"))
        return employments[number % len(employments)] if employments else None

    def person(self, number: int) -> Person | None:
        people = list(Person.objects.order_by("pk"))
        return people[number % len(people)] if people else None

    def hire(self, one, other, day):
        population = ["employee", "employee", "elected"][other % 3]
        make_person(self.unit(one, day), starts_on=day, population=population, role=["Lärare", "Kock"][one % 2])

    def second(self, one, other, day):
        if person := self.person(one):
            employ(person=person, unit=self.unit(other, day), starts_on=day, is_main=False)

    def end(self, one, other, day):
        if employment := self.employment(one, day):
            end_employment(employment=employment, last_day=day)

    def move(self, one, other, day):
        if employment := self.employment(one, day):
            move_employment(employment=employment, unit=self.unit(other, day), on=day)

    def reorganise(self, one, other, day):
        unit = self.unit(one, day)
        if unit.depth > 1 and not OrgUnit.objects.under(unit).filter(starts_on__gte=day).exists():
            move_unit(unit=unit, to=self.unit(other, day), on=day)

    def complete(self, one, other, day):
        if person := self.person(one):
            record_completion(person=person, course=self.course, on=day, evidence_level=EvidenceLevel.ATTESTED)

    def appoint(self, one, other, day):
        if person := self.person(one):
            appoint(person=person, unit=self.unit(other, day), function="head", starts_on=day)

    def rule(self, one, other, day):
        terms = [
            {"role_words": ["lärare"]},
            {"functions": ["head"]},
            {"validity_months": 6},
            {"grace_days": other % 90},
        ]
        units = [self.unit(other, day)] if other % 3 == 0 else []
        require(requirement=self.requirement, terms={**terms[one % 4], "units": units}, on=day)

    def withdraw(self, one, other, day):
        if person := self.person(one):
            done = Completion.objects.upheld().filter(person=person, completed_on__lte=day).first()
            if done:
                withdraw(completion=done, reason="Prov", by=person, on=day)

    def begin(self, one, other, day):
        if person := self.person(one):
            finish_lesson(person=person, lesson=self.lesson, now=moment(day))

    def publish(self, one, other, day):
        if person := self.person(one):
            about = {"kind": Kind.RETAKE, "grace_days": other % 60, "note": "Nytt"}
            open_edition(course=self.course, on=day, by=person, **about)

    def leave(self, one, other, day):
        if person := self.person(one):
            grant_leave(person=person, starts_on=day, ends_on=day + timedelta(days=other % 200), reason="other")

    def exempt(self, one, other, day):
        if person := self.person(one):
            exempt(
                person=person,
                course=self.course,
                starts_on=day,
                ends_on=day + timedelta(days=other % 100),
                reason="other",
                decided_by=person,
            )

    def all_figures(self, day: date) -> dict:
        """Unit → figure, for every unit that was open on the day."""
        return {unit.pk: figures.at(self.requirement, unit, day) for unit in self.municipality.units.on(day)}


class CoveragePromises(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.municipality = make_municipality()
        departments = [make_unit(cls.municipality) for _ in range(2)]
        for department in departments:
            for _ in range(2):
                make_unit(department)
        cls.course = make_course(cls.municipality)
        cls.goal = make_goal(cls.course, cls.municipality)

    def world(self) -> World:
        return World(self.municipality, self.course, self.goal)

    @given(past=steps, later=steps, at=st.floats(0.1, 0.9))
    def test_a_figure_stays_the_same_whatever_happens_later(self, past, later, at):
        world, day = self.world(), FIRST + timedelta(days=round(at * SPAN))
        world.play(past, FIRST, day)
        before = world.all_figures(day)
        world.play(later, day + timedelta(days=1), LAST + timedelta(days=30))
        assert world.all_figures(day) == before

    @given(history=steps, at=st.floats(0, 1))
    def test_a_units_headcount_is_the_distinct_people_of_its_subtree(self, history, at):
        world, day = self.world(), FIRST + timedelta(days=round(at * SPAN))
        world.play(history, FIRST, LAST)
        for unit in self.municipality.units.on(day):
            figure = figures.at(world.requirement, unit, day)
            people = {
                e.person_id
                for e in Employment.objects.select_related("unit")
                if e.unit.path.startswith(unit.path) and e.starts_on <= day and (e.ends_on is None or day <= e.ends_on)
            }
            assert figure.headcount == len(people)
            assert figure.counted + sum(figure.excluded.values()) == figure.headcount
            assert figure.competent <= figure.counted

    @given(history=steps, at=st.floats(0, 1))
    def test_page_tree_and_series_tell_the_same_figure(self, history, at):
        world, day = self.world(), FIRST + timedelta(days=round(at * SPAN))
        world.play(history, FIRST, LAST)
        tree = figures.tree(world.requirement, self.municipality.root, day)
        for unit, figure in tree.items():
            assert figure == figures.at(world.requirement, unit, day)
            assert [figure] == figures.series(world.requirement, unit, [day])
            assert figures.series(world.requirement, unit, [LAST, day, FIRST])[1] == figure
            assert figure.headcount == len(figures.people(world.requirement, unit, day))

    @settings(max_examples=25)
    @given(history=steps)
    def test_standings_kept_up_step_by_step_equal_those_rebuilt_from_the_records(self, history):
        world = self.world()
        for step in history:
            world.play([step], FIRST, LAST)
        told = ("person", "unit", "starts_on", "ends_on", "status", "cause", "since", "due_on")
        kept = set(Standing.objects.values_list(*told))
        rebuild(set(Person.objects.values_list("pk", flat=True)))
        assert set(Standing.objects.values_list(*told)) == kept

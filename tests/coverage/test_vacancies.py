"""A unit that is to have a trained function and has none shows that day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from courses.editions import Kind, open_edition
from learning.coverage.vacancies import State, vacancies
from learning.dated import DAY
from learning.errors import LearningError
from learning.organisation.models import Appointment, Employment, Leave, Person
from learning.organisation.reorganisation import move_unit, open_unit
from learning.organisation.services import appoint, employ, end_appointment, end_employment, grant_leave
from learning.records.models import Completion, EvidenceLevel
from learning.records.services import record_completion
from tests.factories import FOUNDED, make_course, make_duty, make_municipality, make_person, make_unit

TODAY = date(2025, 3, 3)


class World:
    def __init__(self):
        self.municipality = make_municipality()
        self.department = make_unit(self.municipality, "Skolan", kind="förvaltning")
        self.unit = make_unit(self.department, "Enheten")
        self.course = make_course(self.municipality)
        self.duty = make_duty(self.municipality, self.course)
        self.person = make_person(self.unit)

    def appoint(self, person=None, function="department_coordinator", **dates):
        dates = {"starts_on": FOUNDED, **dates}
        return appoint(person=person or self.person, unit=self.department, function=function, **dates)

    def train(self, person=None, on=TODAY):
        return record_completion(
            person=person or self.person, course=self.course, on=on, evidence_level=EvidenceLevel.ATTESTED
        )

    def post(self, on=TODAY, duty=None):
        [post] = vacancies(duty or self.duty, self.municipality.root, on)
        return post


@pytest.fixture
def world(db):
    return World()


def test_a_department_without_the_function_shows_that_day_and_no_more_once_it_is_filled(world):
    assert (world.post().state, world.post().holders) == (State.VACANT, [])
    world.appoint(starts_on=TODAY)
    assert world.post().state == State.UNTRAINED
    assert [(holder.person, holder.starts_on) for holder in world.post().holders] == [(world.person, TODAY)]
    world.train()
    assert world.post().state == State.FILLED
    assert (world.post(TODAY - DAY).state, State.FILLED.is_lacking) == (State.VACANT, False)


def test_without_a_course_the_appointment_is_enough(world):
    world.appoint()
    assert world.post(duty=make_duty(world.municipality)).state == State.FILLED


def test_a_completion_that_has_expired_trains_nobody(world):
    world.appoint()
    completion = world.train(on=date(2022, 5, 1))
    assert world.post(completion.valid_through).state == State.ENDING
    post = world.post(completion.valid_through + DAY)
    assert (post.state, post.holders[0].lasts_through) == (State.UNTRAINED, completion.valid_through)


def test_a_newer_edition_of_the_course_ends_training_with_its_grace_and_changes_nothing_that_was_told(world):
    world.appoint()
    world.train(on=date(2025, 1, 1))
    before = world.post(TODAY - DAY)
    retake = {"kind": Kind.RETAKE, "note": "Nytt", "grace_days": 20}
    last = open_edition(course=world.course, on=TODAY, by=world.person, **retake).grace_until
    assert [world.post(day).state for day in (TODAY, last, last + DAY)] == [State.ENDING, State.ENDING, State.UNTRAINED]
    assert world.post().holders[0].lasts_through == last
    told = world.post(TODAY - DAY)
    assert (told.state, told.holders[0].lasts_through) == (State.FILLED, before.holders[0].lasts_through)


def test_what_is_completed_later_changes_nothing_that_was_told(world):
    world.appoint()
    last_day = world.train(on=date(2022, 5, 1)).valid_through
    days = [last_day - timedelta(number) for number in (40, 29, 1, 0)]
    before = [world.post(day).state for day in days]
    assert before == [State.FILLED, State.ENDING, State.ENDING, State.ENDING]
    world.train(on=last_day)
    assert [world.post(day).state for day in days] == [*before[:3], State.FILLED]


def test_a_function_counts_only_while_the_person_is_employed(world):
    world.appoint()
    world.train(on=date(2025, 1, 1))
    end_employment(employment=world.person.employments.get(), last_day=TODAY)
    make_person(world.unit)
    assert [world.post(day).state for day in (TODAY - timedelta(31), TODAY, TODAY + DAY)] == [
        State.FILLED,
        State.ENDING,
        State.VACANT,
    ]


def test_who_is_on_leave_does_not_fill_it_unless_a_deputy_does(world):
    duty = make_duty(world.municipality, world.course, functions=["department_coordinator", "deputy"])
    world.appoint()
    world.train()
    grant_leave(person=world.person, starts_on=TODAY, ends_on=TODAY + 90 * DAY, reason="parental")
    post = world.post(duty=duty)
    assert (post.state, [holder.is_on_leave for holder in post.holders]) == (State.VACANT, [True])
    deputy = make_person(world.unit)
    world.appoint(deputy, "deputy")
    assert world.post(duty=duty).state == State.UNTRAINED
    world.train(deputy)
    assert (world.post(duty=duty).state, world.post().state) == (State.FILLED, State.VACANT)


def test_a_head_counts_where_the_duty_says_so(world):
    world.appoint(function="head")
    world.train()
    assert world.post().state == State.VACANT
    assert world.post(duty=make_duty(world.municipality, world.course, functions=["head"])).state == State.FILLED


def test_a_function_in_a_unit_below_or_above_fills_nothing(world):
    for unit in (world.unit, world.municipality.root):
        appoint(person=world.person, unit=unit, function="department_coordinator", starts_on=FOUNDED)
    world.train()
    assert world.post().state == State.VACANT


def test_an_end_that_is_known_is_told_thirty_days_before_unless_another_takes_over(world):
    world.train(on=date(2025, 1, 1))
    world.appoint(ends_on=TODAY)
    assert world.post(TODAY - timedelta(30)).state == State.FILLED
    assert world.post(TODAY - timedelta(29)).state == State.ENDING
    other = make_person(world.unit)
    world.train(other, on=date(2025, 1, 1))
    world.appoint(other, starts_on=TODAY + DAY)
    assert world.post(TODAY - timedelta(29)).state == State.FILLED


def test_the_units_are_those_of_the_kind_or_the_departments_where_employees_work(world):
    politics = make_unit(world.municipality, "Politiken", kind="förvaltning")
    make_person(politics, population="elected")
    make_unit(world.department, "Tom enhet")
    by_kind = make_duty(world.municipality, kind="enhet")
    found = [[post.unit for post in vacancies(d, world.municipality.root, TODAY)] for d in (world.duty, by_kind)]
    assert found == [[world.department], [world.unit]]
    assert vacancies(world.duty, world.unit, TODAY) == []


def test_nothing_is_asked_before_the_duty_begins_or_after_it_ends(world):
    duty = make_duty(world.municipality, starts_on=TODAY, ends_on=TODAY)
    days = (TODAY - DAY, TODAY, TODAY + DAY)
    assert [len(vacancies(duty, world.municipality.root, day)) for day in days] == [0, 1, 0]


def test_it_costs_the_same_for_many_departments(world, django_assert_num_queries):
    for _ in range(8):
        make_person(make_unit(world.municipality))
    duty = type(world.duty).objects.select_related("municipality__root").get(pk=world.duty.pk)
    root = world.municipality.root
    with django_assert_num_queries(4):
        assert len(vacancies(duty, root, TODAY)) == 9


FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
acts = st.sampled_from(
    ["appoint", "appoint", "unappoint", "hire", "second", "end", "leave", "complete", "move", "open"]
)
number = st.integers(0, 10_000)
steps = st.lists(st.tuples(acts, number, number, st.integers(0, 366)), max_size=14)


class Histories(TestCase):
    """Random appointments, employments, leaves and completions, each day against a count by hand."""

    @classmethod
    def setUpTestData(cls):
        cls.world = World()
        cls.foreign = make_unit(make_municipality("Annan"))
        make_person(make_unit(cls.world.municipality, kind="förvaltning"))

    def play(self, steps) -> None:
        for act, one, other, when in steps:
            try:
                getattr(self, act)(one, other, FIRST + timedelta(days=when))
            except LearningError:
                continue

    def person(self, number):
        people = list(Person.objects.order_by("pk"))
        return people[number % len(people)]

    def department(self, number, day):
        departments = list(self.world.municipality.departments(day))
        return departments[number % len(departments)]

    def appoint(self, one, other, day):
        function = ["department_coordinator", "deputy", "head"][other % 3]
        ends_on = [None, day + timedelta(days=other % 90)][other % 2]
        department = self.department(other // 6, day)
        appoint(person=self.person(one), unit=department, function=function, starts_on=day, ends_on=ends_on)

    def unappoint(self, one, other, day):
        if appointments := list(Appointment.objects.on(day).order_by("pk")):
            end_appointment(appointment=appointments[one % len(appointments)], last_day=day)

    def hire(self, one, other, day):
        make_person(self.department(one, day), starts_on=day, population=["employee", "elected"][other % 2])

    def second(self, one, other, day):
        unit = [self.department(other, day), self.foreign][other % 2]
        employ(person=self.person(one), unit=unit, starts_on=day, is_main=False)

    def end(self, one, other, day):
        if employments := list(Employment.objects.on(day).order_by("pk")):
            end_employment(employment=employments[one % len(employments)], last_day=day)

    def leave(self, one, other, day):
        grant_leave(person=self.person(one), starts_on=day, ends_on=day + timedelta(days=other % 80), reason="sick")

    def complete(self, one, other, day):
        back = day - timedelta(days=[0, 650][other % 2])  # valid for 24 months: the older ones run out this year
        record_completion(
            person=self.person(one), course=self.world.course, on=back, evidence_level=EvidenceLevel.ATTESTED
        )

    def move(self, one, other, day):
        department = self.department(one, day)
        if not type(department).objects.under(department).filter(starts_on__gte=day).exists():
            move_unit(unit=department, to=self.world.municipality.root, on=day)

    def open(self, one, other, day):
        open_unit(parent=self.world.municipality.root, name="Ny", kind="förvaltning", on=day)

    @given(history=steps, start=st.integers(0, 330))
    def test_every_day_is_as_a_count_by_hand_says(self, history, start):
        self.play(history)
        duty = make_duty(self.world.municipality, self.world.course, functions=["department_coordinator", "deputy"])
        told = Told()
        for day in (FIRST + timedelta(days=n) for n in range(start, start + 35)):
            found = {post.unit: post.state for post in vacancies(duty, self.world.municipality.root, day)}
            assert found == told.states(duty, day), day


class Told:
    """The same by loops over all rows."""

    def __init__(self):
        self.appointments = list(Appointment.objects.select_related("unit"))
        self.employments = list(Employment.objects.select_related("unit"))
        self.leaves, self.completions = list(Leave.objects.all()), list(Completion.objects.all())

    def states(self, duty, day):
        found = {}
        root = duty.municipality.root
        for unit in root.get_children():
            works = [e for e in self.employments if e.unit.path.startswith(unit.path) and e.population == "employee"]
            if not lasts(unit, day) or not any(lasts(e, day) for e in works):
                continue
            found[unit] = self.state(duty, unit, day)
            later = day + timedelta(days=30)
            ends = lasts(unit, later) and self.state(duty, unit, later, known_on=day) != State.FILLED
            if found[unit] == State.FILLED and ends:
                found[unit] = State.ENDING
        return found

    def state(self, duty, unit, day, known_on=None):
        in_place = [a.person_id for a in self.appointments if a.unit == unit and self.is_in_place(a, duty, day)]
        trained = [
            c.person_id
            for c in self.completions
            if c.completed_on <= (known_on or day) and (c.valid_through is None or day <= c.valid_through)
        ]
        if not in_place:
            return State.VACANT
        return State.FILLED if set(in_place) & set(trained) else State.UNTRAINED

    def is_in_place(self, appointment, duty, day):
        own = [e for e in self.employments if e.person_id == appointment.person_id]
        return (
            appointment.function in duty.functions
            and lasts(appointment, day)
            and any(lasts(e, day) and e.unit.path[:4] == appointment.unit.path[:4] for e in own)
            and not any(lasts(away, day) for away in self.leaves if away.person_id == appointment.person_id)
        )


def lasts(dated, day):
    return dated.starts_on <= day and (dated.ends_on is None or dated.ends_on >= day)

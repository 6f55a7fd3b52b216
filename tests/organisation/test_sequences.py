"""Whatever happens to the people of a register, by hand and by file, what it promises holds after each act."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning.coverage.models import Standing
from learning.coverage.services import rebuild, settle
from learning.dated import DAY
from learning.errors import LearningError
from learning.organisation.corrections import (
    correct_employment,
    correct_leave,
    withdraw_employment,
    withdraw_leave,
)
from learning.organisation.hr.services import import_file
from learning.organisation.models import Employment, Leave, OrgUnit, Person
from learning.organisation.reorganisation import move_unit
from learning.organisation.services import appoint, employ, end_employment, end_leave, grant_leave, move_employment
from tests.factories import make_course, make_goal, make_municipality, make_person, make_unit, moment

FIRST = date(2024, 1, 1)
# Days that are looked at, before, during and after what happens.
DAYS = [FIRST + timedelta(days=n) for n in range(0, 800, 5)]
HEADING = "Person-ID;Anst.nr;Förnamn;Efternamn;Enhet;Befattning;Fr.o.m.;T.o.m."
ROLES = ["Lärare", "Kock"]
ACTS = ["employ", "employ", "shorter", "end", "move", "correct", "withdraw", "leave", "correct_leave", "withdraw_leave"]
ACTS += ["appoint", "reorganise", "file", "file"]

number = st.integers(0, 999)
acts = st.lists(st.tuples(st.sampled_from(ACTS), number, number, st.integers(0, 40)), min_size=1, max_size=10)


class World:
    """A small municipality to which things happen, one day after another."""

    def __init__(self, municipality):
        self.municipality = municipality
        self.today = FIRST + timedelta(days=60)
        self.people = [make_person(unit, starts_on=FIRST, role=ROLES[0]) for unit in self.units()[1:4]]

    def units(self) -> list[OrgUnit]:
        return list(self.municipality.units.on(self.today))

    def unit(self, number: int) -> OrgUnit:
        units = self.units()
        return units[number % len(units)]

    def one(self, rows, number: int):
        rows = list(rows.order_by("pk"))
        return rows[number % len(rows)] if rows else None

    def person(self, number: int) -> Person:
        return self.people[number % len(self.people)]

    def day(self, number: int) -> date:
        """A day in the past, or some days to come."""
        return self.today + timedelta(days=10 - number)

    def play(self, act: str, one: int, other: int, days: int) -> list[Employment]:
        """Let the act happen, or be refused; returns the periods that it was expressly about, as they were."""
        self.today += timedelta(days=days % 20)
        try:
            return getattr(self, act)(one, other, days) or []
        except LearningError:
            return []

    def employ(self, one, other, days):
        employ(
            person=self.person(one),
            unit=self.unit(other),
            starts_on=self.day(days),
            role=ROLES[other % 2],
            is_main=one % 3 > 0,
            external_no=["", "", "A", "B"][other % 4],
            population=["employee", "employee", "elected"][one % 3],
        )

    def shorter(self, one, other, days):
        first = self.day(days)
        last = first + timedelta(days=other % 60)
        employ(person=self.person(one), unit=self.unit(other), starts_on=first, ends_on=last, role=ROLES[one % 2])

    def _employment(self, number: int) -> Employment:
        return self.one(Employment.objects, number) or self.refuse()

    def _leave(self, number: int) -> Leave:
        return self.one(Leave.objects, number) or self.refuse()

    def refuse(self):
        """There is nothing that it could happen to."""
        raise LearningError

    def end(self, one, other, days):
        was = self._employment(one)
        end_employment(employment=self._employment(one), last_day=self.day(days))
        return [was]

    def move(self, one, other, days):
        move_employment(employment=self._employment(one), unit=self.unit(other), on=self.day(days))

    def correct(self, one, other, days):
        was, employment = self._employment(one), self._employment(one)
        first = self.day(days)
        correct_employment(
            employment=employment,
            unit=self.unit(other),
            role=ROLES[one % 2],
            starts_on=first,
            ends_on=first + timedelta(days=other % 200) if other % 2 else None,
            is_main=other % 3 > 0,
        )
        return [was]

    def withdraw(self, one, other, days):
        was = self._employment(one)
        withdraw_employment(employment=self._employment(one))
        return [was]

    def leave(self, one, other, days):
        first = self.day(days)
        last = first + timedelta(days=other % 50) if other % 2 else None
        grant_leave(person=self.person(one), starts_on=first, ends_on=last, reason="sick")

    def correct_leave(self, one, other, days):
        if other % 2:
            end_leave(leave=self._leave(one), last_day=self.day(days))
        else:
            correct_leave(leave=self._leave(one), reason="other", starts_on=self.day(days), ends_on=None)

    def withdraw_leave(self, one, other, days):
        withdraw_leave(leave=self._leave(one))

    def appoint(self, one, other, days):
        appoint(person=self.person(one), unit=self.unit(other), function="head", starts_on=self.day(days))

    def reorganise(self, one, other, days):
        unit = self.unit(one)
        if unit.depth == 1 or OrgUnit.objects.under(unit).filter(starts_on__gte=self.today).exists():
            self.refuse()
        move_unit(unit=unit, to=self.unit(other), on=self.today)

    def file(self, one, other, days):
        """A file of the day: some are gone, some have moved, one has two employments."""
        units = self.units()[1:]
        lines = []
        for at, person in enumerate(self.people):
            if (one + at) % 4:
                unit = units[(other + at) % len(units)]
                lines.append(f"{person.external_id};;Kim;Ek;{unit.name};{ROLES[other % 2]};;")
        if one % 2:
            lines.append(f"{self.people[0].external_id};B;Kim;Ek;{units[0].name};Kock;{FIRST};")
        content = "\n".join([HEADING, *lines]).encode()
        import_file(
            municipality=self.municipality,
            filename="hr.csv",
            content=content,
            on=self.today,
            now=moment(self.today),
            allow_endings=True,
        )


def covered() -> set[tuple]:
    """Every person, population and day of those looked at on which there is an employment."""
    found = set()
    for row in Employment.objects.all():
        found |= {(row.person_id, row.population, day) for day in DAYS if row.holds(day)}
    return found


def days_of(employment: Employment) -> set[tuple]:
    return {(employment.person_id, employment.population, day) for day in DAYS if employment.holds(day)}


def overlaps(rows: list) -> list[tuple]:
    """The pairs of rows with a day in common."""
    return [
        (str(one), str(other))
        for one, other in combinations(rows, 2)
        if one.starts_on <= (other.ends_on or date.max) and other.starts_on <= (one.ends_on or date.max)
    ]


def doubled() -> list[tuple]:
    """Periods that must not overlap and do."""
    groups = defaultdict(list)
    for row in Employment.objects.select_related("person", "unit"):
        place = row.external_no or (row.unit_id, row.role)
        groups["same", row.person_id, row.population, place].append(row)
        if row.is_main:
            groups["main", row.person_id, row.population].append(row)
    for leave in Leave.objects.select_related("person"):
        groups["leave", leave.person_id].append(leave)
    return [pair for rows in groups.values() for pair in overlaps(rows)]


def homeless() -> list[str]:
    """Employments on days when their unit is not open."""
    return [
        f"{row}, {row.days}"
        for row in Employment.objects.select_related("unit", "person")
        if row.starts_on < row.unit.starts_on or (row.unit.ends_on or date.max) < (row.ends_on or date.max)
    ]


class Sequences(TestCase):
    """After each act of any sequence."""

    @classmethod
    def setUpTestData(cls):
        cls.municipality = make_municipality()
        department = make_unit(cls.municipality, "Omsorg")
        for name in ("Norr", "Söder"):
            make_unit(department, name)
        make_goal(make_course(cls.municipality), cls.municipality)

    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(acts=acts)
    def test_the_register_keeps_its_promises(self, acts):
        world = World(self.municipality)
        for act in acts:
            before, people = covered(), set(Person.objects.values_list("pk", flat=True))
            about = world.play(*act)
            assert doubled() == [], act
            assert homeless() == [], act
            lost = before - covered() - set().union(*map(days_of, about))
            # A file speaks of its day and those to come.
            assert {days for days in lost if act[0] != "file" or days[2] < world.today - DAY} == set(), act
            assert people <= set(Person.objects.values_list("pk", flat=True))
        self.check_standings()

    def check_standings(self):
        settle()
        kept = set(Standing.objects.values_list("person", "unit", "starts_on", "ends_on", "status"))
        rebuild(set(Person.objects.values_list("pk", flat=True)))
        assert set(Standing.objects.values_list("person", "unit", "starts_on", "ends_on", "status")) == kept

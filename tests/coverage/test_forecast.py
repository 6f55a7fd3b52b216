"""A forecast is two figures: what is known already, and what the pace of late makes of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.coverage.figures import Coverage
from learning.coverage.forecast import LEAST, WINDOW, Forecast, Outlook, Pace, pace_of, people_for
from learning.coverage.models import Status
from learning.coverage.services import settle
from learning.organisation.services import end_employment, move_employment
from learning.plans.services import require
from learning.records.models import EvidenceLevel
from learning.records.services import record_completion, withdraw
from tests.factories import make_course, make_head, make_municipality, make_person, make_requirement, make_unit

TODAY = date(2026, 3, 2)

figures = st.builds(
    lambda on, have, lack, leave: Coverage(
        TODAY + timedelta(days=on), {Status.COMPETENT: have, Status.NOT_STARTED: lack, Status.ON_LEAVE: leave}
    ),
    *(st.integers(1, 2000), st.integers(0, 300), st.integers(0, 300), st.integers(0, 5)),
)
paces = st.builds(Pace, st.integers(0, 400), st.integers(LEAST, WINDOW))
months = st.none() | st.integers(1, 48)
forecasts = st.builds(
    lambda threshold, ahead, pace, months: Forecast(
        threshold, TODAY, sorted(ahead, key=lambda figure: figure.on), pace, months
    ),
    *(st.integers(1, 100), st.lists(figures, min_size=1, max_size=4), st.none() | paces, months),
)


@given(forecasts)
def test_todays_pace_gives_no_less_than_nothing_more_and_no_more_than_everyone(forecast):
    for figure in forecast.ahead:
        likely = forecast.at_pace_on(figure)
        assert figure.competent <= likely.competent <= figure.counted == likely.counted
        assert (likely.headcount, likely.on) == (figure.headcount, figure.on)


@given(forecasts, st.integers(0, 400))
def test_a_quicker_pace_never_gives_less(forecast, more):
    slow = forecast.pace or Pace(0, WINDOW)
    quick = Forecast(forecast.threshold, TODAY, forecast.ahead, Pace(slow.people + more, slow.days), forecast.months)
    assert quick.at_pace.competent >= forecast.at_pace_on(forecast.nothing_more).competent


@given(forecasts)
def test_a_pace_of_nobody_is_nothing_more(forecast):
    still = Forecast(forecast.threshold, TODAY, forecast.ahead, Pace(0, WINDOW), forecast.months)
    assert still.at_pace.competent == still.nothing_more.competent


@given(forecasts)
def test_those_missing_are_just_enough(forecast):
    figure, missing = forecast.nothing_more, forecast.missing
    assert 100 * (figure.competent + missing) >= forecast.threshold * figure.counted
    assert missing == 0 or 100 * (figure.competent + missing - 1) < forecast.threshold * figure.counted
    assert forecast.needed_a_week * forecast.days_through(figure.on) == 7 * missing


@given(forecasts)
def test_the_outlook_is_what_the_figures_say(forecast):
    safe = forecast.nothing_more.competent >= people_for(forecast.threshold, forecast.nothing_more.counted)
    if safe or forecast.pace is None:
        assert forecast.outlook == (Outlook.SAFE if safe else Outlook.UNKNOWN)
    else:
        reached = forecast.at_pace.competent - forecast.nothing_more.competent >= forecast.missing
        assert forecast.outlook == (Outlook.ON_COURSE if reached else Outlook.BEHIND)


def test_a_completion_that_counts_for_a_month_does_not_add_up_over_a_year():
    ahead = [Coverage(date(2027, 3, 2), {Status.NOT_STARTED: 1000})]
    lasting, fleeting = (Forecast(80, TODAY, ahead, Pace(90, 90), months) for months in (None, 1))
    assert (lasting.at_pace.competent, fleeting.at_pace.competent) == (365, 28)


class World:
    def __init__(self):
        self.municipality = make_municipality()
        self.unit, self.beside = make_unit(self.municipality), make_unit(self.municipality)
        self.course = make_course(self.municipality)
        self.requirement = make_requirement(self.course, self.municipality)
        self.people = [make_person(self.unit) for _ in range(4)]

    def complete(self, person, on, level=EvidenceLevel.REPORTED):
        return record_completion(person=person, course=self.course, on=on, evidence_level=level)

    def pace(self, on=TODAY, unit=None):
        settle()
        return pace_of(self.requirement, self.requirement.rule_on(on), unit or self.unit, on)


@pytest.fixture
def world(db):
    return World()


def test_the_pace_is_of_the_people_who_completed_it_of_late(world):
    first = TODAY - timedelta(days=WINDOW - 1)
    days = (first, TODAY, first - timedelta(days=1), TODAY + timedelta(days=1))
    for person, day in zip(world.people, days, strict=True):
        world.complete(person, day)
    world.complete(world.people[1], first)
    assert world.pace() == Pace(2, WINDOW)
    assert world.pace(unit=world.municipality.root) == Pace(2, WINDOW)
    assert world.pace(unit=world.beside) == Pace(0, WINDOW)


def test_a_renewal_is_of_the_pace(world):
    for day in (date(2024, 6, 1), TODAY - timedelta(days=9)):
        world.complete(world.people[0], day)
    assert world.pace() == Pace(1, WINDOW)


def test_whoever_left_or_had_it_taken_back_is_not_of_the_pace(world):
    taken = [world.complete(person, TODAY - timedelta(days=9)) for person in world.people]
    end_employment(employment=world.people[0].employments.get(), last_day=TODAY - timedelta(days=1))
    move_employment(employment=world.people[1].employments.get(), unit=world.beside, on=TODAY)
    withdraw(completion=taken[2], by=make_head(world.unit), on=TODAY, reason="Fel")
    assert world.pace() == Pace(1, WINDOW)
    assert world.pace(unit=world.beside) == Pace(1, WINDOW)


def test_what_is_known_by_words_alone_is_of_the_pace_where_the_rule_takes_it(world):
    world.complete(world.people[0], TODAY)
    require(requirement=world.requirement, terms={"grace_days": 0, "accepts_outside": False})
    assert world.pace() == Pace(0, WINDOW)


def test_no_pace_is_told_in_the_first_weeks(world):
    begun = world.requirement.starts_on
    assert world.pace(on=begun + timedelta(days=LEAST - 2)) is None
    assert world.pace(on=begun + timedelta(days=LEAST - 1)) == Pace(0, LEAST)

"""Standings derived from a history say, day by day, what the history says."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.coverage.derive import History, Rule, Span, standings
from learning.coverage.models import Status

START = date(2024, 1, 1)
HORIZON = 120

days = st.integers(0, HORIZON).map(lambda n: START + timedelta(days=n))


@st.composite
def spans(draw, what=None):
    first = draw(days)
    length = draw(st.one_of(st.none(), st.integers(0, 60)))
    return Span(first, None if length is None else first + timedelta(days=length), None if what is None else draw(what))


places = st.tuples(st.integers(1, 3), st.sampled_from(["employee", "elected"]))


@st.composite
def works(draw):
    """Some employments; a later one often begins the day after an earlier one ended, as in a move."""
    found = draw(st.lists(spans(places), max_size=3))
    for before in [span for span in found if span.last is not None]:
        if draw(st.booleans()):
            found.append(Span(before.after, None, draw(places)))
    return tuple(found)


histories = st.builds(
    History,
    work=works(),
    leave=st.lists(spans(), max_size=2).map(tuple),
    exempt=st.lists(spans(), max_size=2).map(tuple),
    valid=st.lists(spans(), max_size=3).map(tuple),
    started_on=st.one_of(st.none(), days),
)
rules = st.builds(
    Rule,
    population=st.just("employee"),
    first=st.integers(0, 40).map(lambda n: START + timedelta(days=n)),
    last=st.one_of(st.none(), st.integers(40, HORIZON).map(lambda n: START + timedelta(days=n))),
    grace_days=st.integers(0, 30),
)


def new_on(history: History, work: Span, day: date, grace: int) -> bool:
    """Whether fewer than `grace` days have been served without a break by that day, counted day by day."""
    same = [span for span in history.work if span.what[1] == work.what[1]]
    first = work.first
    while any(span.holds(first - timedelta(days=1)) for span in same):
        first -= timedelta(days=1)
    return (day - first).days < grace


def expected(history: History, rule: Rule, work: Span, day: date) -> Status:
    if work.what[1] != rule.population:
        return Status.OTHER_POPULATION
    if any(span.holds(day) for span in history.leave):
        return Status.ON_LEAVE
    if any(span.holds(day) for span in history.exempt):
        return Status.EXEMPT
    if new_on(history, work, day, rule.grace_days):
        return Status.NEW
    if any(span.holds(day) for span in history.valid):
        return Status.COMPETENT
    if any(span.first <= day for span in history.valid):
        return Status.EXPIRED
    begun = history.started_on is not None and history.started_on <= day
    return Status.STARTED if begun else Status.NOT_STARTED


@given(history=histories, rule=rules)
def test_each_day_of_work_has_the_standing_that_the_history_tells(history, rule):
    found = standings(history, rule)
    for offset in range(HORIZON + 80):
        day = START + timedelta(days=offset)
        told = sorted((span.what, status) for span, status in found if span.holds(day))
        asked = Span(rule.first, rule.last).holds(day)
        works = [work for work in history.work if asked and work.holds(day)]
        assert told == sorted((work.what[0], expected(history, rule, work, day)) for work in works)


def test_a_completion_holds_through_its_last_day_and_expires_the_day_after():
    history = History(
        work=(Span(START, None, (1, "employee")),),
        valid=(Span(date(2024, 2, 1), date(2024, 2, 29)),),
    )
    rule = Rule(population="employee", first=START, last=None, grace_days=0)
    assert standings(history, rule) == [
        (Span(START, date(2024, 1, 31), 1), Status.NOT_STARTED),
        (Span(date(2024, 2, 1), date(2024, 2, 29), 1), Status.COMPETENT),
        (Span(date(2024, 3, 1), None, 1), Status.EXPIRED),
    ]


def test_a_move_makes_nobody_new_but_a_day_without_employment_does():
    rule = Rule(population="employee", first=START, last=None, grace_days=90)
    worked_long = Span(date(2020, 1, 1), date(2024, 5, 31), (1, "employee"))
    moved = Span(date(2024, 6, 1), None, (2, "employee"))
    rehired = Span(date(2024, 6, 2), None, (2, "employee"))
    assert [status for _span, status in standings(History(work=(worked_long, moved)), rule)] == [
        Status.NOT_STARTED,
        Status.NOT_STARTED,
    ]
    assert [status for _span, status in standings(History(work=(worked_long, rehired)), rule)] == [
        Status.NOT_STARTED,
        Status.NEW,
        Status.NOT_STARTED,
    ]


@pytest.mark.parametrize("first", [date.min, START, date.max])
def test_the_ends_of_the_calendar_are_days_like_others(first):
    forever = Span(first, date.max, (1, "employee"))
    rule = Rule(population="employee", first=date.min, last=date.max, grace_days=90)
    history = History(work=(forever, Span(first, None, (2, "employee"))), valid=(Span(first, date.max),))
    found = standings(history, rule)
    assert {status for span, status in found if span.holds(date.max)} <= {Status.NEW, Status.COMPETENT}
    assert {span.what for span, _status in found} == {1, 2}

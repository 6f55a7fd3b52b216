"""Standings derived from a history say, day by day, what the history says."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from learning.coverage.derive import Demand, Done, History, Row, standings
from learning.coverage.models import Cause, Status
from learning.dated import Span
from learning.plans.meant import Held, Terms, Work

START = date(2024, 1, 1)
HORIZON = 120
COURSE, REFRESHER = uuid4(), uuid4()

days = st.integers(0, HORIZON).map(lambda n: START + timedelta(days=n))


@st.composite
def spans(draw, what=None):
    first = draw(days)
    length = draw(st.one_of(st.none(), st.integers(0, 60)))
    return Span(first, None if length is None else first + timedelta(days=length), None if what is None else draw(what))


places = st.builds(
    lambda unit, population, role: Work(unit, population, role, f"0001000{unit}"),
    *[st.integers(1, 3), st.sampled_from(["employee", "elected"]), st.sampled_from(["Gymnasielärare", "Kock"])],
)
functions = st.builds(lambda unit: Held("head", f"0001000{unit}"), st.integers(1, 3))


@st.composite
def works(draw):
    """Some employments; a later one often begins the day after an earlier one ended, as in a move."""
    found = draw(st.lists(spans(places), max_size=3))
    for before in [span for span in found if span.last is not None]:
        if draw(st.booleans()):
            found.append(Span(before.after, None, draw(places)))
    return tuple(found)


@st.composite
def completions(draw):
    """Of the course or its refresher; some end, by their validity or by a newer edition, and some are taken back."""
    on = draw(days)
    ends = st.one_of(st.none(), st.integers(0, 60).map(lambda n: on + timedelta(days=n)))
    course = draw(st.sampled_from([COURSE, REFRESHER]))
    return Done(
        on, through=draw(ends), outdated=draw(ends), withdrawn=draw(ends), course=course, is_outside=draw(st.booleans())
    )


histories = st.builds(
    History,
    work=works(),
    held=st.lists(spans(functions), max_size=2).map(tuple),
    leave=st.lists(spans(), max_size=2).map(tuple),
    exempt=st.lists(spans(), max_size=2).map(tuple),
    done=st.lists(completions(), max_size=3).map(tuple),
    started_on=st.one_of(st.none(), days),
)
terms = st.builds(
    Terms,
    first=st.just(date.min),
    last=st.none(),
    population=st.just("employee"),
    paths=st.sampled_from([(), ("00010001", "00010002")]),
    words=st.sampled_from([(), ("lärare",)]),
    functions=st.sampled_from([frozenset(), frozenset(["head"])]),
    hired_from=st.one_of(st.none(), days),
    due_on=st.one_of(st.none(), days),
    grace_days=st.integers(0, 30),
    validity_months=st.sampled_from([None, 1]),
    accepts_outside=st.booleans(),
    refresher=st.sampled_from([None, REFRESHER]),
)


def in_turn(first: date, last: date | None, found: list[Terms], changes: list[date]) -> Demand:
    """The rules one after the other, each from the day on which the one before was changed."""
    starts = [first, *sorted({day for day in changes if day > first})][: len(found)]
    ends = [*(day - timedelta(days=1) for day in starts[1:]), None]
    rules = [replace(one, first=a, last=b) for one, a, b in zip(found, starts, ends, strict=False)]
    return Demand(first, last, tuple(rules), COURSE, course_months=2)


demands = st.builds(
    in_turn,
    first=st.integers(0, 40).map(lambda n: START + timedelta(days=n)),
    last=st.one_of(st.none(), st.integers(40, HORIZON).map(lambda n: START + timedelta(days=n))),
    found=st.lists(terms, min_size=1, max_size=3),
    changes=st.lists(days, max_size=2),
)


class ByHand:
    """The same, a day at a time and by looking at everything."""

    def __init__(self, history: History, demand: Demand):
        self.history, self.demand = history, demand

    def rule(self, day: date) -> Terms:
        return next(rule for rule in reversed(self.demand.rules) if rule.first <= day)

    def began(self, work: Span) -> date:
        """The first day served without a break, counted day by day."""
        same = [span for span in self.history.work if span.what.population == work.what.population]
        first = work.first
        while any(span.holds(first - timedelta(days=1)) for span in same):
            first -= timedelta(days=1)
        return first

    def is_meant(self, rule: Terms, work: Span, day: date) -> bool:
        held = [span.what for span in self.history.held if span.holds(day) and span.what.function in rule.functions]
        here = [path for path in rule.paths or [""] if work.what.path.startswith(path)]
        there = [one for one in held if any(one.path.startswith(path) for path in rule.paths or [""])]
        named = any(word in work.what.role.lower() for word in rule.words)
        chosen = bool(here and named) or bool(there) if rule.words or rule.functions else bool(here)
        return chosen and (rule.hired_from is None or self.began(work) >= rule.hired_from)

    def last_days(self, rule: Terms, day: date) -> list[tuple[date, date]]:
        """From each completion that counts through the last day on which it does; as it stands on the day."""
        known = [one for one in self.history.done if rule.accepts_outside or not one.is_outside]
        known = [one for one in known if one.withdrawn is None or day < one.withdrawn]
        own = [one for one in known if one.course == COURSE]
        found = [
            (one.on, min(one.through or date.max, one.outdated or date.max, after(one.on, rule.validity_months)))
            for one in own
        ]
        for one in known:
            before = [past.outdated or date.max for past in own if past.on <= one.on]
            if one.course == REFRESHER == rule.refresher and before:
                found.append((one.on, min(max(before), after(one.on, rule.validity_months), after(one.on, 2))))
        return found

    def status(self, work: Span, day: date) -> Status:
        rule, valid = self.rule(day), self.last_days(self.rule(day), day)
        if work.what.population != rule.population:
            return Status.OTHER_POPULATION
        if not self.is_meant(rule, work, day):
            return Status.NOT_MEANT
        if any(span.holds(day) for span in self.history.leave):
            return Status.ON_LEAVE
        if any(span.holds(day) for span in self.history.exempt):
            return Status.EXEMPT
        if (day - self.began(work)).days < rule.grace_days:
            return Status.NEW
        if any(first <= day <= last for first, last in valid):
            return Status.COMPETENT
        if any(first <= day for first, _last in valid):
            return Status.EXPIRED
        begun = self.history.started_on is not None and self.history.started_on <= day
        return Status.STARTED if begun else Status.NOT_STARTED

    def is_asked(self, day: date) -> bool:
        """Whether the person has something to do on the day, anywhere."""
        if not Span(self.demand.first, self.demand.last).holds(day):
            return False
        statuses = {self.status(work, day) for work in self.history.work if work.holds(day)}
        knows = any(first <= day <= last for first, last in self.last_days(self.rule(day), day))
        return bool(statuses & ASKED) or (Status.NEW in statuses and not knows)


ASKED = {Status.EXPIRED, Status.STARTED, Status.NOT_STARTED}


def after(day: date, months: int | None) -> date:
    return day + relativedelta(months=months, days=-1) if months else date.max


def all_days() -> list[date]:
    return [START + timedelta(days=n) for n in range(HORIZON + 80)]


def on(rows: list[Row], day: date) -> dict[int, Row]:
    """Unit → what holds there on the day."""
    found = {row.unit: row for row in rows if row.holds(day)}
    assert len(found) == sum(row.holds(day) for row in rows), "more than one in a unit"
    return found


@given(history=histories, demand=demands)
def test_each_day_of_work_has_the_standing_that_the_history_tells(history, demand):
    rows, by_hand = standings(history, demand), ByHand(history, demand)
    for day in all_days():
        expected = {}
        if Span(demand.first, demand.last).holds(day):
            for work in (work for work in history.work if work.holds(day)):
                status = by_hand.status(work, day)
                expected[work.what.unit] = min(status, expected.get(work.what.unit, status))
        assert {unit: row.status for unit, row in on(rows, day).items()} == expected


@given(history=histories, demand=demands)
def test_something_is_asked_with_a_reason_since_the_first_day_of_an_unbroken_time(history, demand):
    rows, by_hand = standings(history, demand), ByHand(history, demand)
    since = None
    for day in all_days():
        since = (since or day) if by_hand.is_asked(day) else None
        for row in on(rows, day).values():
            if row.status in ASKED or (row.status == Status.NEW and since):
                assert (bool(row.cause), row.since) == (True, since)
                assert row.due_on is None or row.due_on >= since
            else:
                assert (row.cause, row.since, row.due_on) == ("", None, None)


@given(history=histories, demand=demands, other=terms, day=st.one_of(days, st.just(START)))
def test_a_rule_that_is_changed_from_a_day_on_alters_nothing_before_it(history, demand, other, day):
    eve = day - timedelta(days=1)
    kept = [replace(rule, last=min(rule.last or eve, eve)) for rule in demand.rules if rule.first < day]
    changed = replace(demand, rules=(*kept, replace(other, first=max(day, demand.first), last=None)))
    before, now = standings(history, demand), standings(history, changed)
    for earlier in (one for one in all_days() if one < day):
        assert [told(row) for row in on(now, earlier).values()] == [told(row) for row in on(before, earlier).values()]


def told(row: Row) -> tuple:
    return row.unit, row.status, row.cause, row.since, row.due_on


WORK = Work(1, "employee", "Lärare", "00010001")


def demand(grace_days=0, first=START, last=None, is_offer=False, **rule) -> Demand:
    """One rule for all employees."""
    rule = Terms(first, None, "employee", grace_days=grace_days, **rule)
    return Demand(first, last, (rule,), COURSE, is_offer=is_offer)


def test_a_completion_holds_through_its_last_day_and_expires_the_day_after():
    done = Done(date(2024, 2, 1), date(2024, 2, 29), course=COURSE)
    history = History(work=(Span(START, None, WORK),), done=(done,))
    expired = date(2024, 3, 1)
    assert standings(history, demand()) == [
        Row(START, date(2024, 1, 31), 1, Status.NOT_STARTED, Cause.HIRED, START),
        Row(date(2024, 2, 1), date(2024, 2, 29), 1, Status.COMPETENT),
        Row(expired, None, 1, Status.EXPIRED, Cause.EXPIRED, expired, expired),
    ]


def test_a_move_makes_nobody_new_but_a_day_without_employment_does():
    worked_long = Span(date(2020, 1, 1), date(2024, 5, 31), WORK)
    moved = Span(date(2024, 6, 1), None, WORK._replace(unit=2))
    rehired = Span(date(2024, 6, 2), None, WORK._replace(unit=2))
    found = [standings(History(work=(worked_long, later)), demand(grace_days=90)) for later in (moved, rehired)]
    assert [[row.status for row in rows] for rows in found] == [
        [Status.NOT_STARTED, Status.NOT_STARTED],
        [Status.NOT_STARTED, Status.NEW, Status.NOT_STARTED],
    ]
    assert [{row.since for row in rows} for rows in found] == [{START}, {START, date(2024, 6, 2)}]


DAY_OF_CHANGE = date(2024, 6, 1)
LONG = Span(date(2020, 1, 1), None, WORK)
EVE = DAY_OF_CHANGE - timedelta(days=1)
BY_FUNCTION = {"functions": frozenset(["head"])}
# How something comes to be asked on the day → the history, and what the rule says besides ten days of grace.
ASKED_ANEW = {
    Cause.HIRED: (History(work=(Span(DAY_OF_CHANGE, None, WORK),)), {}),
    Cause.RULE: (History(work=(LONG,)), {"first": DAY_OF_CHANGE}),
    Cause.MOVED: (
        History(work=(Span(START, EVE, WORK._replace(role="Kock")), Span(DAY_OF_CHANGE, None, WORK))),
        {"words": ("lärare",)},
    ),
    Cause.APPOINTED: (History(work=(LONG,), held=(Span(DAY_OF_CHANGE, None, Held("head", "0001")),)), BY_FUNCTION),
    Cause.RETURNED: (History(work=(LONG,), leave=(Span(START, EVE),)), {}),
    Cause.EXEMPTED: (History(work=(LONG,), exempt=(Span(START, EVE),)), {}),
    Cause.EXPIRED: (History(work=(LONG,), done=(Done(START, EVE, course=COURSE),)), {}),
    Cause.EDITION: (History(work=(LONG,), done=(Done(START, outdated=EVE, course=COURSE),)), {}),
}


@pytest.mark.parametrize("cause", ASKED_ANEW)
def test_why_it_is_asked_and_by_when(cause):
    history, rule = ASKED_ANEW[cause]
    row = on(standings(history, demand(**{"grace_days": 10, **rule})), DAY_OF_CHANGE)[1]
    at_once = cause in (Cause.EXPIRED, Cause.EDITION)
    due_on = DAY_OF_CHANGE if at_once else DAY_OF_CHANGE + timedelta(days=9)
    assert (row.cause, row.since, row.due_on) == (cause, DAY_OF_CHANGE, due_on)


def test_the_later_of_the_last_day_and_the_days_holds_and_an_offer_has_neither():
    history, late = History(work=(Span(DAY_OF_CHANGE, None, WORK),)), date(2024, 12, 31)
    found = [
        standings(history, demand(grace_days=10, due_on=late))[0].due_on,
        standings(history, demand(grace_days=10, due_on=START))[0].due_on,
        standings(history, demand(due_on=START))[0].due_on,
        standings(history, demand())[0].due_on,
        standings(history, demand(grace_days=10, due_on=late, is_offer=True))[0].due_on,
    ]
    assert found == [late, DAY_OF_CHANGE + timedelta(days=9), DAY_OF_CHANGE, None, None]


@pytest.mark.parametrize("first", [date.min, START, date.max])
def test_the_ends_of_the_calendar_are_days_like_others(first):
    forever = Span(first, date.max, WORK)
    asked = demand(grace_days=90, first=date.min, last=date.max)
    history = History(work=(forever, Span(first, None, WORK._replace(unit=2))), done=(Done(first, course=COURSE),))
    found = standings(history, asked)
    assert {row.status for row in found if row.holds(date.max)} <= {Status.NEW, Status.COMPETENT}
    assert {row.unit for row in found} == {1, 2}

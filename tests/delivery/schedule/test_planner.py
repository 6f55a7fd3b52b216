"""The laws of what is mailed when: whatever is asked, whenever the clock ticks, and whatever people do."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.delivery.schedule.hours import Hours, local, week_of
from learning.delivery.schedule.planner import (
    CHECK,
    LESSON,
    OFFER,
    PATIENCE,
    REMINDER,
    RENEWAL,
    TIMES,
    Limits,
    Pace,
    Sent,
    Task,
    next_mail,
    next_slot,
)
from tests.delivery.schedule.clock import at

OFFICE = Hours(weekdays=frozenset(range(5)), opens=8, closes=16)
EVERY_DAY = Pace(per_week=7, weekdays=frozenset(range(7)))
DAYS = st.dates(date(2023, 12, 1), date(2028, 3, 31))  # two leap days, and a year of 53 weeks
LONG = 120


def as_sent(planned) -> Sent:
    return Sent(planned.kind, planned.about, planned.task.course, local(planned.send_after).date())


@st.composite
def tasks(draw, since=DAYS):
    """What is asked of a person, the most important first."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        begins, days = draw(since), draw(st.none() | st.integers(0, 90))
        lessons = [f"{number}-{n}" for n in range(draw(st.integers(0, 4)))]
        is_offer = draw(st.booleans())
        found.append(
            Task(
                course=str(number),
                since=begins,
                due_on=None if is_offer or days is None else begins + timedelta(days),
                lessons=tuple(lessons),
                cause=draw(st.sampled_from(["", "", RENEWAL, "edition"])),
                is_offer=is_offer,
                is_accepted=draw(st.booleans()),
                pace=Pace(draw(st.integers(1, 7)), frozenset(draw(st.sets(st.integers(0, 6), min_size=1)))),
            )
        )
    return sorted(found, key=lambda task: task.is_offer)


hours = st.builds(
    lambda days, opens, length, quiet: Hours(frozenset(days), opens, min(opens + length, 23), frozenset(quiet)),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(5, 20),
    st.integers(1, 12),
    st.sets(DAYS, max_size=20),
)
limits = st.builds(Limits, st.integers(1, 4), st.integers(0, 30), st.integers(7, 30), st.integers(0, 4))
ticks = st.lists(st.tuples(st.integers(0, LONG * 24 * 4), st.booleans()), min_size=1, max_size=80)


def lived_through(asked, settings, most, begins, ticks):
    """What a person is sent while the clock ticks at these quarters of an hour; at some, they take the next lesson."""
    sent, planned = [], []
    for quarter, takes in ticks:
        now = at(begins, 0) + timedelta(minutes=15 * quarter)
        current = [task for task in asked if task.since <= local(now).date()]
        if found := next_mail(current, sent, settings, most, now):
            if (found.kind, found.subject) not in {(one.kind, one.subject) for one in planned}:
                planned.append(found)
            sent.append(as_sent(found))
        if takes and asked:
            asked = [replace(asked[0], lessons=asked[0].lessons[1:]), *asked[1:]]
    return planned, sent


@given(st.data(), hours, limits, DAYS, ticks, st.booleans())
def test_nothing_is_early_outside_the_hours_too_often_or_twice(data, settings, most, begins, ticks, in_order):
    asked = data.draw(tasks(since=st.integers(-30, 60).map(lambda n: begins + timedelta(n))))
    planned, sent = lived_through(asked, settings, most, begins, sorted(ticks) if in_order else ticks)
    assert len(planned) == len(sent)  # each subject is new
    for one in planned:
        assert settings.is_open(one.send_after)
        assert local(one.send_after).date() >= one.task.since
    days = [local(one.send_after).date() for one in planned]
    assert not days or max(Counter(map(week_of, days)).values()) <= most.per_week
    assert len(set(days)) == len(days)
    for about in {one.about for one in planned if one.kind in (LESSON, CHECK)}:
        own = sorted(one.day for one in sent if one.about == about and one.kind in (LESSON, CHECK))
        assert len(own) <= TIMES
        assert all(later - earlier >= PATIENCE for earlier, later in pairwise(own))
    reminded = [one for one in planned if one.kind == REMINDER]
    for course, number in Counter(one.task.course for one in reminded).items():
        assert number <= most.most_reminders, course
    for one in reminded:
        first = max(one.task.due_on - timedelta(most.remind_before), one.task.since + PATIENCE)
        assert settings.reaches(local(one.send_after).date()) >= first
    assert all(one.task.is_accepted or not one.task.is_offer or one.kind == OFFER for one in planned)


@given(tasks(), hours, limits, DAYS, st.integers(0, 23))
def test_the_same_moment_gives_the_same_mail_and_then_none(asked, settings, most, day, hour):
    """Two workers at once queue one mail: its kind and subject are the same. A tick that is repeated adds nothing."""
    first, second = (next_mail(asked, [], settings, most, at(day, hour)) for _ in range(2))
    assert first == second
    if first:
        assert next_mail(asked, [as_sent(first)], settings, most, at(day, hour)) is None


@given(tasks(), DAYS)
def test_what_is_more_important_comes_first(asked, day):
    """No lesson of a course is sent while one of a more important course could be."""
    asked = [replace(task, pace=EVERY_DAY, cause="", due_on=None) for task in asked if not task.is_offer]
    found = next_mail(asked, [], OFFICE, Limits(), at(day))
    if found:
        assert found.task == next(task for task in asked if task.next_up)


def course(*lessons, since=date(2026, 3, 2), due_on=None, **fields) -> Task:
    return Task("k", since, due_on, lessons, pace=EVERY_DAY, **fields)


def days_of(asked, first: date, number: int, *, settings=OFFICE, most=None, sent=()) -> list[tuple[str, date]]:
    """What is sent day by day to one who does nothing."""
    sent = list(sent)
    for n in range(number):
        if found := next_mail(asked, sent, settings, most or Limits(), at(first + timedelta(n))):
            sent.append(as_sent(found))
    return [(one.kind, one.day) for one in sent]


def test_a_lesson_that_waits_is_sent_once_more_after_a_week_and_then_left_to_reminders():
    asked = [course("a", "b", due_on=date(2026, 5, 31))]  # a Sunday
    assert days_of(asked, date(2026, 3, 2), 120) == [
        (LESSON, date(2026, 3, 2)),
        (LESSON, date(2026, 3, 9)),
        (REMINDER, date(2026, 5, 15)),  # 17 May is a Sunday
        (REMINDER, date(2026, 5, 29)),
        (REMINDER, date(2026, 6, 12)),
    ]


def test_a_task_that_comes_late_is_not_reminded_of_at_once():
    asked = [course("a", due_on=date(2026, 3, 4))]
    assert days_of(asked, date(2026, 3, 2), 9) == [(LESSON, date(2026, 3, 2)), (REMINDER, date(2026, 3, 9))]


def test_a_reminder_that_came_late_puts_off_the_next():
    asked = [course(due_on=date(2026, 3, 31), check_is_left=False)]
    sent = [Sent(REMINDER, "k", "k", date(2026, 3, 30))]  # by the head; the clock's own would have come on the 17th
    assert days_of(asked, date(2026, 3, 31), 30, sent=sent)[1] == (REMINDER, date(2026, 4, 13))


def test_who_comes_back_begins_anew_but_no_lesson_comes_within_a_week():
    asked = [course("a", since=date(2026, 3, 12))]
    before = [Sent(LESSON, "a", "k", date(2026, 3, 2)), Sent(LESSON, "a", "k", date(2026, 3, 10))]
    assert days_of(asked, date(2026, 3, 12), 30, sent=before)[2:] == [
        (LESSON, date(2026, 3, 17)),
        (LESSON, date(2026, 3, 24)),
    ]


def test_a_cancelled_mail_takes_no_room_in_its_week():
    asked = [course("a", since=date(2026, 3, 2))]
    cancelled = [Sent(LESSON, str(n), "x", date(2026, 3, 2), is_counted=False) for n in range(3)]
    assert days_of(asked, date(2026, 3, 2), 1, sent=cancelled)[3:] == [(LESSON, date(2026, 3, 2))]


@pytest.mark.parametrize(
    ("day", "sends"),
    [
        (date(2026, 6, 19), False),  # midsommarafton
        (date(2026, 12, 24), False),
        (date(2026, 12, 31), False),
        (date(2027, 1, 4), True),  # after week 53
        (date(2026, 5, 14), False),  # Kristi himmelsfärd
        (date(2028, 2, 29), True),
        (date(2026, 3, 28), False),  # Saturday
    ],
)
def test_nothing_is_sent_on_days_when_nobody_works(day, sends):
    assert OFFICE.sends_on(day) is sends


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_day_on_which_the_clocks_change_opens_at_eight_by_the_clock_on_the_wall(day):
    always = replace(OFFICE, weekdays=frozenset(range(7)))
    assert local(next(always.slots(at(day, 1)))).replace(tzinfo=None) == datetime(day.year, day.month, day.day, 8)


def test_week_53_is_one_week_across_the_new_year():
    weekend = Hours(frozenset({4, 5, 6}), 8, 16)
    most = Limits(per_week=1)
    asked = [course(*"abc", since=date(2026, 12, 28))]
    sent = [Sent(LESSON, "z", "z", date(2026, 12, 28))]
    assert days_of(asked, date(2026, 12, 28), 10, settings=weekend, most=most, sent=sent)[1:] == []
    assert days_of(asked, date(2027, 1, 4), 5, settings=weekend, most=most, sent=sent)[1:] == [
        (LESSON, date(2027, 1, 8))
    ]


def test_a_reminder_by_the_head_waits_for_room_in_the_week_and_for_the_hours():
    sent = [Sent(LESSON, "a", "k", date(2026, 3, 2)), Sent(LESSON, "b", "k", date(2026, 3, 5))]
    assert local(next_slot(sent, OFFICE, Limits(), at(date(2026, 3, 6), 17))).date() == date(2026, 3, 9)
    assert next_slot([], OFFICE, Limits(), at(date(2026, 3, 6), 10)) == at(date(2026, 3, 6), 10)


def test_a_municipality_that_is_always_quiet_sends_nothing():
    none = replace(OFFICE, weekdays=frozenset())
    assert next_mail([course("a")], [], none, Limits(), at(date(2026, 3, 3))) is None
    assert next_slot([], none, Limits(), at(date(2026, 3, 3))) is None

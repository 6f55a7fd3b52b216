"""What a plan is warned of follows from the plan and the day alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.organisation.models import Municipality
from learning.plans.models import ActionPlan, Activity, Decision, Goal, GoalArea, Remark, Stewardship
from learning.plans.warnings import public_warnings, warnings_of

TODAY = date(2026, 11, 20)
DAYS = st.dates(date(2010, 1, 1), date(2040, 12, 31))


def plan_of(**fields) -> ActionPlan:
    """A plan with nothing to warn of, but for these fields and rows."""
    rows = {name: fields.pop(name) for name in ("decisions", "stewardship", "remarks") if name in fields}
    whole = {"valid_from": date(2026, 1, 1), "valid_to": date(2029, 12, 31), "steward": "säkerhetschefen"}
    whole |= {"follow_up": "Varje år.", "follow_up_months": 12, "reported_to": "kommunstyrelsen"}
    plan = ActionPlan(municipality=Municipality(), title="Plan", **{**whole, **fields})
    plan.decisions = rows.get("decisions", [Decision(kind="adopted", decided_on=date(2025, 12, 1))])
    plan.stewardship, plan.remarks = rows.get("stewardship", []), rows.get("remarks", [])
    return plan


def codes(plan: ActionPlan, on: date = TODAY) -> list[str]:
    return [one.code for one in warnings_of(plan, on)]


def test_a_plan_that_is_whole_and_in_force_is_warned_of_nothing():
    assert codes(plan_of()) == []
    assert codes(plan_of(valid_to=None, is_open_ended=True)) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"valid_from": None, "valid_to": None}, "undated"),
        ({"valid_to": None}, "no_end"),
        ({"valid_from": date(2027, 1, 1)}, "not_yet"),
        ({"valid_to": TODAY - timedelta(days=1)}, "expired"),
        ({"decisions": []}, "not_adopted"),
        ({"decisions": [Decision(kind="adopted", body="kommunstyrelsen")]}, "adopted_some_day"),
        ({"remarks": [Remark(kind="contradicts", about="ägaren", says="Två.")]}, "contradicts"),
        ({"stewardship": [Stewardship(kind="current", next_on=TODAY - timedelta(days=1))]}, "duty_late"),
        ({"stewardship": [Stewardship(kind="current")]}, "duty_undated"),
        ({"steward": ""}, "no_steward"),
        ({"follow_up": ""}, "no_follow_up"),
        ({"follow_up_months": None}, "no_interval"),
        ({"reported_to": ""}, "no_recipients"),
    ],
)
def test_each_lack_is_told_by_itself(fields, code):
    assert codes(plan_of(**fields)) == [code]


@given(first=DAYS, last=DAYS, extended=DAYS, on=DAYS)
def test_a_plan_is_expired_on_every_day_after_its_last_and_on_no_other(first, last, extended, on):
    plan = plan_of(valid_from=min(first, last), valid_to=max(first, last))
    assert ("expired" in codes(plan, on)) is (on > max(first, last))
    plan.decisions = [*plan.decisions.all(), Decision(kind="extended", valid_to=extended)]
    assert ("expired" in codes(plan, on)) is (on > extended)
    plan.decisions = [*plan.decisions.all(), Decision(kind="open_ended")]
    assert "expired" not in codes(plan, on)
    plan.decisions = [*plan.decisions.all(), Decision(kind="ended", decided_on=last)]
    assert ("expired" in codes(plan, on)) is (on > last)


@given(begun=DAYS, done=st.none() | DAYS, months=st.integers(1, 60), on=DAYS)
def test_a_follow_up_is_overdue_once_the_plans_own_interval_has_passed(begun, done, months, on):
    row = Stewardship(kind="revised", done_on=done)
    plan = plan_of(valid_from=begun, valid_to=None, is_open_ended=True, follow_up_months=months, stewardship=[row])
    years, month = divmod((done or begun).month - 1 + months, 12)
    due_month = ((done or begun).year + years, month + 1)
    if "duty_late" in codes(plan, on):
        assert (on.year, on.month) >= due_month
    else:
        assert (on.year, on.month) <= due_month


def with_area(plan: ActionPlan, goals=(), activities=()) -> ActionPlan:
    area = GoalArea(title="Kunskap")
    area.goals, area.activities = list(goals), list(activities)
    plan.areas = [area]
    return plan


def test_goals_whose_day_has_passed_are_counted_and_later_ones_are_not():
    goals = [Goal(text="A", due_on=TODAY - timedelta(days=1)), Goal(text="B", due_on=TODAY), Goal(text="C")]
    plan = with_area(plan_of(), goals)
    assert codes(plan) == ["goals_passed"]
    assert codes(plan, TODAY - timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([date(2025, 12, 31)] * 2, ["31 december 2025"]),
        ([date(2025, 12, 31), date(2026, 1, 1)], ["31 december 2025", "1 januari 2026"]),
    ],
)
def test_the_first_and_the_last_day_of_goals_that_have_passed_are_said(days, said):
    plan = with_area(plan_of(), [Goal(text="A", due_on=day) for day in days])
    (warning,) = warnings_of(plan, TODAY)
    assert [day for day in ("31 december 2025", "1 januari 2026") if day in warning.says] == said


def test_an_activity_is_late_the_day_after_its_time_and_residents_are_not_told_so():
    plan = with_area(plan_of(), activities=[Activity(title="Utbilda", due_on=TODAY)])
    assert codes(plan) == []
    assert codes(plan, TODAY + timedelta(days=1)) == ["activities_late"]
    assert public_warnings(plan, TODAY + timedelta(days=1)) == []

"""Beside the figures of the whole municipality stands what should be done about the plan that they belong to."""

from datetime import date

import pytest
from django.urls import reverse

from learning.plans.models import Activity
from tests.factories import make_course, make_goal, make_head, make_unit, moment


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(date(2026, 11, 20)), tick=False)


@pytest.fixture
def plan(municipality):
    goal = make_goal(make_course(municipality), municipality)
    Activity.objects.create(area=goal.area, title="Utbilda", due_on=date(2026, 1, 1))
    return goal.area.plan


@pytest.mark.parametrize(("function", "is_told"), [("coordinator", True), ("board_reader", False)])
def test_what_is_late_is_told_to_those_who_keep_the_plan_and_not_to_the_board(client, plan, function, is_told):
    root = plan.municipality.root
    client.force_login(make_head(make_unit(root), function))
    response = client.get(reverse("reporting:unit", args=[root.pk]))
    codes = [one.code for one in response.context["plan_warnings"]]
    assert "undated" in codes
    assert ("activities_late" in codes) is is_told
    assert reverse("home:plan_by_key", args=[plan.key]) in response.content.decode()


def test_the_page_of_a_unit_below_says_nothing_of_the_plan(client, plan):
    unit = make_unit(plan.municipality)
    client.force_login(make_head(unit))
    response = client.get(reverse("reporting:unit", args=[unit.pk]))
    assert "plan_warnings" not in response.context

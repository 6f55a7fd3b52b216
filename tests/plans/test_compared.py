"""What the comparison of two revisions of a plan tells."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from learning.plans.models import ActionPlan, Activity, Decision, Goal, GoalArea, Indicator, Reading
from tests.factories import make_head, make_unit


@pytest.fixture
def editor(municipality):
    return make_head(make_unit(municipality), "editor")


@pytest.fixture
def plan(municipality):
    area = GoalArea(title="Kunskap")
    area.goals = [Goal(text="Alla vet det.", due_on=date(2025, 12, 31)), Goal(text="Någon minns det.")]
    area.activities = [Activity(title="Prata om det")]
    indicator = Indicator(title="Andel som vet")
    indicator.readings = [Reading(on=date(2025, 1, 1), value=Decimal("12.50"))]
    plan = ActionPlan(municipality=municipality, title="Plan", areas=[area, GoalArea(title="Samverkan")])
    plan.indicators, plan.decisions = [indicator], [Decision(kind="adopted", body="kommunstyrelsen")]
    plan.save()
    plan.save_revision().publish()
    return plan


@pytest.fixture
def told(client, plan, editor):
    """Keep the plan as it is after a change, and read what the comparison tells, without its signs."""

    def tell(change) -> str:
        earlier = plan.latest_revision
        draft = earlier.as_object()
        change(draft)
        later = draft.save_revision()
        client.force_login(editor)
        url = reverse("wagtailsnippets_plans_actionplan:revisions_compare", args=[plan.pk, earlier.pk, later.pk])
        html = client.get(url).content.decode()
        return html[html.rindex("<tbody>") : html.rindex("</tbody>")]

    return tell


def test_words_of_a_goal_that_were_changed_are_told_and_no_other_goal(told):
    def change(draft):
        draft.areas.first().goals.first().text = "Alla kan det."

    html = told(change)
    assert re.search(r'class="deletion">[^<]*vet.*class="addition">[^<]*kan', html)
    assert "Kunskap" in html
    for unchanged in ("minns", "Prata", "Samverkan", "None"):
        assert unchanged not in html


def test_what_comes_and_goes_below_an_area_is_told_whole(told):
    def change(draft):
        area = draft.areas.first()
        area.goals.remove(area.goals.last())
        area.activities.add(Activity(title="Öva", responsible="chefen"))
        new = GoalArea(title="Uppföljning")
        new.goals = [Goal(text="Det mäts.")]
        draft.areas.add(new)

    html = told(change)
    for words in ("minns", "Öva", "chefen", "Uppföljning", "Det mäts."):
        assert words in html
    assert html.count("comparison__child-object deletion") == 1
    # Not by colour alone: the removed goal, and the new area and activity.
    assert (html.count("<dd>Borttagen</dd>"), html.count("<dd>Tillagd</dd>")) == (1, 2)
    assert "Alla vet det." not in html
    assert "None" not in html


def test_days_and_values_are_told_in_words_and_what_was_empty_is_not(told):
    def change(draft):
        draft.valid_to = date(2027, 12, 31)
        draft.areas.first().goals.first().due_on = date(2026, 6, 30)
        draft.indicators.first().readings.first().value = Decimal("13.00")

    html = told(change)
    for words in ("31 december 2027", "31 december 2025", "30 juni 2026", ">12,5<", ">13<"):
        assert words in html
    assert "None" not in html


def test_goals_that_change_places_have_moved_and_those_after_a_new_one_have_not(told):
    def swap(draft):
        goals = list(draft.areas.first().goals.all())[::-1]
        for place, goal in enumerate(goals):
            goal.sort_order = place
        draft.areas.first().goals = goals

    html = told(swap)
    assert html.count("Flyttad") == 2

    def put_first(draft):
        draft.areas.first().goals = [Goal(text="Först."), *draft.areas.first().goals.all()]

    assert "Flyttad" not in told(put_first)


def test_a_revision_beside_itself_differs_in_nothing(told):
    assert "comparison__child-object" not in told(lambda draft: None)

"""The plan as data: what Strömsund's decides, under whichever municipality loads it."""

from datetime import date

import pytest

from courses.loading import load_course, read_course
from learning.organisation.models import Population
from learning.plans.models import ActionPlan, Goal, Requirement
from learning.plans.services import CourseMissing, load_plan, read_plan
from tests.factories import make_municipality


@pytest.fixture
def municipality(db):
    return make_municipality()


@pytest.fixture
def plan(municipality):
    load_course(municipality=municipality, source=read_course("grundlaggande-kunskap"))
    return load_plan(municipality=municipality, source=read_plan("stromsund"))


def test_the_plan_has_its_validity_and_its_three_goal_areas(plan):
    assert (plan.valid_from, plan.valid_to) == (date(2022, 1, 1), date(2025, 12, 31))
    assert plan.areas.count() == 3


def test_one_goal_is_measured_basic_knowledge_for_all_employees_by_the_end_of_2025(plan):
    goal = Goal.objects.exclude(requirement=None).get()
    assert goal.due_on == date(2025, 12, 31)
    assert goal.threshold_percent == 100
    assert goal.requirement.population == Population.EMPLOYEE
    assert goal.requirement.course.slug == "grundlaggande-kunskap"
    assert goal.requirement.definition.strip()


def test_an_offer_is_no_demand(plan):
    offers = Goal.objects.filter(obligation=Goal.Obligation.OFFER)
    assert [goal.requirement for goal in offers] == [None]


def test_loading_twice_keeps_the_first(plan, municipality):
    assert load_plan(municipality=municipality, source=read_plan("stromsund")) == plan
    assert (ActionPlan.objects.count(), Requirement.objects.count()) == (1, 1)


def test_a_plan_without_its_course_is_refused_whole(municipality):
    with pytest.raises(CourseMissing, match="grundlaggande-kunskap"):
        load_plan(municipality=municipality, source=read_plan("stromsund"))
    assert not Requirement.objects.exists()


@pytest.mark.parametrize(("day", "closed"), [(date(2025, 12, 31), False), (date(2026, 1, 1), True)])
def test_a_goal_is_closed_from_the_day_after_its_date(plan, day, closed):
    assert Goal.objects.exclude(requirement=None).get().is_closed(day) is closed

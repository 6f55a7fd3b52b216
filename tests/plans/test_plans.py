"""The plan as data: what Strömsund's decides, under whichever municipality loads it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from courses.loading import course_names, load_course, read_course
from learning.coverage.services import freeze
from learning.organisation.models import Population
from learning.plans.models import ActionPlan, Goal, Obligation, PlanIsReported, Requirement
from learning.plans.services import CourseMissing, load_plan, read_plan
from tests.factories import make_course, make_goal, make_head, make_unit, moment


@pytest.fixture
def plan(municipality):
    for name in course_names():
        load_course(municipality=municipality, source=read_course(name))
    return load_plan(municipality=municipality, source=read_plan("stromsund"))


def test_the_plan_has_its_validity_and_its_three_goal_areas(plan):
    assert (plan.valid_from, plan.valid_to) == (date(2022, 1, 1), date(2025, 12, 31))
    assert plan.areas.count() == 3


def test_one_goal_is_measured_basic_knowledge_for_all_employees_by_the_end_of_2025(plan):
    goal = Goal.objects.exclude(requirement=None).get()
    assert goal.due_on == date(2025, 12, 31)
    assert goal.threshold_percent == 100
    assert [rule.population for rule in goal.requirement.rules.all()] == [Population.EMPLOYEE]
    assert goal.requirement.course.slug == "grundlaggande-kunskap"
    assert goal.requirement.definition.strip()


def test_an_offer_is_no_demand(plan):
    offers = Goal.objects.filter(obligation=Obligation.OFFER)
    assert [goal.requirement for goal in offers] == [None]


def test_loading_twice_keeps_the_first(plan, municipality):
    assert load_plan(municipality=municipality, source=read_plan("stromsund")) == plan
    assert (ActionPlan.objects.count(), Requirement.objects.count()) == (1, 5)


def test_a_plan_without_its_course_is_refused_whole(municipality):
    with pytest.raises(CourseMissing, match="grundlaggande-kunskap"):
        load_plan(municipality=municipality, source=read_plan("stromsund"))
    assert not Requirement.objects.exists()


@pytest.mark.parametrize(("day", "closed"), [(date(2025, 12, 31), False), (date(2026, 1, 1), True)])
def test_a_goal_is_closed_from_the_day_after_its_date(plan, day, closed):
    assert Goal.objects.exclude(requirement=None).get().is_closed(day) is closed


@pytest.fixture
def reported(municipality):
    """A goal whose outcome has been fixed, and the editor of its plan."""
    unit = make_unit(municipality)
    goal = make_goal(make_course(municipality), municipality)
    freeze(goal=goal, now=moment(date(2026, 1, 1)))
    return goal, make_head(unit, "editor")


def form_of(plan: ActionPlan, **changes) -> dict:
    """What the plan's form sends: one area with one goal, as they are, and the changes."""
    area, goal = plan.areas.get(), plan.areas.get().goals.get()
    sent = {"title": plan.title, "areas-0-id": area.pk, "areas-0-title": area.title, "areas-0-ORDER": 1}
    sent |= {f"areas-0-goals-0-{name}": getattr(goal, name) for name in ("text", "obligation", "due_on")}
    sent |= {"areas-0-goals-0-id": goal.pk, "areas-0-goals-0-ORDER": 1}
    sent |= {"areas-0-goals-0-requirement": goal.requirement_id, "areas-0-goals-0-threshold_percent": 100}
    for prefix in ("areas", "areas-0-goals"):
        counts = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 99}
        sent |= {f"{prefix}-{name}": value for name, value in counts.items()}
    return sent | changes


def send(client, editor, plan, **changes):
    client.force_login(editor)
    url = reverse("wagtailsnippets_plans_actionplan:edit", args=[plan.pk])
    return client.post(url, form_of(plan, **changes))


def test_the_words_of_a_reported_goal_can_still_be_written(client, reported):
    goal, editor = reported
    assert send(client, editor, goal.area.plan, **{"areas-0-goals-0-text": "Alla kan det."}).status_code == 302
    assert Goal.objects.get(pk=goal.pk).text == "Alla kan det."


@pytest.mark.parametrize(
    ("name", "value"), [("due_on", "2026-06-30"), ("requirement", ""), ("threshold_percent", "80")]
)
def test_what_an_outcome_was_judged_by_can_no_longer_be_changed(client, reported, name, value):
    goal, editor = reported
    response = send(client, editor, goal.area.plan, **{f"areas-0-goals-0-{name}": value})
    assert response.status_code == 200
    form = response.context["form"].formsets["areas"].forms[0].formsets["goals"].forms[0]
    assert list(form.errors) == [name]
    assert Goal.objects.get(pk=goal.pk).threshold_percent == 100


@pytest.mark.parametrize("removed", ["areas-0", "areas-0-goals-0"])
def test_a_reported_goal_is_not_removed_and_the_editors_words_are_kept(client, reported, removed):
    goal, editor = reported
    response = send(client, editor, goal.area.plan, **{f"{removed}-DELETE": "1", "title": "Ny rubrik"})
    html = response.content.decode()
    assert (response.status_code, Goal.objects.filter(pk=goal.pk).exists()) == (200, True)
    assert "Ny rubrik" in html
    assert goal.area.title in html
    assert f'name="{removed}-DELETE" value="1"' not in html
    formset = response.context["form"].formsets["areas"]
    formset = formset if removed == "areas-0" else formset.forms[0].formsets["goals"]
    assert len(formset.non_form_errors()) == 1


def test_a_plan_with_a_reported_goal_is_not_removed(reported):
    with pytest.raises(PlanIsReported):
        reported[0].area.plan.delete()


@pytest.mark.parametrize(
    ("name", "day"), [("starts_on", date(202, 1, 1)), ("ends_on", date.max), ("ends_on", date(2101, 1, 1))]
)
def test_a_year_that_is_a_slip_of_the_pen_is_refused(plan, name, day):
    requirement = Requirement.objects.first()
    setattr(requirement, name, day)
    with pytest.raises(ValidationError) as refusal:
        requirement.clean()
    assert list(refusal.value.message_dict) == [name]

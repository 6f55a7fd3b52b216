"""The plan as data: what Strömsund's decides, under whichever municipality loads it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from learning.coverage.services import freeze
from learning.organisation.models import Population
from learning.plans.models import ActionPlan, Goal, GoalArea, Obligation, PlanIsReported, Requirement
from learning.plans.services import CourseMissing, courses_named, follow_up, load_plan, read_plan
from tests.factories import make_course, make_goal, make_head, make_municipality, make_sibling, make_unit, moment
from tests.plans.forms import plan_form


@pytest.fixture
def plan(municipality):
    source = read_plan("stromsund")
    first, *others = courses_named(source)
    course = make_course(municipality, slug=first)
    for slug in others:
        make_sibling(course, slug=slug)
    return load_plan(municipality=municipality, source=source)


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


def send(client, editor, plan, **changes):
    """Save the plan's form as a draft, or publish it, as it is but for the changes."""
    client.force_login(editor)
    url = reverse("wagtailsnippets_plans_actionplan:edit", args=[plan.pk])
    return client.post(url, plan_form(plan) | changes)


def publish(client, editor, plan, **changes):
    return send(client, editor, plan, **changes, **{"action-publish": "1"})


def test_the_words_of_a_reported_goal_can_still_be_written(client, reported):
    goal, editor = reported
    assert publish(client, editor, goal.area.plan, **{"areas-0-goals-0-text": "Alla kan det."}).status_code == 302
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


def test_a_plan_with_a_reported_goal_is_neither_removed_nor_taken_back(reported):
    plan = reported[0].area.plan
    for act in (plan.delete, plan.unpublish):
        with pytest.raises(PlanIsReported):
            act()
    assert ActionPlan.objects.get().live is True


@pytest.fixture
def editor(municipality):
    return make_head(make_unit(municipality), "editor")


def test_a_draft_decides_nothing_until_it_is_published(client, plan, editor):
    changes = {"title": "Ny rubrik", "areas-1-goals-0-text": "Alla kan det."}
    assert send(client, editor, plan, **changes).status_code == 302
    assert (ActionPlan.objects.get().title, Goal.objects.filter(text="Alla kan det.").count()) == (plan.title, 0)
    assert publish(client, editor, plan, **changes).status_code == 302
    assert (ActionPlan.objects.get().title, Goal.objects.filter(text="Alla kan det.").count()) == ("Ny rubrik", 1)
    assert ActionPlan.objects.get().revisions.count() == 3


def test_goals_of_a_plan_that_was_never_published_are_not_measured(plan):
    draft = ActionPlan.objects.create(municipality=plan.municipality, title="Nästa plan", live=False)
    goal = Goal.objects.create(area=GoalArea.objects.create(plan=draft, title="Kunskap"), text="Alla kan.")
    assert goal not in Goal.objects.decided()
    assert Goal.objects.decided().filter(area__plan=plan).exists()
    draft.save_revision().publish()
    assert goal in Goal.objects.decided()


def test_a_draft_from_before_the_outcome_was_fixed_is_not_published(municipality):
    goal = make_goal(make_course(municipality), municipality)
    plan = goal.area.plan
    easier = plan.save_revision().as_object()
    easier.areas.get().goals.get().threshold_percent = 50
    older = easier.save_revision()
    freeze(goal=goal, now=moment(date(2026, 1, 1)))
    with pytest.raises(PlanIsReported, match=goal.text):
        older.publish()
    assert Goal.objects.get().threshold_percent == 100


def test_an_activity_that_has_been_followed_up_is_not_removed(client, plan, editor):
    activity = plan.areas.first().activities.first()
    follow_up(activity=activity, status="done", text="", by=editor, now=moment(date(2026, 1, 1)))
    response = publish(client, editor, plan, **{"areas-0-activities-0-DELETE": "1"})
    assert response.status_code == 200
    formset = response.context["form"].formsets["areas"].forms[0].formsets["activities"]
    assert len(formset.non_form_errors()) == 1
    older = plan.save_revision().as_object()
    older.areas.first().activities.remove(activity)
    with pytest.raises(PlanIsReported):
        older.save_revision().publish()


def test_a_goal_carries_on_a_dated_one_of_its_own_municipality_only(client, plan, editor):
    foreign = make_goal(make_course(other := make_municipality("Annan"), slug="annan"), other)
    url = reverse("wagtailsnippets_plans_actionplan:edit", args=[plan.pk])
    client.force_login(editor)
    form = client.get(url).context["form"].formsets["areas"].forms[0].formsets["goals"].forms[0]
    offered = set(form.fields["predecessor"].queryset)
    assert offered == {*Goal.objects.filter(area__plan=plan).exclude(due_on=None)} - {form.instance}
    response = send(client, editor, plan, **{"areas-0-goals-0-predecessor": foreign.pk})
    assert response.url == reverse("wagtailadmin_home")


def test_a_draft_is_previewed_as_residents_would_read_it(client, plan, editor):
    client.force_login(editor)
    url = reverse("wagtailsnippets_plans_actionplan:preview_on_edit", args=[plan.pk])
    client.post(url, plan_form(plan) | {"areas-1-goals-0-text": "Alla kan det."})
    html = client.get(url).content.decode()
    assert "Alla kan det." in html
    assert plan.municipality.name in html
    assert not Goal.objects.filter(text="Alla kan det.").exists()


def test_a_plan_that_is_not_kept_yet_is_previewed_too(client, plan, editor):
    client.force_login(editor)
    url = reverse("wagtailsnippets_plans_actionplan:preview_on_add")
    form = {name: value for name, value in plan_form(plan).items() if not name.endswith("-id")}
    client.post(url, form | {name: 0 for name in form if name.endswith("INITIAL_FORMS")})
    assert plan.areas.last().activities.last().title in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": "2026-01-01", "valid_to": "2025-12-31"}, "valid_to"),
        ({"valid_from": "202-01-01"}, "valid_from"),
        ({"valid_to": "2027-12-31", "is_open_ended": "on"}, "is_open_ended"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(client, plan, editor, changes, field):
    response = send(client, editor, plan, **changes)
    assert list(response.context["form"].errors) == [field]


@pytest.mark.parametrize(
    ("name", "day"), [("starts_on", date(202, 1, 1)), ("ends_on", date.max), ("ends_on", date(2101, 1, 1))]
)
def test_a_year_that_is_a_slip_of_the_pen_is_refused(plan, name, day):
    requirement = Requirement.objects.first()
    setattr(requirement, name, day)
    with pytest.raises(ValidationError) as refusal:
        requirement.clean()
    assert list(refusal.value.message_dict) == [name]


def test_a_version_without_what_has_been_followed_up_does_not_replace_the_draft(client, plan, editor):
    activity = plan.areas.first().activities.first()
    older = plan.latest_revision.as_object()
    older.areas.first().activities.remove(activity)
    without, _newest = older.save_revision(), plan.save_revision()
    follow_up(activity=activity, status="done", text="", by=editor, now=moment(date(2026, 1, 1)))
    client.force_login(editor)
    url = reverse("wagtailsnippets_plans_actionplan:revisions_revert", args=[plan.pk, without.pk])
    for action in ({}, {"action-publish": "1"}):
        response = client.post(url, plan_form(without.as_object()) | action)
        assert response.status_code == 200
        (told,) = response.context["form"].non_field_errors()
        assert activity.title.rstrip(".") in told
        assert ".. " not in told
    assert plan.revisions.count() == 3


def test_a_version_that_lacks_nothing_replaces_the_draft(client, plan, editor):
    older = plan.latest_revision
    plan.title = "Ny rubrik"
    plan.save_revision()
    client.force_login(editor)
    url = reverse("wagtailsnippets_plans_actionplan:revisions_revert", args=[plan.pk, older.pk])
    assert client.post(url, plan_form(older.as_object())).status_code == 302
    assert ActionPlan.objects.get().latest_revision.as_object().title == older.as_object().title


@pytest.fixture
def two_goals(plan):
    """The plan with two goals in its first area, the one to be reached before the other."""
    area = plan.areas.first()
    area.goals = [Goal(text="Först", due_on=date(2026, 1, 1)), Goal(text="Sedan", due_on=date(2027, 12, 31))]
    area.save()
    plan.save_revision().publish()
    return list(Goal.objects.filter(area=area).order_by("due_on"))


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"areas-0-goals-1-predecessor": 0}, []),
        ({"areas-0-goals-0-predecessor": 1}, [0]),
        ({"areas-0-goals-0-predecessor": 1, "areas-0-goals-1-predecessor": 0}, [0]),
        ({"areas-0-goals-0-predecessor": 1, "areas-0-goals-0-due_on": ""}, []),
        ({"areas-0-goals-1-predecessor": 0, "areas-0-goals-0-due_on": ""}, [1]),
        ({"areas-0-goals-1-predecessor": 0, "areas-0-goals-0-due_on": "2028-01-01"}, [1]),
        ({"areas-0-goals-0-predecessor": 1, "areas-0-goals-0-due_on": "2028-01-01"}, []),
    ],
)
def test_a_goal_carries_on_one_of_an_earlier_day_as_both_are_written(client, plan, editor, two_goals, changes, refused):
    sent = {name: two_goals[value].pk if name.endswith("predecessor") else value for name, value in changes.items()}
    response = send(client, editor, ActionPlan.objects.get(), **sent)
    assert response.status_code == (200 if refused else 302)
    if refused:
        rows = response.context["form"].formsets["areas"].forms[0].formsets["goals"].forms
        assert {number: list(row.errors) for number, row in enumerate(rows) if row.errors} == {
            number: ["predecessor"] for number in refused
        }


@pytest.mark.parametrize(
    ("days", "refused"),
    [
        (["2025-12-30"], [0]),
        (["2025-12-31"], []),
        (["2027-12-31"], []),
        (["2027-12-31", "2026-12-31"], [1]),
        (["2026-12-31", "2027-12-31"], []),
    ],
)
def test_an_extension_ends_no_sooner_than_what_it_extends(client, plan, editor, days, refused):
    plan.decisions = []
    plan.save()
    rows = [{"kind": "extended", "body": "", "decided_on": "", "year": "", "reference": ""} for _day in days]
    rows = [row | {"valid_from": "", "valid_to": day} for row, day in zip(rows, days, strict=True)]
    sent = {f"decisions-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()} | {
        f"decisions-{number}-ORDER": number + 1 for number in range(len(rows))
    }
    response = send(client, editor, plan, **sent, **{"decisions-TOTAL_FORMS": len(rows)})
    assert response.status_code == (200 if refused else 302)
    if refused:
        forms = response.context["form"].formsets["decisions"].forms
        assert [number for number, form in enumerate(forms) if "valid_to" in form.errors] == refused


def test_two_values_of_one_day_are_refused_in_words(client, plan, editor):
    reading = {"id": "", "on": "2026-01-01", "value": "1", "note": "", "DELETE": ""}
    readings = {f"indicators-0-readings-{n}-{name}": value for n in (0, 1) for name, value in reading.items()}
    formset = {"TOTAL_FORMS": 2, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    readings |= {f"indicators-0-readings-{name}": value for name, value in formset.items()}
    row = {"indicators-TOTAL_FORMS": 1, "indicators-0-title": "Andel", "indicators-0-unit": "", "indicators-0-ORDER": 1}
    response = send(client, editor, plan, **row, **readings, **{"indicators-0-method": "", "indicators-0-id": ""})
    assert response.status_code == 200
    form = response.context["form"].formsets["indicators"].forms[0]
    assert form.formsets["readings"].non_form_errors() == ["Det finns redan ett värde för den dagen."]


@pytest.mark.parametrize(
    ("came_from", "is_led_back"), [("http://testserver/admin/plan/", True), ("http://annan.example/", False)]
)
def test_what_is_refused_leads_back_to_the_page_of_ours_where_it_was_asked(client, reported, came_from, is_led_back):
    goal, editor = reported
    client.force_login(editor)
    url = reverse("wagtailsnippets_plans_actionplan:unpublish", args=[goal.area.plan_id])
    response = client.post(url, headers={"referer": came_from})
    assert (response.status_code, ActionPlan.objects.get().live) == (409, True)
    assert (f'href="{came_from}"' in response.content.decode()) is is_led_back


def test_what_nobody_published_by_hand_is_told_as_the_platforms(client, plan, editor):
    client.force_login(editor)
    url = reverse("wagtailsnippets_plans_actionplan:revisions_revert", args=[plan.pk, plan.latest_revision_id])
    (told,) = map(str, client.get(url).context["messages"])
    assert "None" not in told
    assert "Kunskapsläget" in told

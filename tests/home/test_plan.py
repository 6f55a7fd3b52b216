"""The public page of the plan: what is published, of this municipality, and nothing that is for those who keep it."""

from datetime import date
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from learning.plans.models import ActionPlan, Goal, GoalArea, Indicator, Reading
from learning.plans.services import follow_up, load_plan, read_plan
from tests.factories import make_course, make_goal, make_head, make_municipality, make_unit, moment
from tests.reporting.place import Place

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


@pytest.fixture
def municipality(db):
    return make_municipality("Provkommun")


@pytest.fixture
def plan(municipality):
    return load_plan(municipality=municipality, source=read_plan("laholm"))


def page(client, plan=None, host=None) -> str:
    url = reverse("home:plan_by_key", args=[plan.key]) if plan else reverse("home:plan")
    return client.get(url, headers={"host": host} if host else {}).content.decode()


def test_anyone_reads_goals_stewards_words_and_warnings(client, plan):
    html = page(client)
    for text in (plan.title, "Socialnämnden", "Individinriktad", plan.areas.last().goals.first().text):
        assert text in html
    for remark in plan.remarks.all():
        assert remark.says.strip() in html


def test_where_the_page_is_in_english_the_plans_own_words_are_told_to_be_swedish(client, plan):
    goal = plan.areas.last().goals.first().text
    assert f'<span lang="sv">{goal}</span>' not in page(client)
    client.post(reverse("set_language"), {"language": "en"})
    html = page(client)
    assert f'<span lang="sv">{goal}</span>' in html
    assert f'<h1><span lang="sv">{plan.title}</span></h1>' in html


def test_the_page_opens_before_there_is_a_plan(client, municipality):
    assert client.get(reverse("home:plan")).status_code == 200
    assert client.get(reverse("home:plan_by_key", args=["finns-inte"])).status_code == 404


def test_every_public_page_leads_to_the_plan(client, municipality):
    assert f'href="{reverse("home:plan")}"' in client.get("/").content.decode()


def test_another_municipalitys_plan_is_neither_shown_nor_found_by_its_key(client, plan):
    other = make_municipality("Annan")
    theirs = load_plan(municipality=other, source=read_plan("umea"))
    own_host, other_host = "testserver", other.site.hostname
    assert theirs.areas.first().goals.first().text in page(client, host=other_host)
    assert plan.title not in page(client, host=other_host)
    ActionPlan.objects.filter(pk=theirs.pk).update(key="deras")
    url = reverse("home:plan_by_key", args=["deras"])
    assert client.get(url, headers={"host": own_host}).status_code == 404
    assert client.get(url, headers={"host": other_host}).status_code == 200


def test_the_newest_published_plan_is_shown_and_leads_to_the_earlier(client, plan):
    newer = ActionPlan(municipality=plan.municipality, key="ny", title="Nyare plan", valid_from=date(2026, 1, 1))
    newer.live = False
    newer.save()
    assert "Nyare plan" not in page(client)
    assert client.get(reverse("home:plan_by_key", args=["ny"])).status_code == 404
    newer.save_revision().publish()
    html = page(client)
    assert "<h1>Nyare plan</h1>" in html
    assert reverse("home:plan_by_key", args=[plan.key]) in html
    assert f"<h1>{plan.title}</h1>" in page(client, plan)


def test_a_goal_tells_how_it_is_measured_and_no_figure(client, municipality):
    goal = make_goal(make_course(municipality), municipality)
    html = page(client)
    assert goal.requirement.definition in html
    assert "100 %" in html
    assert "0 %" not in html.replace("100 %", "")


def told_in(html: str, goal: Goal) -> tuple[str, list[str]]:
    """What stands with the goal, and where it leads."""
    row = BeautifulSoup(html, "html.parser").select_one(f"#goal-{goal.pk}")
    return " ".join(row.text.split()), [link["href"] for link in row.select("a")]


@pytest.mark.usefixtures("db")
def test_a_goal_leads_to_what_was_told_of_its_day_and_to_the_goal_that_carries_it_on(client, time_machine):
    time_machine.move_to(moment(date(2025, 3, 2)), tick=False)
    place = Place((12, 8), (9, 9))
    goal = Goal.objects.get()
    Goal.objects.update(due_on=date(2024, 12, 31))
    later = Goal.objects.create(
        area=goal.area,
        text="Alla, alltid.",
        due_on=date(2028, 12, 31),
        predecessor=goal,
        requirement=goal.requirement,
        threshold_percent=95,
    )
    words, links = told_in(page(client), goal)
    assert "21 av 38" not in words
    assert links == [f"#goal-{later.pk}"]
    place.open()
    place.hire(place.departments[0], 10, 10, date(2025, 4, 1))
    time_machine.move_to(moment(date(2025, 7, 1)), tick=False)
    place.publish(date(2025, 7, 1))
    words, links = told_in(page(client), goal)
    assert "Fortsätter i: Alla, alltid." in words
    assert "Den 31 december 2024 hade 21 av 38 det (55 %)." in words
    assert links == [f"#goal-{later.pk}", reverse("home:release", args=[date(2024, 12, 31)])]
    words, links = told_in(page(client), later)
    assert "Den 30 juni 2025 hade 31 av 58 det (53 %)." in words
    assert links == [reverse("home:release", args=[date(2025, 6, 30)])]
    # Of a day of which nothing was told nothing is said, but where there are figures.
    Goal.objects.filter(pk=goal.pk).update(due_on=date(2025, 2, 1))
    words, links = told_in(page(client), goal)
    assert "av 38" not in words
    assert links == [f"#goal-{later.pk}", reverse("home:figures")]


def test_a_later_goal_in_another_plan_is_led_to_once_that_is_published(client, municipality):
    goal = make_goal(make_course(municipality), municipality)
    plan = ActionPlan.objects.create(municipality=municipality, key="ny", title="Ny plan", live=False)
    area = GoalArea.objects.create(plan=plan, title="Kunskap")
    later = Goal.objects.create(area=area, text="Ännu hemligt.", due_on=date(2030, 12, 31), predecessor=goal)
    words, links = told_in(page(client, goal.area.plan), goal)
    assert "Ännu hemligt." not in words
    assert links == []
    ActionPlan.objects.filter(pk=plan.pk).update(live=True)
    words, links = told_in(page(client, goal.area.plan), goal)
    assert "Ännu hemligt." in words
    assert links == [f"{reverse('home:plan_by_key', args=['ny'])}#goal-{later.pk}"]


def test_a_goal_whose_date_has_passed_is_told_until_another_carries_it_on(client, municipality):
    goal = make_goal(make_course(municipality), municipality)
    codes = [one.code for one in client.get(reverse("home:plan")).context["wrong"]]
    assert "goals_passed" in codes
    Goal.objects.create(area=goal.area, text="Vidare.", due_on=date(2028, 12, 31), predecessor=goal)
    codes = [one.code for one in client.get(reverse("home:plan")).context["wrong"]]
    assert "goals_passed" not in codes


def test_residents_see_how_an_activity_goes_but_not_who_noted_it_nor_what(client, municipality):
    plan = load_plan(municipality=municipality, source=read_plan("umea"))
    writer = make_head(make_unit(municipality), "coordinator")
    activity = plan.areas.first().activities.first()
    for status, day in {"under_way": date(2026, 1, 1), "done": date(2026, 2, 1)}.items():
        follow_up(activity=activity, status=status, text="Hemligt ännu.", by=writer, now=moment(day))
    html = page(client)
    assert "status--finished" in html
    assert "status--started" not in html
    assert "Hemligt ännu." not in html
    assert writer.last_name not in html


def test_the_values_of_a_measuring_point_stand_by_day(client, municipality):
    plan = load_plan(municipality=municipality, source=read_plan("umea"))
    point = Indicator.objects.create(plan=plan, title="Klotter", unit="anmälningar", method="Antal anmälda fall.")
    assert "Antal anmälda fall." in page(client)
    for day, value in {date(2026, 1, 1): 12, date(2026, 7, 1): Decimal("7.50")}.items():
        Reading.objects.create(indicator=point, on=day, value=value)
    html = page(client)
    assert "<td>12</td>" in html
    assert "<td>7,5</td>" in html


def test_the_page_costs_the_same_whatever_is_in_the_plan(client, municipality, django_assert_max_num_queries):
    load_plan(municipality=municipality, source=read_plan("laholm"))
    client.get(reverse("home:plan"))
    with django_assert_max_num_queries(26):
        page(client)
    ActionPlan.objects.all().delete()
    load_plan(municipality=municipality, source=read_plan("umea"))
    with django_assert_max_num_queries(26):
        page(client)

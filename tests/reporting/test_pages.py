"""Heads' and coordinators' pages and files: one figure everywhere, names only where one may see them."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from courses.editions import Kind, open_edition
from courses.models import CoursePage
from learning.coverage.models import Mark, Status
from learning.coverage.services import freeze, settle
from learning.coverage.tasks import tick_freeze_closed_goals
from learning.organisation.reorganisation import move_unit
from learning.organisation.services import end_employment, move_employment
from learning.plans.models import ActionPlan, Goal, GoalArea, Requirement
from learning.plans.services import require
from learning.records.models import EvidenceLevel
from learning.records.services import finish_lesson, record_completion
from learning.reporting import views
from tests.factories import (
    make_course,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_requirement,
    make_unit,
    moment,
    take_check,
)

TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


class World:
    def __init__(self):
        self.municipality = make_municipality()
        self.department = make_unit(self.municipality, "Förvaltningen", kind="förvaltning")
        self.unit = make_unit(self.department, "Enheten")
        self.other = make_unit(self.department, "Den andra enheten")
        self.course = make_course(self.municipality)
        self.goal = make_goal(self.course, self.municipality)
        self.people = [make_person(self.unit) for _ in range(12)]
        self.head = make_head(self.unit)
        self.coordinator = make_head(self.other, "coordinator")
        self.board = make_head(self.other, "board_reader", population="elected")
        for person in self.people[:6]:
            take_check(person, self.course, date(2025, 6, 1))
        settle()
        freeze(goal=self.goal, now=moment(TODAY))


@pytest.fixture
def world(db):
    return World()


def page_of(client, person, unit, **query):
    client.force_login(person)
    return client.get(reverse("reporting:unit", args=[unit.pk]), query)


def test_the_head_reads_first_how_many_of_how_many_and_the_goal(client, world):
    html = page_of(client, world.head, world.unit).content.decode()
    assert "6 av 13" in html
    assert "har grundläggande kunskap (46 %)" in html
    assert "Målet var 100 % senast 31 december 2025" in html


def test_a_completion_is_seen_at_once_by_head_and_coordinator(client, world):
    take_check(world.people[7], world.course, TODAY)
    settle()
    figures = {
        page_of(client, reader, world.unit).context["standing"].coverage.competent
        for reader in (world.head, world.coordinator)
    }
    assert figures == {7}
    lines = list(page_of(client, world.head, world.unit).context["standing"].people())
    assert next(line.status.label for line in lines if line.person == world.people[7]) == "Genomförd"


def test_the_outcome_at_the_goals_date_stands_beside_todays_figure(client, world):
    take_check(world.people[7], world.course, TODAY)
    settle()
    standing = page_of(client, world.head, world.unit).context["standing"]
    assert (standing.outcome.competent, standing.coverage.competent) == (6, 7)


def test_page_file_and_series_show_the_same_figure(client, world):
    response = page_of(client, world.coordinator, world.municipality.root)
    standing = response.context["standing"]
    file = client.get(reverse("reporting:unit_csv", args=[world.municipality.root.pk])).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(file), delimiter=";"))
    heading, row = rows[0], rows[1]
    assert int(row[heading.index("Räknade")]) == standing.coverage.counted == standing.history[-1].counted
    assert int(row[heading.index("Genomförd")]) == standing.coverage.competent == standing.history[-1].competent
    assert row[heading.index("Procent")] == f"{standing.coverage.share:.1f}".replace(".", ",")
    assert dict(row for row in rows if len(row) == 2)["Metod"].startswith("3: varje person i enheten")
    assert "3: varje person i enheten" in response.content.decode()


def test_the_file_opens_right_in_a_swedish_spreadsheet(client, world):
    client.force_login(world.head)
    response = client.get(reverse("reporting:people_csv", args=[world.unit.pk]))
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.split(b"\r\n")[0].count(b";") == 8


def test_a_name_that_looks_like_a_formula_is_never_run(client, world):
    person = world.people[0]
    person.last_name = '=HYPERLINK("http://x")'
    person.save()
    client.force_login(world.head)
    content = client.get(reverse("reporting:people_csv", args=[world.unit.pk])).getvalue().decode("utf-8-sig")
    assert any(row[0] == '\'=HYPERLINK("http://x")' for row in csv.reader(io.StringIO(content), delimiter=";"))


def test_any_date_is_answered_on_the_organisation_of_that_date(client, world):
    target = make_unit(world.municipality, "Ny förvaltning", on=date(2025, 1, 1))
    moved = move_unit(unit=world.unit, to=target, on=date(2026, 1, 1))
    settle()
    then = page_of(client, world.coordinator, world.department, datum="2025-12-31").context["standing"]
    now = page_of(client, world.coordinator, world.department).context["standing"]
    assert (then.coverage.headcount, now.coverage.headcount) == (15, 2)
    assert page_of(client, world.coordinator, moved).context["standing"].coverage.headcount == 13


def test_a_head_sees_neither_the_unit_beside_nor_the_one_above(client, world):
    for unit in (world.other, world.department, world.municipality.root):
        assert page_of(client, world.head, unit).status_code == 404


def test_nothing_on_the_heads_page_tells_an_answer_or_a_result(client, world):
    html = page_of(client, world.head, world.unit).content.decode()
    for word in ("l1-a", "Vad gäller", "rätt svar", "poäng", "försök"):
        assert word not in html


def test_a_board_reader_sees_figures_and_no_names(client, world):
    response = page_of(client, world.board, world.unit)
    html = response.content.decode()
    assert list(response.context["standing"].people()) == []
    assert all(person.last_name not in html for person in world.people)
    assert client.get(reverse("reporting:people_csv", args=[world.unit.pk])).status_code == 404


def test_a_group_too_small_is_hidden_from_those_who_see_no_names(client, world):
    response = page_of(client, world.board, world.other)
    assert response.context["standing"].hide_own is True
    assert response.context["chart"] is None


def test_a_date_that_is_none_is_explained(client, world):
    response = page_of(client, world.head, world.unit, datum="i går")
    assert response.status_code == 400
    assert "i går" in response.content.decode()


def test_a_day_to_come_is_answered_with_today(client, world):
    response = page_of(client, world.head, world.unit, datum=(TODAY + timedelta(days=400)).isoformat())
    assert response.context["standing"].on == TODAY
    assert "Framtida dagar kan inte visas. Här visas dagens läge." in response.content.decode()


def test_the_day_that_is_asked_for_is_shown_without_a_word(client, world):
    for words in ({}, {"datum": TODAY.isoformat()}, {"datum": "2025-06-30"}):
        assert page_of(client, world.head, world.unit, **words).context["standing"].another_day == ""


def test_a_day_that_has_been_is_told_in_the_past(client, world):
    then = page_of(client, world.head, world.unit, datum="2025-06-30").content.decode()
    assert "hade grundläggande kunskap (46 %)" in then
    assert "7 personer behövde kursen" in then
    assert "av 13 anställda räknades" in then
    now = page_of(client, world.head, world.unit).content.decode()
    assert "hade grundläggande kunskap" not in now
    assert "7 personer behöver kursen" in now


def test_on_the_goals_day_itself_it_says_whether_the_goal_was_reached(client, world):
    html = page_of(client, world.head, world.unit, datum="2025-12-31").content.decode()
    assert "Målet var 100 % senast 31 december 2025. Det nåddes inte." in html
    assert "Vid måldatum" in html
    before = page_of(client, world.head, world.unit, datum="2025-12-30").content.decode()
    assert "Målet: 100 % senast 31 december 2025" in before
    assert "Kontrollsumma" not in before


def test_the_figures_account_for_everyone_employed(client, world):
    standing = page_of(client, world.coordinator, world.municipality.root).context["standing"]
    assert sum(row["number"] for row in standing.partition) == standing.coverage.headcount
    assert standing.coverage.headcount == standing.coverage.counted + standing.excluded_total


def test_the_page_costs_the_same_for_one_unit_as_for_many(client, world, monkeypatch):
    """With a forecast, which asks most; the coordinator is shown no names until they are asked for, but the plan."""
    monkeypatch.setattr(views, "LISTED_UNASKED", 14)
    open_goal(world)
    assert connection.features.supports_json_field  # asked once in a process, and not to be counted here
    few = queries(client, world.coordinator, world.municipality.root)
    for _ in range(10):
        make_person(make_unit(world.department))
        make_person(make_unit(world.municipality))
    settle()
    assert queries(client, world.coordinator, world.municipality.root) == few <= 12 + 11
    assert queries(client, world.head, world.unit) <= 12


def open_goal(world):
    about = {"area": world.goal.area, "requirement": world.goal.requirement, "threshold_percent": 90}
    return Goal.objects.create(text="Alla kan alltid.", due_on=date(2027, 12, 31), **about)


def queries(client, reader, unit) -> int:
    client.force_login(reader)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("reporting:unit", args=[unit.pk])).status_code == 200
    return len(asked)


def test_where_people_are_many_they_are_listed_when_they_are_asked_for(client, world, monkeypatch):
    monkeypatch.setattr(views, "LISTED_UNASKED", 14)
    response = page_of(client, world.coordinator, world.municipality.root)
    assert list(response.context["people"]) == []
    assert not any(choice["current"] for choice in response.context["filters"])
    listed = page_of(client, world.coordinator, world.municipality.root, status="competent")
    assert len(listed.context["people"]) == 6
    assert len(page_of(client, world.head, world.unit).context["people"]) == 7


def test_those_past_the_last_day_are_counted(client, world):
    """Seven of the unit and one beside were to have it by a day that has passed."""
    terms = {"grace_days": 0, "due_on": date(2025, 12, 31)}
    require(requirement=world.goal.requirement, terms=terms, on=date(2026, 1, 1))
    settle()
    assert page_of(client, world.coordinator, world.municipality.root).context["overdue"] == 8
    assert page_of(client, world.board, world.municipality.root).context["overdue"] == 0


def test_the_units_below_are_drawn_on_one_scale(client, world):
    for _ in range(3):
        make_person(make_unit(world.department))
    settle()
    response = page_of(client, world.coordinator, world.department)
    drawn = response.context["small_charts"]
    assert len(drawn) == 5
    assert len({row["picture"]["view_box"] for row in drawn}) == 1
    last = {row["unit"]: row["picture"]["last"]["label"] for row in drawn}
    assert last[world.unit] == "46\xa0%"
    assert page_of(client, world.board, world.department).context["small_charts"] == []


def test_a_day_before_the_requirement_is_answered_with_its_first_day(client, world):
    response = page_of(client, world.head, world.unit, datum="2019-05-05")
    assert response.context["standing"].on == world.goal.requirement.starts_on
    day = date_format(world.goal.requirement.starts_on, "j F Y")
    assert f"Uppgifter finns från och med den {day}." in response.content.decode()


def goal_of_another_plan(world, valid_from: date) -> Goal:
    """A newer plan's, measured by the same requirement."""
    plan = ActionPlan(municipality=world.municipality, key="ny", title="Ny plan", valid_from=valid_from)
    about = {"requirement": world.goal.requirement, "threshold_percent": 100}
    goal = Goal(text="Alla vet mer.", due_on=date(2028, 12, 31), **about)
    area = GoalArea(title="Kunskap")
    area.goals, plan.areas = [goal], [area]
    plan.save()
    return goal


def test_a_day_without_a_goal_is_told_towards_the_goal_of_that_day(client, world):
    newer = goal_of_another_plan(world, date(2026, 1, 1))

    def goal_on(reader, **query):
        return page_of(client, reader, world.unit, **query).context["standing"].goal

    assert goal_on(world.head) == newer
    assert goal_on(world.head, datum="2025-06-30") == world.goal
    assert goal_on(world.head, datum="2025-06-30", mal=newer.pk) == newer
    # Who is told of today alone is told of it towards today's goal.
    assert goal_on(world.board, datum="2025-06-30") == newer


def test_today_is_not_measured_against_a_plan_that_is_to_come(client, world):
    Goal.objects.filter(pk=world.goal.pk).update(due_on=None)
    goal_of_another_plan(world, date(2026, 7, 1))
    assert page_of(client, world.head, world.unit).context["standing"].goal == world.goal


def test_that_changes_wait_to_be_counted_is_said_wherever_the_figures_are(client, world):
    words = "Ändringar räknas fortfarande in"
    pages = (
        "reporting:unit",
        "reporting:measures",
        "reporting:outcome",
        "reporting:unit_csv",
        "reporting:measures_csv",
    )
    client.force_login(world.head)

    def told():
        return [
            words in b"".join(client.get(reverse(name, args=[world.unit.pk]))).decode("utf-8-sig") for name in pages
        ]

    assert told() == [False] * len(pages)
    elsewhere = make_person(make_unit(make_municipality("Annan kommun")))
    assert Mark.objects.filter(person=elsewhere).exists()
    assert told() == [False] * len(pages)
    end_employment(employment=world.people[0].employments.get(), last_day=date(2026, 2, 1))
    assert told() == [True] * len(pages)
    settle()
    assert told() == [False] * len(pages)


def test_the_outcome_is_not_shown_beside_a_day_before_it(client, world):
    html = page_of(client, world.head, world.unit, datum="2025-06-30").content.decode()
    assert "Vid måldatum" not in html
    assert "Vid måldatum" in page_of(client, world.head, world.unit).content.decode()


def test_who_sees_no_names_is_answered_with_today_alone(client, world):
    response = page_of(client, world.board, world.unit, datum="2025-06-30")
    assert response.context["standing"].on == TODAY
    assert "Tidigare dagar visas bara för den som får se personerna." in response.content.decode()


def test_a_unit_that_has_moved_says_where_it_is_now(client, world):
    target = make_unit(world.municipality, "Ny förvaltning", on=date(2025, 1, 1))
    moved = move_unit(unit=world.unit, to=target, on=date(2026, 1, 1))
    html = page_of(client, world.coordinator, world.unit).content.decode()
    assert "Enheten fanns här till och med 31 december 2025" in html
    assert reverse("reporting:unit", args=[moved.pk]) in html


def test_the_heads_page_says_whether_the_goal_was_reached(client, world):
    assert "Det nåddes inte." in page_of(client, world.head, world.unit).content.decode()


def test_the_verdict_is_that_of_the_threshold_fixed_with_the_outcome(client, world):
    Goal.objects.filter(pk=world.goal.pk).update(threshold_percent=40)
    Requirement.objects.update(definition="En senare definition.")
    html = page_of(client, world.head, world.unit).content.decode()
    assert "Målet var 100 %" in html
    assert "Det nåddes inte." in html
    assert "Har genomfört kursen." in html


def test_a_goal_that_got_another_date_is_not_judged_by_the_outcome_of_the_first(client, world):
    Goal.objects.filter(pk=world.goal.pk).update(due_on=date(2026, 1, 31))
    assert page_of(client, world.head, world.unit).context["standing"].outcome is None
    tick_freeze_closed_goals()
    assert page_of(client, world.head, world.unit).context["standing"].outcome.on == date(2026, 1, 31)


def test_a_requirement_that_has_ended_is_shown_at_its_last_day(client, world):
    Requirement.objects.update(ends_on=date(2025, 12, 31))
    for reader in (world.head, world.board):
        response = page_of(client, reader, world.unit)
        assert response.context["standing"].on == date(2025, 12, 31)
        assert "Vid måldatum" in response.content.decode()
        assert "Efter måldatum" not in response.content.decode()
    later = page_of(client, world.head, world.unit, datum="2026-02-01")
    assert later.context["standing"].on == date(2025, 12, 31)
    assert "Kravet gällde till och med den 31 december 2025." in later.content.decode()


def test_a_year_that_is_a_slip_of_the_pen_makes_no_endless_page(client, world):
    Requirement.objects.update(starts_on=date(202, 1, 1))
    for words in ({}, {"datum": "0202-01-01"}):
        response = page_of(client, world.head, world.unit, **words)
        assert len(response.context["standing"].history) < 260


def test_a_month_in_which_a_group_was_small_is_hidden_from_those_who_see_no_names(client, world):
    shown = page_of(client, world.board, world.municipality.root).context["standing"].history
    known = page_of(client, world.coordinator, world.municipality.root).context["standing"].history
    before = next(place for place, point in enumerate(known) if point.on == date(2025, 5, 31))
    assert (known[before].counted, known[before].competent) == (14, 0)
    assert (shown[before].share, shown[before].counted) == (None, 0)
    assert shown[-1] == known[-1]


def test_the_unit_beside_a_small_one_is_hidden_too_on_its_own_page_and_above(client, world):
    above = page_of(client, world.board, world.department).context["standing"]
    assert [row["hidden"] for row in above.units_below] == [True, True]
    own = page_of(client, world.board, world.unit)
    assert own.context["standing"].hide_own is True
    assert own.context["standing"].hide_outcome is True
    assert "6 av 13" not in own.content.decode()


def test_few_are_told_together_to_those_who_see_no_names(client, world):
    finish_lesson(person=world.people[8], lesson=world.course.lessons().first(), now=moment(TODAY))
    settle()
    standing = page_of(client, world.board, world.municipality.root).context["standing"]
    assert [row["number"] for row in standing.partition] == [6, 0, 8, None]
    html = page_of(client, world.board, world.municipality.root).content.decode()
    assert "15 anställda" not in html
    assert "Alla anställda här den dagen" not in page_of(client, world.board, world.unit).content.decode()


@pytest.fixture
def later(world):
    """A goal of a newer plan, with a requirement of its own."""
    about = {"key": "fordjupad", "title": "fördjupad kunskap", "starts_on": date(2025, 1, 1)}
    requirement = make_requirement(world.course, world.municipality, **about)
    plan = ActionPlan(municipality=world.municipality, key="ny", title="Ny plan", valid_from=date(2026, 1, 1))
    goal = Goal(text="Alla kan mer.", due_on=date(2027, 12, 31), requirement=requirement, threshold_percent=80)
    plan.areas = [GoalArea(title="Kunskap", goals=[goal])]
    plan.save()
    return Goal.objects.get(requirement=requirement)


def test_the_goal_of_the_newest_plan_comes_first_and_the_others_can_be_chosen(client, world, later):
    response = page_of(client, world.head, world.unit)
    assert response.context["standing"].goal == later
    assert [choice["current"] for choice in response.context["goals"]] == [True, False]
    assert "Fördjupad kunskap" in response.context["goals"][0]["label"]
    other = client.get(response.context["goals"][1]["url"])
    assert other.context["standing"].goal == world.goal


def test_the_chosen_goal_is_kept_in_every_link(client, world, later):
    asked = {"mal": world.goal.pk, "datum": "2025-06-30"}
    response = page_of(client, world.coordinator, world.department, **asked, status="alla")
    html = response.content.decode().replace("&amp;", "&")
    links = [link for link in re.findall(r'href="([^"]*)"', html) if "/laget/" in link or link.startswith("?")]
    kept = [link for link in links if f"mal={world.goal.pk}" in link and "datum=2025-06-30" in link]
    goals = [choice["url"] for choice in response.context["goals"]]
    assert len(kept) > 8
    assert set(links) - set(kept) - set(goals) <= {"/laget/", reverse("reporting:reports")}
    assert f'<input type="hidden" name="mal" value="{world.goal.pk}">' in html


def test_with_one_goal_there_is_nothing_to_choose(client, world):
    assert page_of(client, world.head, world.unit).context["goals"] == []
    assert page_of(client, world.head, world.unit).context["query"] == ""


@pytest.mark.parametrize("text", ["²", "abc", "-1", "9" * 40])
def test_a_goal_that_does_not_exist_is_not_found(client, world, text):
    assert page_of(client, world.head, world.unit, mal=text).status_code == 404


def test_what_is_asked_for_is_kept_on_the_way_to_ones_unit(client, world):
    client.force_login(world.head)
    response = client.get(reverse("reporting:overview"), {"mal": world.goal.pk})
    assert response.url == reverse("reporting:unit", args=[world.unit.pk]) + f"?mal={world.goal.pk}"


@pytest.mark.parametrize("months", [48, None])
def test_a_person_is_shown_with_the_completion_that_is_valid_longest(client, world, months):
    person = world.people[0]
    CoursePage.objects.filter(pk=world.course.pk).update(validity_months=months)
    attested = {"person": person, "evidence_level": EvidenceLevel.ATTESTED}
    longest = record_completion(course=CoursePage.objects.get(pk=world.course.pk), on=date(2025, 7, 1), **attested)
    record_completion(course=world.course, on=date(2025, 8, 1), **attested)
    settle()
    lines = list(page_of(client, world.head, world.unit, status="alla").context["standing"].people())
    line = next(line for line in lines if line.person == person)
    assert (line.completed_on, line.valid_through) == (date(2025, 7, 1), longest.valid_through)


def test_a_person_is_shown_with_the_last_day_that_a_newer_edition_leaves(client, world):
    person = world.people[0]
    day = date(2025, 8, 1)
    record_completion(person=person, course=world.course, on=day, evidence_level=EvidenceLevel.ATTESTED)
    edition = open_edition(course=world.course, kind=Kind.RETAKE, note="Nytt", on=day, by=world.head, grace_days=900)
    earlier = open_edition(course=world.course, kind=Kind.RETAKE, note="Nytt", on=day, by=world.head, grace_days=300)
    settle()
    lines = list(page_of(client, world.head, world.unit, status="alla").context["standing"].people())
    line = next(line for line in lines if line.person == person)
    assert (line.completed_on, line.valid_through) == (day, min(edition.grace_until, earlier.grace_until))


def test_a_page_of_people_fetches_no_more_than_it_shows(client, world, monkeypatch):
    monkeypatch.setattr(views, "PEOPLE_ON_A_PAGE", 3)
    for number in (1, 2):
        with CaptureQueriesContext(connection) as queries:
            response = page_of(client, world.head, world.unit, status="alla", sida=number)
        standing, page = response.context["standing"], response.context["people"]
        assert list(page) == list(standing.people())[3 * number - 3 : 3 * number]
        assert page.paginator.count == len(list(standing.people())) == standing.coverage.headcount
        assert any("LIMIT 3" in query["sql"] for query in queries)
        assert f"sida={3 - number}#people" in response.content.decode()  # one goes on in the list, not at the top
    counts = {choice["value"]: choice["count"] for choice in response.context["filters"]}
    assert counts == {"saknar": 7, "competent": 6, "not_started": 7, "alla": 13}


def links_of(client, reader, unit, **query) -> set[str]:
    """The people whose own page the list leads to."""
    html = page_of(client, reader, unit, status="alla", **query).content.decode()
    return {uuid for uuid in re.findall(r"[0-9a-f-]{36}", html) if reverse("records:decisions", args=[uuid]) in html}


@pytest.mark.parametrize("query", [{}, {"datum": "2025-12-31"}])
def test_the_list_of_any_day_leads_to_the_people_whose_pages_one_may_open(client, world, query):
    left, moved, *others = world.people
    end_employment(employment=left.employments.get(), last_day=date(2026, 1, 31))
    move_employment(employment=moved.employments.get(), unit=world.other, on=date(2026, 2, 1))
    settle()
    here, gone = {str(person.uuid) for person in others}, {str(left.uuid), str(moved.uuid)}
    assert links_of(client, world.head, world.unit, **query) == here
    found = links_of(client, world.coordinator, world.unit, **query)
    assert found == here | {str(world.head.uuid)} | (gone if query else set())
    for uuid in found:
        assert client.get(reverse("records:decisions", args=[uuid])).status_code == 200


def test_the_people_list_begins_with_those_who_lack_the_course(client, world):
    finish_lesson(person=world.people[8], lesson=world.course.lessons().first(), now=moment(TODAY))
    settle()
    lines = list(page_of(client, world.head, world.unit).context["standing"].people())
    assert [line.status for line in lines] == [*[Status.NOT_STARTED] * 6, Status.STARTED, *[Status.COMPETENT] * 6]
    names = [line.person.last_name for line in lines[:6]]
    assert names == sorted(names)

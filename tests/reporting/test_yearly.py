"""The yearly report to the board: what a coordinator makes, reads, comments and fixes, and what stays of it (S24)."""

import json
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning.append_only import Unchangeable, hash_of
from learning.coverage.services import freeze, settle
from learning.organisation.models import Person, Population
from learning.plans.models import Activity, Goal, Indicator, Reading
from learning.plans.services import follow_up
from learning.reporting.models import Release, ReportDraft, YearlyReport
from learning.reporting.yearly import DraftIsGone, comment, freeze_report
from learning.surveys import pulse
from tests.factories import make_duty, make_head, make_person, make_picture, make_requirement, moment
from tests.reporting.place import TODAY, Place, said_of

YEAR, HALF_YEAR = date(2024, 12, 31), date(2025, 6, 30)
REPORTS, DRAFT = reverse("reporting:reports"), reverse("reporting:report_draft")


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


@pytest.fixture
def place(db):
    return Place((12, 8), (9, 9))


@pytest.fixture
def coordinator(place):
    return make_head(place.departments[0], "coordinator", starts_on=TODAY)


@pytest.fixture
def desk(client, coordinator):
    """The coordinator's browser."""
    client.force_login(coordinator)
    return Desk(client)


class Desk:
    """What the coordinator does with the report, through the pages."""

    def __init__(self, client):
        self.client = client

    def begin(self, on: date = YEAR):
        return self.client.post(REPORTS, {"on": on.isoformat()}, follow=True)

    def open(self) -> dict:
        """The fields of the form as they stand on the page."""
        page = BeautifulSoup(self.client.get(DRAFT).content, "html.parser")
        fields = {one["name"]: one.get("value", "") for one in page.select("main input[type=hidden]")}
        return {**fields, **{one["name"]: one.text.strip() for one in page.select("textarea")}}

    def save(self, form: dict, **fields):
        return self.client.post(DRAFT, {**form, **fields, "save": "1"}, follow=True)

    def fix(self, form: dict, **fields):
        return self.client.post(DRAFT, {**form, "confirmed": "on", **fields, "fix": "1"}, follow=True)

    def report(self, on: date = YEAR, **comments) -> YearlyReport:
        """A report made from beginning to end."""
        self.begin(on)
        self.fix(self.open(), **comments)
        return YearlyReport.objects.filter(on=on).first()


def read(response) -> str:
    """What the report says, as words one after the other."""
    return " ".join(BeautifulSoup(response.content, "html.parser").select_one("article").text.split())


def table(response) -> dict[str, list[str]]:
    """Department → what stands in its row."""
    rows = BeautifulSoup(response.content, "html.parser").select("#goals ~ section tbody tr")
    return {
        row.th.contents[0].strip(): [" ".join(cell.text.split()) for cell in row.select("td")]
        for row in rows
        if not row.find_parent("details")
    }


def page_of(client, report: YearlyReport):
    return client.get(reverse("reporting:report", args=[report.pk]))


def test_a_coordinator_makes_a_report_and_the_board_reads_what_was_fixed(client, place, desk):
    assert "21 av 38" in read(desk.begin())
    form = desk.open()
    desk.save(form, summary="Skolan gick först.")
    fixed = desk.fix(desk.open(), ahead="Vården står på tur.")
    [report] = YearlyReport.objects.all()
    assert fixed.redirect_chain[-1][0] == reverse("reporting:report", args=[report.pk])
    assert not ReportDraft.objects.exists()
    client.force_login(make_head(place.departments[1], "board_reader"))
    words = read(page_of(client, report))
    assert "Den 31 december 2024 hade 21 av 38 grundläggande kunskap (55 %)." in words
    assert "Skolan gick först." in words
    assert "Vården står på tur." in words
    assert "Årsrapport 2024" in words
    assert table(page_of(client, report)) == {
        "Förvaltning 0": ["12 av 20", "60 %"],
        "Förvaltning 1": ["9 av 18", "50 %"],
    }
    assert reverse("reporting:report", args=[report.pk]) in client.get(REPORTS).content.decode()


def test_what_is_fixed_never_changes_whatever_is_found_out_later(place, desk):
    report = desk.report(summary="Så var det.")
    before, words = (
        desk.client.get(reverse("reporting:report_json", args=[report.pk])).json(),
        read(page_of(desk.client, report)),
    )
    place.complete(place.staff[0][-1], date(2024, 12, 1))
    Goal.objects.update(threshold_percent=50, text="Något annat.")
    settle()
    after = desk.client.get(reverse("reporting:report_json", args=[report.pk])).json()
    assert after == before
    assert after["sha256"] == hash_of(after["content"])
    assert read(page_of(desk.client, report)) == words
    for change in (report.save, report.delete, YearlyReport.objects.all().delete):
        with pytest.raises(Unchangeable):
            change()


def test_the_report_and_the_public_figures_tell_the_same(client, place, desk):
    report = desk.report()
    assert client.get(reverse("home:figures_json")).status_code == 404, "a report opens nothing"
    place.open()
    told = client.get(reverse("home:release_json", args=[YEAR])).json()
    assert report.body["release"] == told["sha256"]
    assert [row["figure"] for row in report.body["goals"][0]["units"]] == [
        row["figure"] for row in told["goals"][0]["units"]
    ]


def test_the_outcome_that_was_fixed_is_what_is_told(place, desk):
    goal = Goal.objects.get(requirement__municipality=place.municipality)
    goal.due_on = YEAR
    goal.save()
    freeze(goal=goal, now=moment(TODAY))
    place.complete(place.staff[0][-1], date(2024, 12, 1))
    settle()
    report = desk.report()
    assert "hade 21 av 38 grundläggande kunskap" in report.body["summary"][0]
    assert report.body["summary"][1] == "Målet var 100 % senast 31 december 2024. Det nåddes inte: 55 % den dagen."


def test_the_report_after_a_goals_day_still_says_whether_it_was_reached(place, desk, coordinator, time_machine):
    Goal.objects.update(due_on=YEAR, threshold_percent=50)
    desk.report()
    time_machine.move_to(moment(date(2025, 8, 1)))
    desk.client.force_login(coordinator)
    report = desk.report(HALF_YEAR)
    assert report.body["summary"][1] == "Målet var 50 % senast 31 december 2024. Det nåddes: 55 % den dagen."


def test_a_change_since_an_earlier_day_than_that_of_the_last_report_says_so(place, desk, coordinator, time_machine):
    """What could not be told anew in the last report stands in it as it was told before."""
    desk.report()
    for day, number, says_so in [(HALF_YEAR, 3, False), (date(2025, 12, 31), 15, True)]:
        time_machine.move_to(moment(day + timedelta(days=20)))
        desk.client.force_login(coordinator)
        for department in place.departments:
            place.hire(department, number, number, day - timedelta(days=90))
        settle()
        rows = table(page_of(desk.client, desk.report(day)))
        assert rows["Förvaltning 0"][-1].endswith("sedan 31 december 2024") is says_so


def test_the_next_report_says_what_has_changed(place, desk, coordinator, time_machine):
    goal = Goal.objects.get(requirement__municipality=place.municipality)
    activity = Activity.objects.create(area=goal.area, title="Utbilda skolan.")
    indicator = Indicator.objects.create(plan=goal.area.plan, title="Anmälda händelser", unit="antal")
    Reading.objects.create(indicator=indicator, on=date(2024, 11, 1), value=7)
    follow_up(activity=activity, status="under_way", text="", by=somebody(), now=moment(TODAY))
    assert desk.report().body["changes"] == []
    time_machine.move_to(moment(date(2025, 8, 1)))
    desk.client.force_login(coordinator)
    place.hire(place.departments[0], 18, 12, date(2025, 3, 5))
    Reading.objects.create(indicator=indicator, on=date(2025, 5, 1), value=9)
    follow_up(
        activity=activity, status="done", text="Alla rektorer har varit med.", by=somebody(), now=moment(HALF_YEAR)
    )
    Activity.objects.create(area=goal.area, title="Utbilda vården.")
    Goal.objects.update(threshold_percent=90)
    settle()
    report = desk.report(HALF_YEAR)
    assert report.body["earlier"]["on"] == "2024-12-31"
    assert report.body["changes"] == [
        "Målet är nu 90 % och var 100 %: Alla kan.",
        "Utbilda skolan: klar, tidigare: pågår.",
        "Ny aktivitet: Utbilda vården.",
    ]
    words = read(page_of(desk.client, report))
    assert "hade 39 av 69 grundläggande kunskap (57 %). Det är 2 procentenheter mer än den 31 december 2024." in words
    assert "Alla rektorer har varit med." in words
    assert "Anmälda händelser (antal) 7 1 november 2024 9 1 maj 2025" in words
    rows = table(page_of(desk.client, report))
    assert rows["Förvaltning 0"] == ["30 av 51", "59 %", "\N{MINUS SIGN}1"]


def somebody():
    return make_person()


def ask_again(place, on: date, some: slice = slice(None)) -> int:
    """Those who are asked once more answer, three of four right; returns how many."""
    due = pulse.due_pulses(place.municipality, on)[some]
    people = Person.objects.in_bulk([one.person_id for one in due])
    for one in due:
        asked = pulse.drawn(*pulse.questions_of(one.course), one.person_uuid, one.round)
        right = {question.pk: number > 0 for number, question in enumerate(asked)}
        pulse.answer(person=people[one.person_id], course=one.course, right=right, on=on)
    return len(due)


def test_the_report_says_how_much_is_retained_by_the_quarters_that_have_ended(place, desk):
    asked = ask_again(place, date(2024, 10, 8))
    # What is answered after the day of the report is not in it.
    late = make_person(place.departments[1], starts_on=date(2024, 9, 1))
    place.complete(late, date(2025, 1, 10))
    settle()
    assert ask_again(place, date(2025, 2, 15)) > 0
    report = desk.report(retained="Vi repeterar i vår.")
    [course] = report.body["retained"]
    [told] = course["rounds"]
    assert (course["course"], told["title"], told["people"], told["first_time"]) == (
        "Provkurs",
        "Efter en månad",
        asked,
        None,
    )
    assert 0 < told["low"] < told["high"] < 100
    words = read(page_of(desk.client, report))
    assert "Bibehållen kunskap" in words
    span = f"{told['low']}–{told['high']} % av frågorna rätt"
    assert f"Efter en månad: {span} ({asked} har svarat)." in words
    assert "Vi repeterar i vår." in words


def test_of_few_who_answered_again_the_report_says_nothing(place, desk):
    assert ask_again(place, date(2024, 10, 8), slice(9)) == 9
    report = desk.report()
    assert report.body["retained"] == []
    assert "Bibehållen kunskap" not in read(page_of(desk.client, report))


def test_nothing_is_fixed_that_has_not_been_read(place, desk):
    desk.begin()
    form = desk.open()
    unread = desk.client.post(DRAFT, {**form, "summary": "Bra år.", "fix": "1"})
    assert unread.status_code == 400
    assert "Bra år." in unread.content.decode()
    place.hire(place.departments[0], 10, 10, date(2024, 10, 1))
    settle()
    changed = desk.fix(form, summary="Bra år.")
    assert "fastställdes inte" in changed.content.decode()
    assert not YearlyReport.objects.exists()
    assert not Release.objects.exists()
    assert desk.open()["summary"] == "Bra år."
    desk.fix(desk.open())
    assert YearlyReport.objects.get().body["comments"] == {"summary": "Bra år."}


def test_nothing_is_fixed_while_many_changes_wait_to_be_counted(place, desk, monkeypatch):
    monkeypatch.setattr("learning.coverage.services.AT_ONCE", 3)
    desk.begin()
    for person in place.staff[0][-4:]:
        place.complete(person, place.since)
    form = desk.open()
    assert "Ändringar räknas fortfarande in" in desk.client.get(DRAFT).content.decode()
    refused = desk.fix(form, summary="Bra år.")
    assert "Inget fastställdes eller publicerades" in refused.content.decode()
    assert not YearlyReport.objects.exists()
    assert not Release.objects.exists()
    settle()
    desk.fix(desk.open())
    assert YearlyReport.objects.get().body["comments"] == {"summary": "Bra år."}


def test_the_few_changes_that_wait_are_counted_before_a_report_is_fixed(place, desk):
    desk.begin()
    form = desk.open()
    place.complete(place.staff[0][-1], place.since)
    assert "fastställdes inte" in desk.fix(form).content.decode()
    desk.fix(desk.open())
    [goal] = YearlyReport.objects.get().body["goals"]
    assert goal["figure"]["completed"] == 22


def test_of_two_who_write_at_once_none_loses_a_word(client, place, desk):
    desk.begin()
    mine, theirs = desk.open(), desk.open()
    desk.save(theirs, summary="Deras.")
    answer = desk.save(mine, summary="Mina.")
    words = answer.content.decode()
    assert answer.status_code == 400
    assert "Mina." in words
    assert "Deras." in words
    assert ReportDraft.objects.get().comments == {"summary": "Deras."}
    page = BeautifulSoup(words, "html.parser")
    seen = {one["name"]: one["value"] for one in page.select("main input[type=hidden]")}
    desk.save({**mine, **seen}, summary="Deras och mina.")
    assert ReportDraft.objects.get().comments == {"summary": "Deras och mina."}


def test_who_fixes_twice_has_fixed_once(place, desk):
    desk.begin()
    form = desk.open()
    desk.fix(form)
    again = desk.fix(form)
    assert again.redirect_chain[-1][0] == REPORTS
    assert "inget utkast" in again.content.decode()
    assert YearlyReport.objects.count() == 1


def test_a_draft_that_another_has_fixed_meanwhile_is_not_fixed_again(place, desk, coordinator):
    desk.begin()
    draft = ReportDraft.objects.get()
    desk.fix(desk.open())
    about = {"by": coordinator, "now": moment(TODAY)}
    with pytest.raises(DraftIsGone):
        comment(draft=draft, comments={}, **about)
    with pytest.raises(DraftIsGone):
        freeze_report(draft=draft, seen="", **about)
    assert not ReportDraft.objects.exists()


def test_a_report_that_was_wrong_is_followed_by_another_edition(place, desk):
    first, second = desk.report(summary="Fel."), desk.report(summary="Rätt.")
    assert (first.edition, second.edition) == (1, 2)
    words = page_of(desk.client, first).content.decode()
    assert reverse("reporting:report", args=[second.pk]) in words
    assert "Fel." in words
    assert first.body["goals"] == second.body["goals"]


def on_paper(response) -> str:
    """What is printed of the page."""
    page = BeautifulSoup(response.content, "html.parser").select_one("main")
    for left_out in page.select(".no-print, .button"):
        left_out.decompose()
    return " ".join(page.text.split())


def test_a_printed_report_says_which_edition_it_is_and_whether_it_is_replaced(place, desk):
    first = desk.report()
    assert "Utgåva 1. Fastställd den 2 mars 2025" in on_paper(page_of(desk.client, first))
    assert "ersatts" not in on_paper(page_of(desk.client, first))
    second = desk.report()
    replaced, newest = (on_paper(page_of(desk.client, report)) for report in (first, second))
    assert "Den här utgåvan har ersatts av en rättad" in replaced
    assert "I stället gäller utgåva 2, fastställd den 2 mars 2025." in replaced
    assert first.sha256 in replaced
    assert "Utgåva 2. Fastställd den 2 mars 2025" in newest
    assert "ersatts" not in newest


def test_the_list_says_which_report_is_replaced_and_by_what(place, desk):
    desk.report()
    assert "Ersatt av" not in desk.client.get(REPORTS).content.decode()
    desk.report()
    rows = BeautifulSoup(desk.client.get(REPORTS).content, "html.parser").select(".plan-row")
    assert ["Ersatt av utgåva 2" in row.text for row in rows] == [False, True]
    assert ["utgåva 1" in row.text for row in rows] == [False, True]


def test_what_the_page_says_of_the_hash_tells_whether_a_word_was_changed(place, desk, tmp_path):
    report = desk.report(summary="Skolan gick först.")
    page = page_of(desk.client, report).content
    data = desk.client.get(reverse("reporting:report_json", args=[report.pk])).content
    assert said_of(data, page, tmp_path) == "True"
    assert said_of(data.replace(b"Skolan", b"Skolor"), page, tmp_path) == "False"


def test_how_it_looks_today_does_not_stand_in_the_report_of_an_older_day(place, desk, coordinator, time_machine):
    [goal] = desk.report().body["goals"]
    assert goal["outlook"].endswith(" Det är prognosen den 2 mars 2025.")
    time_machine.move_to(moment(date(2025, 8, 1)))
    desk.client.force_login(coordinator)
    assert [goal["outlook"] for goal in desk.report().body["goals"]] == [""]


def test_a_draft_can_be_thrown_away_and_tells_nobody_anything(place, desk):
    desk.begin()
    desk.client.post(DRAFT, {"discard": "1"})
    assert not ReportDraft.objects.exists()
    assert not Release.objects.exists()
    assert desk.client.get(DRAFT).url == REPORTS


def test_the_next_year_is_proposed_and_never_an_older_one(place, desk, coordinator, time_machine):
    assert desk.client.get(REPORTS).context["form"].initial["on"] == YEAR
    desk.report()
    time_machine.move_to(moment(date(2026, 2, 1)))
    desk.client.force_login(coordinator)
    assert desk.client.get(REPORTS).context["form"].initial["on"] == date(2025, 12, 31)
    desk.report(date(2025, 12, 31))
    assert desk.client.get(REPORTS).context["form"].initial["on"] == date(2025, 12, 31)


def test_only_ended_half_years_can_be_reported(place, desk):
    answer = desk.client.post(REPORTS, {"on": "2025-06-30"})
    assert answer.status_code == 400
    assert not ReportDraft.objects.exists()


def test_a_small_department_is_hidden_and_so_is_whoever_could_be_subtracted(db, client):
    place = Place((12, 8), (9, 9), (3, 1))
    client.force_login(make_head(place.departments[0], "coordinator", starts_on=TODAY))
    report = Desk(client).report()
    rows = table(page_of(client, report))
    assert rows["Förvaltning 2"] == ["visas inte", "–"]
    assert sum(row[0] == "visas inte" for row in rows.values()) == 2


def test_elected_officials_and_functions_stand_beside_with_their_own_numbers(place, desk):
    officials = [
        make_person(place.municipality.root, population=Population.ELECTED, starts_on=place.since) for _ in range(16)
    ]
    offer = {"obligation": "offer", "key": "fortroendevalda", "title": "kunskap för förtroendevalda"}
    make_requirement(place.course, place.municipality, {"population": "elected"}, starts_on=place.since, **offer)
    for person in officials[:9]:
        place.complete(person, place.since)
    make_duty(place.municipality)
    settle()
    words = read(page_of(desk.client, desk.report()))
    assert "Kunskap för förtroendevalda (ett erbjudande)" in words
    assert "9 av 16 mäts inte" in words
    assert "På plats och utbildade: 0 av 2." in words


def test_the_situation_picture_stands_in_the_report_with_what_is_to_be_written(place, desk):
    lesson = place.course.lessons().first()
    taught = {"title": "Bidrag", "text": "Vi ser bidrag.", "lessons": [lesson]}
    make_picture(place.municipality, taught, year=2023)
    make_picture(place.municipality, taught, "Spel på nätet", year=2024)
    words = read(page_of(desk.client, desk.report()))
    assert f"Vi ser bidrag. Lektion: {lesson.title}" in words
    assert "Lägesbild 2024 har 2 ämnen; 1 behöver en ny lektion." in words


def test_a_comment_that_looks_secret_is_not_kept_in_a_public_document(place, desk):
    desk.begin()
    answer = desk.save(desk.open(), summary="Ring 070-123 45 67.", ahead="Vården står på tur.")
    assert answer.status_code == 400
    assert "Ring 070-123 45 67." in answer.content.decode()
    assert "telefonnummer" in answer.content.decode()
    assert ReportDraft.objects.get().comments == {}


def test_readers_read_and_only_a_coordinator_makes(client, place, desk):
    report = desk.report()
    desk.begin()
    for function in ("head", "board_reader"):
        client.force_login(make_head(place.departments[1], function))
        assert page_of(client, report).status_code == 200
        assert client.get(DRAFT).status_code == 404
        assert client.post(REPORTS, {"on": YEAR.isoformat()}).status_code == 404
    client.force_login(make_person(place.departments[1]))
    assert page_of(client, report).status_code == 404
    elsewhere = Place((12, 8))
    client.force_login(make_head(elsewhere.departments[0], "coordinator"))
    assert page_of(client, report).status_code == 404
    assert client.get(DRAFT).url == REPORTS


sizes = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=1, max_size=4)


class ReportsOfAnyMunicipality(TestCase):
    """Page = data = what a release tells, and no figure of few."""

    @settings(max_examples=8)
    @given(sizes)
    def test_page_data_and_release_are_one(self, departments):
        place = Place(*departments)
        self.client.force_login(make_head(place.municipality.root, "coordinator", starts_on=TODAY))
        report = Desk(self.client).report()
        release = Release.objects.get(municipality=place.municipality, on=YEAR)
        self.assertEqual(hash_of(release.body), report.body["release"])
        [goal] = report.body["goals"]
        self.assertEqual(goal["figure"], release.body["goals"][0]["figure"])
        shown = table(page_of(self.client, report))
        for row in release.body["goals"][0]["units"]:
            figure = row["figure"]
            told = ["visas inte", "–"]
            if figure and not figure["counted"]:
                told = ["Ingen att räkna", "–"]
            elif figure:
                told = [f"{figure['completed']} av {figure['counted']}", f"{figure['per_cent']} %"]
            self.assertEqual(shown[row["name"]], told)
        self.assertEqual(json.loads(json.dumps(report.body)), report.body)

"""The municipality's figures for everybody: opened by a coordinator, the same on page and in files, for good."""

import csv
import io
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning.append_only import Unchangeable, hash_of
from learning.coverage import figures
from learning.coverage.services import settle
from learning.organisation.models import Person, Population
from learning.organisation.services import end_employment
from learning.plans.models import Goal
from learning.reporting import showing
from learning.reporting.models import PublicFigures, Release
from learning.reporting.releases import close_figures, publish_due
from learning.reporting.small import is_few
from learning.reporting.tasks import tick_publish_figures
from tests.factories import make_head, make_person, make_requirement, make_unit, moment
from tests.reporting.place import TODAY, Place, said_of

HALF_YEAR, NEXT = date(2024, 12, 31), date(2025, 6, 30)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


@pytest.fixture
def place(db):
    return Place((12, 8), (9, 9))


def json_of(client, on: date | None = None, **headers) -> dict:
    address = reverse("home:release_json", args=[on]) if on else reverse("home:figures_json")
    return client.get(address, **headers).json()


def told(entry: dict) -> dict[str, tuple | None]:
    """Name → (counted, completed, per cent) of what is told now, of the municipality and each department."""
    return {row["name"]: row["figure"] and tuple(row["figure"].values()) for row in (entry, *entry["units"])}


def on_the_page(html: str) -> dict[str, tuple]:
    """Name → (counted, completed) as the page says it, of the departments."""
    told = {
        row.select_one(".bar-row__label").text.strip(): row.select_one(".bar-row__numbers").text
        for row in BeautifulSoup(html, "html.parser").select(".bar-row")
    }
    found = {name: (0, 0) for name, words in told.items() if words == "Ingen att räkna"}
    numbers = {name: words.split(" ") for name, words in told.items() if words[:1].isdecimal()}
    return found | {name: (int(words[2]), int(words[0])) for name, words in numbers.items()}


def in_the_file(content: bytes) -> dict[str, tuple]:
    """Name → (counted, completed) as the file says it."""
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))[1:]
    return {line[2]: (int(line[4]), int(line[5])) for line in lines if len(line) > 5 and line[4]}


def test_nothing_is_shown_until_a_coordinator_has_opened_it(client, place):
    publish_due(municipality=place.municipality, now=moment(TODAY))
    assert not Release.objects.exists()
    assert client.get(reverse("home:figures")).context.get("release") is None
    assert client.get(reverse("home:figures_json")).status_code == 404
    assert client.get(reverse("home:figures_csv")).status_code == 404
    assert reverse("home:figures") not in client.get("/").content.decode()


def test_the_coordinator_sees_what_would_be_shown_opens_it_and_closes_it(client, place):
    coordinator = make_head(place.departments[0], "coordinator", starts_on=TODAY)
    client.force_login(coordinator)
    page = client.get(reverse("home:publishing"))
    assert on_the_page(page.content.decode()) == {"Förvaltning 0": (20, 12), "Förvaltning 1": (18, 9)}
    assert not Release.objects.exists()
    client.post(reverse("home:publishing"), {"open": "1"})
    assert PublicFigures.objects.get().opened_by == coordinator
    client.logout()
    assert client.get(reverse("home:figures")).context["release"].on == HALF_YEAR
    assert reverse("home:figures") in client.get("/").content.decode()
    client.force_login(coordinator)
    client.post(reverse("home:publishing"), {"close": "1"})
    client.logout()
    assert client.get(reverse("home:release_json", args=[HALF_YEAR])).status_code == 404
    assert Release.objects.count() == 1


def test_figures_are_not_opened_while_many_changes_wait_to_be_counted(client, place, monkeypatch):
    monkeypatch.setattr("learning.coverage.services.AT_ONCE", 3)
    client.force_login(make_head(place.departments[0], "coordinator", starts_on=TODAY))
    settle()
    for person in place.staff[0][-4:]:
        place.complete(person, place.since)
    assert "Ändringar räknas fortfarande in" in client.get(reverse("home:publishing")).content.decode()
    refused = client.post(reverse("home:publishing"), {"open": "1"}, follow=True)
    assert "Inget fastställdes eller publicerades" in refused.content.decode()
    assert not PublicFigures.objects.exists()
    settle()
    client.post(reverse("home:publishing"), {"open": "1"})
    assert Release.objects.get().body["goals"][0]["figure"]["completed"] == 25


def test_the_few_changes_that_wait_are_counted_before_anything_is_published(place):
    place.complete(place.staff[0][-1], place.since)
    [release] = place.open()
    assert release.body["goals"][0]["figure"]["completed"] == 22


def test_the_clock_publishes_the_others_while_one_waits(place, monkeypatch, caplog):
    monkeypatch.setattr("learning.coverage.services.AT_ONCE", 3)
    monkeypatch.setattr("learning.reporting.tasks.settle", lambda: None)  # as while an HR file is written beside it
    other = Place((12, 8), (9, 9))
    for one in (place, other):
        PublicFigures.objects.create(municipality=one.municipality, opened_at=moment(TODAY))
    for person in place.staff[0][-4:]:
        place.complete(person, place.since)
    tick_publish_figures()
    assert [release.municipality for release in Release.objects.all()] == [other.municipality]
    assert f"Municipality {place.municipality.pk} publishes later" in caplog.text
    settle()
    tick_publish_figures()
    for person in place.staff[1][-4:]:
        place.complete(person, place.since)
    caplog.clear()
    tick_publish_figures()  # nothing is due any more, so nothing waits
    assert caplog.text == ""


def test_a_release_never_changes_whatever_is_found_out_later(client, place):
    [release] = place.open()
    before = json_of(client)
    place.complete(place.staff[0][-1], date(2024, 12, 1))
    Goal.objects.update(threshold_percent=50)
    assert place.publish(TODAY) == []
    assert json_of(client) == before
    assert before["sha256"] == hash_of(release.body) == hash_of(Release.objects.get().body)
    with pytest.raises(Unchangeable):
        release.save()
    with pytest.raises(Unchangeable):
        release.delete()
    with pytest.raises(Unchangeable):
        Release.objects.all().delete()


def test_a_goal_and_the_one_that_carries_it_on_stand_together(client, place):
    goal = Goal.objects.get(requirement__municipality=place.municipality)
    Goal.objects.create(
        area=goal.area,
        text="Alla, alltid.",
        due_on=date(2030, 12, 31),
        requirement=goal.requirement,
        threshold_percent=90,
    )
    place.open()
    assert len(json_of(client)["goals"]) == 2
    page = client.get(reverse("home:figures"))
    assert [entry["about"]["threshold_percent"] for entry in page.context["goals"]] == [100]
    assert [entry["other_aims"] for entry in page.context["goals"]] == [["Målet: 90 % senast 31 december 2030."]]


def test_the_clock_publishes_when_a_half_year_has_ended_and_once(client, place, time_machine):
    place.open()
    place.hire(place.departments[0], 10, 10, date(2025, 4, 1))
    time_machine.move_to(moment(date(2025, 6, 30)))
    tick_publish_figures()
    assert Release.objects.count() == 1
    time_machine.move_to(moment(date(2025, 7, 1)))
    tick_publish_figures()
    tick_publish_figures()
    assert [release.on for release in Release.objects.order_by("on")] == [HALF_YEAR, NEXT]
    assert (json_of(client)["on"], json_of(client, HALF_YEAR)["on"]) == ("2025-06-30", "2024-12-31")
    assert [goal["chart"]["rows"][-1]["share"] for goal in client.get(reverse("home:figures")).context["goals"]] == [
        pytest.approx(100 * 31 / 58)
    ]


def test_a_goal_whose_day_has_passed_is_told_with_what_that_day_showed(client, place):
    Goal.objects.update(due_on=HALF_YEAR)
    place.open()
    for days_later in (HALF_YEAR, NEXT):
        place.publish(days_later + timedelta(days=1))
        aim = client.get(reverse("home:figures")).context["goals"][0]["aim"]
        assert aim == "Målet var 100 % senast 31 december 2024. Det nåddes inte: 55 % den dagen."


def test_one_who_comes_lets_nothing_new_be_told_and_the_last_figure_stands_with_its_day(client, place):
    place.open()
    place.hire(place.departments[0], 1, 0, date(2025, 4, 1))
    place.publish(date(2025, 7, 1))
    entry = json_of(client)["goals"][0]
    assert set(told(entry).values()) == {None}
    assert entry["last"] == {"on": "2024-12-31", "counted": 38, "completed": 21, "per_cent": 55}
    page = client.get(reverse("home:figures"))
    assert on_the_page(page.content.decode())["Förvaltning 0"] == (20, 12)
    assert [row["last"] for row in page.context["goals"][0]["rows"]] == [HALF_YEAR, HALF_YEAR]
    assert in_the_file(client.get(reverse("home:figures_csv")).content)["Förvaltning 0"] == (20, 12)


def test_the_next_release_knows_what_those_before_have_told(client, place):
    place.open()
    close_figures(municipality=place.municipality)
    place.hire(place.departments[0], 6, 6, date(2025, 4, 1))
    end_employment(employment=place.staff[1][0].employments.get(), last_day=date(2025, 4, 1))
    settle()
    place.open(date(2025, 7, 1))
    entry = json_of(client)["goals"][0]
    # One left the second department: it is hidden, and so the first with it.
    assert told(entry) == {"Provkommun": (49, 26, 53), "Förvaltning 0": None, "Förvaltning 1": None}


def test_few_who_work_for_the_municipality_itself_hide_a_department(client, db):
    Place((12, 8), (9, 9), own=(1, 2)).open()
    assert told(json_of(client)["goals"][0]) == {
        "Provkommun": (41, 22, 54),
        "Förvaltning 0": (20, 12, 60),
        "Förvaltning 1": None,
    }


def test_too_few_to_tell_anything_is_said(client, db):
    Place((2, 2)).open()
    page = client.get(reverse("home:figures"))
    assert (page.status_code, page.context["goals"][0]["figure"]) == (200, None)
    assert told(json_of(client)["goals"][0]) == {"Provkommun": None, "Förvaltning 0": None}
    assert json_of(client)["goals"][0]["not_counted"] == []


def test_each_municipality_shows_its_own_figures_on_its_own_site(client, place):
    other = Place((20, 20))
    place.open()
    host = {"headers": {"host": other.municipality.site.hostname}}
    assert client.get(reverse("home:figures_json"), **host).status_code == 404
    other.open()
    assert json_of(client, **host)["goals"][0]["figure"]["counted"] == 40
    assert json_of(client)["goals"][0]["figure"]["counted"] == 38


def test_whoever_has_the_file_is_not_sent_it_again(client, place, monkeypatch):
    place.open()
    for name in ("home:figures_json", "home:figures_csv"):
        first = client.get(reverse(name))
        assert "max-age=3600" in first["Cache-Control"]
        again = client.get(reverse(name), headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    client.post(reverse("set_language"), {"language": "en"})
    english = client.get(reverse("home:figures_csv"), headers={"if-none-match": first["ETag"]})
    assert english.status_code == 200
    # A later product may say more of the same release.
    monkeypatch.setattr(showing, "rows", lambda release: [["More"]])
    told = client.get(reverse("home:figures_csv"), headers={"if-none-match": english["ETag"]})
    assert (told.status_code, "More" in told.content.decode()) == (200, True)


def test_the_page_says_whose_knowledge_of_what_it_is_by_which_method_and_its_whole_checksum(client, place):
    [release] = place.open()
    page = BeautifulSoup(client.get(reverse("home:figures")).content, "html.parser").select_one("main")
    lead = page.select_one(".lead")
    assert "medarbetare" in lead.text
    assert "våldsbejakande extremism" in lead.text
    assert lead.a["href"] == reverse("home:plan")
    facts = page.select_one(".facts")
    assert "varje person" in facts.find("dt", string="Metod").find_next("dd").text
    assert release.sha256 in page.text


def test_what_the_page_says_of_the_checksum_tells_whether_a_figure_was_changed(client, place, tmp_path):
    place.open()
    page, data = (client.get(reverse(name, args=[HALF_YEAR])).content for name in ("home:release", "home:release_json"))
    assert said_of(data, page, tmp_path) == "True"
    assert said_of(data.replace(b'"completed": 21', b'"completed": 22'), page, tmp_path) == "False"


def test_the_file_says_how_it_was_counted_once_for_each_knowledge(client, place):
    goal = Goal.objects.get()
    Goal.objects.create(area=goal.area, text="Alla.", requirement=goal.requirement, threshold_percent=90)
    place.hire(place.departments[0], 0, 7, date(2024, 12, 20))
    goal.requirement.rules.update(grace_days=90)
    settle()
    [release] = place.open()
    lines = list(
        csv.reader(io.StringIO(client.get(reverse("home:figures_csv")).content.decode("utf-8-sig")), delimiter=";")
    )
    [title] = {line[1] for line in lines[1:] if len(line) > 5}
    notes = [line for line in lines if line[1:2] == [title]]
    assert [note[0] for note in notes if len(note) < 5] == [
        "Definition",
        "Vilka som räknas",
        "Dagar innan nyanställda räknas",
        "Räknas inte",
    ]
    assert ["Dagar innan nyanställda räknas", title, "90"] in notes
    assert ["Räknas inte", title, "Nyanställd", "7"] in notes
    assert ["SHA-256 för samma siffror som data (JSON), inte för den här filen", release.sha256] in lines


def test_a_day_of_the_curve_is_written_out_in_each_language(client, place):
    Goal.objects.update(due_on=date(2026, 12, 31))
    place.open()
    place.hire(place.departments[0], 10, 10, date(2025, 4, 1))
    place.publish(date(2025, 7, 1))
    for language, day, due in (("sv", "31 december 2024", "31 dec 2026"), ("en", "31 December 2024", "31 Dec 2026")):
        client.post(reverse("set_language"), {"language": language})
        chart = BeautifulSoup(client.get(reverse("home:figures")).content, "html.parser").select_one(".chart")
        assert chart.select_one("tbody th").text == day
        assert day in chart.desc.text
        assert due in [tick.text for tick in chart.select("svg text")]


def test_no_cell_of_the_file_is_run(client, place):
    place.departments[0].name = "=1+1"
    place.departments[0].save()
    place.open()
    assert "'=1+1" in in_the_file(client.get(reverse("home:figures_csv")).content)


@pytest.mark.parametrize("day", ["2024-12-30", "2025-02-31", "i-gar"])
def test_a_day_of_which_nothing_was_published_is_not_found(client, place, day):
    place.open()
    assert client.get(f"/siffror/{day}/").status_code == 404
    assert client.get(f"/siffror/{day}.json").status_code == 404


def test_invented_figures_say_that_they_are(client, place):
    place.municipality.is_fictional = True
    place.open()
    assert json_of(client)["is_fictional"] is True
    for name in ("home:figures", "home:figures_csv"):
        assert "Påhittad kommun" in client.get(reverse(name)).content.decode()


sizes = st.tuples(st.integers(0, 12), st.integers(0, 12))


class RandomOrganisations(TestCase):
    @given(st.lists(sizes, min_size=1, max_size=3), sizes, st.lists(st.tuples(st.integers(0, 2), sizes), max_size=2))
    @settings(max_examples=6)
    def test_page_data_and_file_say_the_same_and_nothing_of_few(self, departments, own, hired):
        place = Place(*departments, own=own)
        place.open()
        for number, size in hired:
            place.hire(place.departments[number % len(departments)], *size, date(2025, 4, 1))
        place.publish(date(2025, 7, 1))
        units = {unit.name: unit for unit in (place.municipality.root, *place.departments)}
        requirement = Goal.objects.get(requirement__municipality=place.municipality).requirement
        for release in place.municipality.releases.all():
            entry = json_of(self.client, release.on)["goals"][0]
            page = self.client.get(reverse("home:release", args=[release.on]))
            file = in_the_file(self.client.get(reverse("home:release_csv", args=[release.on])).content)
            known = {row["name"]: row["figure"] or row["last"] for row in (entry, *entry["units"])}
            known = {name: (figure["counted"], figure["completed"]) for name, figure in known.items() if figure}
            assert file == known
            departments_known = {name: numbers for name, numbers in known.items() if name != place.municipality.name}
            assert on_the_page(page.content.decode()) == departments_known
            for name, figure in told(entry).items():
                if figure:
                    counted, completed, per_cent = figure
                    live = figures.at(requirement, units[name], release.on)
                    assert (counted, completed, per_cent) == (live.counted, live.competent, live.percent)
                    assert not counted or not is_few(completed, counted - completed)


def test_of_a_department_without_anybody_to_count_that_is_said_and_nothing_hidden(client, place):
    politics = make_unit(place.municipality, "Politisk organisation")
    make_person(politics, population=Population.ELECTED, starts_on=place.since)
    settle()
    place.open()
    [row] = [row for row in json_of(client)["goals"][0]["units"] if row["name"] == politics.name]
    assert row["figure"] == {"counted": 0, "completed": 0, "per_cent": None}
    assert f"{politics.name} – Ingen att räkna" in words_of(client.get(reverse("home:figures")))
    place.hire(politics, 2, 1, date(2025, 4, 1))
    place.publish(date(2025, 7, 1))
    [row] = [row for row in json_of(client)["goals"][0]["units"] if row["name"] == politics.name]
    assert (row["figure"], row["last"]) == (None, None)


def words_of(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").main.text.split())


def test_what_is_asked_beside_the_goals_is_told_where_it_is_of_other_people(client, place):
    """Of some of the same people, subtraction would tell the others."""
    for _ in range(16):
        make_person(place.municipality.root, population=Population.ELECTED, starts_on=place.since)
    elected = Person.objects.filter(employments__population=Population.ELECTED)
    for person in elected[:9]:
        place.complete(person, place.since)
    place.hire(team := make_unit(place.departments[1]), 8, 8)
    about = {"starts_on": place.since, "obligation": "must"}
    make_requirement(place.course, place.municipality, {"population": "elected"}, key="valda", **about)
    make_requirement(place.course, place.municipality, {"units": [team]}, key="norr", **about)
    settle()
    place.open()
    others = {entry["key"]: entry["figure"] for entry in json_of(client)["others"]}
    assert others == {"valda": {"counted": 16, "completed": 9, "per_cent": 56}, "norr": None}
    page = client.get(reverse("home:figures"))
    assert [row["figure"] for row in page.context["others"]] == list(others.values())
    lines = list(
        csv.reader(io.StringIO(client.get(reverse("home:figures_csv")).content.decode("utf-8-sig")), delimiter=";")
    )
    assert [line[4:7] for line in lines[1:] if len(line) > 6 and not line[0]] == [["16", "9", "56,3"], ["", "", ""]]

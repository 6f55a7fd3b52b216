"""As it was, and in today's organisation: the reader chooses, and pages, links and files say which."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from learning.coverage.services import freeze, settle
from learning.organisation.reorganisation import move_unit
from learning.reporting import people
from tests.factories import (
    make_course,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_unit,
    moment,
    take_check,
)

TODAY, REORGANISED, EARLIER = date(2026, 3, 2), date(2024, 1, 1), "2023-06-30"


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


class World:
    """The youth centres came from culture to the schools in 2024, with their twelve people and their head."""

    def __init__(self):
        self.municipality = make_municipality()
        self.root = self.municipality.root
        self.culture, self.schools = make_unit(self.municipality, "Kultur"), make_unit(self.municipality, "Skola")
        self.before = make_unit(self.culture, "Fritidsgårdarna")
        self.course = make_course(self.municipality)
        self.goal = make_goal(self.course, self.municipality)
        self.people = [make_person(self.before) for _ in range(11)]
        self.head = make_head(self.before)
        self.schools_head, self.coordinator = make_head(self.schools), make_head(self.culture, "coordinator")
        self.board = make_head(self.culture, "board_reader", population="elected")
        for person in self.people[:6]:
            take_check(person, self.course, date(2023, 6, 1))
        self.unit = move_unit(unit=self.before, to=self.schools, on=REORGANISED)
        settle()

    def get(self, name, reader, unit, **query):
        client = Client()
        client.force_login(reader)
        return client.get(reverse(f"reporting:{name}", args=[unit.pk]), query)

    def page(self, reader, unit, **query):
        return self.get("unit", reader, unit, **query)

    def figure(self, reader, unit, **query):
        figure = self.page(reader, unit, **query).context["standing"].coverage
        return figure.competent, figure.counted


@pytest.fixture
def world(db):
    return World()


def test_an_earlier_day_is_answered_as_it_was_or_in_todays_organisation(world):
    earlier = {"datum": EARLIER, "organisation": "idag"}
    assert world.figure(world.coordinator, world.schools, datum=EARLIER) == (0, 1)
    assert world.figure(world.coordinator, world.schools, **earlier) == (6, 13)
    assert world.figure(world.coordinator, world.culture, **earlier) == (0, 1)
    assert world.figure(world.coordinator, world.unit, **earlier) == (6, 12)
    assert world.figure(world.coordinator, world.root, **earlier) == world.figure(
        world.coordinator, world.root, datum=EARLIER
    )


def test_the_choice_is_kept_in_links_forms_and_files(world):
    response = world.page(world.coordinator, world.schools, datum=EARLIER, organisation="idag")
    html = response.content.decode()
    query = f"?datum={EARLIER}&amp;organisation=idag"
    for name, unit in [("unit", world.unit), ("unit", world.root), ("unit_csv", world.schools)]:
        assert f"{reverse(f'reporting:{name}', args=[unit.pk])}{query}" in html
    assert f"{reverse('reporting:people_csv', args=[world.schools.pk])}{query}" in html
    assert '<input type="hidden" name="organisation" value="idag">' in html
    assert [choice["current"] for choice in response.context["organisations"]] == [False, True]
    assert "i organisationen som den är 2 mars 2026" in html


def test_the_file_says_whose_organisation_it_is(world):
    for asked, words, number, name in [
        ("idag", "som den är 2026-03-02", "13", "-i-dagens-organisation.csv"),
        ("", f"som den var {EARLIER}", "1", f"-{EARLIER}.csv"),
    ]:
        response = world.get("unit_csv", world.coordinator, world.schools, datum=EARLIER, organisation=asked)
        rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
        assert ["Organisation", words] in rows
        assert rows[1][rows[0].index("Räknade")] == number
        assert name in response["Content-Disposition"]


def test_those_listed_are_those_counted(world):
    asked = {"datum": EARLIER, "organisation": "idag"}
    response = world.page(world.coordinator, world.schools, status="alla", **asked)
    assert len(list(response.context["standing"].people())) == response.context["people"].paginator.count == 13
    assert {line.unit_name for line in response.context["people"]} == {"Fritidsgårdarna", "Skola"}
    file = world.get("people_csv", world.coordinator, world.schools, **asked)
    assert file.getvalue().partition(b"\r\n\r\n")[0].count(b"\r\n") == 13


def test_a_head_is_not_told_names_from_units_that_were_anothers(world):
    asked = {"datum": EARLIER, "organisation": "idag"}
    response = world.page(world.schools_head, world.schools, **asked)
    html = response.content.decode()
    assert response.context["standing"].coverage.counted == 13
    assert all(person.last_name not in html for person in world.people)
    assert "Namnen visas under ”Som det var”" in html
    assert 'href="#people"' not in html
    assert world.get("people_csv", world.schools_head, world.schools, **asked).status_code == 404


def test_who_sees_no_names_gets_the_question_as_it_was_alone(world):
    response = world.page(world.board, world.unit, organisation="idag")
    standing = response.context["standing"]
    assert (standing.structure, response.context["organisations"], standing.reorganised_on) == (None, [], [])
    assert all(figure.counted == 0 for figure in standing.history if figure.on < REORGANISED)


def test_the_curve_of_a_unit_that_was_reorganised_begins_before_it(world):
    response = world.page(world.head, world.unit)
    standing = response.context["standing"]
    assert {figure.counted for figure in standing.history} == {12}
    assert standing.history[-1] == standing.coverage
    words = "För tiden före visar kurvan dem som fanns i de enheter som nu ligger här."
    assert words in response.content.decode()
    assert "1 januari 2024" in response.content.decode()
    as_it_was = world.page(world.head, world.unit, organisation="da").context["standing"]
    assert {figure.counted for figure in as_it_was.history if figure.on < REORGANISED} == {0}
    assert as_it_was.coverage == standing.coverage


def test_a_unit_that_got_another_tells_its_curve_as_it_was_until_asked(world):
    response = world.page(world.schools_head, world.schools)
    assert response.context["standing"].history[0].counted == 1
    assert "Kurvan visar organisationen som den var varje dag." in response.content.decode()
    asked = world.page(world.schools_head, world.schools, organisation="idag").context["standing"]
    assert {figure.counted for figure in asked.history} == {13}


def test_nothing_is_offered_where_there_is_nothing_to_choose(world):
    for unit, query in [(world.root, {}), (world.before, {"datum": EARLIER})]:
        assert world.page(world.coordinator, unit, **query).context["organisations"] == []
    closed = world.page(world.coordinator, world.before, organisation="idag").context["standing"]
    assert (closed.structure, [one.unit for one in closed.moved_to]) == (None, [world.unit])


def test_where_a_unit_was_is_named_and_linked_only_for_those_who_may_open_it(world):
    address = reverse("reporting:unit", args=[world.before.pk])
    for reader, may_open in [(world.schools_head, False), (world.coordinator, True)]:
        page = world.page(reader, world.unit, datum=EARLIER).content.decode()
        assert "Se den dessförinnan:" in page
        assert (address in page) is may_open


def test_what_was_fixed_stays_whatever_is_asked(world):
    report = freeze(goal=world.goal, now=moment(TODAY))
    asked = world.page(world.coordinator, world.unit, datum="2026-01-31", organisation="idag").context["standing"]
    assert asked.outcome.competent == next(u for u in report.body["units"] if u["id"] == world.unit.pk)["competent"]


def test_a_list_of_people_is_sent_while_it_is_read(world, monkeypatch):
    monkeypatch.setattr(people, "BATCH", 3)
    response = world.get("people_csv", world.coordinator, world.root)
    assert response.streaming
    rows = iter(response.streaming_content)
    assert connection.features.supports_json_field  # asked once in a process, and not to be counted here
    with CaptureQueriesContext(connection) as begun:
        first = [next(rows) for _ in range(4)]
    with CaptureQueriesContext(connection) as rest:
        last = list(rows)
    lines = [line.decode() for line in first + last]
    assert len(lines[: lines.index("\r\n")]) == 1 + 1 + 15
    assert (len(begun), len(rest)) == (1 + 2, 4 * 2)

"""Page, CSV and XLSX say the same, whatever has happened in whatever organisation."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis.extra.django import TestCase
from openpyxl import load_workbook

from learning.coverage.services import settle
from learning.plans.models import Goal, Obligation
from tests.coverage.test_properties import FIRST, LAST, World, steps
from tests.factories import (
    make_course,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_requirement,
    make_unit,
)

ON = date(2025, 9, 30)


def read_csv(response) -> list[list]:
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig")), delimiter=";"))


def read_xlsx(response) -> list[list]:
    return [list(row) for row in load_workbook(io.BytesIO(response.getvalue())).active.values]


def alike(value) -> str:
    """What a cell of either file says: 12,0 and 12 are the same number."""
    if value is None or hasattr(value, "date"):
        return "" if value is None else value.date().isoformat()
    try:
        return str(Decimal(str(value).replace(",", ".")).normalize() + 0)
    except InvalidOperation:
        return str(value)


class Files(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.municipality = make_municipality()
        cls.course = make_course(cls.municipality)
        cls.goal = make_goal(cls.course, cls.municipality)
        cls.unit = make_unit(make_unit(cls.municipality))
        cls.keeper = make_head(cls.unit, "coordinator")
        for _ in range(4):
            make_person(cls.unit)

    def files(self, client, name: str, **asked) -> tuple[list, ...]:
        """The CSV file and the XLSX file, row by row without empty ends."""
        root = self.municipality.root
        found = [client.get(reverse(f"reporting:{name}_{ending}", args=[root.pk]), asked) for ending in ("csv", "xlsx")]
        assert [response.status_code for response in found] == [200, 200]
        rows = read_csv(found[0]), read_xlsx(found[1])
        return tuple([strip([alike(cell) for cell in row]) for row in one] for one in rows)

    @settings(max_examples=5)
    @given(steps)
    def test_page_csv_and_xlsx_are_the_same(self, steps):
        World(self.municipality, self.course, self.goal).play(steps, FIRST, LAST)
        settle()
        client = Client()
        client.force_login(self.keeper)
        asked = {"datum": ON.isoformat()}
        page = client.get(reverse("reporting:unit", args=[self.municipality.root.pk]), asked).context["standing"]
        units, same = self.files(client, "unit", **asked)
        assert units == same
        told = {row[0]: row for row in above(units)[1:]}
        shown = {page.unit.name: page.coverage, **{row["unit"].name: row["coverage"] for row in page.units_below}}
        heading = units[0]
        for name, figure in shown.items():
            written = [told[name][heading.index(title)] for title in ("Räknade", "Genomförd", "Anställda")]
            assert written == [str(figure.counted), str(figure.competent), str(figure.headcount)]
        people, same = self.files(client, "people", **asked)
        assert people == same
        assert len(above(people)) == 1 + page.coverage.headcount
        measures, same = self.files(client, "measures", **asked)
        assert measures == same
        response = client.get(reverse("reporting:measures", args=[self.municipality.root.pk]), asked)
        assert sorted(row[4:6] for row in above(measures)[1:]) == sorted(numbers_of(response.context))
        assert {row[3] for row in above(measures)[1:]} <= {ON.isoformat()}


def above(rows: list[list[str]]) -> list[list[str]]:
    """The table of a file: what stands above its empty row."""
    return rows[: rows.index([])]


def numbers_of(context) -> Iterator[list[str]]:
    """Each figure on the page of measures: of how many, and how many."""
    for measure in context["measures"]:
        yield [str(measure.counted), str(measure.number)]
    for group in context["roles"]:
        yield [str(group.coverage.counted), str(group.coverage.competent)]
    for asked in context["requirements"]:
        for number in (asked.begun, asked.ever, asked.coverage.competent):
            yield [str(asked.coverage.counted), str(number)]


def strip(row: list[str]) -> list[str]:
    """The row without empty cells at its end."""
    while row and not row[-1]:
        row = row[:-1]
    return row


def test_a_name_that_looks_like_a_formula_is_text_in_a_workbook(db):
    municipality = make_municipality()
    unit = make_unit(municipality, '=HYPERLINK("http://x")')
    make_goal(make_course(municipality), municipality)
    keeper = make_head(unit, "coordinator", last_name="=1+1", first_name="\x0b@SUM")
    settle()
    client = Client()
    client.force_login(keeper)
    for name in ("unit", "people", "measures"):
        response = client.get(reverse(f"reporting:{name}_xlsx", args=[municipality.root.pk]))
        cells = [cell for row in load_workbook(io.BytesIO(response.getvalue())).active for cell in row]
        assert not any(cell.data_type == "f" for cell in cells)
    people = client.get(reverse("reporting:people_xlsx", args=[municipality.root.pk]))
    assert ["=1+1", "@SUM"] in [row[:2] for row in read_xlsx(people)]


@pytest.fixture
def place(db, client):
    """A fictional municipality with two goals and an offer, read by its coordinator."""
    municipality = make_municipality(is_fictional=True)
    course = make_course(municipality)
    goal = make_goal(course, municipality)
    again = {"text": "Alla kan igen.", "requirement": goal.requirement, "threshold_percent": 90}
    Goal.objects.create(area=goal.area, predecessor=goal, due_on=date(2027, 12, 31), **again)
    about = {"title": "kunskap för förtroendevalda", "definition": "Är erbjuden.", "obligation": Obligation.OFFER}
    make_requirement(course, municipality, {"population": "elected"}, **about)
    unit = make_unit(municipality, "Enheten")
    make_person(unit, population="elected")
    client.force_login(make_head(unit, "coordinator"))
    settle()
    return municipality


def file_of(client, place, name: str, **asked) -> tuple[str, list[list[str]]]:
    response = client.get(reverse(f"reporting:{name}_csv", args=[place.root.pk]), asked)
    return response["Content-Disposition"], [strip(row) for row in read_csv(response)]


@pytest.mark.parametrize("name", ["unit", "people", "measures"])
def test_a_file_says_what_it_is_without_its_name(client, place, name):
    names = set()
    for goal in Goal.objects.all():
        filename, rows = file_of(client, place, name, mal=goal.pk, datum="2025-06-30")
        about = {row[0]: row[1:] for row in rows[rows.index([]) + 1 :]}
        assert about["Kommun"] == [place.name]
        assert "Påhittad kommun: alla personer och siffror är påhittade" in about
        assert about["Enhet"] == [place.root.name]
        assert about["Per datum"] == ["2025-06-30"]
        assert about["Organisation"] == ["som den var 2025-06-30"]
        assert about["Mål"] == [goal.text]
        assert about["Måldatum"] == [goal.due_on.isoformat()]
        assert about["Nyanställda"] == ["Dagar innan de räknas: 0"]
        assert {"Utbildningskrav", "Definition", "Vilka som räknas", "Metod"} < about.keys()
        names.add(filename)
    assert len(names) == 2


def test_a_file_says_that_another_day_was_asked_for(client, place):
    _name, rows = file_of(client, place, "people", datum="2019-01-01")
    [day] = [row[1:] for row in rows if row and row[0] == "Per datum"]
    assert day[1].startswith("Uppgifter finns från och med den")


def test_an_offer_has_no_per_cent_in_the_file_and_every_requirement_its_definition(client, place):
    _name, rows = file_of(client, place, "measures")
    table = above(rows)
    offered = [row for row in table if "kunskap för förtroendevalda" in row[1:2]]
    assert [row[0] for row in offered] == ["Börjat", "Genomfört någon gång", "Har det nu"]
    assert [row[4:] for row in offered] == [["1", "0"]] * 3
    asked = [row for row in table if "grundläggande kunskap" in row[1:2]]
    assert {row[6] for row in asked} == {"0,0"}
    assert ["Definition", "kunskap för förtroendevalda", "Är erbjuden."] in rows


def test_numbers_and_days_can_be_reckoned_with(db):
    municipality = make_municipality()
    make_goal(make_course(municipality), municipality)
    keeper = make_head(make_unit(municipality), "coordinator")
    settle()
    client = Client()
    client.force_login(keeper)
    rows = read_xlsx(client.get(reverse("reporting:unit_xlsx", args=[municipality.root.pk])))
    kinds = {type(value) for value in rows[1]}
    assert {int, str} < kinds
    assert any(hasattr(value, "date") for value in rows[1])

"""Page, CSV and XLSX say the same, whatever has happened in whatever organisation."""

import csv
import io
from datetime import date
from decimal import Decimal, InvalidOperation

from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis.extra.django import TestCase
from openpyxl import load_workbook

from learning.coverage.services import settle
from tests.coverage.test_properties import FIRST, LAST, World, steps
from tests.factories import make_course, make_goal, make_head, make_municipality, make_person, make_unit

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
        return tuple([stripped for row in one if (stripped := strip([alike(cell) for cell in row]))] for one in rows)

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
        told = {row[0]: row for row in units[1:]}
        shown = {page.unit.name: page.coverage, **{row["unit"].name: row["coverage"] for row in page.units_below}}
        heading = units[0]
        for name, figure in shown.items():
            written = [told[name][heading.index(title)] for title in ("Räknade", "Genomförd", "Anställda")]
            assert written == [str(figure.counted), str(figure.competent), str(figure.headcount)]
        people, same = self.files(client, "people", **asked)
        assert people == same
        assert len(people) == 1 + page.coverage.headcount
        measures, same = self.files(client, "measures", **asked)
        assert measures == same
        now = next(row for row in measures if row[3:5] == [str(page.coverage.counted), str(page.coverage.competent)])
        assert now[2] == ON.isoformat()


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

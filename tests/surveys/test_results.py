"""What a page and a file tell of a survey around a course."""

import csv
import io
from datetime import date

import pytest
from django.urls import reverse

from learning.surveys.intervals import difference, wilson
from learning.surveys.results import SurveyResult
from tests.factories import make_person, make_unit, moment, take_check
from tests.surveys.conftest import ON, answer_all, stage_of

LATER = date(2025, 4, 1)  # when the first quarter has ended


@pytest.fixture
def answered(survey, municipality, department, course):
    """Thirty of one department, of whom ten agree before and twenty-four after; twelve of another before."""
    people = [make_person(department) for _ in range(30)]
    others = [make_person(other) for other in [make_unit(municipality, "Skolan")] for _ in range(12)]
    before, after = stage_of(survey, "before"), stage_of(survey, "after")
    answer_all(before, people[:10], "4")
    answer_all(before, people[10:], "2")
    answer_all(before, others, "0")
    for person in people:
        take_check(person, course, ON)
    answer_all(after, people[:24], "3")
    answer_all(after, people[24:], "1")
    return survey


def test_shares_and_the_difference_are_those_of_who_took_a_stand(answered):
    [_item, lines, _table] = SurveyResult(answered, LATER).questions[0]
    before, after, later = lines
    assert (before.agree, before.judged, before.of, before.percent) == (10, 30, 42, 33)
    assert (after.agree, after.judged, after.percent) == (24, 30, 80)
    # 0.8 less 0.333: by Newcombe's method 10 from 0.221 to 0.643
    assert after.change == {"points": "+47", "low": "+22", "high": "+64", "is_clear": True}
    assert (later.sum, later.change) == (None, None)
    assert sum(part.number for part in before.parts) == before.of


def test_nothing_is_told_before_the_quarter_has_ended(answered):
    assert SurveyResult(answered, date(2025, 3, 31)).is_empty
    assert not SurveyResult(answered, LATER).is_empty


def test_the_file_tells_what_the_page_tells(client, coordinator, answered, department, time_machine):
    time_machine.move_to(moment(LATER), tick=False)
    client.force_login(coordinator)
    for query in ("", f"?enhet={department.pk}"):
        told = client.get(reverse("surveys:results", args=[answered.pk]) + query).context["result"]
        on_page = [
            (item.text, str(line.wave), part.label, str(part.number))
            for item, lines, _table in told.questions
            for line in lines
            for part in line.parts
            if line.sum
        ]
        content = client.get(reverse("surveys:results_csv", args=[answered.pk]) + query).content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(content), delimiter=";"))[1:]
        assert [(row[1], row[2], row[4], row[5]) for row in rows if len(row) == 7] == on_page
        assert on_page


def test_a_department_is_chosen_where_it_is_large_enough(client, coordinator, answered, department, time_machine):
    time_machine.move_to(moment(LATER), tick=False)
    client.force_login(coordinator)
    url = reverse("surveys:results", args=[answered.pk])
    response = client.get(url, {"enhet": department.pk})
    assert [sum_ and sum_.number for _wave, sum_ in response.context["result"].numbers] == [30, 30, None]
    assert client.get(url, {"enhet": make_unit(department).pk}).status_code == 404
    assert client.get(url, {"enhet": "x"}).status_code == 404


def test_the_interval_is_newcombes():
    """His table II, example a: 56/70 less 48/80, by method 10."""
    low, high = difference(56, 70, 48, 80)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
    assert difference(10, 10, 0, 10)[1] == pytest.approx(1)
    assert wilson(0, 10)[0] == pytest.approx(0)


def test_no_page_names_anybody(client, coordinator, answered, time_machine):
    time_machine.move_to(moment(LATER), tick=False)
    client.force_login(coordinator)
    for name, args in {"overview": [], "results": [answered.pk], "texts": [answered.pk]}.items():
        html = client.get(reverse(f"surveys:{name}", args=args)).content.decode()
        assert "Nr " not in html
        assert "@example.org" not in html

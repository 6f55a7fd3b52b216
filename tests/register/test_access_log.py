"""The coordinator reads the access log: who has read whose names, of their own municipality."""

from datetime import date

import pytest
from django.urls import reverse

from learning.access.models import AccessEntry
from tests.access.test_log import What, enter
from tests.factories import make_head, make_municipality, make_person, make_unit, moment


@pytest.fixture
def readers(unit):
    return [make_head(unit, first_name=name, last_name="Ek") for name in ("Alva", "Bo", "Cleo")]


@pytest.fixture
def lines(readers, unit):
    alva, bo, cleo = readers
    person = make_person(unit)
    enter(alva, [person], what=What.UNIT_PEOPLE, unit=unit, at=moment(date(2026, 3, 1)), functions="head")
    enter(bo, [person], what=What.UNIT_PEOPLE, exported=True, at=moment(date(2026, 3, 2)))
    enter(cleo, [person], what=What.FUNCTIONS, at=moment(date(2026, 3, 3)))


def shown(client, **asked) -> list[str]:
    """The first names of the readers on the page, in order."""
    response = client.get(reverse("register:access_log"), asked)
    assert response.status_code == 200
    return [reading.entry.reader.first_name for reading in response.context_data["readings"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["Cleo", "Bo", "Alva"]),
        ({"way": "exported"}, ["Bo"]),
        ({"way": "seen"}, ["Cleo", "Alva"]),
        ({"what": "unit_people"}, ["Bo", "Alva"]),
        ({"first": "2026-03-02"}, ["Cleo", "Bo"]),
        ({"last": "2026-03-02"}, ["Bo", "Alva"]),
        ({"first": "2026-03-02", "last": "2026-03-02"}, ["Bo"]),
        ({"q": "cleo ek"}, ["Cleo"]),
        ({"q": "norr"}, ["Alva"]),
        ({"q": "ingen"}, []),
        ({"first": "i går"}, []),
        ({"q": "\x00"}, []),
    ],
)
def test_the_log_is_filtered_and_searched(keeper, lines, asked, found):
    assert shown(keeper, **asked) == found


def test_the_lines_of_others_are_not_there(keeper, lines):
    foreign = make_person(make_unit(make_municipality("Annan")), first_name="Främling")
    enter(foreign, [foreign])
    assert "Främling" not in shown(keeper)


def test_a_protected_reader_is_not_found_by_name(keeper, unit):
    reader = make_person(unit, first_name="Hemlig", last_name="Namnsson", is_protected=True)
    enter(reader, [make_person(unit)])
    assert shown(keeper, q="Namnsson") == []
    assert "Namnsson" not in keeper.get(reverse("register:access_log")).content.decode()


def test_a_page_costs_the_same_for_one_line_as_for_fifty(keeper, readers, unit, django_assert_max_num_queries):
    enter(readers[0], [readers[0]], unit=unit)
    with django_assert_max_num_queries(100) as one:
        shown(keeper)
    for number in range(60):
        enter(readers[number % 3], [readers[0]], unit=unit, asked=str(number))
    with django_assert_max_num_queries(100) as many:
        assert len(shown(keeper)) == 50
    assert len(many) <= len(one)
    assert len(shown(keeper, p=2)) == 11


def test_reading_the_log_fetches_no_list_of_people(keeper, lines, django_assert_max_num_queries):
    with django_assert_max_num_queries(100) as queries:
        shown(keeper)
    assert not any('"access_accessentry"."people"' in query["sql"] for query in queries)
    assert AccessEntry.objects.count() == 3

"""Nothing that is shown tells of a small group, whatever is subtracted from whatever, and whenever."""

from datetime import date
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning.surveys.models import Tally
from learning.surveys.results import result
from learning.surveys.services import open_wave
from learning.surveys.small import hidden
from tests.factories import make_unit
from tests.surveys.conftest import answer_all, make_elected, stage_of

sizes = st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 9), min_size=1)


def possible(numbers: dict, smallest: int) -> dict[str, set[int]]:
    """Each hidden group's numbers that agree with what is shown: the whole, and each group that is not hidden."""
    found = sorted(hidden(numbers, smallest))
    together = sum(numbers[group] for group in found)
    ways = [way for way in product(range(together + 1), repeat=len(found)) if sum(way) == together]
    return {group: {way[place] for way in ways} for place, group in enumerate(found)}


@settings(max_examples=60)
@given(numbers=sizes, smallest=st.sampled_from([3, 5]))
def test_no_hidden_number_can_be_worked_out(numbers, smallest):
    assert {group for group, number in numbers.items() if number < smallest} <= hidden(numbers, smallest)
    if sum(numbers.values()) < smallest:  # then the whole is not shown either
        return
    for numbers_possible in possible(numbers, smallest).values():
        span = max(numbers_possible) - min(numbers_possible)
        assert span >= smallest


def test_one_that_is_alone_takes_the_next_smallest_with_it():
    assert hidden({"A": 4, "B": 9, "C": 6}, 5) == {"A", "C"}
    assert hidden({"A": 4, "B": 3, "C": 6}, 5) == {"A", "B"}
    assert hidden({"A": 1, "B": 1, "C": 6, "D": 7}, 5) == {"A", "B", "C"}
    assert hidden({"A": 5, "B": 6}, 5) == set()


months = st.lists(st.tuples(st.sampled_from("ABC-"), st.integers(1, 24), st.integers(1, 15)), min_size=1, max_size=14)


@pytest.fixture
def units(municipality):
    return {name: make_unit(municipality, name) for name in "ABC"} | {"-": municipality.root}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=months)
def test_what_comes_new_to_a_page_is_never_a_small_group(survey, units, answers):
    """Quarter by quarter the whole, each unit and what is left beside the units grow by no small group."""
    wave = stage_of(survey, "before")
    Tally.objects.all().delete()
    for name, number, people in answers:
        month = date(2025 + (number - 1) // 12, (number - 1) % 12 + 1, 1)
        tally, _ = Tally.objects.get_or_create(wave=wave, unit=units[name], month=month)
        tally.number += people
        tally.save()
    before = {}
    for year, month in product((2025, 2026, 2027), (1, 4, 7, 10)):
        told = result(wave, date(year, month, 1))
        whole = told.whole.number if told.whole else 0
        now = {unit.name: sum_.number for unit, sum_ in told.units.items()}
        now["beside"] = whole - sum(now.values())
        for name, number in [*now.items(), ("whole", whole)]:
            grown = number - before.get(name, 0)
            assert grown == 0 or grown >= survey.smallest, (name, year, month)
        before = {**now, "whole": whole}
    assert before["whole"] <= sum(people for _name, _month, people in answers)


def test_a_committee_with_few_answers_is_shown_within_the_whole_and_hides_another(municipality, needs):
    committees = {name: make_elected(make_unit(municipality, name), 8) for name in ("Barn", "Bygg", "Kultur")}
    wave = open_wave(survey=needs, starts_on=date(2025, 2, 1), ends_on=date(2025, 2, 20), by=None, on=date(2025, 2, 1))
    for name, number in {"Barn": 4, "Bygg": 6, "Kultur": 8}.items():
        answer_all(wave, committees[name][:number])
    assert result(wave, date(2025, 2, 20)).whole is None
    told = result(wave, date(2025, 2, 21))
    assert told.whole.number == 18
    assert {unit.name: sum_.number for unit, sum_ in told.units.items()} == {"Kultur": 8}

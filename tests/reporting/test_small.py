"""What a reader without names sees tells no hidden figure, however it is subtracted."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.coverage.figures import Coverage
from learning.coverage.models import Status
from learning.reporting.small import SMALLEST_PART, hidden_paths, is_few, is_small, merged

from .attack import Attacker, narrowest

TODAY = date(2026, 3, 1)

parts = st.tuples(st.integers(0, 25), st.integers(0, 25))
# Who works in the unit itself, and the units below it.
units = st.recursive(
    st.tuples(parts, st.just([])), lambda below: st.tuples(parts, st.lists(below, max_size=4)), max_leaves=12
)


def figure(completed: int, lacking: int) -> Coverage:
    return Coverage(TODAY, {Status.COMPETENT: completed, Status.NOT_STARTED: lacking})


def own_staff(unit: tuple, path: str = "0001") -> dict[str, tuple[int, int]]:
    """Path → who works in the unit itself: how many have the course, and how many lack it."""
    own, below = unit
    found = {path: own}
    for number, one in enumerate(below):
        found |= own_staff(one, f"{path}{number:04}")
    return found


def within(staff: dict, path: str) -> list[str]:
    return [one for one in staff if one.startswith(path)]


def total(staff: dict, paths: list[str]) -> tuple[int, int]:
    return tuple(map(sum, zip((0, 0), *(staff[path] for path in paths), strict=True)))


@given(units)
def test_nothing_is_told_of_few_by_what_is_shown_of_the_units(unit):
    staff = own_staff(unit)
    tree = {path: figure(*total(staff, within(staff, path))) for path in staff}
    hidden, attacker = hidden_paths(tree), Attacker()
    for path in tree.keys() - hidden:
        assert not is_small(tree[path])
        attacker.learn(within(staff, path), *total(staff, within(staff, path)))
    few = {f"unit {path}": within(staff, path) for path in tree if tree[path].counted and is_small(tree[path])}
    few |= {f"own {path}": [path] for path, own in staff.items() if any(own) and is_few(*own)}
    assert narrowest(attacker, few)[0] >= 5


def test_few_who_work_in_the_unit_itself_are_not_told_by_those_below():
    tree = {"0001": figure(41, 41), "00010001": figure(10, 10), "00010002": figure(30, 30)}
    assert hidden_paths(tree) == {"00010001"}


def test_one_who_works_in_two_units_is_not_told_by_their_sum():
    tree = {"0001": figure(39, 40), "00010001": figure(10, 10), "00010002": figure(30, 30)}
    assert hidden_paths(tree) == {"00010001"}


def test_the_next_smallest_is_hidden_with_the_only_small_one():
    tree = {"0001": figure(40, 43), "00010001": figure(3, 3), "00010002": figure(17, 20), "00010003": figure(20, 20)}
    assert hidden_paths(tree) == {"00010001", "00010002"}


def test_a_unit_of_whose_people_nothing_is_asked_is_told_and_hides_nobody():
    elsewhere = Coverage(TODAY, {Status.OTHER_POPULATION: 7, Status.NOT_MEANT: 1})
    tree = {"0001": figure(20, 20), "00010001": elsewhere, "00010002": figure(20, 20)}
    assert hidden_paths(tree) == set()


@pytest.mark.parametrize("status", [Status.ON_LEAVE, Status.EXEMPT, Status.NEW])
def test_that_everybody_of_a_unit_is_away_is_not_told(status):
    tree = {"0001": figure(20, 20), "00010001": Coverage(TODAY, {status: 1}), "00010002": figure(20, 20)}
    assert hidden_paths(tree) == {"00010001"}


@given(st.lists(st.integers(0, 12), max_size=4))
def test_small_cells_are_told_together_or_not_at_all(numbers):
    cells = [{"label": f"Cell {n}", "number": number} for n, number in enumerate(numbers)]
    found = [cell["number"] for cell in merged(cells)]
    assert all(number is None or number == 0 or number >= SMALLEST_PART for number in found)
    if None in found:
        assert not any(number for number in found)
    else:
        assert sum(found) == sum(numbers)

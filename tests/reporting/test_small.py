"""What a reader without names sees tells no hidden figure, however it is subtracted."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from learning.coverage.figures import Coverage
from learning.coverage.models import Status
from learning.reporting.small import SMALLEST_PART, hidden_paths, is_small, merged

TODAY = date(2026, 3, 1)

parts = st.tuples(st.integers(0, 25), st.integers(0, 25))
branches = st.lists(st.one_of(parts, st.lists(parts, max_size=4)), min_size=1, max_size=6)


def figure(completed: int, lacking: int) -> Coverage:
    return Coverage(TODAY, {Status.COMPETENT: completed, Status.NOT_STARTED: lacking})


def tree_of(branches: list) -> dict[str, Coverage]:
    """Units that consist of nothing but those below them, which is where most can be told."""
    numbers, ends = {}, "0123456789"
    for place, branch in enumerate(branches):
        leaves = branch if isinstance(branch, list) else [branch]
        if isinstance(branch, list):
            numbers |= {f"0001000{place}000{ends[n]}": leaf for n, leaf in enumerate(leaves)}
        numbers[f"0001000{place}"] = tuple(map(sum, zip((0, 0), *leaves, strict=True)))
    departments = [pair for path, pair in numbers.items() if len(path) == 8]
    numbers["0001"] = tuple(map(sum, zip(*departments, strict=True)))
    return {path: figure(*pair) for path, pair in numbers.items()}


def below(tree: dict, parent: str) -> list[str]:
    return [path for path in tree if path[:-4] == parent and tree[path].counted]


@given(branches)
def test_no_hidden_figure_can_be_told_by_subtraction(branches):
    tree = tree_of(branches)
    known = set(tree) - hidden_paths(tree)
    assert not any(is_small(tree[path]) for path in known)
    told = True
    while told:
        # A unit is known as soon as it alone is missing in a sum, or is the sum of what is known.
        told = {parent for parent in tree if below(tree, parent) and parent not in known} & {
            parent for parent in tree if set(below(tree, parent)) <= known
        }
        for parent in known:
            missing = set(below(tree, parent)) - known
            told |= missing if len(missing) == 1 and len(below(tree, parent)) > 1 else set()
        assert not told


@given(branches)
def test_what_is_hidden_together_is_no_small_group(branches):
    tree = tree_of(branches)
    hidden = hidden_paths(tree)
    for parent in set(tree) - hidden:
        missing = [tree[path] for path in below(tree, parent) if path in hidden]
        if missing:
            assert not is_small(figure(sum(one.competent for one in missing), sum(one.lacking for one in missing)))


def test_the_next_smallest_is_hidden_with_the_only_small_one():
    tree = {"0001": figure(40, 43), "00010001": figure(3, 3), "00010002": figure(17, 20), "00010003": figure(20, 20)}
    assert hidden_paths(tree) == {"00010001", "00010002"}


def test_a_unit_without_anybody_hides_nobody_else():
    tree = {"0001": figure(20, 20), "00010001": figure(0, 0), "00010002": figure(20, 20)}
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

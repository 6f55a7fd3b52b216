"""What readers without names are not told, so that no figure points at somebody (TRUST: published figures).

Whoever sees a unit and some of those below it can subtract them, and is left with the others and with those who work in
the unit itself: so these are together nobody, or no small group.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from learning.coverage.figures import Coverage
from learning.organisation.models import OrgUnit

SMALLEST_GROUP = 10
SMALLEST_PART = 5


def is_small(coverage: Coverage) -> bool:
    """Whether the figure may only be shown to those who may see the people behind it. Of nobody it points at nobody."""
    return not coverage.is_of_nobody and is_few(coverage.competent, coverage.lacking)


def is_few(completed: int, lacking: int) -> bool:
    """Whether so many who have the course and so many who lack it are a small group, or tell of each what they have."""
    return completed + lacking < SMALLEST_GROUP or min(completed, lacking) < SMALLEST_PART


def hidden_paths(tree: Mapping[str, Coverage]) -> set[str]:
    """The paths of a tree whose figures are hidden; what is below a hidden unit is hidden with it."""
    families = defaultdict(dict)
    for path, coverage in tree.items():
        families[path[: -OrgUnit.steplen]][path] = coverage
    hidden = set()
    for above in sorted(families):
        siblings = families[above]
        hidden |= set(siblings) if above in hidden else _hidden_siblings(siblings, tree.get(above))
    return hidden


def _hidden_siblings(siblings: Mapping[str, Coverage], above: Coverage | None) -> set[str]:
    """Those that are small, and the next smallest until what is left of the unit above tells nothing either."""
    hidden = {path for path, coverage in siblings.items() if is_small(coverage)}
    rest = [path for path in siblings.keys() - hidden if siblings[path].counted]
    rest.sort(key=lambda path: (siblings[path].counted, path), reverse=True)
    while above and rest and _tells_of_few(above, [siblings[path] for path in rest]):
        hidden.add(rest.pop())
    return hidden


def _tells_of_few(above: Coverage, shown: Iterable[Coverage]) -> bool:
    """Whether those who are left, when what is shown is subtracted from the unit above, are a small group.

    Whoever works in two units is subtracted twice and counted once, so less than nobody may be left.
    """
    completed = above.competent - sum(coverage.competent for coverage in shown)
    lacking = above.lacking - sum(coverage.lacking for coverage in shown)
    return (completed, lacking) != (0, 0) and is_few(completed, lacking)


def merged(cells: list[dict]) -> list[dict]:
    """The cells (label, number) with the small ones as one; its number is None where even that is small."""
    pool = [cell for cell in cells if 0 < cell["number"] < SMALLEST_PART]
    rest = sorted((cell for cell in cells if cell["number"] >= SMALLEST_PART), key=lambda cell: -cell["number"])
    while rest and pool and (len(pool) < 2 or sum(cell["number"] for cell in pool) < SMALLEST_PART):
        pool.append(rest.pop())
    if not pool:
        return cells
    total = sum(cell["number"] for cell in pool)
    together = ", ".join(str(cell["label"]) for cell in cells if cell in pool)
    one = {**pool[0], "label": together, "number": total if total >= SMALLEST_PART else None}
    return [cell for cell in cells if cell not in pool] + [one]

"""What readers without names are not told, so that no figure points at somebody (TRUST: published figures).

Whoever sees a unit and all but one of those below it can subtract: so hidden units come in groups that are not small.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping

from learning.coverage.figures import Coverage
from learning.organisation.models import OrgUnit

SMALLEST_GROUP = 10
SMALLEST_PART = 5


def is_small(coverage: Coverage) -> bool:
    """Whether the figure may only be shown to those who may see the people behind it."""
    return coverage.counted < SMALLEST_GROUP or coverage.competent < SMALLEST_PART or coverage.lacking < SMALLEST_PART


def hidden_paths(tree: Mapping[str, Coverage]) -> set[str]:
    """The paths of a tree whose figures are hidden; what is below a hidden unit is hidden with it."""
    families = defaultdict(dict)
    for path, coverage in tree.items():
        families[path[: -OrgUnit.steplen]][path] = coverage
    hidden = set()
    for parent in sorted(families):
        hidden |= set(families[parent]) if parent in hidden else _hidden_siblings(families[parent])
    return hidden


def _hidden_siblings(siblings: Mapping[Hashable, Coverage]) -> set:
    """Those that are small, and the next smallest until the hidden ones together tell nothing either."""
    hidden = {key for key, coverage in siblings.items() if is_small(coverage)}
    rest = sorted(siblings.keys() - hidden, key=lambda key: (siblings[key].counted, key), reverse=True)
    while rest and _is_told([siblings[key] for key in hidden]):
        hidden.add(rest.pop())
    return hidden


def _is_told(hidden: Iterable[Coverage]) -> bool:
    """Whether these could be told from what is left when all others are subtracted from the unit above."""
    there = [coverage for coverage in hidden if coverage.counted]
    if len(there) < 2:
        return bool(there)
    total = sum((Counter(coverage.counts) for coverage in there), Counter())
    return is_small(Coverage(there[0].on, total))


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

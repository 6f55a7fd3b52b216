"""Somebody who has all that is published and computes what the rest can be."""

from collections.abc import Hashable, Iterable

import numpy
from scipy.optimize import Bounds, LinearConstraint, milp

# What is known of a group: how many have the course, and how many lack it.
PARTS = ("has", "lacks")
MOST = 10_000


class Attacker:
    """Knows which cells make up each figure that is told, and that no cell is less than nobody."""

    def __init__(self):
        self.cells: dict[tuple, int] = {}
        self.equations: list[tuple[set[int], int]] = []

    def learn(self, cells: Iterable[Hashable], has: int, lacks: int) -> None:
        """That these cells are together so many who have the course and so many who lack it."""
        cells = list(cells)
        for part, number in zip(PARTS, (has, lacks), strict=True):
            self.equations.append(({self._place(cell, part) for cell in cells}, number))

    def spans(self, cells: Iterable[Hashable]) -> dict[str, float]:
        """How far apart the least and the most are that these can be: those who have it, who lack it, and all."""
        cells = list(cells)
        asked = {part: {self._place(cell, part) for cell in cells} for part in PARTS}
        asked["counted"] = asked["has"] | asked["lacks"]
        return {name: self._extreme(places, -1) - self._extreme(places, 1) for name, places in asked.items()}

    def _place(self, cell: Hashable, part: str) -> int:
        return self.cells.setdefault((cell, part), len(self.cells))

    def _row(self, places: set[int]):
        return numpy.isin(numpy.arange(len(self.cells)), list(places)).astype(float)

    def _extreme(self, places: set[int], sign: int) -> float:
        known = numpy.array([self._row(one) for one, _number in self.equations])
        numbers = [number for _places, number in self.equations]
        constraints = LinearConstraint(known, numbers, numbers) if self.equations else ()
        about = {"integrality": numpy.ones(len(self.cells)), "bounds": Bounds(0, MOST)}
        found = milp(sign * self._row(places), constraints=constraints, **about)
        assert found.success, found.message
        return round(sign * found.fun)


def narrowest(attacker: Attacker, groups: dict[Hashable, Iterable[Hashable]]) -> tuple[float, Hashable]:
    """The narrowest that can be told of any of these groups, each the cells that it consists of; and of which."""
    found = [(min(attacker.spans(cells).values()), str(name)) for name, cells in groups.items()]
    return min(found, default=(numpy.inf, ""))

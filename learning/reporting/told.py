"""What can be told of groups of people beside all that has been told before, so that no difference points at somebody.

A figure tells of a group: who is counted, and which of them have the course. Whoever has two figures can subtract one
from the other, in the same table or years apart. So each figure holds enough people who have never been told of as they
stand now: whatever is subtracted from it, they are left, and they are no small group.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from datetime import date

from .small import is_few

# Each person as they stand: id, whether they have the course, and how many times that has changed; and how often they
# are counted, below zero where they were subtracted too often.
Group = frozenset[tuple[tuple[int, bool, int], int]]


class Told:
    """What has been told of those who are asked to have a course, from the first figure on."""

    def __init__(self):
        self._seen: dict[int, tuple[date, bool, int]] = {}
        self._people: set[tuple] = set()
        self._groups: set[Group] = set()

    def group(self, people: Iterable[tuple[int, bool]], on: date) -> Group:
        """These people as they stand on the day; days are to be asked for in order."""
        found = set()
        for person, has in people:
            day, had, times = self._seen.setdefault(person, (on, has, 0))
            if day != on:
                times += had != has
                self._seen[person] = on, has, times
            found.add(((person, has, times), 1))
        return frozenset(found)

    def choose(self, whole: Group, parts: Mapping[Hashable, Group]) -> set | None:
        """The parts that can be told beside the whole, the largest first; None where the whole itself cannot be."""
        if not whole or not self._admits(whole):
            return None
        shown = set()
        for key in sorted(parts, key=lambda key: (-len(parts[key]), str(key))):
            others = _remainder(whole, [parts[one] for one in (*shown, key)])
            if self._admits(parts[key]) and self._admits(others):
                shown.add(key)
        return shown

    def tell(self, whole: Group, parts: Iterable[Group]) -> None:
        """Note that the whole and these parts are told, and with them what they leave."""
        parts = list(parts)
        for group in (whole, *parts, _remainder(whole, parts)):
            self._groups.add(group)
            self._people |= {person for person, _times in group}

    def _admits(self, group: Group) -> bool:
        """Whether the group can be told: it is nobody, or was told before, or is no small group even of those anew."""
        if not group or group in self._groups:
            return True
        anew = [(person, times) for person, times in group if person not in self._people]
        return not _is_few(group) and not _is_few(anew)


def _remainder(whole: Group, parts: Iterable[Group]) -> Group:
    """What is left when the parts are subtracted; whoever is in several of them is less than nobody there."""
    left = Counter(dict(whole))
    for part in parts:
        left.subtract(dict(part))
    return frozenset((person, times) for person, times in left.items() if times)


def _is_few(people: Iterable[tuple]) -> bool:
    counts = Counter()
    for (_person, has, _changes), times in people:
        counts[has] += times
    return is_few(counts[True], counts[False])

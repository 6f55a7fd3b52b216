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
# How many are counted of those who have the course or not, and who have been told of or not.
Sums = Counter[tuple[bool, bool]]


class Told:
    """What has been told of those who are asked to have a course, from the first figure on."""

    def __init__(self):
        self._seen: dict[int, tuple[date, tuple]] = {}  # person → the last day, and what they were in a group then
        self._people: set[tuple] = set()
        self._groups: set[Group] = set()

    def group(self, people: Iterable[tuple[int, bool]], on: date) -> Group:
        """These people as they stand on the day; days are to be asked for in order."""
        return frozenset([self._member(person, has, on) for person, has in people])

    def _member(self, person: int, has: bool, on: date) -> tuple:
        """The person as they stand; the same as before where nothing has changed."""
        day, member = self._seen.get(person) or (on, ((person, has, 0), 1))
        (_person, had, times), _once = member
        if had != has:
            member = ((person, has, times + (day != on)), 1)
        if day != on or person not in self._seen:
            self._seen[person] = on, member
        return member

    def choose(self, whole: Group, parts: Mapping[Hashable, Group]) -> set | None:
        """The parts that can be told beside the whole, the largest first; None where the whole itself cannot be."""
        left = self._sums(whole)
        if not whole or not self._admits(left, whole):
            return None
        shown = []
        for key in sorted(parts, key=lambda key: (-len(parts[key]), str(key))):
            sums = self._sums(parts[key])
            others = Counter(left)
            others.subtract(sums)
            if self._admits(sums, parts[key]) and self._admits(others, whole, [parts[one] for one in (*shown, key)]):
                shown.append(key)
                left = others
        return set(shown)

    def tell(self, whole: Group, parts: Iterable[Group]) -> None:
        """Note that the whole and these parts are told, and with them what they leave."""
        parts = list(parts)
        for group in (whole, *parts, _remainder(whole, parts)):
            self._groups.add(group)
            self._people |= {person for person, _times in group}

    def _sums(self, group: Group) -> Sums:
        """How many are counted in the group; of what is left when some are taken away, the sums tell by themselves."""
        sums = Counter()
        for person, times in group:
            sums[person[1], person not in self._people] += times
        return sums

    def _admits(self, sums: Sums, group: Group, without: Iterable[Group] = ()) -> bool:
        """Whether what is left of the group without these, which has these sums, can be told.

        It is nobody, or was told before, or is no small group even of those anew.
        """
        anew = sums[True, True], sums[False, True]
        if not is_few(*anew) and not is_few(anew[0] + sums[True, False], anew[1] + sums[False, False]):
            return True
        if any(anew):
            return False  # nobody is new in what was told before
        rest = _remainder(group, without)
        return not rest or rest in self._groups


def _remainder(whole: Group, parts: Iterable[Group]) -> Group:
    """What is left when the parts are subtracted; whoever is in several of them is less than nobody there."""
    left = Counter(dict(whole))
    for part in parts:
        left.subtract(dict(part))
    return frozenset((person, times) for person, times in left.items() if times)

"""An earlier day in the structure of a later one: where those of units that have closed since are counted.

Figures answer on the organisation of their day. The other question, asked only where it is named, is what they were
in the organisation of a later day. It is answered person by person, so that nobody is lost or counted twice.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from learning.dated import DAY, in_force
from learning.organisation.models import Employment, OrgUnit


def reorganised_on(unit: OrgUnit, on: date) -> list[date]:
    """The days through `on` on which units came from elsewhere into this one, which is open then, or left it."""
    days = _crossing(unit.path).filter(to_orgunit__ends_on__lt=on).values_list("to_orgunit__ends_on", flat=True)
    return sorted({day + DAY for day in days})


def is_reorganised() -> Exists:
    """Whether there is any such day for a unit: of most there is none, and no more is asked."""
    return Exists(_crossing(OuterRef("path")))


def _crossing(path: str | OuterRef) -> QuerySet:
    """The links between a unit and its successor, which outlasts it, of which one is within the path."""
    links = OrgUnit.predecessors.through.objects
    outlasts = Q(from_orgunit__ends_on=None) | Q(from_orgunit__ends_on__gt=F("to_orgunit__ends_on"))
    return links.filter(outlasts, Q(to_orgunit__path__startswith=path) ^ Q(from_orgunit__path__startswith=path))


class Structure:
    """The units of a municipality as they stand on a day, and where those of each closed unit are counted.

    Who stood in a unit that is closed on the day is counted in its successor; of several, in that one in which the
    person's own employment went on; where that cannot be told, in the nearest unit above all of them. A unit that
    closed without a successor counts with the unit above it.
    """

    def __init__(self, municipality_root: str, on: date):
        self.on = on
        units = list(OrgUnit.objects.under_paths([municipality_root]))
        self._root, self._units = municipality_root, {unit.path: unit for unit in units}
        self._open = {unit.path for unit in units if in_force(unit, on)} | {municipality_root}
        self._successors = self._read_successors()
        self._final = {}
        self._homes = {path: self._home_of_all(path) for path in self._units}
        self._staff = {}

    def home(self, path: str, person: int) -> str:
        """The path of the unit in which the person, who stood in the unit with this path, is counted."""
        if home := self._homes[path]:
            return home
        if not self._finals(path):
            return self.home(self._above(path), person)
        went_on = [successor for successor in self._successors[path] if person in self._went_on(path, successor)]
        return self.home(went_on[0], person) if len(went_on) == 1 else self._common(self._finals(path))

    def within(self, path: str) -> Q:
        """Those rows of a unit and a person that are counted in the unit with this path or below it."""
        closed = self._units.keys() - self._open
        gone = [self._units[one].pk for one in closed if one.startswith(path)]
        come = [self._units[one].pk for one in closed if (self._homes[one] or "").startswith(path)]
        rows = Q(unit__path__startswith=path) & ~Q(unit__in=gone) | Q(unit__in=come)
        for one in (one for one in closed if self._homes[one] is None):
            people = Employment.objects.filter(unit=self._units[one]).values_list("person", flat=True).distinct()
            own = [person for person in people if self.home(one, person).startswith(path)]
            rows |= Q(unit=self._units[one], person__in=own)
        return rows

    def _read_successors(self) -> dict[str, list[str]]:
        """Path → the paths of the unit's successors; only of those that outlast it, so that no chain is a ring."""
        links = OrgUnit.predecessors.through.objects.filter(to_orgunit__path__startswith=self._root)
        found = defaultdict(list)
        for path, successor in links.values_list("to_orgunit__path", "from_orgunit__path").order_by("pk"):
            if successor in self._units and self._last(successor) > self._last(path):
                found[path].append(successor)
        return found

    def _last(self, path: str) -> date:
        return self._units[path].ends_on or date.max

    def _finals(self, path: str) -> frozenset[str]:
        """The units, open on the day, that the unit has become by way of its successors."""
        if path not in self._final:
            ways = [{path}] if path in self._open else map(self._finals, self._successors[path])
            self._final[path] = frozenset().union(*ways)
        return self._final[path]

    def _home_of_all(self, path: str) -> str | None:
        """Where everyone of the unit is counted; None where it depends on the person."""
        finals = self._finals(path)
        if not finals:
            return self._home_of_all(self._above(path))
        return next(iter(finals)) if len(finals) == 1 else None

    def _above(self, path: str) -> str:
        """The nearest unit above that was there at least as long."""
        above = (path[:end] for end in range(len(path) - OrgUnit.steplen, 0, -OrgUnit.steplen))
        return next((one for one in above if self._last(one) >= self._last(path)), self._root)

    def _went_on(self, path: str, successor: str) -> set[int]:
        """The people who were employed in the successor, or below it, on the day after the unit's last."""
        if (path, successor) not in self._staff:
            work = Employment.objects.on(self._last(path) + DAY).filter(unit__path__startswith=successor)
            self._staff[path, successor] = set(work.values_list("person", flat=True))
        return self._staff[path, successor]

    def _common(self, paths: Iterable[str]) -> str:
        """The nearest unit, open on the day, that is one of these or above all of them."""
        first, *others = paths
        above = (first[:end] for end in range(len(first), 0, -OrgUnit.steplen))
        return next(one for one in above if one in self._open and all(other.startswith(one) for other in others))

"""Which unit a row of an HR file speaks of, on the day of the file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext as _

from learning.organisation.models import Municipality, OrgUnit, Population

from .findings import Finding, Kind, step
from .rows import Row

# The names from the department down to the unit, case-folded.
Path = tuple[str, ...]


class Units:
    """Finds the unit of a row, follows it through reorganisations, and opens it where that is asked for."""

    def __init__(self, municipality: Municipality, on: date):
        self.municipality, self.root = municipality, municipality.root
        units = list(municipality.units)
        self.names: dict[int | str, str] = {unit.pk: unit.name for unit in units}
        self._folded = {unit.path: unit.name.casefold() for unit in units}
        # What is decided to come, or to close, says where nothing can be opened.
        self.coming = {path for _unit, path in self._paths(unit for unit in units if unit.starts_on > on)}
        self.closing = {unit.pk: unit.ends_on for unit in units if unit.ends_on and unit.ends_on >= on}
        closed = [unit for unit in units if unit.ends_on and unit.ends_on < on]
        units = [unit for unit in units if unit.starts_on <= on and (unit.ends_on is None or on <= unit.ends_on)]
        self.is_empty = units == [self.root]
        self.starts_on: dict[int | str, date] = {unit.pk: unit.starts_on for unit in units}
        self.vague: set[str] = {""}
        self.by_code: dict[str, int | str] = _alone((unit.code, unit.pk) for unit in units if unit.code)
        self.by_path: dict[Path, int | str] = {}
        self.by_name: dict[Path, int | str] = {}
        self._index(units)
        self.was: dict[str | Path, set[int]] = defaultdict(set)
        self.successors: dict[int, list[int]] = defaultdict(list)
        if closed:
            self._remember(closed)

    def _paths(self, units: Iterable[OrgUnit]) -> Iterator[tuple[OrgUnit, Path]]:
        top, steplen = len(self.root.path), OrgUnit.steplen
        for unit in units:
            ends = range(top + steplen, len(unit.path) + 1, steplen)
            yield unit, tuple(self._folded[unit.path[:end]] for end in ends) or (unit.name.casefold(),)

    def _index(self, units: list[OrgUnit]) -> None:
        """Find units by their whole path; and by department and name, or by name alone, where only one is called so."""
        called = []
        for unit, path in self._paths(units):
            self.by_path[path] = unit.pk
            called += [((path[0], path[-1]), unit.pk), (("", path[-1]), unit.pk)]
        self.by_name = _alone(called)

    def _remember(self, closed: list[OrgUnit]) -> None:
        """What units that are closed by now were called, and what became of them."""
        for unit, path in self._paths(closed):
            for name in {unit.code, path, (path[0], path[-1]), ("", path[-1])} - {""}:
                self.was[name].add(unit.pk)
        links = OrgUnit.predecessors.through.objects.filter(to_orgunit__in=[unit.pk for unit in closed])
        for before, after in links.order_by("pk").values_list("to_orgunit", "from_orgunit"):
            self.successors[before].append(after)

    def heed(self, rows: Iterable[Row]) -> None:
        """A code that stands for several units in the file, such as a cost centre, tells none of them."""
        names = defaultdict(set)
        for row in rows:
            names[row.unit_code].add(_path(row))
        self.vague = {code for code, units in names.items() if len(units) > 1} | {""}

    def of(self, row: Row) -> int | str | None:
        """The unit's id, or the reference of one that is to be opened; None for one that is not known."""
        path = _path(row)
        by_code = None if row.unit_code in self.vague else self.by_code.get(row.unit_code)
        gathered = None if row.population == Population.EMPLOYEE else self.by_path.get(_folded(_names(row)))
        by_path = gathered or self.by_path.get(path)
        return by_code or by_path or self.by_name.get(path if len(path) == 2 else ("", *path))

    def heirs(self, row: Row) -> list[int]:
        """What is open of that which the row's unit, closed by now, has become."""
        path = _path(row)
        was = self.was.get(row.unit_code) if row.unit_code not in self.vague else None
        return self._heirs(was or self.was.get(path) or self.was.get(path if len(path) == 2 else ("", *path), ()))

    def _heirs(self, units: Iterable[int]) -> list[int]:
        heirs, seen, ahead = set(), set(), list(units)
        while ahead:
            unit = ahead.pop()
            if unit in self.starts_on:
                heirs.add(unit)
            elif unit not in seen:
                seen.add(unit)
                ahead += self.successors[unit]
        return sorted(heirs)

    def why_not(self, row: Row) -> str:
        """Why the row's unit cannot be opened, because of what is planned; empty where it can."""
        names = _names(row)
        for depth, name in enumerate(names, start=1):
            path = _folded(names[:depth])
            if path in self.coming and path not in self.by_path:
                return _("“%(unit)s” opens later, by a planned change.") % {"unit": name}
            if day := self.closing.get(self.by_path.get(path)):
                return _("“%(unit)s” closes after %(day)s by a planned change.") % {"unit": name, "day": day}
        return ""

    def open(self, row: Row, opens_on: date) -> Iterator[Finding]:
        """Open the row's unit, and before it those above it that there are not."""
        names = _names(row)
        parent: int | str = self.root.pk
        for depth, name in enumerate(names, start=1):
            path = _folded(names[:depth])
            is_last = depth == len(names)
            heirs = self._heirs(self.was.get(path, ()))
            there = self.by_path.get(path) or (heirs[0] if len(heirs) == 1 else None)
            if there and not is_last:
                parent = there
                continue
            kind = self.municipality.department_word if depth == 1 and len(names) > 1 else "enhet"
            code = row.unit_code if is_last and row.unit_code not in self.vague else ""
            reference = "new:" + "/".join(names[:depth])
            self.by_path[path] = reference
            if code:
                self.by_code[code] = reference
            self.starts_on[reference], self.names[reference] = opens_on, name
            after = {"ref": reference, "name": name, "kind": kind, "parent": parent, "code": code}
            steps = (step("unit", None, None, {**after, "starts_on": opens_on}),)
            under = "" if parent == self.root.pk else self.names[parent]
            yield Finding(Kind.UNIT_OPENED, row.number, name=name, details={"unit": name, "under": under}, steps=steps)
            parent = reference


def _alone(named: Iterable[tuple]) -> dict:
    """Name → unit, where only one is called so."""
    found = defaultdict(set)
    for name, pk in named:
        found[name].add(pk)
    return {name: min(pks) for name, pks in found.items() if len(pks) == 1}


def _path(row: Row) -> Path:
    return _folded((row.department, *row.above, row.unit or row.unit_code))


@lru_cache(maxsize=4096)
def _folded(names: Path) -> Path:
    return tuple(name.casefold() for name in names if name)


def _names(row: Row) -> Path:
    """The names on the way to the unit; committees and partners that stand nowhere do not become departments."""
    top = row.department
    if not top and row.population == Population.ELECTED:
        top = _("Political organisation")
    elif not top and row.population == Population.PARTNER:
        top = Population.PARTNER.label
    return tuple(str(name) for name in (top, *row.above, row.unit or row.unit_code) if name)

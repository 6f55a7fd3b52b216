"""The acts that change the organisation from a day on.

A unit never moves: it closes, and a successor opens that takes over its people, its functions and what is below it.
So every figure of an earlier day still finds the organisation of that day. Each act is written down, and the latest
can be taken back.
"""

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby, pairwise

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from learning.dated import DAY
from learning.errors import LearningError

from .guards import UnitNotOpen, expect_open, hold_unit
from .models import Appointment, Employment, HrImport, Municipality, OrgUnit, Person, Reorganisation
from .signals import announce, appointments_changed, register_changed
from .trail import CannotUndo, Trail, undo

Kind = Reorganisation.Kind


class UnitInUse(LearningError):
    """The unit still has people or units."""


class NameTaken(LearningError):
    """There is a unit with that name in the same place already."""


@dataclass(frozen=True)
class By:
    """Who makes a change of the organisation, and on what decision."""

    person: Person | None = None
    decision: str = ""


NOBODY = By()


@dataclass
class Part:
    """What becomes of a unit that is split: a new unit, and whom and what it takes over (ids)."""

    name: str
    code: str = ""
    employments: set[int] = field(default_factory=set)
    appointments: set[int] = field(default_factory=set)
    units: set[int] = field(default_factory=set)


def add_unit(*, parent: OrgUnit, name: str, kind: str, on: date, code: str = "") -> OrgUnit:
    """Open a unit below the parent from the day on, and write nothing down: for whoever writes it down otherwise."""
    parent.refresh_from_db()  # treebeard keeps the number of children on the row
    return parent.add_child(name=name, kind=kind, code=code, starts_on=on)


@transaction.atomic
def open_unit(*, parent: OrgUnit, name: str, kind: str, on: date, code: str = "", by: By = NOBODY) -> OrgUnit:
    """Open a unit below the parent from the day on. Raises UnitNotOpen or NameTaken."""
    expect_open(parent, on)
    _expect_to_stay(parent)
    with _written_down(Kind.OPENED, parent, on, by) as (trail, told):
        unit = _new(trail, parent, name, kind, code, on)
        told.after = [unit.name]
    return unit


@transaction.atomic
def correct_unit(*, unit: OrgUnit, name: str, kind: str, code: str) -> None:
    """Mend what was written wrong; it was never called otherwise. Raises NameTaken."""
    if not unit.is_root():
        _expect_free(unit.get_parent(), name, unit.starts_on, unit, through=unit.ends_on)
    unit.name, unit.kind, unit.code = name, kind, code
    unit.save(update_fields=["name", "kind", "code"])


@transaction.atomic
def close_unit(*, unit: OrgUnit, on: date, by: By = NOBODY) -> None:
    """Close the unit; the day is its first without it. Refused while people or units are left, or are to come."""
    expect_open(unit, on - DAY)
    with _written_down(Kind.CLOSED, unit, on, by) as (trail, told):
        told.before = [unit.name]
        functions = Appointment.objects.filter(unit=unit).exclude(ends_on__lt=on)
        trail.change(list(functions.filter(starts_on__lt=on)), ends_on=on - DAY)
        trail.remove(list(functions.filter(starts_on__gte=on)))
        _close(trail, unit, on)


@transaction.atomic
def move_unit(*, unit: OrgUnit, to: OrgUnit, on: date, by: By = NOBODY) -> OrgUnit:
    """From the day on, the unit, what is below it and its people stand under `to`; returns its successor there.

    Raises UnitNotOpen or NameTaken.
    """
    _expect_place(unit, to, on)
    with _written_down(Kind.MOVED, unit, on, by) as (trail, told):
        told.before, told.after = [_place(unit.name, unit.get_parent())], [_place(unit.name, to)]
        return _succeed(trail, unit, to, on)


@transaction.atomic
def rename_unit(*, unit: OrgUnit, name: str, on: date, by: By = NOBODY) -> OrgUnit:
    """From the day on, the unit is called something else; what it was called before stays with the earlier days."""
    if unit.is_root():
        raise UnitNotOpen(_("The municipality itself is not reorganised. Nothing was changed."))
    _expect_place(unit, unit.get_parent(), on)
    with _written_down(Kind.RENAMED, unit, on, by) as (trail, told):
        told.before, told.after = [unit.name], [name]
        return _succeed(trail, unit, unit.get_parent(), on, name=name)


@transaction.atomic
def merge_units(*, units: Iterable[OrgUnit], into: OrgUnit, on: date, by: By = NOBODY) -> OrgUnit:
    """From the day on, the people and functions of the units, and what is below them, belong to `into`.

    Who worked in several of them in the same role has one employment from then on. Raises UnitNotOpen or NameTaken.
    """
    units = _apart(units)
    for unit in units:
        _expect_place(unit, into, on)
        _expect_begun(unit, on)
    with _written_down(Kind.MERGED, into, on, by) as (trail, told):
        told.before, told.after = [unit.name for unit in units], [into.name]
        _merge(trail, units, into, on)
    return into


@transaction.atomic
def merge_into_new(
    *, units: Iterable[OrgUnit], parent: OrgUnit, name: str, kind: str, on: date, code: str = "", by: By = NOBODY
) -> OrgUnit:
    """As merge_units, into a unit that opens below the parent on the day."""
    units = _apart(units)
    expect_open(parent, on)
    _expect_to_stay(parent)
    for unit in units:
        _expect_place(unit, parent, on)
        _expect_begun(unit, on)
    with _written_down(Kind.MERGED, parent, on, by) as (trail, told):
        told.before, told.after = [unit.name for unit in units], [name]
        into = _new(trail, parent, name, kind, code, on, but=units)
        _merge(trail, units, into, on)
    return into


@transaction.atomic
def split_unit(*, unit: OrgUnit, parts: list[Part], on: date, by: By = NOBODY) -> list[OrgUnit]:
    """From the day on, the unit is several: each part takes over whom and what it names, the first all the rest.

    Raises UnitNotOpen or NameTaken.
    """
    if len(parts) < 2:
        raise UnitNotOpen(_("A unit is split into at least two. Nothing was changed."))
    if unit.is_root():
        raise UnitNotOpen(_("The municipality itself is not reorganised. Nothing was changed."))
    parent = unit.get_parent()
    _expect_place(unit, parent, on)
    _expect_begun(unit, on)
    with _written_down(Kind.SPLIT, unit, on, by) as (trail, told):
        told.before, told.after = [unit.name], [part.name for part in parts]
        opened = [_new(trail, parent, part.name, unit.kind, part.code, on, but=[unit]) for part in parts]
        for successor in opened:
            successor.predecessors.add(unit)

        def to(row, kind: str) -> OrgUnit:
            taken = (successor for successor, part in zip(opened, parts, strict=True) if row.pk in getattr(part, kind))
            return next(taken, opened[0])

        for child in _left_below(unit, on):
            _succeed(trail, child, to(child, "units"), on)
        _carry_over(trail, Employment.objects.filter(unit=unit), lambda row: to(row, "employments"), on)
        _carry_over(trail, Appointment.objects.filter(unit=unit), lambda row: to(row, "appointments"), on)
        _close(trail, unit, on)
    return opened


def rehearse(act: Callable[[], object]) -> Reorganisation:
    """What one of the acts above would write down; nothing is written. Raises what the act raises."""
    with transaction.atomic():
        act()
        told = Reorganisation.objects.latest("pk")
        transaction.set_rollback(True)
    return told


@transaction.atomic
def undo_reorganisation(*, reorganisation: Reorganisation, now: datetime) -> None:
    """Let the register be what it was before the change. Raises CannotUndo; then nothing was changed."""
    Municipality.objects.hold(reorganisation.municipality_id)
    reorganisation.refresh_from_db(from_queryset=Reorganisation.objects.select_for_update())
    if reorganisation.undone_at:
        raise CannotUndo(_("The change has been undone already. Nothing was changed."))
    made = [pk for model, pk, before, _after in reorganisation.steps if model == "orgunit" and before is None]
    for model in (Employment, Appointment):
        known = {pk for name, pk, _before, _after in reorganisation.steps if name == model._meta.model_name}
        if model.objects.filter(unit__in=OrgUnit.objects.filter(pk__in=made)).exclude(pk__in=known).exists():
            raise CannotUndo(
                _("People have come to the new units since, so the change cannot be undone. Nothing was changed.")
            )
    _tell(undo(reorganisation.steps))
    reopened = [pk for model, pk, before, after in reorganisation.steps if model == "orgunit" and before and after]
    OrgUnit.predecessors.through.objects.filter(to_orgunit__in=reopened).delete()
    reorganisation.undone_at = now
    reorganisation.save(update_fields=["undone_at"])


@transaction.atomic
def carry_late(municipality: Municipality, *, made_by: HrImport | None = None) -> None:
    """Let employments that outlast their unit go on in what it has become.

    Such come with an HR file that was made before a reorganisation and speaks of somebody after it, or when one is
    undone. What that makes is the file's, so that undoing it takes that away too.
    """
    late = Employment.objects.filter(unit__in=municipality.units.exclude(ends_on=None))
    late = late.filter(Q(ends_on=None) | Q(ends_on__gt=F("unit__ends_on")))
    trail, unit = Trail(), None
    # What a unit has become closes later than it did, so each is asked once.
    while unit := _next_outlasted(late, after=unit):
        heirs, on = _heirs(unit), unit.ends_on + DAY
        for row in late.filter(unit=unit).order_by("pk"):
            _carry_late(trail, row, heirs, on, made_by)
    _tell(trail)


def _next_outlasted(late, *, after: OrgUnit | None) -> OrgUnit | None:
    units = OrgUnit.objects.filter(pk__in=late.values("unit")).order_by("ends_on", "path")
    if after:
        units = units.filter(Q(ends_on__gt=after.ends_on) | Q(ends_on=after.ends_on, path__gt=after.path))
    return units.first()


def _carry_late(trail: Trail, row: Employment, heirs: list[OrgUnit], on: date, made_by: HrImport | None) -> None:
    """Let one employment go on where the person already is, else in the first part, which takes whatever is left."""
    own = Employment.objects.filter(person=row.person_id, population=row.population, unit__in=heirs)
    own = own.overlapping(max(on, row.starts_on), row.ends_on).order_by("starts_on", "pk")
    there = {employment.unit_id for employment in own}
    to = next((unit for unit in heirs if unit.pk in there), heirs[0])
    is_there = not row.external_no and own.filter(unit=to, role=row.role, external_no="").exists()
    own_rows = {"made_by": made_by} if made_by else {}
    if not is_there:
        _carry_over(trail, Employment.objects.filter(pk=row.pk), lambda row: to, on, **own_rows)
    elif row.starts_on < on:
        # What is already planned there stands.
        trail.change([row], ends_on=on - DAY)
    else:
        trail.remove([row])


def _heirs(unit: OrgUnit) -> list[OrgUnit]:
    """What the unit has become on the day after its last, part by part; without a successor, what is above it."""
    if heirs := list(unit.successors.on(unit.ends_on + DAY).order_by("pk")):
        return heirs
    above = unit.get_parent()
    return [above] if above.ends_on is None or above.ends_on > unit.ends_on else _heirs(above)


# What the acts are made of


@contextmanager
def _written_down(kind: str, unit: OrgUnit, on: date, by: By):
    """Collects what is done while it lasts, tells it to the rooms above, and writes it down."""
    municipality = Municipality.objects.of_unit(unit)
    # As an HR file does: one change of the whole register at a time. What it was asked for may be done by now.
    Municipality.objects.hold(municipality.pk)
    unit.refresh_from_db()
    _expect_to_stay(unit)
    trail = Trail()
    told = Reorganisation(municipality=municipality, kind=kind, on=on, decision=by.decision, made_by=by.person)
    yield trail, told
    told.steps = trail.steps
    told.save()
    _tell(trail)


def _tell(trail: Trail) -> None:
    announce(register_changed, trail.people)
    announce(appointments_changed, trail.appointed)


def _new(trail: Trail, parent: OrgUnit, name: str, kind: str, code: str, on: date, but: Iterable[OrgUnit] = ()):
    _expect_free(parent, name, on, *but)
    unit = add_unit(parent=parent, name=name, kind=kind, code=code, on=on)
    trail.note_made([unit])
    return unit


def _succeed(trail: Trail, unit: OrgUnit, to: OrgUnit, on: date, name: str = "") -> OrgUnit:
    """Close the unit and let a successor under `to` take over from the day on.

    A unit that has not stood anywhere before the day, because an earlier act opened it then, is itself put there.
    """
    _expect_to_stay(unit)
    if unit.starts_on >= on:
        _expect_free(to, name or unit.name, unit.starts_on, unit)
        trail.place(unit, to)
        trail.change([unit], name=name or unit.name)
        return unit
    successor = _new(trail, to, name or unit.name, unit.kind, unit.code, on, but=[unit])
    successor.predecessors.add(unit)
    _take_over(trail, unit, successor, on)
    return successor


def _merge(trail: Trail, units: list[OrgUnit], into: OrgUnit, on: date) -> None:
    for unit in units:
        into.predecessors.add(unit)
        _take_over(trail, unit, into, on)
    _join_employments(trail, into, on)


def _take_over(trail: Trail, unit: OrgUnit, successor: OrgUnit, on: date) -> None:
    """Let the successor have what the unit has, and close the unit."""
    for child in _left_below(unit, on):
        _succeed(trail, child, successor, on)
    for model in (Employment, Appointment):
        _carry_over(trail, model.objects.filter(unit=unit), lambda row: successor, on)
    _close(trail, unit, on)


def _left_below(unit: OrgUnit, on: date) -> list[OrgUnit]:
    return list(OrgUnit.objects.right_below(unit).exclude(ends_on__lt=on))


def _carry_over(trail: Trail, rows, successor_of: Callable[[object], OrgUnit], on: date, **fields) -> None:
    """Split each row that reaches the day in two: the old unit before it, its successor from it, with these fields."""
    rows = list(rows.exclude(ends_on__lt=on).order_by("pk"))
    begun = [row for row in rows if row.starts_on < on]
    carried = [row.another(unit=successor_of(row), starts_on=on, **fields) for row in begun]
    trail.change([row for row in rows if row.starts_on >= on], unit=successor_of)
    trail.change(begun, ends_on=on - DAY)
    trail.make(carried)


def _join_employments(trail: Trail, unit: OrgUnit, on: date) -> None:
    """Let those who have come to have the same role in the unit twice at a time have it once.

    An employment that has a number of its own in HR stays one of its own.
    """

    def key(row: Employment) -> tuple:
        return row.person_id, row.population, row.role

    rows = Employment.objects.filter(unit=unit, external_no="").exclude(ends_on__lt=on)
    rows = sorted(rows, key=lambda row: (*map(str, key(row)), row.starts_on, row.pk))
    for _key, group in groupby(rows, key):
        group = list(group)
        periods = joined([(row.starts_on, row.ends_on, row.is_main) for row in group])
        if len(group) == len(periods):
            continue
        for row, (starts_on, ends_on, is_main) in zip(group, periods, strict=False):
            trail.change([row], starts_on=starts_on, ends_on=ends_on, is_main=is_main)
        trail.remove(group[len(periods) :])


def joined(periods: list[tuple[date, date | None, bool]]) -> list[tuple[date, date | None, bool]]:
    """The same days in periods that do not overlap; a day is main where any of the periods that hold it is."""
    cuts = {first for first, _last, _main in periods} | {last + DAY for _first, last, _main in periods if last}
    found: list[tuple[date, date | None, bool]] = []
    for first, after in zip(sorted(cuts), [*sorted(cuts)[1:], None], strict=True):
        mains = [main for start, last, main in periods if start <= first and (last is None or first <= last)]
        if not mains:
            continue
        last = after - DAY if after else None
        if found and found[-1][1] == first - DAY and found[-1][2] == any(mains):
            found[-1] = (found[-1][0], last, any(mains))
        else:
            found.append((first, last, any(mains)))
    return found


def _close(trail: Trail, unit: OrgUnit, on: date) -> None:
    hold_unit(unit.pk)
    unit.refresh_from_db()
    _expect_to_stay(unit)
    below = OrgUnit.objects.under(unit)
    if Employment.objects.exclude(ends_on__lt=on).filter(unit__in=below).exists():
        raise UnitInUse(_("%(unit)s still has people. Move them first; nothing was changed.") % {"unit": unit})
    if below.exclude(ends_on__lt=on).exclude(pk=unit.pk).exists():
        raise UnitInUse(_("%(unit)s still has open units below. Nothing was changed.") % {"unit": unit})
    trail.change([unit], ends_on=on - DAY)


# What is asked before


def _place(name: str, parent: OrgUnit) -> str:
    return f"{name} ({parent.name})"


def _expect_place(unit: OrgUnit, to: OrgUnit, on: date) -> None:
    """Refuse a unit that is not open on the day, and a place that is not, or that the unit itself holds."""
    is_open = OrgUnit.objects.on(on).filter(pk=unit.pk).exists()
    has_place = OrgUnit.objects.on(on).filter(pk=to.pk).exists()
    is_elsewhere = to.root_path != unit.root_path
    if unit.is_root() or not is_open or not has_place or is_elsewhere or to == unit or to.is_descendant_of(unit):
        raise UnitNotOpen(
            _("%(unit)s cannot move to %(to)s on that day. Nothing was changed.") % {"unit": unit, "to": to}
        )
    _expect_to_stay(unit)
    _expect_to_stay(to)


def _expect_to_stay(unit: OrgUnit) -> None:
    """Refuse a unit whose closing is planned: what it becomes then would be twice."""
    if unit.ends_on:
        raise UnitNotOpen(
            _("%(unit)s closes after %(day)s by another change. Undo that one first. Nothing was changed.")
            % {"unit": unit, "day": unit.ends_on}
        )


def _expect_begun(unit: OrgUnit, on: date) -> None:
    """Refuse a unit that has not stood a day: it could only be said never to have been."""
    if unit.starts_on >= on:
        raise UnitNotOpen(
            _("%(unit)s opens on that very day. Undo what opened it instead. Nothing was changed.") % {"unit": unit}
        )


def _apart(units: Iterable[OrgUnit]) -> list[OrgUnit]:
    """The units, each once, in the order of the tree; refused where one lies within another."""
    units = sorted(set(units), key=lambda unit: unit.path)
    for above, unit in pairwise(units):
        if unit.is_descendant_of(above):
            raise UnitNotOpen(
                _("%(unit)s is a part of %(above)s already. Merge one of them. Nothing was changed.")
                % {"unit": unit, "above": above}
            )
    return units


def _expect_free(parent: OrgUnit, name: str, on: date, *but: OrgUnit, through: date | None = None) -> None:
    """Refuse a name that another unit in the same place has: neither people nor HR files could tell them apart."""
    beside = OrgUnit.objects.right_below(parent).exclude(ends_on__lt=on).exclude(pk__in=[unit.pk for unit in but])
    if through:
        beside = beside.filter(starts_on__lte=through)
    if name.casefold() in {other.casefold() for other in beside.values_list("name", flat=True)}:
        raise NameTaken(
            _("There is a unit called %(name)s in %(parent)s already. Nothing was changed.")
            % {"name": name, "parent": parent}
        )

"""What an act did to the rows of the register, written down so that it can be taken back to the row."""

import json
from collections import defaultdict
from collections.abc import Iterable

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext as _

from learning.errors import LearningError

from .models import Appointment, Employment, OrgUnit
from .signals import unit_placing

MODELS = {model._meta.model_name: model for model in (OrgUnit, Employment, Appointment)}
PLACE = "place"
BATCH = 500


class CannotUndo(LearningError):
    """What the act changed is no longer as the act left it."""


class Trail:
    """Makes, changes and removes rows, many at a time, and keeps what each was before and after."""

    def __init__(self):
        self.steps: list[list] = []
        self.people: set[int] = set()
        self.appointed: set[int] = set()

    def make(self, rows: list[models.Model]) -> None:
        """Write new rows."""
        for group in _by_model(rows):
            type(group[0])._base_manager.bulk_create(group, batch_size=BATCH)
        self.note_made(rows)

    def note_made(self, rows: Iterable[models.Model]) -> None:
        """Note rows that have been made."""
        for row in rows:
            self._note(row, None, fields_of(row))

    def change(self, rows: list[models.Model], **values) -> None:
        """Give each of the rows these values; a value may be a function of the row."""
        for row in rows:
            before = fields_of(row)
            for name, value in values.items():
                setattr(row, name, value(row) if callable(value) else value)
            self._note(row, before, fields_of(row))
        for group in _by_model(rows):
            type(group[0])._base_manager.bulk_update(group, list(values), batch_size=BATCH)

    def remove(self, rows: list[models.Model]) -> None:
        """Remove rows: another says what they said."""
        for row in rows:
            self._note(row, fields_of(row), None)
        for group in _by_model(rows):
            type(group[0])._base_manager.filter(pk__in=[row.pk for row in group]).delete()

    def place(self, unit: OrgUnit, to: OrgUnit) -> None:
        """Put a unit, with all below it, under another: only one that has not stood anywhere yet."""
        before = unit.get_parent(update=True)
        if before != to:
            self.steps.append([PLACE, unit.pk, before.pk, to.pk])
            _put(unit.pk, to.pk)
            unit.refresh_from_db()

    def _note(self, row: models.Model, before: dict | None, after: dict | None) -> None:
        self.steps.append([row._meta.model_name, row.pk, before, after])
        if isinstance(row, Employment):
            self.people.add(row.person_id)
        if isinstance(row, Appointment):
            self.appointed.add(row.person_id)


def _changed_since() -> CannotUndo:
    return CannotUndo(_("Some of it has been changed again since, so it cannot be undone. Nothing was changed."))


def undo(steps: list[list]) -> Trail:
    """Let every row be what it was before the steps; returns what that changed.

    Raises CannotUndo, and must then be rolled back, where a row is no longer as the steps left it, or where
    something has come to rest on a row that they made.
    """
    first, last = {}, {}
    for model, pk, before, after in steps:
        first.setdefault((model, pk), before)
        last[model, pk] = after
    undone = Trail()
    for name, model in MODELS.items():
        own = {pk: (first[name, pk], after) for (of, pk), after in last.items() if of == name}
        standing = model._base_manager.in_bulk(own)
        if any(fields_of(standing.get(pk)) != after for pk, (_before, after) in own.items()):
            raise _changed_since()
        undone.steps += [[name, pk, after, before] for pk, (before, after) in own.items()]
    for _name, pk, before, after in reversed([step for step in steps if step[0] == PLACE]):
        if OrgUnit.objects.get(pk=pk).get_parent().pk != after:
            raise _changed_since()
        _put(pk, before)
    for name in ("employment", "appointment", "orgunit"):
        _restore(MODELS[name], [step for step in undone.steps if step[0] == name])
    undone.people = _people(undone.steps, "employment")
    undone.appointed = _people(undone.steps, "appointment")
    return undone


def _put(pk: int, parent: int) -> None:
    """Put the unit under the parent; both are read anew, since the tree may have changed."""
    unit = OrgUnit.objects.get(pk=pk)
    unit_placing.send(sender=None, unit=unit)
    unit.move(OrgUnit.objects.get(pk=parent), "last-child")


def _restore(model: type[models.Model], steps: list[list]) -> None:
    made = [pk for _name, pk, after, before in steps if before is None and after is not None]
    removed = [_row(model, pk, before) for _name, pk, after, before in steps if after is None and before is not None]
    changed = [_row(model, pk, before) for _name, pk, after, before in steps if before and after]
    model._base_manager.bulk_create(removed, batch_size=BATCH)
    names = [field.name for field in _fields(model)]
    model._base_manager.bulk_update(changed, names, batch_size=BATCH)
    if model is OrgUnit:
        _remove_units(made)
    else:
        model._base_manager.filter(pk__in=made).delete()


def _remove_units(pks: list[int]) -> None:
    """Remove the units, those below first."""
    for unit in OrgUnit.objects.filter(pk__in=pks).order_by("-path"):
        try:
            remove_unit(unit)
        except models.ProtectedError:
            raise CannotUndo(
                _("Something has been recorded in %(unit)s since, so it cannot be undone. Nothing was changed.")
                % {"unit": unit}
            ) from None


def remove_unit(unit: OrgUnit) -> None:
    """Remove a unit. Raises ProtectedError where anything rests on it, such as a unit below, which would go with it."""
    if below := set(OrgUnit.objects.right_below(unit)):
        raise models.ProtectedError("A unit stands below.", below)
    OrgUnit.objects.get(pk=unit.pk).delete()


def fields_of(row: models.Model | None) -> dict | None:
    """What the row says, as it is kept in JSON; where it stands in the tree is not said here."""
    if row is None:
        return None
    values = {field.attname: field.value_from_object(row) for field in _fields(type(row))}
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder))


TREE = {"path", "depth", "numchild"}


def _fields(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if not field.primary_key and field.name not in TREE]


def _row(model: type[models.Model], pk: int, values: dict) -> models.Model:
    fields = {field.attname: field for field in _fields(model)}
    return model(pk=pk, **{name: fields[name].to_python(value) for name, value in values.items()})


def _by_model(rows: Iterable[models.Model]) -> list[list[models.Model]]:
    groups = defaultdict(list)
    for row in rows:
        groups[type(row)].append(row)
    return list(groups.values())


def _people(steps: list[list], name: str) -> set[int]:
    rows = (before or after for model, _pk, before, after in steps if model == name)
    return {row["person_id"] for row in rows if row}

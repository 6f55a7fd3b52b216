"""Writes the steps of an HR file into the register, and takes them back."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from secrets import token_urlsafe

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import PROTECT, ProtectedError

from learning.bulk import insert, tell_planner
from learning.organisation.models import (
    Appointment,
    Employment,
    HrFinding,
    HrImport,
    Leave,
    Municipality,
    OrgUnit,
    Person,
)
from learning.organisation.reorganisation import add_unit
from learning.organisation.signals import announce, register_changed
from learning.organisation.trail import remove_unit

MODELS = {"unit": OrgUnit, "person": Person, "employment": Employment, "leave": Leave}
# What a file may say about each; anything else, such as a password, is none of its business.
FIELDS = {
    "unit": ["name", "kind", "code", "starts_on", "ends_on"],
    "person": ["external_id", "first_name", "last_name", "email", "is_protected"],
    "employment": ["person_id", "unit_id", "role", "population", "is_main", "external_no", "starts_on", "ends_on"],
    "leave": ["person_id", "reason", "starts_on", "ends_on"],
}
BATCH = 1000


def apply_steps(hr_import: HrImport, findings: Iterable[list], *, tell: Callable[[int], None]) -> None:
    """Write the steps of these findings, in order; `tell` hears how many findings are written."""
    _free_emails(hr_import)
    writer, done = _Writer(hr_import), 0
    for batch in _batches(findings):
        writer.write([step for steps in batch for step in steps])
        done += len(batch)
        tell(done)
    tell_planner(Person, Employment, Leave)
    announce(register_changed, writer.touched)


class _Writer:
    """Makes and changes rows of the register, and knows what it made by the names that the steps use."""

    def __init__(self, hr_import: HrImport):
        self.hr_import = hr_import
        self.units: dict[str, int] = {}
        self.people: dict[str, int] = {}
        self.made: dict[str, int] = {}
        self.newest = 0
        self.touched: set[int] = set()

    def write(self, steps: list[list]) -> None:
        """Write some steps: what others refer to first."""
        made, changed = defaultdict(list), defaultdict(list)
        for model, pk, _before, after in steps:
            if pk is None:
                made[model].append(after)
            else:
                changed[model].append((pk, after))
        for after in made["unit"]:
            self._open(after)
        self._enrol(made["person"])
        for model in ("person", "employment", "leave"):
            change(MODELS[model], [(pk, self._resolved(after)) for pk, after in changed[model]])
        self.touched |= set(_people_of(changed))
        for model in ("employment", "leave"):
            self._insert(model, [self._resolved(after) for after in made[model]])

    def _insert(self, model: str, rows: list[dict]) -> None:
        names = FIELDS[model]
        values = ((*map(row.__getitem__, names), self.hr_import.pk) for row in rows)
        insert(MODELS[model], [*names, "made_by_id"], values)
        self.touched |= {row["person_id"] for row in rows}

    def _open(self, after: dict) -> None:
        parent = OrgUnit.objects.get(pk=self.units.get(after["parent"], after["parent"]))
        on = date.fromisoformat(after["starts_on"])
        unit = add_unit(parent=parent, name=after["name"], kind=after["kind"], code=after["code"], on=on)
        OrgUnit.objects.filter(pk=unit.pk).update(made_by=self.hr_import)
        self.units[after["ref"]] = unit.pk

    def _enrol(self, made: list[dict]) -> None:
        names, series = FIELDS["person"], self.hr_import.series
        same = (self.hr_import.municipality_id, self.hr_import.pk)
        made = [{**after, "external_id": series + after["external_id"]} for after in made]
        # As set_unusable_password does, only quicker: a file may bring a hundred thousand people.
        rows = ((*map(after.__getitem__, names), *same, UNUSABLE_PASSWORD_PREFIX + token_urlsafe(30)) for after in made)
        insert(Person, [*names, "municipality_id", "made_by_id", "password"], rows)
        new = Person.objects.filter(made_by=self.hr_import, pk__gt=self.newest)
        before, self.made = self.made, {}
        for pk, external_id in new.values_list("pk", "external_id"):
            self.made[external_id[len(series) :]] = pk
            self.newest = max(self.newest, pk)
        # What is about one person stands together: in one batch, or in two.
        self.people = before | self.made

    def _resolved(self, after: dict) -> dict:
        """The fields of a step with ids in place of the names of what was made before."""
        fields = dict(after)
        if "unit" in fields:
            unit = fields.pop("unit")
            fields["unit_id"] = self.units.get(unit, unit)
        if "person" in fields:
            person, hr_id = fields.pop("person"), fields.pop("hr_id")
            fields["person_id"] = person or self.people[hr_id]
        return fields


def change(model: type, changes: list[tuple[int, dict]]) -> None:
    """Give the rows with these ids these fields."""
    by_fields = defaultdict(list)
    for pk, fields in changes:
        by_fields[tuple(sorted(fields))].append(model(pk=pk, **fields))
    for names, rows in by_fields.items():
        model.objects.bulk_update(rows, [name.removesuffix("_id") for name in names], batch_size=BATCH)


def undo_steps(hr_import: HrImport) -> int:
    """Take back what the file wrote; returns how many of its people stay, because they have done something since."""
    touched = set()
    for model in (Leave, Employment):
        made = model.objects.filter(made_by=hr_import)
        touched |= set(made.values_list("person", flat=True))
        made.delete()
    gone, kept = _people_made(hr_import)
    for batch in _batches(gone):
        Person.objects.filter(pk__in=batch).delete()
    _free_emails(hr_import)
    for batch in _batches(_changes(hr_import)):
        changed = defaultdict(list)
        for model, pk, before, _after in (step for steps in batch for step in steps):
            if pk is not None:
                changed[model].append((pk, _restored(before)))
        # Whoever came with the file and stays gives back an address that was somebody else's.
        emails = [before["email"] for _pk, before in changed["person"] if before.get("email")]
        Person.objects.filter(made_by=hr_import, email__in=emails).update(email=None)
        for model, changes in changed.items():
            change(MODELS[model], changes)
        touched |= set(_people_of(changed))
    announce(register_changed, touched - gone)
    _close_made_units(hr_import)
    return kept


def _restored(before: dict) -> dict:
    fields = dict(before)
    if "unit" in fields:
        fields["unit_id"] = fields.pop("unit")
    return fields


def _people_made(hr_import: HrImport) -> tuple[set[int], int]:
    """Those who came with the file and have done nothing since, and how many have."""
    made = Person.objects.filter(made_by=hr_import)
    gone, busy = set(made.values_list("pk", flat=True)), set()
    for relation in Person._meta.related_objects:
        if getattr(relation, "on_delete", None) is PROTECT:
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": made})
            busy |= set(rows.values_list(relation.field.name, flat=True))
    return gone - busy, len(busy)


def _close_made_units(hr_import: HrImport) -> None:
    """Remove the units that came with the file; one that is used by now stays."""
    for unit in OrgUnit.objects.filter(made_by=hr_import).order_by("-path"):
        try:
            with transaction.atomic():
                remove_unit(unit)
        except ProtectedError:
            continue


def _free_emails(hr_import: HrImport) -> None:
    """Let go of every address that changes hands, so that no two people have it in between."""
    for batch in _batches(_changes(hr_import, kind=HrFinding.Kind.RENAMED)):
        changed = [
            pk for steps in batch for model, pk, _before, after in steps if model == "person" and "email" in after
        ]
        Person.objects.filter(pk__in=changed).update(email=None)


def fingerprint(hr_import: HrImport) -> str:
    """The SHA-256 of every row that the file made or changed, as it stands now.

    Of whom it changed an employment or a leave, it holds the others too: what comes back must not stand beside them.
    """
    digest, changed = hashlib.sha256(), defaultdict(set)
    for steps in _changes(hr_import):
        for model, pk, _before, _after in steps:
            if pk is not None:
                changed[model].add(pk)
    for name, model in MODELS.items():
        rows = model.objects.order_by("pk").values_list("pk", *FIELDS[name])
        for row in rows.filter(made_by=hr_import).iterator(BATCH):
            digest.update(repr(row).encode())
        for batch in _batches(sorted(changed[name])):
            these = rows.filter(pk__in=batch)
            if "person_id" in FIELDS[name]:
                these = rows.filter(person__in=model.objects.filter(pk__in=batch).values("person"))
            for row in these:
                digest.update(repr(row).encode())
    return digest.hexdigest()


def state_of(municipality: Municipality) -> str:
    """The SHA-256 of all that an HR file is compared with: while it is the same, so are the findings."""
    digest, ours = hashlib.sha256(), {"person__municipality": municipality}
    units = municipality.units
    for rows in (
        units.values_list("pk", "path", *FIELDS["unit"]),
        OrgUnit.predecessors.through.objects.filter(from_orgunit__in=units).values_list("from_orgunit", "to_orgunit"),
        Person.objects.filter(municipality=municipality).values_list("pk", *FIELDS["person"]),
        Employment.objects.filter(**ours).values_list("pk", *FIELDS["employment"]),
        Leave.objects.filter(**ours).values_list("pk", *FIELDS["leave"]),
        Appointment.objects.filter(**ours).values_list("pk", "person_id", "function", "starts_on", "ends_on"),
    ):
        for row in rows.order_by("pk").iterator(BATCH):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def _changes(hr_import: HrImport, **which) -> Iterator[list]:
    """The steps of a file that may change what was there; of somebody new there was nothing."""
    findings = hr_import.findings.filter(**which).exclude(steps=[]).exclude(kind=HrFinding.Kind.NEW)
    return findings.values_list("steps", flat=True).iterator(BATCH)


def _people_of(changed: dict[str, list]) -> Iterator[int]:
    """The people whose employments or leaves these are."""
    for name in ("employment", "leave"):
        pks = [pk for pk, _fields in changed.get(name, [])]
        yield from MODELS[name].objects.filter(pk__in=pks).values_list("person", flat=True)


def _batches(things: Iterable) -> Iterator[list]:
    things = iter(things)
    while batch := list(islice(things, BATCH)):
        yield batch

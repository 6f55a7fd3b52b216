"""Lets an HR export become employments: what the file holds opens or goes on, what it lacks ends."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from learning.dated import DAY
from learning.errors import LearningError

from . import hr_files
from .hr_files import Refusal, Row, refuse
from .models import Employment, HrImport, Municipality, OrgUnit, Person
from .services import open_unit
from .signals import announce, register_changed

# An export that was cut short must not end everybody's employment.
MAX_SHARE_ENDED = 0.2


class TooManyEndings(LearningError):
    """The file lacks a larger share of the register than an ordinary period explains."""


@dataclass
class Outcome:
    """What an import changed: counts of each kind, and the rows it refused."""

    counts: Counter = field(default_factory=Counter)
    refused: list[Refusal] = field(default_factory=list)


@transaction.atomic
def import_file(
    *,
    municipality: Municipality,
    filename: str,
    content: bytes,
    on: date,
    opens_units: bool = False,
    allow_endings: bool = False,
) -> Outcome:
    """Make the register of the day equal to the file, which holds every employment of that day.

    The same file twice changes nothing. Rows that cannot be read or placed are refused one by one and leave
    that person's employments as they were. `opens_units` opens units that are named for the first time.
    Raises UnreadableFile, or TooManyEndings (unless `allow_endings`); then nothing was changed.
    """
    hr_file = hr_files.read(content)
    register = _Register(municipality, on)
    outcome = Outcome(refused=list(hr_file.refused))
    placed = register.place(hr_file.rows, outcome, opens_units=opens_units)
    register.enrol(placed, outcome)
    register.employ(placed, outcome)
    register.end_missing(placed, outcome, allow_endings=allow_endings)
    announce(register_changed, register.touched)
    HrImport.objects.create(
        municipality=municipality,
        filename=filename[:255],
        sha256=hashlib.sha256(content).hexdigest(),
        as_of=on,
        counts=dict(outcome.counts),
        refused=[vars(refusal) for refusal in outcome.refused],
    )
    return outcome


class _Register:
    """The municipality's register on the day of the file, held in memory while the file is compared."""

    def __init__(self, municipality: Municipality, on: date):
        self.municipality = municipality
        self.on = self.opens_on = on
        self.touched: set[int] = set()
        self.people = {p.external_id: p for p in Person.objects.filter(municipality=municipality)}
        rows = Employment.objects.filter(unit__in=municipality.units)
        ended = rows.filter(ends_on__lt=on).values_list("person__external_id", "external_no", "population")
        self.last_days = {tuple(key): last_day for *key, last_day in ended.annotate(Max("ends_on"))}
        rows = rows.exclude(ends_on__lt=on)
        rows = [e for e in rows.select_related("person", "unit").order_by("-starts_on", "pk") if e.person.external_id]
        # Of those in force and those to come, the one that begins first; the next one bounds it.
        self.employments = {_key_of(e): e for e in rows}
        self.next_starts_on = {_key_of(e): e.starts_on for e in rows if e is not self.employments[_key_of(e)]}
        units = list(municipality.units.on(on))
        self.begins = units == [municipality.root]
        self.departments = {u.name.casefold(): u for u in units if u.depth == municipality.root.depth + 1}
        department_of = {u.path: u.name.casefold() for u in self.departments.values()}
        self.by_code = {u.code: u for u in units if u.code}
        # A row that names no department finds a unit whose name only one unit has, or else a department.
        names = Counter(u.name.casefold() for u in units)
        self.by_name = {("", u.name.casefold()): u for u in units if names[u.name.casefold()] == 1}
        self.by_name |= {("", name): u for name, u in self.departments.items()}
        self.by_name |= {(department_of.get(u.path[: 2 * OrgUnit.steplen], ""), u.name.casefold()): u for u in units}

    def place(self, rows: list[Row], outcome: Outcome, *, opens_units: bool) -> list[tuple[Row, OrgUnit]]:
        """Pair each row with its unit; a second row for the same employment is refused."""
        if self.begins:
            # A register that begins knows no better: its units are as old as the oldest employment in them.
            self.opens_on = min([self.on, *(row.starts_on for row in rows if row.starts_on)])
        placed, seen = [], set()
        for row in rows:
            key = _key_of_row(row)
            if key in seen:
                outcome.refused.append(
                    refuse(row.number, _("The same employment stands on an earlier line."), row.hr_id)
                )
                continue
            if self._is_over(row):
                # What ended before the day tells a last day, if the register still has it in force.
                if key in self.employments:
                    seen.add(key)
                    placed.append((row, self.employments[key].unit))
                continue
            unit = self._unit(row) or (self._open_unit(row, outcome) if opens_units else None)
            if unit is None:
                reason = _("There is no unit called “%(unit)s”.") % {"unit": row.unit}
                outcome.refused.append(refuse(row.number, reason, row.hr_id))
                continue
            seen.add(key)
            placed.append((row, unit))
        return placed

    def _is_over(self, row: Row) -> bool:
        return row.ends_on is not None and row.ends_on < self.on

    def _unit(self, row: Row) -> OrgUnit | None:
        department = row.department.casefold()
        return self.by_code.get(row.unit_code) or self.by_name.get((department, row.unit.casefold()))

    def _open_unit(self, row: Row, outcome: Outcome) -> OrgUnit:
        word, parent = self.municipality.department_word, self.municipality.root
        if row.department:
            parent = self.departments.get(row.department.casefold())
            if parent is None:
                parent = open_unit(parent=self.municipality.root, name=row.department, kind=word, on=self.opens_on)
                self.departments[row.department.casefold()] = parent
                outcome.counts["units_opened"] += 1
        unit = open_unit(parent=parent, name=row.unit, kind="enhet", code=row.unit_code, on=self.opens_on)
        self.by_name[row.department.casefold(), row.unit.casefold()] = unit
        if row.unit_code:
            self.by_code[row.unit_code] = unit
        outcome.counts["units_opened"] += 1
        return unit

    def enrol(self, placed: list[tuple[Row, OrgUnit]], outcome: Outcome) -> None:
        """Put new people on the register and carry over changed names and addresses."""
        taken = set(Person.objects.exclude(email=None).values_list("email", flat=True))
        new, changed, addressed = {}, [], set()
        for row, _unit in placed:
            person = self.people.get(row.hr_id) or new.get(row.hr_id)
            # Of a person with several employments, the first address is the person's.
            email = "" if row.hr_id in addressed else row.email.lower()
            if email:
                addressed.add(row.hr_id)
            if person is None:
                person = Person(municipality=self.municipality, external_id=row.hr_id)
                person.set_unusable_password()
                new[row.hr_id] = person
            elif (person.first_name, person.last_name) == (row.first_name, row.last_name) and (
                not email or email == person.email or email in taken
            ):
                continue
            elif person.pk:
                changed.append(person)
            person.first_name, person.last_name = row.first_name, row.last_name
            # An address that is somebody else's, such as a shared mailbox, signs nobody in.
            if email and email not in taken:
                person.email = email
                taken.add(email)
        Person.objects.bulk_create(new.values(), batch_size=500)
        Person.objects.bulk_update(changed, ["first_name", "last_name", "email"], batch_size=500)
        self.people |= new
        outcome.counts["people_new"] += len(new)
        outcome.counts["people_changed"] += len(changed)

    def employ(self, placed: list[tuple[Row, OrgUnit]], outcome: Outcome) -> None:
        """Open new employments, move those whose unit or role changed, set last days that became known."""
        opened, ended = [], []
        for row, unit in placed:
            old = self.employments.get(_key_of_row(row))
            ends_on = self._ends_on(row, old)
            if old and (self._is_over(row) or (old.unit_id, old.role) == (unit.pk, row.role)):
                if old.ends_on != ends_on:
                    old.ends_on = ends_on
                    ended.append(old)
                    outcome.counts["last_day_changed"] += 1
                continue
            starts_on = row.starts_on or self.on
            if old and old.starts_on < self.on:
                old.ends_on, starts_on = self.on - DAY, self.on
                ended.append(old)
                outcome.counts["moved"] += 1
            elif old:
                old.unit, old.role, old.ends_on = unit, row.role, ends_on
                ended.append(old)
                outcome.counts["moved"] += 1
                continue
            else:
                outcome.counts["new"] += 1
            opened.append(self._employment(row, unit, starts_on, ends_on))
        Employment.objects.bulk_update(ended, ["ends_on", "unit", "role"], batch_size=500)
        Employment.objects.bulk_create(opened, batch_size=500)
        self.touched |= {employment.person_id for employment in [*opened, *ended]}

    def _ends_on(self, row: Row, old: Employment | None) -> date | None:
        """The last day that the row tells, kept within what the register knows of before and after."""
        if next_starts_on := self.next_starts_on.get(_key_of_row(row)):
            return next_starts_on - DAY
        return max(row.ends_on, old.starts_on) if old and row.ends_on else row.ends_on

    def _employment(self, row: Row, unit: OrgUnit, starts_on: date, ends_on: date | None) -> Employment:
        return Employment(
            person=self.people[row.hr_id],
            unit=unit,
            role=row.role,
            population=row.population,
            is_main=row.is_main,
            external_no=row.employment_no,
            # The unit may be younger than the employment: what was before is not known here. Nor does a row
            # that was left out by mistake and comes back change the days that are already told.
            starts_on=max(starts_on, unit.starts_on, self.last_days.get(_key_of_row(row), date.min) + DAY),
            ends_on=ends_on,
        )

    def end_missing(self, placed: list[tuple[Row, OrgUnit]], outcome: Outcome, *, allow_endings: bool) -> None:
        """End the employments that the file no longer holds, in the populations that it speaks of."""
        present = {_key_of_row(row) for row, _unit in placed}
        populations = {row.population for row, _unit in placed}
        # A refused row is somebody who is there all the same. Where it does not say who, nobody is ended.
        refused = {refusal.hr_id for refusal in outcome.refused}
        if "" in refused:
            return
        missing = [
            employment
            for key, employment in self.employments.items()
            if key not in present
            and key[0] not in refused
            and employment.population in populations
            and employment.starts_on <= self.on
            and employment.ends_on != self._last_day(employment)
        ]
        if not allow_endings and len(missing) > 10 and len(missing) > MAX_SHARE_ENDED * len(self.employments):
            raise TooManyEndings(
                _(
                    "The file would end %(missing)d of %(all)d employments, so it may have been cut short. "
                    "Nothing was changed. Check the file, or confirm the endings."
                )
                % {"missing": len(missing), "all": len(self.employments)}
            )
        for employment in missing:
            employment.ends_on = self._last_day(employment)
        Employment.objects.bulk_update(missing, ["ends_on"], batch_size=500)
        self.touched |= {employment.person_id for employment in missing}
        outcome.counts["ended"] += len(missing)

    def _last_day(self, employment: Employment) -> date:
        return max(self.on - DAY, employment.starts_on)


def _key_of(employment: Employment) -> tuple[str, str, str]:
    """What tells employments apart. Who is both employed and elected is there twice."""
    return employment.person.external_id, employment.external_no, employment.population


def _key_of_row(row: Row) -> tuple[str, str, str]:
    return row.hr_id, row.employment_no, row.population

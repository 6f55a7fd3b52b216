"""Holds what is kept against what it comes from: standings, postings and balances, each against what is before it;
and what was fixed against its hash.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db import transaction

from learning.append_only import FixedContent
from learning.bulk import in_batches
from learning.organisation.models import Municipality, OrgUnit, Person
from learning.plans.models import Requirement

from . import ledger
from .models import Balance, Mark, Posting, Standing, Status
from .services import BATCH, derived, hold_people, rebuild

TOLD = ["person_id", "requirement_id", "unit_id", "starts_on", "status", "ends_on", "cause", "since", "due_on"]

Entries = dict[tuple[int, date], list[int]]  # numbers by unit and day


@dataclass(frozen=True)
class Difference:
    """The first place where what is kept says something else than what it comes from."""

    what: str
    requirement: int
    unit: int
    on: date
    status: Status
    kept: int
    asked: int

    def __str__(self):
        requirement = Requirement.objects.get(pk=self.requirement)
        unit = OrgUnit.objects.filter(pk=self.unit).first()
        where = f"{requirement.municipality}, {requirement} (id {requirement.pk}), {unit} (id {self.unit}), {self.on}"
        return f"{self.what}: {where}: {self.status.name.lower()} is {self.kept}, should be {self.asked}"


def differences(municipality: Municipality) -> Iterator[Difference]:
    """What differs in the municipality, one of some people or of a part of a requirement's ledger at a time.

    What is looked at is held meanwhile, and whoever waits to be derived is left out, so that the site may run.
    """
    for people in people_of(municipality):
        with transaction.atomic():
            found = list(_of_standings(people))
        yield from found
    for requirement in municipality.requirements.order_by("pk"):
        with transaction.atomic():
            found = list(_of_ledger(requirement))
        yield from found


def mend(municipality: Municipality, on: date) -> None:
    """Derive every standing of the municipality anew from the records, and write the ledger anew from the standings."""
    for people in people_of(municipality):
        rebuild(set(people))
    for requirement in municipality.requirements.order_by("pk"):
        ledger.recount(requirement, on)


def altered(municipality: Municipality) -> Iterator[FixedContent]:
    """What was fixed in the municipality, in whatever room, and is not what its hash says."""
    for model in apps.get_models():
        if issubclass(model, FixedContent):
            rows = model.objects.filter(municipality=municipality).order_by("pk")
            yield from (row for row in rows.iterator() if not row.is_unchanged)


def people_of(municipality: Municipality) -> Iterator[list[int]]:
    """The people of the municipality, some at a time."""
    return in_batches(Person.objects.filter(municipality=municipality), BATCH)


def _of_standings(people: list[int]) -> Iterator[Difference]:
    """The first standing that nothing asks for, or that is lacking."""
    asked = {tuple(getattr(row, name) for name in TOLD) for row in derived(hold_people(people))}
    kept = set(Standing.objects.filter(person__in=people).values_list(*TOLD))
    waiting = set(Mark.objects.filter(person__in=people).values_list("person", flat=True))
    wrong = (row for row in asked ^ kept if row[0] not in waiting)
    if row := min(wrong, key=lambda row: (row[3], row[:3], row not in kept), default=None):
        person, requirement, unit, on, status, *_why = row
        status, is_kept = Status(status), row in kept
        yield Difference(f"Standings of person {person}", requirement, unit, on, status, int(is_kept), int(not is_kept))


def _of_ledger(requirement: Requirement) -> Iterator[Difference]:
    """The first day on which the postings are not what the standings ask for, or a balance not what the postings do."""
    ledger.hold([requirement.pk])
    rows = list(ledger.kept(Posting, requirement))
    postings, asked = _by_day(rows), _by_day(ledger.counted(requirement))
    for unit, on in _wrong(postings, asked):
        figures = (ledger.through(on, _of_unit(entries, unit)) for entries in (postings, asked))
        yield _difference("Postings", requirement, unit, on, *figures)
    balances = _by_day(ledger.kept(Balance, requirement))
    asked = _summed_on(balances, rows)
    for unit, on in _wrong(balances, asked):
        yield _difference("Balances", requirement, unit, on, balances[unit, on], asked[unit, on])


def _summed_on(asked: Iterable[tuple[int, date]], postings: list[tuple]) -> Entries:
    """What the postings, in order, come to in each of these units through the day."""
    days, sums = defaultdict(list), defaultdict(lambda: [ledger.NOTHING])
    for unit, on, *numbers in postings:
        days[unit].append(on)
        sums[unit].append(ledger.plus(sums[unit][-1], numbers))
    return {(unit, on): sums[unit][bisect_right(days[unit], on)] for unit, on in asked}


def _by_day(rows: Iterable[tuple]) -> Entries:
    return {(unit, on): numbers for unit, on, *numbers in rows}


def _of_unit(entries: Entries, unit: int) -> list[tuple[date, list[int]]]:
    return [(on, numbers) for (of, on), numbers in entries.items() if of == unit]


def _wrong(kept: Entries, asked: Entries) -> list[tuple[int, date]]:
    """The unit and the first day of what differs; nothing where all is alike."""
    none = ledger.NOTHING
    wrong = (key for key in kept.keys() | asked.keys() if kept.get(key, none) != asked.get(key, none))
    return sorted(wrong, key=lambda key: (key[1], key[0]))[:1]


def _difference(what: str, requirement: Requirement, unit: int, on: date, kept: list, asked: list) -> Difference:
    place = next(place for place, number in enumerate(kept) if number != asked[place])
    return Difference(what, requirement.pk, unit, on, list(Status)[place], kept[place], asked[place])

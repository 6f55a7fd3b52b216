"""The register as it is known on the day of an HR file, read some people at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import islice
from typing import NamedTuple

from django.db.models import Max

from learning.organisation.models import SERIES, Appointment, Employment, Leave, Municipality, Person

# So many people are known at once.
BATCH = 1000


class Period(NamedTuple):
    """An employment of the register."""

    pk: int
    unit: int
    no: str
    population: str
    role: str
    is_main: bool
    starts_on: date
    ends_on: date | None

    def holds(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class Known(NamedTuple):
    """A person of the register."""

    pk: int
    first_name: str
    last_name: str
    email: str | None
    is_protected: bool


class Register:
    """Those of the municipality's people whose ids are of the file's series, on the day of the file.

    Ids stand here as in the file, without the series.
    """

    def __init__(self, municipality: Municipality, on: date, series: str = ""):
        self.municipality, self.on, self.series = municipality, on, series
        self.everyone = Person.objects.filter(municipality=municipality).exclude(external_id=None)
        if series:
            self.everyone = self.everyone.filter(external_id__startswith=series)
        else:
            for other in SERIES:
                self.everyone = self.everyone.exclude(external_id__startswith=other)
        self._know([])

    def hr_id(self, external_id: str) -> str:
        return external_id[len(self.series) :]

    def batches(self) -> Iterator[list[str]]:
        """Know everyone, some at a time; gives the ids of those who are known now. After the last, nobody is."""
        people = self.everyone.order_by("pk").values_list(
            "pk", "external_id", "first_name", "last_name", "email", "is_protected"
        )
        last = 0
        while batch := list(people.filter(pk__gt=last)[:BATCH]):
            last = batch[-1][0]
            self._know(batch)
            yield list(self.people)
        self._know([])

    def _know(self, batch: list[tuple]) -> None:
        self.people: dict[str, Known] = {self.hr_id(row[1]): Known(row[0], *row[2:]) for row in batch}
        self.periods: dict[str, list[Period]] = defaultdict(list)
        self.ended: dict[str, list[tuple]] = defaultdict(list)
        self.functions: dict[str, list[str]] = defaultdict(list)
        self.leaves: dict[str, list[Leave]] = defaultdict(list)
        # The last day of the last leave that is over.
        self.back_after: dict[str, date] = {}
        if not batch:
            return
        names = {known.pk: hr_id for hr_id, known in self.people.items()}
        # A range is quicker to ask for than a list; those of others who are within it are passed over.
        these = {"person__gte": batch[0][0], "person__lte": batch[-1][0]}
        rows = Employment.objects.filter(**these, unit__in=self.municipality.units)
        fields = ("person", "pk", "unit", "external_no", "population", "role", "is_main", "starts_on", "ends_on")
        for person, *rest in rows.exclude(ends_on__lt=self.on).order_by("starts_on", "pk").values_list(*fields):
            if person in names:
                self.periods[names[person]].append(Period(*rest))
        ended = rows.filter(ends_on__lt=self.on)
        ended = ended.values_list("person", "external_no", "population", "unit", "role", "is_main")
        for person, *rest in ended.annotate(last=Max("ends_on")):
            if person in names:
                self.ended[names[person]].append(tuple(rest))
        for appointment in Appointment.objects.on(self.on).filter(**these).order_by("pk"):
            if appointment.person_id in names:
                self.functions[names[appointment.person_id]].append(appointment.get_function_display())
        for leave in Leave.objects.filter(**these).exclude(ends_on__lt=self.on).order_by("starts_on", "pk"):
            if leave.person_id in names:
                self.leaves[names[leave.person_id]].append(leave)
        over = Leave.objects.filter(**these, ends_on__lt=self.on).values_list("person")
        for person, last_day in over.annotate(last=Max("ends_on")).order_by():
            if person in names:
                self.back_after[names[person]] = last_day

    def employed(self, populations: Iterable[str]):
        """The employments on the day, of these populations."""
        rows = Employment.objects.on(self.on).filter(population__in=populations, person__in=self.everyone)
        return rows.filter(unit__in=self.municipality.units)

    def ids_otherwise(self, hr_ids: Collection[str]) -> dict[str, str]:
        """The ids that the register has with other zeros before them: Excel takes those away. File → register."""
        found = defaultdict(set)
        padded = self.everyone.filter(external_id__startswith=f"{self.series}0").values_list("external_id", flat=True)
        for external_id in padded.iterator():
            long = self.hr_id(external_id)
            if long not in hr_ids and (short := long.lstrip("0")) in hr_ids:
                found[short].add(long)
        shortened = {hr_id.lstrip("0"): hr_id for hr_id in hr_ids if hr_id.startswith("0")}
        for short in self._known(shortened.keys() - set(hr_ids)):
            found[shortened[short]].add(short)
        known = self._known(found)
        return {hr_id: min(others) for hr_id, others in found.items() if len(others) == 1 and hr_id not in known}

    def _known(self, hr_ids: Iterable[str]) -> set[str]:
        """Those of the ids that the register has."""
        known = set()
        for batch in batches(self.series + hr_id for hr_id in hr_ids):
            found = self.everyone.filter(external_id__in=batch).values_list("external_id", flat=True)
            known |= set(map(self.hr_id, found))
        return known


def batches(things: Iterable) -> Iterator[list]:
    """The things, some at a time."""
    things = iter(things)
    while batch := list(islice(things, BATCH)):
        yield batch

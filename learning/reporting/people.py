"""The people of a unit by standing: a page of them or, for a file, all of them, a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.db.models import F, Q, QuerySet

from learning.coverage import figures
from learning.coverage.assignments import due_days
from learning.coverage.models import Status
from learning.coverage.signals import last_mails_asked
from learning.coverage.structure import Structure
from learning.organisation.models import Employment, OrgUnit, Person
from learning.plans.models import Requirement
from learning.records.models import Completion, EvidenceLevel

BATCH = 500  # people fetched together


@dataclass
class Line:
    """A person of the unit and their status; never answers, scores or time spent."""

    person: Person
    status: Status
    unit_name: str = ""
    role: str = ""
    completed_on: date | None = None
    valid_through: date | None = None
    evidence_level: str = ""
    due_on: date | None = None
    mailed: list[str] = field(default_factory=list)  # in words: when they were last mailed, and what

    @property
    def known_by(self) -> str:
        """How the platform knows that the person has completed it, in words."""
        return str(EvidenceLevel(self.evidence_level).label) if self.evidence_level else ""


@dataclass
class PeopleList:
    """Those of a unit who have these standings: those who lack the course first, then by name.

    They are counted already. A slice fetches no more than its own, and to go through all takes no more memory than
    a batch.
    """

    requirement: Requirement
    unit: OrgUnit
    on: date
    statuses: list[Status]
    counts: dict[Status, int]
    structure: Structure | None = None

    def __len__(self) -> int:
        return sum(self.counts.get(status, 0) for status in self.statuses)

    def __getitem__(self, part: slice) -> list[Line]:
        return self._lines(list(self._people()[part]))

    def __iter__(self) -> Iterator[Line]:
        found = self._people().iterator(chunk_size=BATCH)
        while batch := list(islice(found, BATCH)):
            yield from self._lines(batch)

    def ids(self) -> list[int]:
        """The ids of all of them."""
        return [pk for pk, _status in self._people().iterator(chunk_size=BATCH)]

    def _people(self) -> QuerySet:
        return figures.people(self.requirement, self.unit, self.on, self.statuses, self.structure)

    def _lines(self, found: list[tuple[int, int]]) -> list[Line]:
        """The people with these ids and standings."""
        ids = [pk for pk, _status in found]
        people, work, done = Person.objects.in_bulk(ids), self._work(ids), self._completions(ids)
        due, mailed = due_days(self.requirement, ids, self.on), self._mailed(ids)
        return [
            Line(
                people[pk],
                Status(status),
                *work.get(pk, ("", "")),
                *done.get(pk, ()),
                due_on=due.get(pk),
                mailed=mailed.get(pk, []),
            )
            for pk, status in found
        ]

    def _mailed(self, ids: list[int]) -> dict[int, list[str]]:
        """When these were last mailed and what, where any room mails people."""
        answers = last_mails_asked.send(sender=None, requirement=self.requirement, people=ids)
        return {pk: words for _receiver, answer in answers for pk, words in answer.items()}

    def _work(self, ids: list[int]) -> dict[int, tuple[str, str]]:
        here = self.structure.within(self.unit.path) if self.structure else Q(unit__path__startswith=self.unit.path)
        rows = Employment.objects.on(self.on).filter(here, person__in=ids)
        values = rows.order_by("is_main", "-starts_on").values_list("person", "unit__name", "role")
        return {person: (unit, role) for person, unit, role in values}

    def _completions(self, ids: list[int]) -> dict[int, list]:
        rows = Completion.objects.filter(course_key=self.requirement.course_key, completed_on__lte=self.on)
        # The last of a person is the one that counts longest, as far as was known on the day.
        rows = rows.filter(person__in=ids).lasting(self.on)
        rows = rows.order_by(F("lasts_through").asc(nulls_last=True), "completed_on", "pk")
        values = rows.values_list("person", "completed_on", "lasts_through", "evidence_level")
        return {person: done for person, *done in values}

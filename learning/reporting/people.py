"""The people of a unit by standing: a page of them or, for a file, all of them, a batch at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from learning.coverage import figures
from learning.coverage.models import Standing, Status
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
        people = self._told(self._people()[part].values("person"))
        return self._lines(people.order_by(figures.rank(), "last_name", "first_name", "pk"))

    def __iter__(self) -> Iterator[Line]:
        ids = iter(self.ids())
        while batch := list(islice(ids, BATCH)):
            people = self._told(batch).in_bulk()
            yield from self._lines([people[pk] for pk in batch])

    def ids(self) -> list[int]:
        """The ids of all of them."""
        return [pk for pk, _status in self._people().iterator(chunk_size=BATCH)]

    def _people(self) -> QuerySet:
        return figures.people(self.requirement, self.unit, self.on, self.statuses, self.structure)

    def _lines(self, people: Iterable[Person]) -> list[Line]:
        people = list(people)
        mailed = self._mailed([person.pk for person in people])
        return [_line(person, mailed.get(person.pk, [])) for person in people]

    def _told(self, ids: QuerySet | list[int]) -> QuerySet:
        """The people, each with `best` (their standing), `work`, `done` (their completion) and `due_on`: one query."""
        own = {"person": OuterRef("pk")}
        here = self.structure.within(self.unit.path) if self.structure else Q(unit__path__startswith=self.unit.path)
        work = Employment.objects.on(self.on).filter(here, **own).order_by("-is_main", "starts_on", "pk")
        done = Completion.objects.filter(course_key=self.requirement.course_key, completed_on__lte=self.on, **own)
        # The one that counts longest, as far as was known on the day.
        lasts = F("lasts_through").desc(nulls_first=True)
        done = done.lasting(self.on).order_by(lasts, "-completed_on", "-pk")
        standings = Standing.objects.on(self.on).filter(requirement=self.requirement, **own)
        columns = JSONObject(on="completed_on", through="lasts_through", level="evidence_level")
        return Person.objects.filter(pk__in=ids).annotate(
            best=Subquery(standings.filter(here).order_by("status").values("status")[:1]),
            work=Subquery(work.values(json=JSONObject(unit="unit__name", role="role"))[:1]),
            done=Subquery(done.values(json=columns)[:1]),
            due_on=Subquery(standings.exclude(due_on=None).order_by("due_on").values("due_on")[:1]),
        )

    def _mailed(self, ids: list[int]) -> dict[int, list[str]]:
        """When these were last mailed and what, where any room mails people."""
        answers = last_mails_asked.send(sender=None, requirement=self.requirement, people=ids) if ids else []
        return {pk: words for _receiver, answer in answers for pk, words in answer.items()}


def _line(person: Person, mailed: list[str]) -> Line:
    work, done = person.work or {"unit": "", "role": ""}, person.done or {"on": None, "through": None, "level": ""}
    return Line(
        person,
        Status(person.best),
        unit_name=work["unit"],
        role=work["role"],
        completed_on=_day(done["on"]),
        valid_through=_day(done["through"]),
        evidence_level=done["level"],
        due_on=person.due_on,
        mailed=mailed,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

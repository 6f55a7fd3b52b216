"""Whom the list of people shows: a population, in a unit, in a state today, called something."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning.organisation.models import (
    Employment,
    Leave,
    Municipality,
    OrgUnit,
    Person,
    PersonQuerySet,
    Population,
)

BATCH = 1000


class State(TextChoices):
    """Where people are today, in the population that is looked at."""

    NOW = "nu", gettext_lazy("There today")
    AWAY = "franvarande", gettext_lazy("On leave today")
    LATER = "kommande", gettext_lazy("Begin later")
    LEFT = "slutat", gettext_lazy("Have left")
    NO_EMAIL = "utan-epost", gettext_lazy("There today, without e-mail")
    PROTECTED = "skyddade", gettext_lazy("There today, protected identity")
    EVERYONE = "alla", gettext_lazy("Everyone, whenever")
    NOWHERE = "ingenstans", gettext_lazy("Never in any unit")


# What a population calls its people, units, roles and time.
WORDS = {
    Population.EMPLOYEE: (gettext_lazy("Unit"), gettext_lazy("Role"), gettext_lazy("Period")),
    Population.ELECTED: (gettext_lazy("Committee"), gettext_lazy("Assignment"), gettext_lazy("Term of office")),
    Population.PARTNER: (gettext_lazy("Organisation"), gettext_lazy("Role"), gettext_lazy("Period")),
}


@dataclass(frozen=True)
class Selection:
    """What the address asks for."""

    municipality: Municipality
    on: date
    population: str = Population.EMPLOYEE
    state: str = State.NOW
    unit: OrgUnit | None = None
    words: str = ""

    @classmethod
    def of(cls, query, municipality: Municipality, on: date, words: str) -> "Selection":
        """The selection of an address; what it does not know is as if it were not asked."""
        population, state, unit = query.get("grupp", ""), query.get("vilka", ""), query.get("enhet", "")
        return cls(
            municipality=municipality,
            on=on,
            population=population if population in Population.values else Population.EMPLOYEE,
            state=state if state in State.values else State.NOW,
            unit=municipality.units.filter(pk=unit).first() if unit.isdecimal() and len(unit) < 19 else None,
            words=words,
        )

    def people(self) -> PersonQuerySet:
        """Those who are asked for, in the order of their names."""
        people = Person.objects.not_disposed().filter(municipality=self.municipality)
        return self._in_state(people).called(self.words)

    def _in_state(self, people: PersonQuerySet) -> PersonQuerySet:
        there = self._employments()
        now, to_come = there.on(self.on), there.filter(starts_on__gt=self.on)
        match self.state:
            case State.AWAY:
                return people.filter(_has(now), _has(Leave.objects.on(self.on)))
            case State.LATER:
                return people.filter(~_has(now), _has(to_come))
            case State.LEFT:
                return people.filter(_has(there), ~_has(there.exclude(ends_on__lt=self.on)))
            case State.NO_EMAIL:
                return people.filter(_has(now), email=None)
            case State.PROTECTED:
                return people.filter(_has(now), is_protected=True)
            case State.EVERYONE:
                return people.filter(_has(there))
            case State.NOWHERE:
                return people.filter(~_has(Employment.objects.all()))
        return people.filter(_has(now))

    def _employments(self) -> QuerySet:
        employments = Employment.objects.filter(population=self.population)
        return employments.filter(unit__in=OrgUnit.objects.under(self.unit)) if self.unit else employments

    def query(self, **other) -> str:
        """The end of an address that asks for the same, but for what is given."""
        asked = {
            "grupp": self.population if self.population != Population.EMPLOYEE else "",
            "vilka": self.state if self.state != State.NOW else "",
            "enhet": self.unit.pk if self.unit else "",
            "q": self.words,
        } | other
        return urlencode({name: value for name, value in asked.items() if value})

    def rows(self, pks: list[int]) -> Iterator["Row"]:
        """A row for each of these people, in the same order, in a few queries however many they are."""
        for start in range(0, len(pks), BATCH):
            yield from self._rows(pks[start : start + BATCH])

    def _rows(self, pks: list[int]) -> Iterator["Row"]:
        people = Person.objects.in_bulk(pks)
        employments, away = defaultdict(list), {}
        for employment in self._employments().filter(person__in=pks).select_related("unit"):
            employments[employment.person_id].append(employment)
        for leave in Leave.objects.on(self.on).filter(person__in=pks):
            away[leave.person_id] = leave
        for pk in pks:
            if pk in people:
                yield Row(people[pk], _foremost(employments[pk], self.on), away.get(pk), self.on)


@dataclass(frozen=True)
class Row:
    """A person on the list, with the employment that tells most today."""

    person: Person
    employment: Employment | None
    leave: Leave | None
    on: date

    @property
    def email(self) -> str:
        """The address; that of the protected is kept but not shown."""
        return "" if self.person.is_protected else self.person.email or ""

    @property
    def days(self) -> str:
        """From when, and through when where that is known."""
        return f"{self.employment.starts_on} – {self.employment.ends_on or ''}" if self.employment else ""

    @property
    def state(self) -> str:
        """Where the person is today, in words."""
        if self.employment is None:
            return _("Never in any unit")
        if self.employment.starts_on > self.on:
            return _("Begins %(day)s") % {"day": self.employment.starts_on}
        if not self.employment.holds(self.on):
            return _("Left after %(day)s") % {"day": self.employment.ends_on}
        if self.leave:
            return self.leave.get_reason_display()
        return _("In place")

    def cells(self) -> list:
        """The row of a file."""
        employment = self.employment
        place = [employment.unit, employment.role, employment.starts_on, employment.ends_on] if employment else [""] * 4
        return [self.person, self.person.hr_id, self.email, *place, self.state]


def headings(population: str) -> list[str]:
    """The first row of a file of such rows."""
    unit, role, _days = WORDS[population]
    return [_("Name"), _("HR id"), _("E-mail"), unit, role, _("From"), _("Through"), _("Today")]


def _has(rows: QuerySet) -> Exists:
    return Exists(rows.filter(person=OuterRef("pk")))


def _foremost(employments: Iterable[Employment], on: date) -> Employment | None:
    """The one of today, the main one before others; else the next to begin; else the last to have ended."""

    def rank(employment: Employment) -> tuple:
        if employment.holds(on):
            return (0, not employment.is_main, employment.starts_on.toordinal(), employment.pk)
        if employment.starts_on > on:
            return (1, not employment.is_main, employment.starts_on.toordinal(), employment.pk)
        return (2, False, -employment.ends_on.toordinal(), employment.pk)

    return min(employments, key=rank, default=None)

"""Whom a rule means: pure, so that figures, the preview and a person's own page answer alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from learning.dated import Span, shifted


class Work(NamedTuple):
    """What a span of work is about."""

    unit: int
    population: str
    role: str = ""
    path: str = ""


class Held(NamedTuple):
    """A function and the path of the unit in which it is held."""

    function: str
    path: str


class Ground(StrEnum):
    """By what somebody is meant."""

    ALL = "all"
    ROLE = "role"
    FUNCTION = "function"


@dataclass(frozen=True)
class Terms:
    """What a rule says. Of words and functions one is enough; where there is neither, everyone in the units is."""

    first: date
    last: date | None
    population: str
    paths: tuple[str, ...] = ()  # none: the whole municipality
    words: tuple[str, ...] = ()  # a role is meant that contains one of them: Swedish puts words together
    functions: frozenset[str] = frozenset()
    hired_from: date | None = None
    due_on: date | None = None
    grace_days: int = 0
    validity_months: int | None = None
    accepts_outside: bool = True
    refresher: UUID | None = None

    def holds(self, day: date) -> bool:
        return Span(self.first, self.last).holds(day)

    def ground(self, work: Work, held: Iterable[Held], began: date) -> Ground | None:
        """By what the rule means whoever works there, holds these functions and began on the day; None: it does not."""
        if work.population != self.population or (self.hired_from and began < self.hired_from):
            return None
        is_here = self._reaches(work.path)
        if not (self.words or self.functions):
            return Ground.ALL if is_here else None
        if is_here and any(word in work.role.casefold() for word in self.words):
            return Ground.ROLE
        if any(one.function in self.functions and self._reaches(one.path) for one in held):
            return Ground.FUNCTION
        return None

    def _reaches(self, path: str) -> bool:
        return not self.paths or path.startswith(self.paths)


def service_start(work: Iterable[Span], current: Span) -> date:
    """The first day of the unbroken service in the same population that `current` belongs to.

    A move or a reorganisation does not make anyone new; a day without any employment does.
    """
    start = current.first
    same = [span for span in work if span.what.population == current.what.population]
    for span in sorted(same, key=lambda span: span.first, reverse=True):
        reaches = span.last is None or span.last >= shifted(start, -1)
        if span.first < start and reaches:
            start = span.first
    return start

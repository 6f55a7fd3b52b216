"""From a person's history to their standings: a pure function, so that it can be tried on any history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from learning.dated import DAY

from .models import Status


@dataclass(frozen=True)
class Span:
    """Days from one through another; `last` None is until further notice. `what` is what the span is about."""

    first: date
    last: date | None
    what: object = None

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def after(self) -> date | None:
        """The first day after the span; None where no day comes after it."""
        return None if self.last in (None, date.max) else self.last + DAY


@dataclass(frozen=True)
class History:
    """All that decides a person's standings: spans of work (unit, population), leave, exemption and validity."""

    work: tuple[Span, ...]  # what = (unit id, population)
    leave: tuple[Span, ...] = ()
    exempt: tuple[Span, ...] = ()
    valid: tuple[Span, ...] = ()  # from each completion through the last day on which it counts
    started_on: date | None = None


@dataclass(frozen=True)
class Rule:
    """The part of a requirement that decides: whom it asks, from when through when, and the grace in days."""

    population: str
    first: date
    last: date | None
    grace_days: int


def standings(history: History, rule: Rule) -> list[tuple[Span, Status]]:
    """The person's standings, a list of spans (what = unit id) in which the status does not change."""
    found = []
    for work in history.work:
        bounds = _overlap(work, Span(rule.first, rule.last))
        if bounds is None:
            continue
        new_through = _shifted(_service_start(history.work, work), rule.grace_days - 1)
        cuts = _cuts(history, bounds, new_through)
        for first, after in zip(cuts, [*cuts[1:], bounds.after], strict=True):
            status = _status(history, rule, work, first, new_through)
            last = after - DAY if after else None
            if found and found[-1][1] == status and found[-1][0].what == work.what[0] and found[-1][0].after == first:
                found[-1] = (Span(found[-1][0].first, last, work.what[0]), status)
            else:
                found.append((Span(first, last, work.what[0]), status))
    return found


def _status(history: History, rule: Rule, work: Span, day: date, new_through: date) -> Status:
    """What holds on the day. Exclusions come first: they hold whether or not the person has completed."""
    if work.what[1] != rule.population:
        return Status.OTHER_POPULATION
    if any(span.holds(day) for span in history.leave):
        return Status.ON_LEAVE
    if any(span.holds(day) for span in history.exempt):
        return Status.EXEMPT
    if day <= new_through:
        return Status.NEW
    if any(span.holds(day) for span in history.valid):
        return Status.COMPETENT
    if any(span.first <= day for span in history.valid):
        return Status.EXPIRED
    if history.started_on and history.started_on <= day:
        return Status.STARTED
    return Status.NOT_STARTED


def _cuts(history: History, bounds: Span, new_through: date) -> list[date]:
    """The days within bounds on which the status may change, the first day included."""
    days = {bounds.first, _shifted(new_through, 1), history.started_on}
    for span in (*history.leave, *history.exempt, *history.valid):
        days |= {span.first, span.after}
    return sorted(day for day in days if day and bounds.holds(day))


def _overlap(one: Span, other: Span) -> Span | None:
    """The days that both hold."""
    first = max(one.first, other.first)
    lasts = [span.last for span in (one, other) if span.last is not None]
    last = min(lasts) if lasts else None
    return None if last is not None and last < first else Span(first, last)


def _service_start(work: Iterable[Span], current: Span) -> date:
    """The first day of the unbroken service in the same population that `current` belongs to.

    A move or a reorganisation does not make anyone new; a day without any employment does.
    """
    start = current.first
    same = [span for span in work if span.what[1] == current.what[1]]
    for span in sorted(same, key=lambda span: span.first, reverse=True):
        reaches = span.last is None or span.last >= _shifted(start, -1)
        if span.first < start and reaches:
            start = span.first
    return start


def _shifted(day: date, days: int) -> date:
    """The day so many days later; where the calendar ends, its end."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))

"""From a person's history to their standings: a pure function, so that it can be tried on any history."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from dateutil.relativedelta import relativedelta

from learning.dated import DAY, Span, shifted
from learning.plans.meant import Ground, Terms, service_start

from .models import Cause, Status


@dataclass(frozen=True)
class Done:
    """A completion of a course: the last day on which the course lets it count, and what else that depends on."""

    on: date
    through: date | None = None
    outdated: date | None = None  # the last day that a newer edition of the course leaves it
    withdrawn: date | None = None  # the day from which it is as if it had never been
    course: UUID | None = None
    is_outside: bool = False  # known by somebody's word alone


class Ending(NamedTuple):
    """Why days on which something counts end, and from when it is as if they had never been."""

    cause: Cause
    withdrawn: date | None = None

    def is_withdrawn(self, day: date) -> bool:
        return self.withdrawn is not None and self.withdrawn <= day


@dataclass(frozen=True)
class History:
    """All that decides a person's standings."""

    work: tuple[Span, ...]  # what = Work
    held: tuple[Span, ...] = ()  # what = Held
    leave: tuple[Span, ...] = ()
    exempt: tuple[Span, ...] = ()
    done: tuple[Done, ...] = ()
    started_on: date | None = None


@dataclass(frozen=True)
class Demand:
    """The part of a requirement that decides: from when through when, and whom its rules mean."""

    first: date
    last: date | None
    rules: tuple[Terms, ...]
    course: UUID | None = None
    course_months: int | None = None  # how long the course lets a completion count
    is_offer: bool = False


@dataclass(frozen=True)
class Row:
    """What holds of the person in a unit from one day through another; why, since and by when something is asked."""

    first: date
    last: date | None
    unit: int
    status: Status
    cause: str = ""
    since: date | None = None
    due_on: date | None = None

    def holds(self, day: date) -> bool:
        return Span(self.first, self.last).holds(day)

    def goes_on_as(self, other: "Row") -> bool:
        """Whether the other says the same from the next day on."""
        same = self.status, self.cause, self.since, self.due_on
        return Span(self.first, self.last).after == other.first and same == (
            *(other.status, other.cause),
            *(other.since, other.due_on),
        )


def standings(history: History, demand: Demand) -> list[Row]:
    """The person's standings in the order of their days: exactly one for each unit and day on which they work there."""
    return sorted(_Derivation(history, demand).rows(), key=lambda row: (row.first, row.unit))


class _Derivation:
    """Goes through the days on which something changes; between two of them nothing does."""

    def __init__(self, history: History, demand: Demand):
        self.history, self.demand = history, demand
        self.bounds = Span(demand.first, demand.last)
        self.began = {work: service_start(history.work, work) for work in history.work}
        self.valid = {rule: list(_valid(history.done, demand, rule)) for rule in demand.rules}

    def rows(self) -> Iterator[Row]:
        open_rows: dict[int, Row] = {}
        asked: tuple[str, date] | None = None  # why and since when
        days = self._days()
        for first, after in zip(days, [*days[1:], self.bounds.after], strict=True):
            last = after - DAY if after else None
            rule = next((one for one in self.demand.rules if one.holds(first)), None)
            if rule is None or not self._is_asked(rule, first):
                asked = None
            elif asked is None:
                asked = self._cause(rule, first), first
            told = self._told(rule, first, asked) if rule else {}
            for unit, (status, *why) in told.items():
                row, before = Row(first, last, unit, status, *why), open_rows.get(unit)
                if before and before.goes_on_as(row):
                    row = Row(before.first, last, unit, status, *why)
                elif before:
                    yield before
                open_rows[unit] = row
        yield from open_rows.values()

    def _told(self, rule: Terms, day: date, asked: tuple[str, date] | None) -> dict[int, tuple]:
        """Unit → status, cause, since and due day; of several employments there the best status."""
        found = {}
        for work in self._work(day):
            status = self._status(rule, work, day)
            found[work.what.unit] = min(status, found.get(work.what.unit, status))
        told = {}
        for unit, status in found.items():
            is_asked = asked and (status == Status.NEW or (status.is_counted and status != Status.COMPETENT))
            told[unit] = (status, *asked, self._due(rule, *asked)) if is_asked else (status,)
        return told

    def _status(self, rule: Terms, work: Span, day: date) -> Status:
        """What holds on the day. Exclusions come first: they hold whether or not the person has completed."""
        if work.what.population != rule.population:
            return Status.OTHER_POPULATION
        if self._ground(rule, work, day) is None:
            return Status.NOT_MEANT
        if self._is_away(day):
            return Status.ON_LEAVE
        if self._is_exempt(day):
            return Status.EXEMPT
        if day <= self._new_through(rule, work):
            return Status.NEW
        if self._is_valid(rule, day):
            return Status.COMPETENT
        if any(span.first <= day and not span.what.is_withdrawn(day) for span in self.valid[rule]):
            return Status.EXPIRED
        if self.history.started_on and self.history.started_on <= day:
            return Status.STARTED
        return Status.NOT_STARTED

    def _cause(self, rule: Terms, day: date) -> Cause:
        """Why it is asked from this day on and was not the day before."""
        before, meant = shifted(day, -1), self._meant(rule, day)
        if any(self.began[work] == day for work in meant):
            return Cause.HIRED
        if not self.bounds.holds(before) or self._is_asked(rule, before):
            return Cause.RULE  # it is no doing of the person's
        if not self._meant(rule, before):
            by_function = all(self._ground(rule, work, day) == Ground.FUNCTION for work in meant)
            return Cause.APPOINTED if by_function else Cause.MOVED
        if self._is_away(before):
            return Cause.RETURNED
        if self._is_exempt(before):
            return Cause.EXEMPTED
        return next(span.what.cause for span in self.valid[rule] if span.last == before)

    def _due(self, rule: Terms, cause: str, since: date) -> date | None:
        """The last day to do it, never before it is asked; nobody has to take an offer."""
        if self.demand.is_offer:
            return None
        days = [rule.due_on] if rule.due_on else []
        if cause in (Cause.EXPIRED, Cause.EDITION):
            days.append(since)
        elif rule.grace_days:
            days.append(shifted(since, rule.grace_days - 1))
        return max(since, *days) if days else None

    def _is_asked(self, rule: Terms, day: date) -> bool:
        """Whether the person has something to do by this rule on the day."""
        rests = self._is_away(day) or self._is_exempt(day) or self._is_valid(rule, day)
        return not rests and bool(self._meant(rule, day))

    def _meant(self, rule: Terms, day: date) -> list[Span]:
        return [work for work in self._work(day) if self._ground(rule, work, day) is not None]

    def _ground(self, rule: Terms, work: Span, day: date) -> Ground | None:
        held = [span.what for span in self.history.held if span.holds(day)]
        return rule.ground(work.what, held, self.began[work])

    def _work(self, day: date) -> list[Span]:
        return [span for span in self.history.work if span.holds(day)]

    def _is_away(self, day: date) -> bool:
        return any(span.holds(day) for span in self.history.leave)

    def _is_exempt(self, day: date) -> bool:
        return any(span.holds(day) for span in self.history.exempt)

    def _is_valid(self, rule: Terms, day: date) -> bool:
        return any(span.holds(day) for span in self.valid[rule])

    def _new_through(self, rule: Terms, work: Span) -> date:
        return shifted(self.began[work], rule.grace_days - 1)

    def _days(self) -> list[date]:
        """The days on which something may change, the first day included."""
        history, rules = self.history, self.demand.rules
        days = {self.bounds.first, history.started_on}
        days |= {shifted(self._new_through(rule, work), 1) for work in history.work for rule in rules}
        spans = [*history.work, *history.held, *history.leave, *history.exempt]
        spans += [Span(rule.first, rule.last) for rule in rules]
        valid = [span for rule in rules for span in self.valid[rule]]
        for span in (*spans, *valid):
            days |= {span.first, span.after}
        days |= {span.what.withdrawn for span in valid}
        return sorted(day for day in days if day and self.bounds.holds(day))


def _valid(done: Iterable[Done], demand: Demand, rule: Terms) -> Iterator[Span]:
    """The days on which each completion counts by the rule (what = Ending); of one taken back at once, none."""
    known = [one for one in done if rule.accepts_outside or not one.is_outside]
    own = [one for one in known if one.course == demand.course]
    for one in own:
        yield from _counting(one.on, [one.through, _months(one.on, rule.validity_months)], one.outdated, one.withdrawn)
    for one in known:
        if rule.refresher and one.course == rule.refresher:
            # It lasts as the course itself does, while the completion and the edition that it refreshes stand.
            months = [_months(one.on, rule.validity_months), _months(one.on, demand.course_months)]
            for past in own:
                if past.on <= one.on:
                    yield from _counting(one.on, months, past.outdated, one.withdrawn, past.withdrawn)


def _counting(
    first: date, lasts: Iterable[date | None], outdated: date | None, *withdrawn: date | None
) -> Iterator[Span]:
    withdrawn_on = min(filter(None, withdrawn), default=None)
    end, cause = min(one or date.max for one in lasts), Cause.EXPIRED
    if outdated and outdated <= end:
        end, cause = outdated, Cause.EDITION
    if withdrawn_on and withdrawn_on <= end:
        end, cause = shifted(withdrawn_on, -1), Cause.WITHDRAWN
    if first <= end:
        yield Span(first, None if end == date.max else end, Ending(cause, withdrawn_on))


def _months(first: date, months: int | None) -> date | None:
    """The last day of so many months from the day on."""
    return first + relativedelta(months=months, days=-1) if months else None

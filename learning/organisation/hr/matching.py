"""Which row speaks of which employment: pure functions, whose answers do not depend on the order of the file."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from learning.dated import DAY

from .known import Period
from .rows import Row


def canonical(row: Row) -> tuple:
    """An order of a person's rows that does not depend on the order in the file: what goes on stands first."""
    first = row.starts_on or date.min
    return (row.population, row.employment_no, first, row.ends_on or date.max, *map(str, row.told))


def chains(periods: list[Period]) -> tuple[list[Period], dict[int, list[Period]]]:
    """The first period of each employment from the day on, and by its id those that are planned to follow."""
    currents, nexts, followers = [], defaultdict(list), set()
    for period in periods:
        if period.pk in followers:
            continue
        currents.append(period)
        last = period
        for other in periods:
            same = other.no == period.no and other.starts_on > last.starts_on
            if same and (period.no or (last.ends_on and other.starts_on == last.ends_on + DAY)):
                nexts[period.pk].append(other)
                followers.add(other.pk)
                last = other
    return currents, nexts


def until(ends_on: date | None, bounds: Iterable[date | None]) -> date | None:
    """The last day, kept before whatever comes next."""
    days = [bound - DAY for bound in bounds if bound]
    return min([*days, *([ends_on] if ends_on else [])], default=None)


def pair(heads: list[tuple[Row, int | str | None]], periods: list[Period]) -> list[tuple]:
    """Each row with its unit and the period that it speaks of, or None: by number, else by unit and role."""
    if not periods:
        return [(row, unit, None) for row, unit in heads]
    rows, free = list(heads), list(periods)
    found: dict[int, Period] = {}

    def match(fits) -> None:
        for row, unit in rows:
            if row.number in found:
                continue
            period = next((period for period in free if fits(row, unit, period)), None)
            if period:
                found[row.number] = period
                free.remove(period)

    def may(row: Row, period: Period) -> bool:
        """Two numbers that differ tell two employments apart."""
        return not (row.employment_no and period.no)

    match(lambda row, unit, period: row.employment_no and row.employment_no == period.no)
    match(lambda row, unit, period: may(row, period) and (unit, row.role) == (period.unit, period.role))
    match(lambda row, unit, period: may(row, period) and unit == period.unit)
    match(lambda row, unit, period: may(row, period) and row.role == period.role)
    match(lambda row, unit, period: may(row, period))
    return [(row, unit, found.get(row.number)) for row, unit in rows]


def main(pairs: list[tuple[Row, Period | None]], on: date) -> Row | None:
    """The row of the main employment: as the file says, else as it was, else the largest, the oldest, the first."""
    begun = [(row, period) for row, period in pairs if not row.starts_on or row.starts_on <= on] or pairs
    if not begun:
        return None
    return max(
        begun,
        key=lambda pair: (
            pair[0].is_main is True,
            pair[0].is_main is None,
            bool(pair[1] and pair[1].is_main and pair[1].holds(on)),
            pair[0].extent,
            -(pair[0].starts_on or date.max).toordinal(),
        ),
    )[0]

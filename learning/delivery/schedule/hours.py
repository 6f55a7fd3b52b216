"""When a municipality sends: its days and hours in Stockholm, and neither on holidays nor on quiet days of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from learning.dated import DAY, shifted

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# Longer than any run of quiet days; a municipality that is quiet all year sends nothing.
LONGEST = 366


@cache
def _holidays(year: int) -> frozenset[date]:
    """The public holidays of Sweden, and the eves on which nobody works."""
    return frozenset(holidays.Sweden(years=year, categories=("public", "de_facto")))


def local(moment: datetime) -> datetime:
    """The moment by the clocks of Stockholm."""
    return moment.astimezone(STOCKHOLM)


def week_of(day: date) -> tuple[int, int]:
    """The year and number of the ISO week."""
    return day.isocalendar()[:2]


@dataclass(frozen=True)
class Hours:
    """From `opens` until `closes` (whole hours) on these days of the week (Monday is 0), but for the quiet days."""

    weekdays: frozenset[int]
    opens: int
    closes: int
    quiet: frozenset[date] = frozenset()

    def sends_on(self, day: date) -> bool:
        """Whether anything is sent on the day."""
        return day.weekday() in self.weekdays and day not in self.quiet and day not in _holidays(day.year)

    def is_open(self, moment: datetime) -> bool:
        """Whether anything may be sent at the moment."""
        return self.sends_on(local(moment).date()) and self.opens <= local(moment).hour < self.closes

    def slots(self, now: datetime) -> Iterator[datetime]:
        """The first moment of each day, from now on, at which something may be sent."""
        today = local(now).date()
        for number in range(LONGEST):
            day = shifted(today, number)
            opening = datetime.combine(day, time(self.opens), STOCKHOLM).astimezone(UTC)
            if self.sends_on(day) and not (day == today and local(now).hour >= self.closes):
                yield max(now, opening)

    def reaches(self, day: date) -> date:
        """The last day before the next on which something is sent: what falls on it is sent on this day."""
        later = (shifted(day, number) for number in range(1, LONGEST))
        return next((one for one in later if self.sends_on(one)), shifted(day, LONGEST)) - DAY

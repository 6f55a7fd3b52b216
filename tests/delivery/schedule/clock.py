from datetime import UTC, date, datetime

from learning.delivery.schedule.hours import STOCKHOLM


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """The moment by the clocks of Stockholm."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=STOCKHOLM).astimezone(UTC)

"""What a goal's date will show: if nobody more takes the course, and at the pace of late. See decision 27."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from learning.organisation.models import OrgUnit
from learning.plans.models import Requirement, Rule
from learning.records.models import OUTSIDE, Completion

from .figures import Coverage
from .models import Standing, Status

# The pace is that of so many days; of fewer than LEAST none is told.
WINDOW, LEAST = 90, 28


class Outlook(StrEnum):
    """How it looks for the goal."""

    SAFE = "safe"  # it is reached even if nobody more takes the course
    ON_COURSE = "on_course"  # it is reached at today's pace
    BEHIND = "behind"  # it is not
    UNKNOWN = "unknown"  # no pace can be told as yet


@dataclass(frozen=True)
class Pace:
    """So many people have completed the course in so many days."""

    people: int
    days: int

    @property
    def a_week(self) -> Fraction:
        return Fraction(7 * self.people, self.days)

    def through(self, days: int) -> int:
        """How many whole people that is in so many days."""
        return self.people * max(days, 0) // self.days


@dataclass(frozen=True)
class Forecast:
    """What is known today of a goal's date, and what the pace of late makes of it."""

    threshold: int
    today: date
    ahead: Sequence[Coverage]  # if nobody more takes the course, on days to come: the goal's date is the last
    pace: Pace | None = None
    months: int | None = None  # how long a completion counts

    @property
    def nothing_more(self) -> Coverage:
        """The goal's date if nobody more takes the course: what counts until then, who comes and who goes is known."""
        return self.ahead[-1]

    @property
    def at_pace(self) -> Coverage | None:
        """The goal's date if as many take the course as of late, of those who would lack it."""
        return self.pace and self.at_pace_on(self.nothing_more)

    def at_pace_on(self, figure: Coverage) -> Coverage:
        """The figure of a day to come, with those who have it by then at today's pace."""
        more = min(self.pace.through(self.days_through(figure.on)), figure.lacking) if self.pace else 0
        counts = {Status.COMPETENT: figure.competent + more, Status.NOT_STARTED: figure.lacking - more}
        return Coverage(figure.on, {**figure.excluded, **counts})

    def days_through(self, day: date) -> int:
        """On how many days from tomorrow on a completion still counts on the day."""
        first = self.today if self.months is None else max(self.today, day - relativedelta(months=self.months))
        return (day - first).days

    @property
    def missing(self) -> int:
        """How many more must complete it for the goal to be reached, beside those who will have it."""
        return max(people_for(self.threshold, self.nothing_more.counted) - self.nothing_more.competent, 0)

    @property
    def needed_a_week(self) -> Fraction:
        """The pace that is needed: people a week."""
        return Fraction(7 * self.missing, max(self.days_through(self.nothing_more.on), 1))

    @property
    def outlook(self) -> Outlook:
        if not self.missing:
            return Outlook.SAFE
        if self.at_pace is None:
            return Outlook.UNKNOWN
        reached = self.at_pace.competent >= people_for(self.threshold, self.at_pace.counted)
        return Outlook.ON_COURSE if reached else Outlook.BEHIND


def people_for(threshold: int, counted: int) -> int:
    """How many of those counted have to have it for the threshold to be reached."""
    return -(-threshold * counted // 100)


def pace_of(requirement: Requirement, rule: Rule, unit: OrgUnit, on: date) -> Pace | None:
    """How many of those in the unit and below it who have it on the day have completed it within the window.

    Those who renewed what they had are among them: what they had would have ended. None while less than the least
    number of days has passed since the requirement began.
    """
    days = min(WINDOW, (on - requirement.starts_on).days + 1)
    if days < LEAST:
        return None
    courses = [key for key in (requirement.course_key, rule.refresher_key) if key]
    done = Completion.objects.upheld(on).filter(course_key__in=courses)
    done = done.filter(completed_on__gt=on - timedelta(days=days), completed_on__lte=on)
    if not rule.accepts_outside:
        done = done.exclude(evidence_level__in=OUTSIDE)
    have = Standing.objects.on(on).filter(requirement=requirement, status=Status.COMPETENT)
    have = have.filter(unit__path__startswith=unit.path)
    return Pace(done.filter(person__in=have.values("person")).values("person").distinct().count(), days)


def counts_for(requirement: Requirement, rule: Rule) -> int | None:
    """For how many months a completion counts, by the course and by the rule; None is for good."""
    return min(filter(None, [requirement.course.validity_months, rule.validity_months]), default=None)

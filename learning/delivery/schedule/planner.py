"""Which mail a person gets today, if any: pure, from what is asked, left and sent, the settings and the moment.

A mail a day and so many a week at most, over all courses. A reminder comes before a lesson, and what is more important
before what is less. One lesson waits at a time: for a week, then it is sent once more, then it is left to reminders.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from learning.dated import shifted

from .hours import Hours, local, week_of

# What a mail to one who learns is about.
LESSON, CHECK, RENEWAL, EDITION, OFFER, REMINDER = "lesson", "check", "renewal", "edition", "offer", "reminder"
TO_LEARNERS = (LESSON, CHECK, RENEWAL, EDITION, OFFER, REMINDER)
# What nobody has to follow; it counts as the others do, and gives way to them.
PULSE, SURVEY = "pulse", "survey"
INVITATIONS = (PULSE, SURVEY)
# So long a lesson waits to be taken before it is sent again, and this often in all; so long before any reminder.
PATIENCE = timedelta(days=7)
TIMES = 2


@dataclass(frozen=True)
class Limits:
    """How much a person is sent, and when they are reminded."""

    per_week: int = 2
    remind_before: int = 14
    remind_every: int = 14
    most_reminders: int = 3


@dataclass(frozen=True)
class Pace:
    """How often the lessons of a course come, and on which days of the week."""

    per_week: int = 2
    weekdays: frozenset[int] = frozenset({1, 3})

    def days(self, hours: Hours) -> frozenset[int]:
        """The days of the week on which they come; where nothing is sent on any of them, any."""
        return self.weekdays & hours.weekdays or hours.weekdays


@dataclass(frozen=True)
class Task:
    """A course that is asked of a person or offered, and what is left of it, in order."""

    course: str
    since: date
    due_on: date | None
    lessons: tuple[str, ...]
    check_is_left: bool = True
    cause: str = ""  # RENEWAL or EDITION: it is told once, before anything else of the course
    is_offer: bool = False
    is_accepted: bool = False
    pace: Pace = Pace()
    requirement: int = 0

    @property
    def next_up(self) -> tuple[str, str] | None:
        """The kind and the subject of what is to be taken next."""
        if self.lessons:
            return LESSON, self.lessons[0]
        return (CHECK, self.course) if self.check_is_left else None

    @property
    def is_waiting_for_yes(self) -> bool:
        return self.is_offer and not self.is_accepted


@dataclass(frozen=True)
class Sent:
    """A mail that was sent, or waits to be: what it was about and on which day. A cancelled one is not counted."""

    kind: str
    about: str
    course: str
    day: date
    is_counted: bool = True


@dataclass(frozen=True)
class Planned:
    """A mail to queue."""

    kind: str
    task: Task
    about: str  # a lesson or the course
    number: int  # of its kind and subject since the task began
    send_after: datetime

    @property
    def subject(self) -> str:
        """What makes it one: two who plan the same at once queue one mail."""
        return f"{self.about}:{self.task.since}:{self.number}"

    @property
    def ids(self) -> dict:
        """What the mail is about, as its message keeps it."""
        return {
            "what": self.about,
            "course": self.task.course,
            "requirement": self.task.requirement,
            "number": self.number,
        }


def next_mail(
    tasks: Sequence[Task], sent: Sequence[Sent], hours: Hours, limits: Limits, now: datetime
) -> Planned | None:
    """The mail that the person gets today, if any. The tasks come in the order of their importance, offers last."""
    slot = next(hours.slots(now), None)
    today = local(now).date()
    if slot is None or local(slot).date() != today or not has_room(sent, limits, today):
        return None
    planning = _Planning(sent, hours, limits, today, slot)
    steps = (planning.reminders, planning.news, planning.lessons, planning.offers)
    return next((found for step in steps for found in step(tasks)), None)


def has_room(sent: Iterable[Sent], limits: Limits, day: date) -> bool:
    """Whether the person may be sent one more on the day."""
    days = [one.day for one in sent if one.is_counted and week_of(one.day) == week_of(day)]
    return len(days) < limits.per_week and day not in days


def next_slot(sent: Sequence[Sent], hours: Hours, limits: Limits, now: datetime) -> datetime | None:
    """The first moment from now on at which the person may be sent one more."""
    return next((slot for slot in hours.slots(now) if has_room(sent, limits, local(slot).date())), None)


class _Planning:
    """What one person may be sent on a day; each step yields what is called for, the most important first."""

    def __init__(self, sent: Sequence[Sent], hours: Hours, limits: Limits, today: date, slot: datetime):
        self.sent, self.hours, self.limits, self.today, self.slot = sent, hours, limits, today, slot
        self.reaches = hours.reaches(today)

    def reminders(self, tasks: Iterable[Task]) -> Iterator[Planned]:
        if any(one.kind == REMINDER and self.today < one.day + PATIENCE for one in self.sent):
            return
        for task in tasks:
            if task.due_on is None or task.is_offer or (task.next_up and not self._mailed(task)):
                continue  # nobody is reminded of what they have not been told
            done = self._days(REMINDER, task.course, since=task.since)
            if len(done) < self.limits.most_reminders and self._reminder_day(task, done) <= self.reaches:
                yield self._planned(REMINDER, task, task.course, len(done))

    def _reminder_day(self, task: Task, done: list[date]) -> date:
        """The day of the next reminder: counted from the first, and never sooner after one that came late."""
        told = min(self._mailed(task), default=task.since)
        first = max(shifted(task.due_on, -self.limits.remind_before), told + PATIENCE)
        day = shifted(first, len(done) * self.limits.remind_every)
        return max([day, *(shifted(last, self.limits.remind_every) for last in done[-1:])])

    def _mailed(self, task: Task) -> list[date]:
        """The days of the mails about the course since the task began, but for reminders."""
        own = (one for one in self.sent if one.course == task.course and one.kind != REMINDER)
        return [one.day for one in own if one.day >= task.since]

    def news(self, tasks: Iterable[Task]) -> Iterator[Planned]:
        """That something is to be renewed, or that the course has a new edition: once."""
        for task in tasks:
            if task.cause and not task.is_waiting_for_yes and not self._days(task.cause, task.course, since=task.since):
                yield self._planned(task.cause, task, task.course, 0)

    def lessons(self, tasks: Iterable[Task]) -> Iterator[Planned]:
        for task in tasks:
            if task.next_up is None or task.is_waiting_for_yes:
                continue
            kind, about = task.next_up
            times = len(self._days(kind, about, since=task.since))
            mailed = self._days(kind, about)
            if mailed and self.today < max(mailed + self._days(REMINDER, task.course)) + PATIENCE:
                return  # one at a time
            if times < TIMES and self._is_lesson_day(task):
                yield self._planned(kind, task, about, times)

    def _is_lesson_day(self, task: Task) -> bool:
        kinds, week = (LESSON, CHECK), week_of(self.today)
        counted = [one for one in self.sent if one.is_counted and one.course == task.course and one.kind in kinds]
        this_week = sum(week_of(one.day) == week for one in counted)
        return this_week < task.pace.per_week and self.today.weekday() in task.pace.days(self.hours)

    def offers(self, tasks: Iterable[Task]) -> Iterator[Planned]:
        """What is offered: once, when there is nothing else to send."""
        for task in tasks:
            if task.is_waiting_for_yes and not self._days(OFFER, task.course, since=task.since):
                yield self._planned(OFFER, task, task.course, 0)

    def _days(self, kind: str, about: str, *, since: date = date.min) -> list[date]:
        """The days of the mails of the kind about this."""
        return sorted(one.day for one in self.sent if (one.kind, one.about) == (kind, about) and one.day >= since)

    def _planned(self, kind: str, task: Task, about: str, done: int) -> Planned:
        return Planned(kind, task, about, done + 1, self.slot)

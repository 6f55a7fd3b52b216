"""What the planner reads, from the database: what is asked of people and left, and what they were sent."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from courses.models import CoursePage
from learning.coverage.assignments import Assignment, open_on
from learning.coverage.models import Cause
from learning.delivery.models import Mailbox, Message, State
from learning.organisation.models import Employment, Municipality, Person
from learning.records.overview import Left, left_of

from .hours import local
from .models import Acceptance, CourseSchedule, Recipient
from .planner import EDITION, INVITATIONS, RENEWAL, TO_LEARNERS, Limits, Pace, Sent, Task, has_room

TOLD_FIRST = {Cause.RENEWAL: RENEWAL, Cause.EDITION: EDITION}


def employed(municipality: Municipality, on: date) -> QuerySet[Person]:
    """Those who work in the municipality on the day, but for those whose identity is protected."""
    work = Employment.objects.on(on).filter(person=OuterRef("pk"))
    return Person.objects.filter(Exists(work), municipality=municipality, is_active=True, is_protected=False)


def reachable(municipality: Municipality, on: date) -> QuerySet[Person]:
    """Those of them whom mail reaches."""
    dead = Mailbox.objects.dead().filter(person=OuterRef("pk"))
    return employed(municipality, on).exclude(email=None).filter(~Exists(dead))


def newcomers(municipality: Municipality, on: date) -> QuerySet[Person]:
    """Those whom mail reaches and the schedule does not, yet."""
    return reachable(municipality, on).filter(~Exists(Recipient.objects.filter(person=OuterRef("pk"))))


def tasks_of(municipality: Municipality, people: Collection[int], on: date) -> dict[int, list[Task]]:
    """Person → what is asked of them, the most important first; of several demands of a course, the first."""
    asked: dict[tuple[int, UUID], list[Assignment]] = defaultdict(list)
    for one in open_on(municipality, on, people=people):
        asked[one.person_id, one.course.key].append(one)
    left = _left(asked, on)
    paces = {row.course_id: row.pace for row in CourseSchedule.objects.all()}
    accepted = {*Acceptance.objects.filter(person__in=people).values_list("person", "requirement")}
    tasks = defaultdict(list)
    for (person, key), several in asked.items():
        pace = paces.get(several[0].course.pk, Pace())
        tasks[person].append(_task(several, left[person, key], pace, accepted))
    return tasks


def _left(asked: dict[tuple[int, UUID], list[Assignment]], on: date) -> dict[tuple[int, UUID], Left]:
    """What is left of each course for each person; to renew one is to take its check, whatever still counts."""
    groups: dict[tuple[CoursePage, bool], list[int]] = defaultdict(list)
    for (person, _key), several in asked.items():
        groups[several[0].course, several[0].cause == Cause.RENEWAL].append(person)
    found = {}
    for (course, renews), people in groups.items():
        for person, left in left_of(course, people, on=on, check=renews).items():
            found[person, course.key] = left
    return found


def _task(several: list[Assignment], left: Left, pace: Pace, accepted: set[tuple[int, int]]) -> Task:
    first = several[0]
    return Task(
        course=str(first.course.key),
        requirement=first.requirement.pk,
        since=first.since,
        due_on=min((one.due_on for one in several if one.due_on), default=None),
        lessons=tuple(str(page.translation_key) for page in left.lessons),
        check_is_left=left.check,
        cause=TOLD_FIRST.get(first.cause, ""),
        is_offer=first.is_offer,
        is_accepted=(first.person_id, first.requirement.pk) in accepted,
        pace=pace,
    )


def with_room(people: Collection[int], limits: Limits, now: datetime) -> list[int]:
    """Those of the people who may be sent one more today."""
    on = local(now).date()
    sent = sent_to(people, now, since=now - timedelta(days=on.isoweekday()))
    return [person for person in people if has_room(sent.get(person, ()), limits, on)]


def sent_to(people: Collection[int], now: datetime, *, since: datetime | None = None) -> dict[int, list[Sent]]:
    """Person → what they were sent as learners, or are to be; what waits is sent today at the earliest."""
    sent = defaultdict(list)
    rows = Message.objects.filter(person__in=people, kind__in=TO_LEARNERS + INVITATIONS)
    if since:
        rows = rows.filter(Q(due_at__gte=since) | Q(state=State.WAITING))
    for person, kind, about, state, due_at, sent_at in rows.values_list(
        "person", "kind", "about", "state", "due_at", "sent_at"
    ):
        moment = sent_at or (max(due_at, now) if state == State.WAITING else due_at)
        is_counted = state != State.CANCELLED
        sent[person].append(Sent(kind, about["what"], about["course"], local(moment).date(), is_counted))
    return sent

"""A lesson taken together: who may be let in by a code, and what is recorded of each who was there."""

import secrets
from collections.abc import Collection
from datetime import datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import LessonPage
from learning.errors import LearningError
from learning.organisation.models import OrgUnit, Person

from .models import Attendance, EvidenceLevel, GroupSession
from .services import finish_lesson

# Read aloud and typed on a phone: nothing that looks or sounds like another, and no vowels to make words of.
SIGNS = "CDFGHJKMNPRTVWX234679"
LENGTH = 6
LONGEST = timedelta(hours=4)


class UnknownCode(LearningError):
    """No lesson of the municipality has the code."""

    status = 404

    def __init__(self):
        super().__init__(_("No lesson has that code. Look at the screen and type it again. Nothing was registered."))


class SessionOver(LearningError):
    """The code counted while the lesson lasted."""


class AlreadyAttested(LearningError):
    """One attends once."""


def start_session(*, leader: Person, unit: OrgUnit, lesson: LessonPage, now: datetime) -> GroupSession:
    """Begin to take the lesson together. The code counts for four hours, and never past the end of the day."""
    local = timezone.localtime(now)
    midnight = timezone.make_aware(datetime.combine(local.date() + timedelta(days=1), time()))
    return GroupSession.objects.create(
        lesson=lesson,
        unit=unit,
        leader=leader,
        code=_new_code(),
        started_at=now,
        ends_at=min(now + LONGEST, midnight),
    )


def _new_code() -> str:
    """A code that no lesson has had; of 85 million, one that is taken by chance is drawn again."""
    while True:
        code = "".join(secrets.choice(SIGNS) for _sign in range(LENGTH))
        if not GroupSession.objects.filter(code=code).exists():
            return code


def end_session(*, session: GroupSession, now: datetime) -> None:
    """Let the code count no longer; what is over stays as it ended."""
    if session.is_open(now):
        session.ends_at = now
        session.save(update_fields=["ends_at"])


def read_code(text: str) -> str:
    """A code as it was typed: in small letters, or in groups."""
    return "".join(text.upper().replace("-", " ").split())


def session_with(*, code: str, person: Person) -> GroupSession:
    """The lesson with the code in the person's own municipality. Raises UnknownCode."""
    own = person.municipality.units if person.municipality else OrgUnit.objects.none()
    session = GroupSession.objects.within(own).filter(code=read_code(code)).first()
    if session is None:
        raise UnknownCode
    return session


@transaction.atomic
def attest(*, session: GroupSession, person: Person, how: str, now: datetime) -> Attendance:
    """Record that the person was there and so has taken the lesson; what they had taken before stays as it was.

    Raises SessionOver and, where they are registered already, AlreadyAttested.
    """
    if not session.is_open(now):
        raise SessionOver(_("The lesson is over, so the code does not count any longer. Nothing was registered."))
    try:
        with transaction.atomic():
            attendance = Attendance.objects.create(session=session, person=person, how=how, attested_at=now)
    except IntegrityError:
        raise AlreadyAttested(_("You are already registered. Nothing was changed.")) from None
    level = EvidenceLevel.ATTESTED if how == Attendance.How.LEADER else EvidenceLevel.GROUP
    finish_lesson(person=person, lesson=session.lesson, now=now, evidence_level=level)
    return attendance


@transaction.atomic
def register(*, session: GroupSession, people: Collection[Person], now: datetime) -> int:
    """Let the leader attest that these people were there; those who are registered stay as they are. Says how many."""
    there = set(session.attendances.values_list("person", flat=True))
    number = 0
    for person in people:
        if person.pk in there:
            continue
        try:
            attest(session=session, person=person, how=Attendance.How.LEADER, now=now)
        except AlreadyAttested:  # quicker on their own device
            continue
        number += 1
    return number

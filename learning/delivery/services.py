"""The acts that change a message: it is queued, taken, sent or not, and sent again."""

import logging
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerError

from learning.organisation.models import Municipality, Person

from .kinds import Mail, kind_of
from .models import Mailbox, Message, Pause, State, Why
from .returned import What

logger = logging.getLogger(__name__)

# Who takes messages has them for this long; then they are anybody's.
LEASE = timedelta(seconds=30)
# How long after each failed try the next one comes; after the last, none.
WAITS = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    *[timedelta(hours=24)] * 3,
]
# So long nothing but what is required goes to whom a machine answers for.
AWAY = timedelta(days=7)
# A full mailbox, a mail that is too large, or a rule of the receiver's: the address itself is right.
NOT_THE_ADDRESS = re.compile(r"5\.(2\.[23]|3\.|7\.)")


@dataclass(frozen=True)
class Asked:
    """A mail that is asked for, as `queue` takes it."""

    person_id: int
    kind: str
    subject: str
    send_after: datetime
    about: dict


def queue(
    *, person: Person, kind: str, subject: str, send_after: datetime, about: dict | None = None
) -> Message | None:
    """Let the person have a mail of the kind about the subject, with the transaction that asks for it.

    One a person, kind and subject: a second time is None and changes nothing. `about` holds ids only.
    """
    if kind_of(kind) is None:
        raise LookupError(f"No composer is registered for mails of the kind {kind}.")
    message, is_new = Message.objects.get_or_create(
        person=person,
        kind=kind,
        subject_key=subject,
        defaults=_queued(person.municipality, send_after, about),
    )
    if not is_new:
        return None
    _nudge_once()
    return message


def queue_all(*, municipality: Municipality, asked: Iterable[Asked]) -> None:
    """The same for many people of one municipality at once; each that there is already stays as it is."""
    rows = [
        Message(
            person_id=one.person_id,
            kind=one.kind,
            subject_key=one.subject,
            **_queued(municipality, one.send_after, one.about),
        )
        for one in asked
    ]
    Message.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    if rows:
        _nudge_once()


def _queued(municipality: Municipality | None, send_after: datetime, about: dict | None) -> dict:
    """What a message begins with."""
    return {
        "about": about or {},
        "message_id": f"<{uuid4()}@{_host(municipality)}>",
        "send_after": send_after,
        "due_at": send_after,
    }


def _host(municipality: Municipality | None) -> str:
    """What the ids of mails to its people end with."""
    if municipality:
        return municipality.site.hostname
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")


def _nudge_once() -> None:
    """Wake the worker when the transaction is committed, once however many it queues one after the other."""
    waiting = connection.run_on_commit
    if not (waiting and waiting[-1][1] is _nudge):
        transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    from .tasks import send_due

    try:
        send_due.apply_async(retry=False)
    except BrokerError:
        logger.warning("The broker does not answer; the clock sends what was queued.")


@transaction.atomic
def take(*, number: int, now: datetime) -> list[Message]:
    """Take so many of those that are due, for as long as the lease; nobody else gets them meanwhile."""
    people = ["person__municipality__site", "person__mail_choice", "person__mailbox"]
    due = Message.objects.due(now).select_related(*people)
    # Rows that another holds are passed by; on SQLite there is one writer at a time.
    taken = list(due.select_for_update(skip_locked=True, of=("self",))[:number])
    Message.objects.filter(pk__in=[message.pk for message in taken]).update(due_at=now + LEASE)
    for message in taken:
        message.due_at = now + LEASE
    return taken


def give_back(messages: Collection[Message], *, now: datetime) -> None:
    """Let others take what was taken and not sent."""
    _held(messages).update(due_at=now)


def postpone(message: Message, *, until: datetime) -> None:
    """Let it wait until then; no try is counted."""
    _held([message]).update(due_at=until)


def mark_sent(message: Message, mail: Mail, *, language: str, now: datetime) -> None:
    """Note that the mail server has accepted it."""
    _held([message]).update(
        state=State.SENT, sent_at=now, subject=mail.subject[:255], language=language, why="", error=""
    )


def cancel(message: Message, why: Why) -> None:
    """Note that it is not to be sent, and why."""
    _held([message]).update(state=State.CANCELLED, why=why)


def note_failure(message: Message, *, error: str, now: datetime) -> None:
    """Count a try that failed, and let the next one come later each time; after the last there is none."""
    tries = message.tries + 1
    if tries > len(WAITS):
        _held([message]).update(state=State.FAILED, why=Why.GIVEN_UP, tries=tries, error=error)
    else:
        _held([message]).update(due_at=now + WAITS[tries - 1], tries=tries, error=error)


@transaction.atomic
def note_refusal(message: Message, *, error: str, now: datetime) -> None:
    """Note that the mail server will never take mail to the address."""
    _held([message]).update(state=State.FAILED, why=Why.NOT_TAKEN, tries=message.tries + 1, error=error)
    note_dead_address(message.person, error=error, now=now)


def note_dead_address(person: Person, *, error: str, now: datetime) -> None:
    """Send nothing more to the person's address until it is changed or confirmed."""
    values = {"dead_address": person.email or "", "dead_since": now, "error": error}
    Mailbox.objects.update_or_create(person=person, defaults=values)


def _held(messages: Collection[Message]):
    """Those of the messages that still wait; what was done with one meanwhile stays done."""
    return Message.objects.filter(pk__in=[message.pk for message in messages], state=State.WAITING)


@transaction.atomic
def note_returned(message_ids: Collection[str], *, what: What, status: str, now: datetime) -> int:
    """Note what has come back of these mails, and return how many of them are ours; a second time changes nothing."""
    found = list(Message.objects.filter(message_id__in=message_ids).select_related("person"))
    for message in found:
        sent = Message.objects.filter(pk=message.pk, state=State.SENT)
        match what:
            case What.BOUNCE:
                came_back = sent.update(state=State.BOUNCED, why=Why.CAME_BACK, error=status)
                if came_back and not NOT_THE_ADDRESS.match(status):
                    note_dead_address(message.person, error=status, now=now)
            case What.DELAY:
                sent.update(error=status)
            case What.AUTO_REPLY:
                Mailbox.objects.update_or_create(person=message.person, defaults={"away_until": now + AWAY})
    return len(found)


def confirm_address(person: Person) -> None:
    """Send to the address again: somebody has said that it works."""
    Mailbox.objects.filter(person=person).update(dead_address="", dead_since=None, error="")


def send_again(message: Message, *, now: datetime) -> bool:
    """Let a message that was not handed over be tried anew, at once; whether there was one."""
    if not message.can_be_sent_again:
        return False
    again = Message.objects.filter(pk=message.pk, state=message.state)
    if not again.update(state=State.WAITING, why="", tries=0, due_at=now):
        return False
    _nudge_once()
    return True


def pause(*, municipality: Municipality, by: Person, now: datetime) -> None:
    """Send nothing to anybody in the municipality until it is resumed."""
    Pause.objects.get_or_create(municipality=municipality, defaults={"by": by, "since": now})


def resume(*, municipality: Municipality) -> None:
    """Send again, beginning with what has waited."""
    Pause.objects.filter(municipality=municipality).delete()
    _nudge_once()

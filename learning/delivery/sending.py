"""Sends what is due: takes a few messages, makes each into a mail, hands it over and notes so by itself right after.

A process that is killed anywhere loses nothing. What it had handed over and not yet noted goes twice, with the same
Message-ID: one mail at most.
"""

import logging
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from smtplib import (
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from threading import Lock

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import override

from learning.organisation.models import Employment

from .kinds import Kind, NotCalledFor, NotNow, kind_of
from .letters import letter
from .models import Message, Why
from .services import cancel, give_back, mark_sent, note_failure, note_refusal, postpone, take

logger = logging.getLogger(__name__)

BATCH = 50
# So many connections that break one after the other are the server's fault, not the mails'.
BROKEN = 3
CLOSING, TOO_LARGE = 421, 552

# One line to the mail server for each process: what is queued meanwhile is found by whoever sends.
_sending = Lock()


class MailServerDown(Exception):
    """The mail server takes nothing at present. Everything waits, and no message's try is counted."""


class NotTaken(Exception):
    """The mail server did not take this mail; another time it may."""


class AddressRefused(Exception):
    """The mail server will never take mail to this address."""


def send_due(*, clock: Callable[[], datetime]) -> int:
    """Send until nothing is due; returns how many were sent. Raises MailServerDown.

    0 where somebody else in the process is at it: they send it all.
    """
    if not _sending.acquire(blocking=False):
        return 0
    try:
        with Line() as line:
            sent = 0
            while batch := take(number=BATCH, now=clock()):
                sent += _send(batch, line, clock)
            return sent
    finally:
        _sending.release()


def _send(batch: list[Message], line: "Line", clock: Callable[[], datetime]) -> int:
    """Send those of the batch that there is time for while they are ours; the others are given back."""
    left, sent = list(batch), 0
    margin = timedelta(seconds=settings.EMAIL_TIMEOUT)
    employed = _employed(batch, on=timezone.localdate(clock()))
    try:
        while left and clock() + margin < left[0].due_at:
            sent += _send_one(left[0], left[0].person_id in employed, line, clock)
            left.pop(0)
    except MailServerDown:
        give_back(left, now=clock())
        raise
    if left:
        give_back(left, now=clock())
    return sent


def _employed(batch: list[Message], *, on: date) -> set[int]:
    """Whose of the batch are employed on the day."""
    people = {message.person_id for message in batch}
    return set(Employment.objects.on(on).filter(person__in=people).values_list("person", flat=True))


def _send_one(message: Message, is_employed: bool, line: "Line", clock: Callable[[], datetime]) -> bool:
    """Hand the message over, or note why not; whether it went. One that cannot be made stops no other."""
    kind, now = kind_of(message.kind), clock()
    if why := _why_not(message, kind, is_employed):
        cancel(message, why)
        return False
    mailbox = getattr(message.person, "mailbox", None)
    if mailbox and mailbox.away_until and mailbox.away_until > now and not kind.required:
        postpone(message, until=mailbox.away_until)
        return False
    choice = getattr(message.person, "mail_choice", None)
    language = choice.language if choice else settings.LANGUAGE_CODE
    try:
        with override(language):
            mail = kind.compose(message, now)
            email = mail and letter(message, mail, kind, language=language, now=now)
        if email is None:
            cancel(message, Why.SETTLED)
            return False
        line.hand_over(email)
    except NotNow as later:
        postpone(message, until=later.until)
    except NotCalledFor as refusal:
        cancel(message, refusal.why)
    except (OperationalError, InterfaceError, MailServerDown):
        raise  # the database or the mail server fails, not this message
    except AddressRefused as error:
        note_refusal(message, error=str(error), now=clock())
    except NotTaken as error:
        note_failure(message, error=str(error), now=clock())
    except Exception as error:
        logger.exception("The mail of message %s cannot be made.", message.pk)
        note_failure(message, error=type(error).__name__, now=clock())
    else:
        mark_sent(message, mail, language=language, now=clock())
        return True
    return False


def _why_not(message: Message, kind: Kind | None, is_employed: bool) -> Why | None:
    """Why nothing is to be sent, as things stand now."""
    person = message.person
    if kind is None:
        return Why.UNKNOWN_KIND
    if not (person.is_active and is_employed):
        return Why.NOT_EMPLOYED
    if not person.email:
        return Why.NO_ADDRESS
    if getattr(person, "mailbox", None) and person.mailbox.dead_address == person.email:
        return Why.DEAD_ADDRESS
    if not kind.required and getattr(person, "mail_choice", None) and kind.name in person.mail_choice.refused:
        return Why.REFUSED
    return None


class Line:
    """The one connection that mails are handed over on: opened for the first, and anew where it broke."""

    def __init__(self):
        self.connection = get_connection()
        self.is_open, self.sent, self.broken = False, 0, 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._close()

    def hand_over(self, email: EmailMessage) -> None:
        """Return when the mail server has accepted the mail. Raises AddressRefused, NotTaken or MailServerDown."""
        self._open()
        try:
            self.connection.send_messages([email])
        except SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            if code == CLOSING:
                return self._once_more(email)
            raise (AddressRefused if code >= 500 else NotTaken)(told(code, text)) from error
        except SMTPResponseException as error:
            if error.smtp_code == CLOSING:
                return self._once_more(email)
            # Whoever refuses our own address refuses all mail.
            ours = isinstance(error, SMTPSenderRefused) and error.smtp_code != TOO_LARGE
            raise (MailServerDown if ours else NotTaken)(told(error.smtp_code, error.smtp_error)) from error
        except (SMTPServerDisconnected, OSError) as error:
            self._close()
            self.broken += 1
            raise (MailServerDown if self.broken >= BROKEN else NotTaken)(type(error).__name__) from error
        self.sent, self.broken = self.sent + 1, 0

    def _once_more(self, email: EmailMessage) -> None:
        """On a new connection: a server may close one after so many mails. If it was new, the server is busy."""
        was_new = not self.sent
        self._close()
        if was_new:
            raise MailServerDown(told(CLOSING))
        self.hand_over(email)

    def _open(self) -> None:
        if self.is_open:
            return
        try:
            self.connection.open()
        except (OSError, SMTPException) as error:
            raise MailServerDown(told(getattr(error, "smtp_code", type(error).__name__))) from error
        self.is_open = True

    def _close(self) -> None:
        self.is_open, self.sent = False, 0
        try:
            self.connection.close()
        except (OSError, SMTPException):
            logger.info("The mail server had gone before it was taken leave of.")


def told(code: int | str, text: bytes | str = "") -> str:
    """The code of an answer, with the enhanced one if it begins with that: nothing that names anybody."""
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    enhanced = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", text)
    return f"{code} {enhanced[0]}" if enhanced else str(code)

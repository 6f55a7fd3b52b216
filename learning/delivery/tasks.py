"""Work in the background: mails, and what a lost message or a killed process left behind."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from . import bounces, sending
from .mailboxes import MailboxUnreachable
from .schedule.services import plan_all


# What is expected is said in a line, without a trace.
@shared_task(throws=(sending.MailServerDown,))
def send_due() -> None:
    """Send what has just been queued."""
    sending.send_due(clock=timezone.now)


@shared_task(throws=(sending.MailServerDown,))
def tick_send() -> None:
    """Send what has become due, what a broker lost, and what a killed worker had taken."""
    sending.send_due(clock=timezone.now)


@shared_task(throws=(MailboxUnreachable,))
def tick_read_returned() -> None:
    """Read what has come back of our mails."""
    bounces.read_returned(settings.BOUNCE_MAILBOX_URL, now=timezone.now())


@shared_task
def tick_plan() -> None:
    """Queue what people are to get today."""
    plan_all(timezone.now())

"""Some weeks of mails in a few of Granforsa's units, by the real planner and sender. Nothing leaves the machine."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from learning.delivery.models import KeptMail, Message
from learning.delivery.schedule.models import MailPlan, Recipient
from learning.delivery.schedule.services import plan_day
from learning.delivery.sending import send_due
from learning.organisation.models import Appointment, Municipality, Person

WEEKS = 4
PILOT = ["VO11", "SO15", "BU21"]


def mail_some_weeks(municipality: Municipality, today: date) -> int:
    """Let a few units try it first; the others wait for the coordinator's yes. How many mails that makes."""
    first = today - timedelta(weeks=WEEKS)
    coordinator = municipality.root.appointments.get(function=Appointment.Function.COORDINATOR).person
    plan = MailPlan.objects.create(
        municipality=municipality, started_at=_at(first, 7), started_by=coordinator, digest_day=max(first.day % 28, 1)
    )
    people = Person.objects.employed_in(municipality.units.filter(code__in=PILOT), first)
    Recipient.objects.bulk_create(Recipient(person=person, since=plan.started_at) for person in people)
    for number in range(7 * WEEKS):
        now = _at(first + timedelta(days=number), 9)
        plan_day(plan, now)
        send_due(clock=lambda now=now: now)
    _date_as_sent()
    return Message.objects.of(municipality).exclude(sent_at=None).count()


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _date_as_sent() -> None:
    """Let each kept mail stand on the day on which it was sent."""
    sent = dict(Message.objects.exclude(sent_at=None).values_list("message_id", "sent_at"))
    kept = list(KeptMail.objects.filter(message_id__in=sent))
    for mail in kept:
        mail.kept_at = sent[mail.message_id]
    KeptMail.objects.bulk_update(kept, ["kept_at"], batch_size=500)

"""The acts of the schedule: it is started and stopped, plans what is to be sent, and people say yes to an offer."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from learning.bulk import in_batches
from learning.delivery.services import Asked, queue_all
from learning.errors import LearningError
from learning.organisation.models import Municipality, Person
from learning.plans.models import Requirement

from .gathering import newcomers, reachable, sent_to, tasks_of, with_room
from .heads import plan_for_heads
from .hours import local
from .invitations import plan_invitations
from .models import Acceptance, MailPlan, Recipient
from .planner import REMINDER, Planned, Sent, Task, next_mail, next_slot

# More people than this at once, and more than this share of those whom the schedule reaches, wait for a person's yes.
MANY, SHARE = 50, 0.10
# A head reminds the same people again after this.
NAGGING = timedelta(days=14)


class RemindedLately(LearningError):
    """Everyone who needs it has been reminded lately."""


@transaction.atomic
def start(*, plan: MailPlan, by: Person, now: datetime) -> None:
    """Let the schedule reach everyone whom mail reaches, and plan from now on; what was started stays started."""
    if not plan.started_at:
        plan.started_at, plan.started_by = now, by
        plan.save()
    number = _let_in(plan.municipality, local(now).date(), now)
    log(plan, "delivery.start", user=by, data={"people": number})


@transaction.atomic
def stop(*, plan: MailPlan, by: Person) -> None:
    """Plan nothing more; what is queued is cancelled when its time comes."""
    plan.started_at = plan.started_by = None
    plan.save()
    log(plan, "delivery.stop", user=by)


def waits_for_yes(municipality: Municipality, on: date) -> int:
    """How many are new at once and wait for somebody's yes; 0 where they are few enough to be let in."""
    number = newcomers(municipality, on).count()
    reached = Recipient.objects.filter(person__municipality=municipality).count()
    return number if number > max(MANY, SHARE * reached) else 0


def _let_in(municipality: Municipality, on: date, now: datetime) -> int:
    number = 0
    for batch in in_batches(newcomers(municipality, on)):
        Recipient.objects.bulk_create([Recipient(person_id=pk, since=now) for pk in batch], ignore_conflicts=True)
        number += len(batch)
    return number


def plan_all(now: datetime) -> None:
    """Plan the day of every municipality that has started."""
    for plan in MailPlan.objects.exclude(started_at=None).select_related("municipality__site", "municipality__root"):
        plan_day(plan, now)


def plan_day(plan: MailPlan, now: datetime) -> int:
    """Queue what the municipality's people are to get today; how many that were. Twice a day changes nothing."""
    municipality, today = plan.municipality, local(now).date()
    slot = next(plan.hours.slots(now), None)
    if slot is None or local(slot).date() != today:
        return 0
    if not waits_for_yes(municipality, today):
        _let_in(municipality, today, now)
    people = reachable(municipality, today).filter(mail_recipient__isnull=False)
    number = sum(_plan_some(plan, batch, now) for batch in in_batches(people))
    return number + plan_invitations(plan, now) + plan_for_heads(plan, now)


@transaction.atomic
def _plan_some(mail_plan: MailPlan, people: Collection[int], now: datetime) -> int:
    """Queue what these people are to get today. Two workers plan one after the other: each sees what the other did."""
    locked = mail_plan.held()
    if locked is None:
        return 0
    hours, limits = locked.hours, locked.limits
    tasks = tasks_of(mail_plan.municipality, with_room(people, limits, now), local(now).date())
    sent = sent_to(list(tasks), now)
    planned = {person: next_mail(own, sent.get(person, ()), hours, limits, now) for person, own in tasks.items()}
    asked = [_asked(person, one) for person, one in planned.items() if one]
    queue_all(municipality=mail_plan.municipality, asked=asked)
    return len(asked)


def _asked(person: int, one: Planned) -> Asked:
    return Asked(person, one.kind, one.subject, one.send_after, one.ids)


@transaction.atomic
def remind(*, plan: MailPlan, people: Iterable[int], requirement: Requirement, by: Person, now: datetime) -> int:
    """Let each of these who needs it and was not reminded lately have a reminder, as soon as there is room for it.

    How many that are. Raises RemindedLately where it is nobody.
    """
    MailPlan.objects.select_for_update().get(pk=plan.pk)
    asked = []
    for person, task, sent in to_remind(plan=plan, people=people, requirement=requirement, now=now):
        slot = next_slot(sent, plan.hours, plan.limits, now)
        done = sum(one.kind == REMINDER and one.about == task.course and one.day >= task.since for one in sent)
        if slot:
            one = Planned(REMINDER, task, task.course, done + 1, slot)
            asked.append(Asked(person, REMINDER, one.subject, slot, {**one.ids, "by": by.pk}))
    if not asked:
        raise RemindedLately(
            _("Nobody was reminded: those whom mail reaches have been in the last fourteen days. Nothing was sent.")
        )
    queue_all(municipality=plan.municipality, asked=asked)
    return len(asked)


def to_remind(
    *, plan: MailPlan, people: Iterable[int], requirement: Requirement, now: datetime
) -> list[tuple[int, Task, list[Sent]]]:
    """Those of the people who have something left of what is required and were not reminded in the last two weeks."""
    on = local(now).date()
    own = reachable(plan.municipality, on).filter(mail_recipient__isnull=False, pk__in=list(people))
    found = []
    for batch in in_batches(own):
        sent = sent_to(batch, now)
        for person, tasks in tasks_of(plan.municipality, batch, on).items():
            task = next((one for one in tasks if one.requirement == requirement.pk and not one.is_offer), None)
            if task and not _was_reminded(sent.get(person, ()), task, on):
                found.append((person, task, sent.get(person, [])))
    return found


def _was_reminded(sent: Iterable[Sent], task: Task, on: date) -> bool:
    reminders = [one for one in sent if one.kind == REMINDER and one.about == task.course and one.is_counted]
    return any(one.day > on - NAGGING for one in reminders)


def accept(*, person: Person, requirement: Requirement, now: datetime) -> None:
    """Let the person have the lessons of what is offered; a second time changes nothing."""
    Acceptance.objects.get_or_create(person=person, requirement=requirement, defaults={"at": now})


def decline(*, person: Person, requirement: Requirement) -> None:
    """Send the person nothing more of what is offered; what they have learned stays."""
    Acceptance.objects.filter(person=person, requirement=requirement).delete()

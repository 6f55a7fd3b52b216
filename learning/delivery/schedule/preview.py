"""What the first week would bring, to be looked at before anything is started: nothing is queued."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import override

from learning.bulk import in_batches
from learning.delivery.kinds import kind_of
from learning.delivery.letters import letter
from learning.delivery.models import Message
from learning.organisation.models import Employment, Municipality, OrgUnit, Person

from .composing import told
from .gathering import newcomers, sent_to, tasks_of
from .hours import local
from .models import MailPlan
from .planner import TO_LEARNERS, Planned, Sent, next_mail

WEEK = timedelta(days=7)
SAMPLE = 10


@dataclass
class Preview:
    """How many people would be reached, what they would get in the first week by department, and ten of them."""

    people: int = 0
    mailed: int = 0  # those who would get anything at all
    departments: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    sample: list[tuple[int, list[Planned]]] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        """The kinds of mails that anybody would get."""
        return [kind for kind in TO_LEARNERS if any(counts[kind] for counts in self.departments.values())]

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        return [(name, [counts[kind] for kind in self.kinds]) for name, counts in sorted(self.departments.items())]

    @property
    def mails(self) -> int:
        return sum(self.total)

    @property
    def total(self) -> list[int]:
        return [sum(counts[kind] for counts in self.departments.values()) for kind in self.kinds]


def preview(mail_plan: MailPlan, now: datetime) -> Preview:
    """What those whom the schedule would newly reach would get in the first week, if they do nothing meanwhile."""
    municipality, on = mail_plan.municipality, local(now).date()
    found, names = Preview(), _department_names(municipality)
    for batch in in_batches(newcomers(municipality, on)):
        found.people += len(batch)
        where = _departments(batch, now, names)
        for person, planned in _first_week(mail_plan, batch, now):
            found.mailed += bool(planned)
            for one in planned:
                found.departments[where.get(person, municipality.name)][one.kind] += 1
            if planned and len(found.sample) < SAMPLE:
                found.sample.append((person, planned))
    return found


def _first_week(mail_plan: MailPlan, people: Collection[int], now: datetime) -> Iterator[tuple[int, list[Planned]]]:
    """What each of the people would get."""
    hours, limits = mail_plan.hours, mail_plan.limits
    slots = list(_within(hours.slots(now), now + WEEK))
    sent = sent_to(people, now)
    for person, tasks in tasks_of(mail_plan.municipality, people, local(now).date()).items():
        own, planned = list(sent.get(person, ())), []
        for slot in slots:
            if one := next_mail(tasks, own, hours, limits, slot):
                planned.append(one)
                own.append(Sent(one.kind, one.about, one.task.course, local(slot).date()))
        yield person, planned


def _within(slots: Iterator[datetime], end: datetime) -> Iterator[datetime]:
    for slot in slots:
        if slot >= end:
            return
        yield slot


def _department_names(municipality: Municipality) -> dict[str, str]:
    """Path → name of every department."""
    return dict(municipality.units.filter(depth=municipality.root.depth + 1).values_list("path", "name"))


def _departments(people: Collection[int], now: datetime, names: dict[str, str]) -> dict[int, str]:
    """Person → the name of the department of their main employment."""
    rows = Employment.objects.on(local(now).date()).filter(person__in=people).order_by("is_main")
    found = {}
    for person, path in rows.values_list("person", "unit__path"):
        found[person] = names.get(path[: 2 * OrgUnit.steplen], "")
    return {person: name for person, name in found.items() if name}


def first_mail(mail_plan: MailPlan, person: Person, now: datetime) -> EmailMultiAlternatives | None:
    """The first mail that the person would get, as it will look; its button leads nowhere."""
    week = dict(_first_week(mail_plan, [person.pk], now))
    planned = next(iter(week.get(person.pk, [])), None)
    if planned is None:
        return None
    kind, language = kind_of(planned.kind), settings.LANGUAGE_CODE
    message = Message(person=person, kind=planned.kind, about=planned.ids, message_id=f"<{uuid4()}@localhost>")
    with override(language):
        mail = told(message, now)
        if mail is None:
            return None
        # A link lets whoever has it in as the person.
        mail = replace(mail, context={**mail.context, "url": "#"})
        return letter(message, mail, kind, language=language, now=now)

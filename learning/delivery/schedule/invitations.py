"""Invitations that nobody has to follow: questions of a course once more, and surveys. They come when there is room."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from courses.models import CoursePage
from learning.bulk import in_batches
from learning.delivery.kinds import SAMPLE_ADDRESS, SAMPLE_COURSE, Mail, composes
from learning.delivery.models import Message
from learning.delivery.services import Asked, queue_all
from learning.surveys import pulse
from learning.surveys import services as surveys
from learning.surveys.models import Wave
from learning.translations import in_language

from .composing import plan_of
from .gathering import reachable, with_room
from .hours import local
from .models import MailPlan
from .planner import INVITATIONS, PULSE, SURVEY


def plan_invitations(mail_plan: MailPlan, now: datetime) -> int:
    """Queue an invitation to each of those who are asked something today and have room for a mail; how many.

    Each comes once; what is more important is planned before, and so has taken its room.
    """
    on, slot = local(now).date(), next(mail_plan.hours.slots(now))
    found = defaultdict(list)
    for one in _due(mail_plan, on, slot):
        found[one.person_id].append(one)
    people = reachable(mail_plan.municipality, on).filter(mail_recipient__isnull=False)
    batches = ([one for pk in batch for one in found.get(pk, ())] for batch in in_batches(people))
    return sum(_plan_some(mail_plan, batch, now) for batch in batches)


@transaction.atomic
def _plan_some(mail_plan: MailPlan, found: list[Asked], now: datetime) -> int:
    locked = mail_plan.held() if found else None
    if locked is None:
        return 0
    rows = Message.objects.filter(kind__in=INVITATIONS, person__in={one.person_id for one in found})
    told = {*rows.values_list("person", "kind", "subject_key")}
    new = {one.person_id: one for one in reversed(found) if (one.person_id, one.kind, one.subject) not in told}
    asked = [new[person] for person in with_room(list(new), locked.limits, now)]
    queue_all(municipality=mail_plan.municipality, asked=asked)
    return len(asked)


def _due(mail_plan: MailPlan, on: date, slot: datetime) -> Iterator[Asked]:
    """Who is asked what on the day, whether or not they have been told; of a person, what closes for good first."""
    for due in pulse.due_pulses(mail_plan.municipality, on):
        about = {"what": str(due.course.key), "course": "", "page": due.course.pk}
        yield Asked(due.person_id, PULSE, f"{due.course.key}:{due.until}", slot, about)
    for due in surveys.due(mail_plan.municipality, on):
        about = {"what": str(due.wave.pk), "course": ""}
        for person in due.people.values_list("pk", flat=True):
            yield Asked(person, SURVEY, str(due.wave.pk), slot, about)


@composes(
    PULSE,
    title=gettext_lazy("Questions of a course once more"),
    why=gettext_lazy("You get this mail because you have completed the course."),
    sample=lambda: _pulse(SAMPLE_COURSE, SAMPLE_ADDRESS, date(2030, 1, 31)),
)
def compose_pulse(message: Message, now: datetime) -> Mail | None:
    """What is asked, while it still is."""
    plan_of(message, now)
    course = CoursePage.objects.filter(pk=message.about["page"]).first()
    due = course and pulse.pulse_of(message.person, course, local(now).date())
    return due and _pulse(
        in_language(course, get_language()).title,
        message.person.municipality.address_of("surveys:pulse", course.pk),
        due.until,
    )


def _pulse(course: str, url: str, until: date) -> Mail:
    words = {"course": course, "day": date_format(until, "j F")}
    return _letter(
        _("Do you remember? %(course)s") % words,
        _("Do you remember?"),
        _("Three questions of %(course)s at most. What is brought back now and again is what stays.") % words,
        _("It is a sample, not a test. Nobody sees what you answer. It is open through %(day)s.") % words,
        url=url,
        label=_("To the questions"),
    )


@composes(
    SURVEY,
    title=gettext_lazy("Surveys"),
    why=gettext_lazy("You get this mail because you are asked what you think, and need."),
    sample=lambda: _survey("Hur trygg känner du dig?", SAMPLE_ADDRESS),
)
def compose_survey(message: Message, now: datetime) -> Mail | None:
    """The round, while it asks the person."""
    plan_of(message, now)
    on = local(now).date()
    running = Wave.objects.running(message.person.municipality_id, on).filter(pk=message.about["what"])
    wave = running.first()
    if wave is None or not surveys.left(wave, on).filter(pk=message.person_id).exists():
        return None
    return _survey(
        in_language(wave.survey, get_language()).title,
        message.person.municipality.address_of("surveys:answer", wave.pk),
    )


def _survey(title: str, url: str) -> Mail:
    return _letter(
        _("A survey: %(title)s") % {"title": title},
        title,
        _("A few questions, two minutes. Voluntary, and nobody sees what you answer."),
        url=url,
        label=_("To the survey"),
    )


def _letter(subject: str, heading: str, *paragraphs: str, url: str, label: str) -> Mail:
    context = {"heading": heading, "preheader": paragraphs[0], "paragraphs": paragraphs, "url": url, "label": label}
    return Mail(subject, "letter", {**context, "after": [_("This comes once. If you do nothing, nothing follows.")]})

"""What the pages of heads are told of reminders, and the page on which a head reminds those who need it."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from learning.access.authority import Action, authority_of
from learning.access.rules import requires
from learning.coverage import figures
from learning.coverage.models import Status
from learning.delivery.kinds import kind_of
from learning.delivery.models import Message, State
from learning.organisation.models import Municipality, OrgUnit
from learning.plans.models import Requirement

from .gathering import newcomers, reachable
from .hours import local
from .models import MailPlan
from .planner import REMINDER, TO_LEARNERS
from .services import remind, to_remind


def last_mails(requirement: Requirement, people: Collection[int], **kwargs) -> dict[int, list[str]]:
    """Person → in words, when they were last reminded of the requirement, and their last other mail about it."""
    last: dict[int, dict[str, Mailed]] = defaultdict(dict)
    for one in _mails(requirement, people):
        before = last[one.person].get(one.kind)
        last[one.person][one.kind] = max(one, before, key=lambda mailed: mailed.day) if before else one
    return {person: list(_in_words(own)) for person, own in last.items()}


@dataclass(frozen=True)
class Mailed:
    """A mail about a requirement that was sent on a day, or is to be."""

    person: int
    kind: str
    day: date
    is_sent: bool


def _in_words(last: dict[str, Mailed]) -> Iterator[str]:
    reminder = last.pop(REMINDER, None)
    if reminder:
        words = _("Reminded %(day)s") if reminder.is_sent else _("Is reminded %(day)s")
        yield words % {"day": date_format(reminder.day, "j F")}
    sent = [mailed for mailed in last.values() if mailed.is_sent]
    if sent:
        newest = max(sent, key=lambda mailed: mailed.day)
        words = _("Last other mail %(day)s: %(what)s") if reminder else _("Last mail %(day)s: %(what)s")
        yield words % {"day": date_format(newest.day, "j F"), "what": kind_of(newest.kind).title}


def _mails(requirement: Requirement, people: Collection[int]) -> Iterator[Mailed]:
    """What these were mailed about the requirement, or are to be."""
    rows = Message.objects.filter(person__in=people, kind__in=TO_LEARNERS, about__requirement=requirement.pk)
    rows = rows.filter(state__in=[State.SENT, State.WAITING])
    for person, kind, sent_at, due_at in rows.values_list("person", "kind", "sent_at", "due_at"):
        yield Mailed(person, kind, local(sent_at or due_at).date(), sent_at is not None)


def address(unit: OrgUnit, requirement: Requirement, **kwargs) -> str:
    """Where a head reminds those of the unit who need it; nowhere before the municipality has started mailing."""
    started = MailPlan.objects.filter(municipality=requirement.municipality_id).exclude(started_at=None)
    return reverse("delivery:remind", args=[unit.pk, requirement.pk]) if started.exists() else ""


@requires(Action.SEE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def remind_unit(request, pk, requirement):
    """How many would be reminded, and why the others would not; POST reminds them."""
    now = timezone.now()
    on = local(now).date()
    unit = get_object_or_404(authority_of(request).units(Action.SEE_PEOPLE).on(on), pk=pk)
    municipality = Municipality.objects.of_unit(unit)
    asked = get_object_or_404(Requirement.objects.on(on), pk=requirement, municipality=municipality)
    plans = MailPlan.objects.exclude(started_at=None).select_related("municipality__site", "municipality__root")
    plan = plans.filter(municipality=municipality).first()
    if plan is None:
        return render(request, "delivery/remind.html", {"unit": unit, "municipality": municipality})
    people = [person for person, _status in figures.people(asked, unit, on, Status.lacking())]
    if request.method == "POST":
        number = remind(plan=plan, people=people, requirement=asked, by=request.user, now=now)
        words = ngettext("%(number)d person gets a reminder.", "%(number)d people get a reminder.", number)
        messages.success(request, words % {"number": number})
        return redirect("reporting:unit", unit.pk)
    number = len(to_remind(plan=plan, people=people, requirement=asked, now=now))
    reached = reachable(municipality, on).filter(pk__in=people).count()
    new = newcomers(municipality, on).filter(pk__in=people).count()
    reminders = [one.day for one in _mails(asked, people) if one.kind == REMINDER and one.is_sent]
    context = {
        "unit": unit,
        "requirement": asked,
        "lacking": len(people),
        "number": number,
        "unreached": len(people) - reached,
        "new": new,
        "lately": reached - new - number,
        "last": max(reminders, default=None),
        "municipality": municipality,
        "plan": plan,
    }
    return render(request, "delivery/remind.html", context)

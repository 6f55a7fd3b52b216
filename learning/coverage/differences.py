"""A fixed figure beside what is known of the same day now: who differs, and why.

A figure has two clocks: the day of which it is true, and the day on which it was known. What was fixed keeps both. What
is known now may differ, since somebody's completion was recorded late or the register was corrected; nothing of that
changes what was fixed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from learning.organisation.models import OrgUnit
from learning.records.models import Completion, Evidence, Exemption

from . import figures
from .models import FrozenReport, Status

# What a standing at either end says of where the correction was made.
NO_WORK = (None, Status.OTHER_POPULATION, Status.NEW, Status.NOT_MEANT)


@dataclass(frozen=True)
class Difference:
    """Somebody whose standing that day is known otherwise now; None is not employed there."""

    person_id: int
    was: Status | None
    now: Status | None
    why: str

    @property
    def was_words(self) -> str:
        return _words(self.was)

    @property
    def now_words(self) -> str:
        return _words(self.now)


def differences(report: FrozenReport, unit: OrgUnit) -> list[Difference]:
    """Those of the unit or below it whose standing is known otherwise now than when the report was fixed."""
    before = {pk: Status(best) for pk, best in figures.frozen_people(report, unit)}
    now = {pk: Status(best) for pk, best in figures.people(report.goal.requirement, unit, report.on)}
    changed = [pk for pk in {**now, **before} if before.get(pk) != now.get(pk)]
    recorded = _recorded_since(report, changed)
    return [_difference(pk, before.get(pk), now.get(pk), recorded[pk]) for pk in changed]


def _difference(person_id: int, was: Status | None, now: Status | None, recorded: dict[Status, str]) -> Difference:
    return Difference(person_id, was, now, _why(was, now, recorded))


def _recorded_since(report: FrozenReport, people: Iterable[int]) -> dict[int, dict[Status, str]]:
    """Person → what was recorded of them after the report was fixed, with its two days, by the standing it leads to."""
    told = {person: {} for person in people}
    about = {"course_key": report.goal.requirement.course_key, "person__in": told}
    done = Completion.objects.filter(**about, completed_on__lte=report.on)
    late = done.filter(recorded_at__gt=report.frozen_at).upheld().order_by("recorded_at")
    elsewhere = Evidence.objects.filter(steps__completion__in=late)
    held = dict(elsewhere.values_list("steps__completion", "last_day"))
    for row in late:
        words = _recorded(row, held.get(row.pk))
        told[row.person_id] |= {Status.COMPETENT: words, Status.EXPIRED: words}
    taken_back = done.filter(withdrawal__recorded_at__gt=report.frozen_at, withdrawal__withdrawn_on__lte=report.on)
    for row in taken_back.select_related("withdrawal").order_by("withdrawal__recorded_at"):
        told[row.person_id] = dict.fromkeys(Status.lacking(), _taken_back(row)) | told[row.person_id]
    decided = Exemption.objects.filter(**about, decided_at__gt=report.frozen_at).on(report.on)
    for row in decided:
        days = {"day": row.starts_on, "recorded": timezone.localdate(row.decided_at)}
        told[row.person_id][Status.EXEMPT] = _("An exemption from %(day)s was decided %(recorded)s.") % days
    return told


def _recorded(completion: Completion, held_on: date | None) -> str:
    """A completion that was recorded late; of training elsewhere, the day on which it was held is told."""
    days = {"day": held_on or completion.completed_on, "recorded": timezone.localdate(completion.recorded_at)}
    if held_on:
        return _("Training elsewhere on %(day)s was accepted %(recorded)s.") % days
    return _("A completion of %(day)s was recorded %(recorded)s.") % days


def _taken_back(completion: Completion) -> str:
    days = {
        "day": completion.completed_on,
        "from": completion.withdrawal.withdrawn_on,
        "recorded": timezone.localdate(completion.withdrawal.recorded_at),
    }
    return _("The completion of %(day)s was taken back from %(from)s, which was recorded %(recorded)s.") % days


def _why(was: Status | None, now: Status | None, recorded: dict[Status, str]) -> str:
    """What was recorded since; else where the register or the record was corrected, as the two standings tell it."""
    if was is None:
        return _("The employment was entered afterwards.")
    if now is None:
        return _("The employment there was corrected: there was none that day.")
    if now in recorded:
        return recorded[now]
    if Status.ON_LEAVE in (was, now):
        return _("The leave was entered or corrected afterwards.")
    if Status.EXEMPT in (was, now):
        return _("The exemption was decided or ended afterwards.")
    if was in NO_WORK or now in NO_WORK:
        return _("The employment or its role was corrected afterwards.")
    return _("The record of the course was corrected afterwards.")


def _words(status: Status | None) -> str:
    return _("Not employed here") if status is None else str(status.label)

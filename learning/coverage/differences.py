"""A fixed figure beside what is known of the same day now: who differs, and why.

A figure has two clocks: the day of which it is true, and the day on which it was known. What was fixed keeps both. What
is known now may differ, since somebody's completion was recorded late or the register was corrected; nothing of that
changes what was fixed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from learning.organisation.models import OrgUnit
from learning.records.models import Completion, Exemption

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
    told = _recorded_since(report, changed)
    return [
        Difference(pk, before.get(pk), now.get(pk), told.get(pk) or _why(before.get(pk), now.get(pk))) for pk in changed
    ]


def _recorded_since(report: FrozenReport, people: Iterable[int]) -> dict[int, str]:
    """Person → what was recorded of them after the report was fixed, with its two days."""
    key, since, on = report.goal.requirement.course_key, report.frozen_at, report.on
    told = {}
    decided = Exemption.objects.filter(course_key=key, person__in=people, decided_at__gt=since).on(on)
    for row in decided:
        told[row.person_id] = _("An exemption from %(day)s was decided %(recorded)s.") % {
            "day": row.starts_on,
            "recorded": timezone.localdate(row.decided_at),
        }
    done = Completion.objects.filter(course_key=key, person__in=people, recorded_at__gt=since, completed_on__lte=on)
    for row in done.upheld().order_by("recorded_at"):
        told[row.person_id] = _("A completion of %(day)s was recorded %(recorded)s.") % {
            "day": row.completed_on,
            "recorded": timezone.localdate(row.recorded_at),
        }
    return told


def _why(was: Status | None, now: Status | None) -> str:
    """Where the register or the record was corrected, as the two standings tell it."""
    if was is None:
        return _("The employment was entered afterwards.")
    if now is None:
        return _("The employment there was corrected: there was none that day.")
    if Status.ON_LEAVE in (was, now):
        return _("The leave was entered or corrected afterwards.")
    if Status.EXEMPT in (was, now):
        return _("The exemption was decided or ended afterwards.")
    if was in NO_WORK or now in NO_WORK:
        return _("The employment or its role was corrected afterwards.")
    return _("The record of the course was corrected afterwards.")


def _words(status: Status | None) -> str:
    return _("Not employed here") if status is None else str(status.label)

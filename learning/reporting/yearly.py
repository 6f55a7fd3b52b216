"""Composes and fixes the yearly report to the board and the local crime-prevention council (S19, S24).

The report tells no figure that a release does not: what the board reads and what residents read are hidden together
(decision 26). What the platform says and what an editor says beside it are fixed together, under one hash.
"""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from learning.access.authority import Authority
from learning.append_only import hash_of
from learning.coverage.services import expect_counted
from learning.dated import DAY
from learning.errors import LearningError
from learning.organisation.models import Appointment, Municipality, OrgUnit, Person
from learning.plans import situation
from learning.plans.models import ActionPlan, Activity, Goal, Indicator
from learning.plans.warnings import public_warnings
from learning.surveys.retention import Retained, retained_by_course

from .address import measured_goals
from .duties import duties_of
from .models import Release, ReportDraft, YearlyReport
from .outlook import said
from .releases import days_due, drafts, entries_of, tell
from .sentences import changes, in_words, retained, summary
from .showing import points_of
from .standing import UnitStanding, told

SCHEMA = 1
# What an editor may say something beside, by the key that the report has it under.
COMMENTED = {
    "summary": gettext_noop("In brief"),
    "goals": gettext_noop("How far we have come"),
    "retained": gettext_noop("Retained knowledge"),
    "functions": gettext_noop("Functions to fill"),
    "picture": gettext_noop("The situation picture"),
    "activities": gettext_noop("Activities"),
    "indicators": gettext_noop("Measuring points"),
    "ahead": gettext_noop("What comes next"),
}
MOST_LETTERS = 5000
# So many days are offered to report on, the newest first.
OFFERED = 6


class DraftIsGone(LearningError):
    """There is no such draft any more."""


class ReportHasChanged(LearningError):
    """What the report would say is not what its editor has read."""


# Making


def days_to_report(municipality: Municipality, today: date) -> list[date]:
    """The half-years' ends that can be reported on, the newest first."""
    told_of = municipality.releases.values_list("on", flat=True)
    return sorted({*told_of, *days_due(municipality, today)}, reverse=True)[:OFFERED]


def day_to_propose(municipality: Municipality, today: date) -> date | None:
    """The newest end of a year that no report has reached, else the newest day of all."""
    days = days_to_report(municipality, today)
    last = municipality.yearly_reports.values_list("on", flat=True).first()
    ahead = [day for day in days if day.month == 12 and (last is None or day > last)]
    return next(iter(ahead or days), None)


@transaction.atomic
def begin(*, municipality: Municipality, on: date, by: Person, now: datetime) -> ReportDraft:
    """Begin a report of the day; a draft that is there already goes on, with all that is written in it."""
    draft, _is_new = ReportDraft.objects.get_or_create(
        municipality=municipality, defaults={"on": on, "written_by": by, "written_at": now}
    )
    return draft


@transaction.atomic
def comment(*, draft: ReportDraft, comments: dict[str, str], by: Person, now: datetime) -> None:
    """Write what the editor says, by the key of the section. Raises DraftIsGone."""
    _expect_draft(draft)
    draft.comments = {key: text for key in COMMENTED if (text := comments.get(key, "").strip())}
    draft.written_by, draft.written_at = by, now
    draft.save()


def _expect_draft(draft: ReportDraft) -> None:
    """Hold the draft until the transaction ends: of two who fix it at once, the second finds none."""
    if not ReportDraft.objects.select_for_update().filter(pk=draft.pk).exists():
        raise DraftIsGone(_("The draft is not there any more: it has been fixed or thrown away."))


@transaction.atomic
def freeze_report(*, draft: ReportDraft, seen: str, by: Person, now: datetime) -> YearlyReport:
    """Fix the report as its editor has read it (`seen` says what that was).

    Raises ReportHasChanged, DraftIsGone and StillCounting.

    What it tells is a release from now on, whether or not the municipality shows its releases to everybody.
    """
    _expect_draft(draft)
    municipality = draft.municipality
    expect_counted(municipality)
    tell(municipality, now, through=draft.on)
    body = compose(draft, now)
    if content_of(body) != seen:
        raise ReportHasChanged(
            _(
                "The report was not fixed: what it is made of has changed since you opened it. It is shown here as it "
                "is now, with what you have written. Read it again."
            )
        )
    edition = municipality.yearly_reports.filter(on=draft.on).count() + 1
    report = YearlyReport.objects.create(
        municipality=municipality, on=draft.on, edition=edition, frozen_at=now, frozen_by=by, body=body
    )
    draft.delete()
    return report


def compose(draft: ReportDraft, now: datetime) -> dict:
    """Everything that the report says."""
    # Everybody is told the same words, in whatever language somebody reads the page around them.
    with override(settings.LANGUAGE_CODE):
        return _Composer(draft, now).body()


def content_of(body: dict) -> str:
    """The hash of what the platform says, so that it can be told whether that is still what somebody has read."""
    return hash_of({**body, "comments": {}})


class _Composer:
    """Writes the report of a draft."""

    def __init__(self, draft: ReportDraft, now: datetime):
        self.draft, self.municipality, self.on = draft, draft.municipality, draft.on
        self.now, self.today = now, localdate(now)
        self.root = told(OrgUnit.objects.filter(pk=self.municipality.root_id)).get()
        due = drafts(self.municipality, now, self.on)
        kept = self.municipality.releases.filter(on__lte=self.on).order_by("on")
        self.releases: list[Release] = [*kept, *due]
        self.release = self.releases[-1]
        self.earlier = self.municipality.yearly_reports.filter(on__lt=self.on).first()
        self.before: dict = self.earlier.body if self.earlier else {}
        self.plan = ActionPlan.objects.filter(municipality=self.municipality, live=True).newest_first().whole().first()
        self.points = points_of(self.releases)
        # How it looks today is told in the report of the newest day alone.
        is_newest = self.on == days_to_report(self.municipality, self.today)[0]
        self.to_reach: list[Goal] = measured_goals(self.root) if is_newest else []

    def body(self) -> dict:
        body = {
            "schema": SCHEMA,
            "language": settings.LANGUAGE_CODE,
            "municipality": self.municipality.name,
            "is_fictional": self.municipality.is_fictional,
            "on": self.on.isoformat(),
            "earlier": self.earlier and {"on": self.earlier.on.isoformat(), "sha256": self.earlier.sha256},
            "plan": self.plan and _document(self.plan),
            "goals": [self._goal(entry) for entry in self.release.body["goals"]],
            "others": [self._entry(entry) for entry in self.release.body.get("others", [])],
            "retained": self._retained(),
            "functions": [_function(standing) for standing in duties_of(self.root, self.on, is_past=True)],
            "areas": _areas(self.plan, self.on, self.now) if self.plan else [],
            "indicators": self._indicators(),
            "picture": situation.told(self.municipality, self.on, by=self.today),
            "to_know": [{"title": one.title, "says": one.says} for one in self._warnings()],
            "method": _(self.release.body["method"]),
            "release": hash_of(self.release.body),
            "comments": self.draft.comments,
        }
        return {**body, "summary": list(summary(body)), "changes": list(changes(body, self.before))}

    def _entry(self, entry: dict) -> dict:
        """A figure of the release, with what the report before said of the same."""
        earlier = next((one for one in _entries(self.before) if one["key"] == entry["key"]), None)
        figures_before = {row["unit"]: row["figure"] or row["last"] for row in _rows(earlier)} if earlier else {}
        rows = [{**row, "before": figures_before.get(row["unit"])} for row in entry["units"]]
        return {**entry, "before": figures_before.get(entry["unit"]), "units": rows}

    def _goal(self, entry: dict) -> dict:
        return {
            **self._entry(entry),
            "points": [[on.isoformat(), share] for on, share in self.points[entry["key"]]],
            "outlook": self._outlook(entry),
        }

    def _outlook(self, entry: dict) -> str:
        """How it looks for the goal as the report is made, as the board may be told; nothing where that is unknown."""
        is_it = (entry["goal"], entry["key"], entry["due_on"])
        goal = next((one for one in self.to_reach if (one.text, one.requirement.key, _day(one.due_on)) == is_it), None)
        if goal is None:
            return ""
        reader = Authority(((Appointment.Function.BOARD_READER, self.root.path),))
        about = {"goal": goal, "goals": self.to_reach, "on": self.today, "today": self.today}
        forecast = UnitStanding(authority=reader, unit=self.root, **about).forecast
        if not forecast:
            return ""
        return _("%(says)s That is the forecast of %(day)s.") % {
            "says": said(forecast).title,
            "day": in_words(self.today),
        }

    def _retained(self) -> list[dict]:
        """What is retained of each course, by the quarters that have ended with the day (S8)."""
        found = retained_by_course(self.municipality, self.on + DAY)
        return [
            {"course": one.course.title, "rounds": [_round(asked) for asked in one.told]} for one in found if one.told
        ]

    def _indicators(self) -> list[dict]:
        since = self.earlier.on if self.earlier else None
        indicators = self.plan.indicators.all() if self.plan else ()
        return [_reading(indicator, self.on, since) for indicator in indicators]

    def _warnings(self) -> list:
        return public_warnings(self.plan, self.on) if self.plan else []


def _document(plan: ActionPlan) -> dict:
    names = ("title", "case_number", "steward", "follow_up", "reported_to")
    return {name: getattr(plan, name) for name in names}


def _function(standing) -> dict:
    return {"says": f"{standing.title}.", "filled": standing.filled, "all": len(standing.posts)}


def _round(found: Retained) -> dict:
    whole = found.whole
    return {
        "title": str(found.round.label),
        "people": whole.people,
        "low": whole.percent_low,
        "high": whole.percent_high,
        "first_time": whole.percent_before,
        "says": retained(whole),
    }


def _areas(plan: ActionPlan, on: date, now: datetime) -> list[dict]:
    return [
        {
            "title": area.title,
            "goals": [_unmeasured(goal, on) for goal in area.goals.all() if goal.requirement is None],
            "activities": [_activity(activity, on, now) for activity in area.activities.all()],
        }
        for area in plan.areas.all()
    ]


def _unmeasured(goal: Goal, on: date) -> dict:
    return {"text": goal.text, "due_on": _day(goal.due_on), "has_passed": goal.is_closed(on)}


def _activity(activity: Activity, on: date, now: datetime) -> dict:
    """An activity as it was last noted."""
    noted = [one for one in activity.follow_ups.all() if one.written_at <= now]
    latest = max(noted, key=lambda one: (one.written_at, one.pk), default=None)
    return {
        "id": activity.pk,
        "title": activity.title,
        "responsible": activity.responsible,
        "where": activity.unit.name if activity.unit else activity.department,
        "time": activity.time,
        "due_on": _day(activity.due_on),
        "is_late": activity.is_late(on),
        "status": latest.status if latest else "",
        "status_words": latest.get_status_display() if latest else "",
        "noted_on": _day(localdate(latest.written_at)) if latest else None,
        "note": latest.text if latest else "",
    }


def _reading(indicator: Indicator, on: date, since: date | None) -> dict:
    """A measuring point with its newest value, and the newest by the report before, or else the one before it."""
    readings = sorted((one for one in indicator.readings.all() if one.on <= on), key=lambda one: one.on)
    newest = readings[-1] if readings else None
    earlier = [one for one in readings[:-1] if since is None or one.on <= since]
    return {
        "title": indicator.title,
        "unit": indicator.unit,
        "method": indicator.method,
        "now": _value(newest),
        "before": _value(earlier[-1] if earlier else None),
    }


def _value(reading) -> dict | None:
    # As text: a number of JSON would lose what it was written as.
    return reading and {"on": _day(reading.on), "value": f"{reading.value.normalize():f}", "note": reading.note}


def _day(day: date | None) -> str | None:
    return day and day.isoformat()


def _entries(body: dict) -> list[dict]:
    return entries_of(body) if body else []


def _rows(entry: dict) -> list[dict]:
    """The municipality and its departments."""
    return [entry, *entry["units"]]


def headings() -> dict[str, str]:
    """Key → heading of what may be commented."""
    return {key: capfirst(_(heading)) for key, heading in COMMENTED.items()}

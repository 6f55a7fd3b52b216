"""What a reader of a plan must know before relying on it: pure over the plan and a day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Severity(StrEnum):
    """How much it matters, by the names of notices."""

    ATTENTION = "attention"  # something should be done
    INFO = "info"  # something to know


@dataclass(frozen=True)
class PlanWarning:
    """One thing about a plan, and why it is so."""

    code: str
    title: str
    says: str
    severity: Severity = Severity.ATTENTION
    is_public: bool = True  # whether residents read it too; the rest is for those who keep the plan


def warnings_of(plan, on: date) -> list[PlanWarning]:
    """Everything to be said of the plan on the day, what should be done first."""
    found = [
        *_validity(plan, on),
        *_decisions(plan),
        *_remarks(plan),
        *_goals(plan, on),
        *_activities(plan, on),
        *_stewardship(plan, on),
        *_reporting(plan),
    ]
    return sorted(found, key=lambda one: one.severity != Severity.ATTENTION)


def public_warnings(plan, on: date) -> list[PlanWarning]:
    """Those that residents read."""
    return [one for one in warnings_of(plan, on) if one.is_public]


def _validity(plan, on: date) -> Iterator[PlanWarning]:
    validity = plan.validity
    if not validity.is_stated:
        yield PlanWarning(
            "undated",
            _("The plan is undated"),
            _("Neither the text nor any decision says from when or until when the plan applies."),
        )
    elif validity.has_ended(on):
        if validity.is_extended:
            says = _("It was extended through %(day)s. That day has passed, and no later decision is noted.")
        else:
            says = _("It applied through %(day)s. No decision that extends or replaces it is noted.")
        yield PlanWarning("expired", _("The plan no longer applies"), says % {"day": told(validity.last)})
    elif validity.first and on < validity.first:
        yield PlanWarning(
            "not_yet",
            _("The plan does not apply yet"),
            _("It applies from %(day)s.") % {"day": told(validity.first)},
            Severity.INFO,
        )
    elif not validity.last and not validity.is_open_ended:
        yield PlanWarning(
            "no_end",
            _("The plan does not say until when it applies"),
            _("It has a first day, but neither a last day nor the words “until further notice”."),
        )


def _decisions(plan) -> Iterator[PlanWarning]:
    adopted = [one for one in plan.decisions.all() if one.kind == one.Kind.ADOPTED]
    if not adopted:
        title, says = _("Nobody is noted to have adopted the plan"), _("The text does not say who decided on it.")
        yield PlanWarning("not_adopted", title, says, Severity.INFO)
    elif not any(one.decided_on or one.year for one in adopted):
        title, says = _("It is not known when the plan was adopted"), _("The text names no day of the decision.")
        yield PlanWarning("adopted_some_day", title, says, Severity.INFO)


def _remarks(plan) -> Iterator[PlanWarning]:
    for remark in plan.remarks.all():
        is_open = remark.kind == remark.Kind.OPEN
        title = f"{remark.get_kind_display()}: {remark.about}"
        yield PlanWarning(remark.kind, title, remark.says, Severity.INFO if is_open else Severity.ATTENTION)


def _goals(plan, on: date) -> Iterator[PlanWarning]:
    passed = [goal for goal in plan.goals if goal.is_closed(on) and not goal.is_carried_on]
    if passed:
        days = sorted(goal.due_on for goal in passed)
        says = ngettext(
            "A goal was to be reached by %(last)s, and no goal carries it on.",
            "%(number)s goals were to be reached by %(last)s, and no goals carry them on.",
            len(passed),
        )
        if days[0] != days[-1]:
            says = _(
                "%(number)s goals were to be reached, the first by %(first)s and the last by %(last)s, and no goals "
                "carry them on."
            )
        about = {"number": len(passed), "first": told(days[0]), "last": told(days[-1])}
        yield PlanWarning("goals_passed", _("The date of goals has passed"), says % about)


def _activities(plan, on: date) -> Iterator[PlanWarning]:
    late = [one for one in plan.activities if one.is_late(on)]
    if late:
        says = _("Not noted as done or dropped: %(names)s.") % {"names": listed(late)}
        yield PlanWarning("activities_late", _("The time of activities has passed"), says, is_public=False)


def _stewardship(plan, on: date) -> Iterator[PlanWarning]:
    duties = list(plan.stewardship.all())
    if not plan.steward:
        title, says = _("The plan has no steward"), _("It names nobody who answers for its being kept up to date.")
        yield PlanWarning("no_steward", title, says)
    late = [duty for duty in duties if duty.due_on and duty.due_on < on]
    for duty in late:
        says = _("It was to be done by %(day)s, and is not noted as done since.") % {"day": told(duty.due_on)}
        yield PlanWarning("duty_late", _("Overdue: %(duty)s") % {"duty": _lower(duty)}, says, is_public=False)
    undated = [duty for duty in duties if not duty.due_on]
    if undated:
        says = _("No next day is set for: %(names)s.") % {"names": listed(map(_lower, undated))}
        title = _("What the steward answers for has no next day")
        yield PlanWarning("duty_undated", title, says, Severity.INFO, is_public=False)


def _reporting(plan) -> Iterator[PlanWarning]:
    if not plan.follow_up:
        title, says = _("The plan says nothing of its follow-up"), _("It does not say how, by whom or how often.")
        yield PlanWarning("no_follow_up", title, says)
    elif not plan.follow_up_months:
        title = _("The plan does not say how often it is followed up")
        says = _("A follow-up is asked for, but no interval that it could be overdue by.")
        yield PlanWarning("no_interval", title, says, Severity.INFO)
    if not plan.reported_to:
        title, says = _("Nobody is named to be reported to"), _("The plan does not say who receives its follow-up.")
        yield PlanWarning("no_recipients", title, says, Severity.INFO)


def told(day: date) -> str:
    """The day in words."""
    return date_format(day, "j F Y")


def _lower(duty) -> str:
    words = str(duty)
    return words[:1].lower() + words[1:]


def listed(things: Iterable) -> str:
    """The things one after another, before the end of a sentence."""
    return "; ".join(str(one).rstrip(".") for one in things)

"""What heads are sent: three numbers a month, and that many of theirs are overdue. Numbers only, never names."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from learning.access.authority import in_service
from learning.coverage import figures
from learning.coverage.models import Standing
from learning.dated import shifted
from learning.delivery.models import Message
from learning.delivery.services import Asked, queue_all
from learning.organisation.models import Appointment, Municipality, OrgUnit
from learning.plans.models import Goal, Obligation, Requirement

from .gathering import reachable
from .hours import local
from .models import MailPlan

DIGEST, ESCALATION = "digest", "escalation"
# The same head is told of the same unit's overdue after this.
APART = timedelta(days=28)
# A summary that could not be sent on its day is sent within this, and else left out.
LATE = timedelta(days=7)


@dataclass(frozen=True)
class Headed:
    """A unit and one who heads it."""

    person_id: int
    unit_id: int
    path: str


@dataclass(frozen=True)
class Numbers:
    """The three numbers of a month: of those who are asked, how many have it, lack it, and are overdue."""

    requirement: Requirement
    goal: Goal
    counted: int
    competent: int
    overdue: int

    @property
    def lacking(self) -> int:
        return self.counted - self.competent


def plan_for_heads(plan: MailPlan, now: datetime) -> int:
    """Queue what the heads of the municipality are to get today; how many mails that is."""
    on, slot = local(now).date(), next(plan.hours.slots(now))
    heads = headed(plan.municipality, on)
    reached = reachable(plan.municipality, on).filter(mail_recipient__isnull=False)
    reached = {*reached.filter(pk__in={one.person_id for one in heads}).values_list("pk", flat=True)}
    heads = [one for one in heads if one.person_id in reached]
    asked = [*_digests(plan, heads, on, slot), *_escalations(plan, heads, on, slot)]
    queue_all(municipality=plan.municipality, asked=asked)
    return len(asked)


def headed(municipality: Municipality, on: date) -> list[Headed]:
    """Who heads which unit on the day."""
    rows = in_service(on).filter(function=Appointment.Function.HEAD, unit__path__startswith=municipality.root.path)
    rows = rows.order_by("unit__path", "person").values_list("person", "unit", "unit__path").distinct()
    return [Headed(*row) for row in rows]


def _digests(plan: MailPlan, heads: Iterable[Headed], on: date, slot: datetime) -> list[Asked]:
    day = on.replace(day=plan.digest_day)
    if not day <= on <= day + LATE or measured(plan.municipality, on) is None:
        return []
    started = local(plan.started_at).date()
    if started > day:
        return []  # the summary of the month in which it began comes with the next
    return [Asked(one.person_id, DIGEST, f"{one.unit_id}:{on:%Y-%m}", slot, {"unit": one.unit_id}) for one in heads]


def _escalations(plan: MailPlan, heads: list[Headed], on: date, slot: datetime) -> list[Asked]:
    """A head is told of those who have no head nearer than them; the head of a department, of all below it."""
    told = _told_lately(heads, on)
    asked = []
    if plan.escalate_after is not None:
        found = overdue(plan.municipality, on, more_than=plan.escalate_after)
        nearest = by_nearest(found, {one.path for one in heads})
        asked += _about(
            heads, {path for path, people in nearest.items() if people}, plan.escalate_after, on, slot, told
        )
    if plan.escalate_above_after is not None:
        found = overdue(plan.municipality, on, more_than=plan.escalate_above_after)
        depth = (plan.municipality.root.depth + 1) * OrgUnit.steplen
        paths = {path[:depth] for path, _person in found}
        departments = [one for one in heads if len(one.path) == depth]
        asked += _about(departments, paths, plan.escalate_above_after, on, slot, told, whole=True)
    return asked


def _about(
    heads, paths: set[str], days: int, on: date, slot: datetime, told: set, *, whole: bool = False
) -> list[Asked]:
    return [
        Asked(
            one.person_id,
            ESCALATION,
            f"{one.unit_id}:{days}:{on}",
            slot,
            {"unit": one.unit_id, "days": days, "whole": whole},
        )
        for one in heads
        if one.path in paths and (one.person_id, one.unit_id, whole) not in told
    ]


def _told_lately(heads: Iterable[Headed], on: date) -> set[tuple[int, int, bool]]:
    rows = Message.objects.filter(kind=ESCALATION, person__in={one.person_id for one in heads})
    rows = rows.filter(send_after__date__gt=on - APART).values_list("person", "about")
    return {(person, about["unit"], about["whole"]) for person, about in rows}


def overdue(municipality: Municipality, on: date, *, more_than: int, path: str = "") -> set[tuple[str, int]]:
    """The path of the unit and the person, of those (from the path down) whose last day was more days ago than that."""
    rows = Standing.objects.on(on).exclude(cause="").filter(due_on__lt=shifted(on, -more_than))
    rows = rows.filter(requirement__municipality=municipality, unit__path__startswith=path)
    return {*rows.exclude(requirement__obligation=Obligation.OFFER).values_list("unit__path", "person")}


def by_nearest(found: Iterable[tuple[str, int]], headed_paths: set[str]) -> dict[str, set[int]]:
    """Path of a unit with a head → the people for whom that head is the nearest."""
    nearest = defaultdict(set)
    for path, person in found:
        above = (path[:end] for end in range(len(path), 0, -OrgUnit.steplen))
        if home := next((one for one in above if one in headed_paths), None):
            nearest[home].add(person)
    return nearest


def overdue_of(unit: OrgUnit, municipality: Municipality, on: date, *, more_than: int, whole: bool) -> int:
    """How many of the head's people are so long overdue; of all below the unit, or of those without a nearer head."""
    found = overdue(municipality, on, more_than=more_than, path=unit.path)
    if whole:
        return len({person for _path, person in found})
    paths = {one.path for one in headed(municipality, on)} | {unit.path}
    return len(by_nearest(found, paths)[unit.path])


def measured(municipality: Municipality, on: date) -> Goal | None:
    """The goal that heads are told of: the one whose requirement comes first."""
    required = Requirement.objects.on(on)
    goals = Goal.objects.decided().filter(requirement__municipality=municipality, requirement__in=required)
    return (
        goals.select_related("requirement").order_by("requirement__priority", "-area__plan__valid_from", "pk").first()
    )


def numbers_of(unit: OrgUnit, municipality: Municipality, on: date) -> Numbers | None:
    """The numbers of the unit and all below it on the day; None where nothing is measured or nobody is asked."""
    goal = measured(municipality, on)
    if goal is None:
        return None
    figure = figures.at(goal.requirement, unit, on)
    if not figure.counted:
        return None
    late = Standing.objects.on(on).exclude(cause="").filter(requirement=goal.requirement, due_on__lt=on)
    late = late.filter(unit__path__startswith=unit.path).values("person").distinct().count()
    return Numbers(goal.requirement, goal, figure.counted, figure.competent, late)

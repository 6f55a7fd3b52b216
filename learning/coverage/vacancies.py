"""Functions that are to be filled: who holds each, and whether they are trained for it (S14, K8, N15)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, Exists, F, OuterRef, Q, Subquery, TextChoices, Value
from django.utils.translation import gettext_lazy as _

from learning.access.authority import in_service
from learning.dated import in_force
from learning.organisation.models import Appointment, Employment, Leave, OrgUnit, Population
from learning.plans.models import Duty
from learning.records.models import Completion

SOON = timedelta(days=30)


class State(TextChoices):
    """How it stands with a function in a unit."""

    VACANT = "vacant", _("Nobody in place")
    UNTRAINED = "untrained", _("Not trained")
    ENDING = "ending", _("Ends within 30 days")
    FILLED = "filled", _("In place")

    @property
    def is_lacking(self) -> bool:
        """Whether the unit has nobody who is in place and trained."""
        return self in (State.VACANT, State.UNTRAINED)


@dataclass(frozen=True)
class Post:
    """A function that a unit is to have somebody in, and those who hold it, each as `_holders` describes them."""

    unit: OrgUnit
    state: State
    holders: list[Appointment]


def vacancies(duty: Duty, unit: OrgUnit, on: date) -> list[Post]:
    """How it stands on the day with each unit, this one or below it, that is to have the function; in tree order.

    Those who hold it are those who were appointed in that very unit and count on the day. A function that is filled
    is said to end where it is not filled, as far as is known on the day, 30 days later.
    """
    later = on + SOON
    now, then = _holders(duty, unit, on), _holders(duty, unit, later, known_on=on)
    posts = []
    for asked in _units(duty, unit, on):
        state = _state(now[asked.pk])
        if state == State.FILLED and in_force(duty, later) and in_force(asked, later):
            state = State.FILLED if _state(then[asked.pk]) == State.FILLED else State.ENDING
        posts.append(Post(asked, state, now[asked.pk]))
    return posts


def _units(duty: Duty, unit: OrgUnit, on: date) -> list[OrgUnit]:
    """The units that are to have the function on the day: those with employees, of the kind that is asked."""
    if not in_force(duty, on):
        return []
    work = Employment.objects.on(on).filter(unit__path__startswith=unit.path, population=Population.EMPLOYEE)
    paths = work.values_list("unit__path", flat=True).distinct()
    staffed = {path[:end] for path in paths for end in range(OrgUnit.steplen, len(path) + 1, OrgUnit.steplen)}
    return [one for one in OrgUnit.objects.under(unit).on(on) if duty.asks(one) and one.path in staffed]


def _holders(duty: Duty, unit: OrgUnit, on: date, known_on: date | None = None) -> dict[int, list[Appointment]]:
    """Unit → the appointments that count there, with `is_on_leave`, `is_trained` and the course's `lasts_through`.

    What is completed, or asked by a new edition of the course, after `known_on` is not known yet.
    """
    leave = Leave.objects.on(on).filter(person=OuterRef("person"))
    done = Completion.objects.filter(
        person=OuterRef("person"), course_key=duty.course_key, completed_on__lte=known_on or on
    )
    done = done.lasting(known_on or on).order_by(F("lasts_through").desc(nulls_first=True))
    valid = done.filter(Q(lasts_through=None) | Q(lasts_through__gte=on))
    rows = in_service(on).filter(unit__path__startswith=unit.path, function__in=duty.functions)
    rows = rows.annotate(
        is_on_leave=Exists(leave),
        is_trained=Exists(valid) if duty.course_key else Value(True, BooleanField()),
        lasts_through=Subquery(done.values("lasts_through")[:1]),
    )
    found = defaultdict(list)
    for appointment in rows.select_related("person").order_by("starts_on", "pk"):
        found[appointment.unit_id].append(appointment)
    return found


def _state(holders: list[Appointment]) -> State:
    """Whether somebody of these is in place and trained. Who is on leave is not in place."""
    in_place = [holder for holder in holders if not holder.is_on_leave]
    if not in_place:
        return State.VACANT
    return State.FILLED if any(holder.is_trained for holder in in_place) else State.UNTRAINED

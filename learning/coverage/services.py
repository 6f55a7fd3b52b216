"""Keeps the standings equal to what they are derived from, and fixes what was reported."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import partial

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Edition
from learning.append_only import hash_of
from learning.bulk import insert
from learning.dated import Span
from learning.errors import LearningError
from learning.organisation.models import Appointment, Employment, Leave, Municipality, OrgUnit, Person
from learning.plans.meant import Held, Work
from learning.plans.models import Goal, Requirement
from learning.records.models import OUTSIDE, Completion, Exemption, LessonProgress

from . import figures, ledger
from .derive import Demand, Done, History, standings
from .models import FrozenReport, FrozenStanding, Mark, Standing

logger = logging.getLogger(__name__)

# Up to this many people are derived as soon as the change is committed; more are left to the worker.
AT_ONCE = 100
BATCH = 500
# Said wherever there are figures that lack what was changed last.
STILL_COUNTING = gettext_lazy(
    "Changes are still being counted, and these figures do not have all of them yet. Look again in a while."
)

_held: ContextVar[bool] = ContextVar("coverage_held", default=False)


class GoalStillOpen(LearningError):
    """The goal's date has not passed, so there is no outcome to fix."""


class StillCounting(LearningError):
    """Changes wait to be counted, so no figure of the municipality is fixed for good."""


@contextmanager
def held_back():
    """Only mark people while this lasts; the caller settles once at the end. For large loads."""
    token = _held.set(True)
    try:
        yield
    finally:
        _held.reset(token)


def mark_people(person_ids: Iterable[int], **kwargs) -> None:
    """Note, in the transaction of the change, whose standings are out of date; derive them once it is committed."""
    person_ids = set(person_ids)
    insert(Mark, ["person_id"], ((pk,) for pk in person_ids))
    if not _held.get():
        # robust: the change is committed, and the sweeper settles what fails here.
        transaction.on_commit(partial(_settle_soon, person_ids), robust=True)


def mark_requirement(requirement: Requirement, **kwargs) -> None:
    """Everyone in the municipality is concerned by a changed requirement."""
    employments = Employment.objects.filter(unit__in=requirement.municipality.units)
    mark_people(employments.values_list("person", flat=True).distinct())


def mark_edition(instance: Edition, **kwargs) -> None:
    """Everyone who has completed the course is concerned by an edition that ends the earlier ones."""
    if instance.grace_until:
        done = Completion.objects.filter(course_key=instance.course_key)
        mark_people(done.values_list("person", flat=True).distinct())


def follow_deletion(sender: type[Person | OrgUnit], instance, origin, **kwargs) -> None:
    """Let the standings of people or units that are being deleted go first, all at once, so that the ledger follows."""
    field = "person" if sender is Person else "unit"
    if Standing.objects.filter(**{field: instance}).exists():
        together = isinstance(origin, QuerySet) and origin.model is sender
        _drop(Standing.objects.filter(**{f"{field}__in": origin if together else [instance]}))


def follow_place(unit: OrgUnit, **kwargs) -> None:
    """Let the standings of a unit that is about to be put elsewhere in the tree be derived anew, in its new place."""
    mark_people(_drop(Standing.objects.filter(unit__path__startswith=unit.path)))


@transaction.atomic
def _drop(standings: QuerySet) -> set[int]:
    """Remove standings, from the ledger too; returns whose they were."""
    people = set(standings.values_list("person", flat=True))
    hold_people(people)
    with ledger.following(people):
        standings.filter(person__in=people).delete()
    return people


def _settle_soon(person_ids: set[int]) -> None:
    if len(person_ids) <= AT_ONCE:
        settle(person_ids)
    else:
        from .tasks import settle_standings

        settle_standings.delay()


def settle(person_ids: Iterable[int] | None = None) -> int:
    """Derive the standings of the marked people (or of those among these) and remove the marks; returns how many.

    Those whose standings cannot be derived are logged and stay marked; they keep nobody else waiting.
    """
    marks = Mark.objects.order_by("pk")
    if person_ids is not None:
        marks = marks.filter(person__in=person_ids)
    done = last = 0
    while batch := dict(marks.filter(pk__gt=last).values_list("pk", "person")[:BATCH]):
        last = max(batch)
        # Whoever is marked many times, as in a large load, is derived once.
        batch |= dict(Mark.objects.filter(person__in=set(batch.values())).values_list("pk", "person"))
        done += _settle_batch(batch)
    return done


def _settle_batch(marks: dict[int, int]) -> int:
    """Derive the people of these marks: together, or one by one where that fails; returns how many marks are done."""
    try:
        _derive(marks)
    except (OperationalError, InterfaceError):
        raise  # the database fails, not somebody's history
    except Exception:
        people = set(marks.values())
        if len(people) > 1:
            return sum(_settle_batch({pk: p for pk, p in marks.items() if p == person}) for person in people)
        logger.exception("The standings of person %s cannot be derived; the mark stays.", *people)
        return 0
    return len(marks)


@transaction.atomic
def _derive(marks: dict[int, int]) -> None:
    """Derive the people of these marks and remove the marks; a change made meanwhile has a mark of its own."""
    rebuild(set(marks.values()))
    Mark.objects.filter(pk__in=marks).delete()


@transaction.atomic
def rebuild(person_ids: set[int]) -> None:
    """Derive all standings of these people anew."""
    people = hold_people(person_ids)
    rows = derived(people)
    with ledger.following(person_ids):
        Standing.objects.filter(person__in=people).delete()
        Standing.objects.bulk_create(rows, batch_size=1000)


def hold_people(person_ids: Iterable[int]) -> list[Person]:
    """These people, held in order: two who derive the same person do it one after the other.

    What points at them can be written meanwhile; it brings a mark of its own.
    """
    return list(Person.objects.select_for_update(no_key=True).filter(pk__in=person_ids).order_by("pk"))


def derived(people: list[Person]) -> list[Standing]:
    """The standings that the records ask for, not yet written."""
    histories = _Histories(people)
    demands = defaultdict(list)
    found = Requirement.objects.filter(municipality__in={person.municipality_id for person in people})
    for requirement in found.select_related("course").prefetch_related("rules__units"):
        demands[requirement.municipality_id].append((requirement, demand_of(requirement)))
    rows = []
    for person in people:
        for requirement, demand in demands[person.municipality_id]:
            for row in standings(histories.of(person, demand), demand):
                rows.append(
                    Standing(
                        person=person,
                        requirement=requirement,
                        unit_id=row.unit,
                        starts_on=row.first,
                        ends_on=row.last,
                        status=row.status,
                        cause=row.cause,
                        since=row.since,
                        due_on=row.due_on,
                    )
                )
    return rows


def demand_of(requirement: Requirement) -> Demand:
    """The part of the requirement that decides."""
    return Demand(
        first=requirement.starts_on,
        last=requirement.ends_on,
        rules=tuple(rule.terms() for rule in requirement.rules.all()),
        course=requirement.course_key,
        course_months=requirement.course.validity_months,
        is_offer=requirement.is_offer,
    )


class _Histories:
    """What decides the standings of some people, read in a few queries."""

    def __init__(self, people: list[Person]):
        self.work, self.held, self.leave = defaultdict(list), defaultdict(list), defaultdict(list)
        self.exempt, self.done, self.started = defaultdict(list), defaultdict(list), {}
        for row in Employment.objects.filter(person__in=people).select_related("unit"):
            work = Work(row.unit_id, row.population, row.role, row.unit.path)
            self.work[row.person_id].append(Span(row.starts_on, row.ends_on, work))
        for row in Appointment.objects.filter(person__in=people).select_related("unit"):
            self.held[row.person_id].append(Span(row.starts_on, row.ends_on, Held(row.function, row.unit.path)))
        for row in Leave.objects.filter(person__in=people):
            self.leave[row.person_id].append(Span(row.starts_on, row.ends_on))
        for row in Exemption.objects.filter(person__in=people):
            self.exempt[row.person_id, row.course_key].append(Span(row.starts_on, row.ends_on))
        for row in Completion.objects.filter(person__in=people).with_days():
            done = Done(
                on=row.completed_on,
                through=row.valid_through,
                outdated=row.outdated_through,
                withdrawn=row.withdrawn_on,
                course=row.course_key,
                is_outside=row.evidence_level in OUTSIDE,
            )
            self.done[row.person_id, row.course_key].append(done)
        for row in LessonProgress.objects.filter(person__in=people):
            key, day = (row.person_id, row.course_key), localdate(row.started_at)
            self.started[key] = min(day, self.started.get(key, day))

    def of(self, person: Person, demand: Demand) -> History:
        """The person's history as this requirement sees it."""
        key = person.pk, demand.course
        courses = {demand.course, *(rule.refresher for rule in demand.rules if rule.refresher)}
        return History(
            work=tuple(self.work[person.pk]),
            held=tuple(self.held[person.pk]),
            leave=tuple(self.leave[person.pk]),
            exempt=tuple(self.exempt[key]),
            done=tuple(done for course in courses for done in self.done[person.pk, course]),
            started_on=self.started.get(key),
        )


def is_waiting(root_path) -> Exists:
    """Whether changes in the municipality whose root has this path wait to be counted."""
    return Exists(Mark.objects.filter(person__municipality__root__path=root_path))


def count_waiting(municipality: Municipality) -> bool:
    """Count the changes that wait in the municipality, if they are few; returns whether they were.

    Those few that cannot be derived keep nobody waiting, as in `settle`.
    """
    waiting = Mark.objects.filter(person__municipality=municipality)
    people = set(waiting.values_list("person", flat=True).distinct()[: AT_ONCE + 1])
    if len(people) > AT_ONCE:
        return False
    settle(people)
    return True


def expect_counted(municipality: Municipality) -> None:
    """Raises StillCounting where many changes wait: of half a change, a figure would be fixed that never was."""
    if not count_waiting(municipality):
        raise StillCounting(
            _(
                "Nothing was fixed or published: changes that have been made are still being counted, and the figures "
                "do not have all of them yet. What you have written is kept. Try again in a while."
            )
        )


def freeze(*, goal: Goal, now: datetime) -> FrozenReport:
    """Fix the outcome of a goal whose date has passed; a second time returns the first.

    Raises GoalStillOpen and StillCounting.
    """
    if goal.due_on is None or goal.requirement is None or not goal.is_closed(localdate(now)):
        raise GoalStillOpen(_("The goal has no date that has passed, or it is not measured. Nothing was fixed."))
    existing = FrozenReport.objects.filter(goal=goal, on=goal.due_on).first()
    if existing:
        return existing
    expect_counted(goal.requirement.municipality)
    return _freeze(goal, goal.due_on, now)


@transaction.atomic
def _freeze(goal: Goal, on: date, now: datetime) -> FrozenReport:
    """Write down the figures, and who stood how: figures alone could not be explained later."""
    ledger.hold([goal.requirement_id])  # figures and people of the same moment
    standings = Standing.objects.on(on).filter(requirement=goal.requirement).order_by("person", "unit")
    people = list(standings.values_list("person", "unit", "status"))
    body = {**_report_body(goal, on), "people_sha256": hash_of(people)}
    report = FrozenReport.objects.create(
        goal=goal,
        municipality=goal.requirement.municipality,
        on=on,
        frozen_at=now,
        body=body,
    )
    insert(FrozenStanding, ["report_id", "person_id", "unit_id", "status"], ((report.pk, *row) for row in people))
    return report


def _report_body(goal: Goal, on: date) -> dict:
    """The figures of every unit that was open on the day, with all that a reader needs to understand them."""
    requirement, rule = goal.requirement, goal.requirement.rule_on(on)
    root = requirement.municipality.root
    tree = figures.tree(requirement, root, on)
    return {
        "goal": goal.text,
        "requirement": requirement.title,
        "population": rule.population,
        "who": rule.who,
        "definition": requirement.definition,
        "grace_days": rule.grace_days,
        "threshold_percent": goal.threshold_percent,
        "method": figures.METHOD,
        "on": on.isoformat(),
        "units": [
            {"id": unit.pk, "name": unit.name, "path": unit.path, **figure.as_dict()} for unit, figure in tree.items()
        ],
    }

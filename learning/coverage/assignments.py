"""What is asked of whom today, since when, by when and why: read from the standings, as figures are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses.models import CoursePage, Edition
from learning.dated import DAY
from learning.organisation.models import Municipality, OrgUnit, Person, Population
from learning.plans.models import Goal, Obligation, Requirement, Rule
from learning.records.overview import Asked, news_of

from .models import Cause, Standing, Status
from .services import settle

# So long before a completion ceases to count it is asked for again.
NEAR = timedelta(days=60)
# Those who have what is asked, or need not show it yet.
AT_REST = (Status.COMPETENT, Status.NEW)
OUTSIDE = (Status.OTHER_POPULATION, Status.NOT_MEANT)


@dataclass(frozen=True)
class Assignment:
    """Something that is asked of, or offered to, a person."""

    person_id: int
    requirement: Requirement
    unit_id: int
    since: date
    due_on: date | None
    cause: Cause
    status: Status
    rule: Rule

    @property
    def course(self) -> CoursePage:
        """What to take: the refresher, where the rule has one, for whoever has only to keep what they know."""
        keeps = self.cause == Cause.RENEWAL or (self.status == Status.EXPIRED and self.cause != Cause.EDITION)
        refresher = self.rule.refresher_course
        return refresher if keeps and refresher and refresher.live else self.requirement.course

    @property
    def is_offer(self) -> bool:
        return self.requirement.is_offer

    @property
    def why(self) -> str:
        """The reason, said to the person, in the active language."""
        source = _("It follows from the action plan.") if self.requirement.is_in_a_plan else ""
        return " ".join(filter(None, [self._what, source, self._since]))

    @property
    def _what(self) -> str:
        if self.rule.role_words or self.rule.first_line_words or self.rule.functions:
            words = {
                Obligation.MUST: _("With your role or function you are to have %(what)s."),
                Obligation.NEED: _("With your role or function you need %(what)s."),
                Obligation.OFFER: _("With your role or function you are offered %(what)s, to take if you wish."),
            }
        elif self.rule.hired_from or self.rule.units.all():
            words = {
                Obligation.MUST: _("Where you work, you are to have %(what)s."),
                Obligation.NEED: _("Where you work, you need %(what)s."),
                Obligation.OFFER: _("Where you work, you are offered %(what)s, to take if you wish."),
            }
        else:
            words = {
                Obligation.MUST: _("All %(everyone)s are to have %(what)s."),
                Obligation.NEED: _("All %(everyone)s need %(what)s."),
                Obligation.OFFER: _("All %(everyone)s are offered %(what)s, to take if they wish."),
            }
        everyone = {
            Population.EMPLOYEE: _("employees"),
            Population.ELECTED: _("elected officials"),
            Population.PARTNER: _("partners"),
        }
        words = words[Obligation(self.requirement.obligation)]
        return words % {"what": self.requirement.title, "everyone": everyone[Population(self.rule.population)]}

    @property
    def _since(self) -> str:
        words = {
            Cause.HIRED: _("You began on %(day)s."),
            Cause.MOVED: _("You have had your present role or unit since %(day)s."),
            Cause.APPOINTED: _("You have had your function since %(day)s."),
            Cause.RETURNED: _("You came back on %(day)s. Welcome back."),
            Cause.EXEMPTED: _("Your exemption lasted through %(eve)s."),
            Cause.EXPIRED: _("What you have completed counted through %(eve)s."),
            Cause.EDITION: _("The course has been renewed since you completed it."),
            Cause.WITHDRAWN: _("What was recorded of you before was taken back on %(day)s."),
            Cause.RULE: _("It has been so since %(day)s."),
            Cause.RENEWAL: _("What you have completed counts through %(last)s."),
        }
        days = {"day": self.since, "eve": self.since - DAY, "last": self.since + NEAR}
        return words[self.cause] % {name: date_format(day, "j F Y") for name, day in days.items()}


def open_on(municipality: Municipality, on: date, *, people: Collection[int] | None = None) -> list[Assignment]:
    """All that is asked of anybody in the municipality, or of these, on the day; what is soon to be renewed included.

    Those of the same person follow each other: what is to be done first comes first. As many queries for ten people as
    for a thousand.
    """
    standings = Standing.objects.filter(requirement__municipality=municipality)
    return _assignments(standings if people is None else standings.filter(person__in=people), on)


def of_person(person: Person, on: date) -> list[Assignment]:
    """What is asked of the person on the day: what is to be done first comes first, offers last."""
    return _assignments(Standing.objects.filter(person=person), on)


def overdue(requirement: Requirement, unit: OrgUnit, on: date) -> int:
    """How many of those in the unit and below it were to have done what the requirement asks before the day."""
    rows = Standing.objects.on(on).exclude(cause="").filter(requirement=requirement, due_on__lt=on)
    rows = rows.filter(unit__path__startswith=unit.path)
    return rows.filter(status__in=Status.counted()).aggregate(number=Count("person", distinct=True))["number"]


def name_courses(person: Person, on: date, **kwargs) -> list[Asked]:
    """The courses that are asked of the person, those that they have done with included, in the order of importance."""
    settle([person.pk])  # one's own page follows what one has just done, however much the worker has to do
    assignments = of_person(person, on)
    found = [
        Asked(one.course.key, one.why, one.due_on, one.requirement.priority, is_offer=one.is_offer)
        for one in assignments
    ]
    for one in assignments:
        if one.course != one.requirement.course:
            why = _("It counts anew when you have taken “%(course)s”.") % {"course": one.course.title}
            found.append(Asked(one.requirement.course_key, why, is_offer=one.is_offer, is_open=False))
    open_ones = {one.requirement.pk for one in assignments}
    meant = Standing.objects.on(on).filter(person=person).exclude(status__in=OUTSIDE)
    for row in meant.exclude(requirement__in=open_ones).select_related("requirement"):
        about = row.requirement
        why = {Status.ON_LEAVE: _("Nothing is asked of you while you are on leave.")}.get(row.status, "")
        why = why or {Status.EXEMPT: _("You are exempt for now.")}.get(row.status, "")
        found.append(Asked(about.course_key, why, None, about.priority, is_offer=about.is_offer, is_open=False))
    return found


def _assignments(standings: QuerySet, on: date) -> list[Assignment]:
    rows = [*_asked(standings, on), *_ending(standings, on)]
    requirements = _Requirements({row.requirement_id for row in rows} | _renewed(standings, on), on)
    found: dict[tuple[int, int], Assignment] = {}
    for row in [*rows, *_news(standings, requirements, on)]:
        made = requirements.assignment(row)
        key = row.person_id, row.requirement_id
        if key not in found or (made.due_on or date.max) < (found[key].due_on or date.max):
            found[key] = made
    return sorted(found.values(), key=_order)


def _order(one: Assignment) -> tuple:
    return one.person_id, one.is_offer, one.requirement.priority, one.due_on or date.max, one.requirement.pk


def _asked(standings: QuerySet, on: date) -> QuerySet:
    """The standings in which something is asked on the day."""
    return standings.on(on).exclude(cause="").order_by("person", "unit")


def _ending(standings: QuerySet, on: date) -> list[Standing]:
    """What counts on the day and is known to end soon, as if it were asked now, through its last day."""
    now = Standing.objects.on(on).filter(person=OuterRef("person"), requirement=OuterRef("requirement"), cause="")
    rows = standings.filter(cause=Cause.EXPIRED, since__gt=on, since__lte=on + NEAR + DAY)
    rows = rows.filter(Exists(now.filter(status__in=AT_REST))).order_by("person", "since", "unit")
    found = {}
    for row in rows:
        row.since, row.due_on = row.since - DAY - NEAR, row.since - DAY
        row.cause, row.status = Cause.RENEWAL, Status.COMPETENT
        found.setdefault((row.person_id, row.requirement_id), row)
    return list(found.values())


def _renewed(standings: QuerySet, on: date) -> set[int]:
    """The requirements whose course has an edition that asks something of whoever has an earlier one."""
    newer = Edition.objects.opened_by(on).exclude(kind=Edition.Kind.FIRST)
    asked = Requirement.objects.on(on).filter(course_key__in=newer.values("course_key"))
    return set(asked.filter(pk__in=standings.on(on).values("requirement")).values_list("pk", flat=True))


def _news(standings: QuerySet, requirements: "_Requirements", on: date) -> list[Standing]:
    """Those who have an edition that counts, and of whom a newer one asks something."""
    found = []
    for pk in _renewed(standings, on):
        requirement = requirements.by_id[pk]
        rows = standings.on(on).filter(requirement=requirement, status__in=AT_REST, cause="")
        news = news_of(requirement.course, rows.values("person"), on=on)
        for row in rows.filter(person__in=list(news)).order_by("person", "unit"):
            first = news[row.person_id][0]
            ends = [one.grace_until for one in news[row.person_id] if one.grace_until]
            row.cause, row.since, row.due_on = Cause.EDITION, first.opens_on, min(ends, default=None)
            found.append(row)
    return found


class _Requirements:
    """The requirements of some assignments, each with the rule of the day, read once."""

    def __init__(self, ids: set[int], on: date):
        in_a_plan = Exists(Goal.objects.decided().filter(requirement=OuterRef("pk")))
        rows = Requirement.objects.filter(pk__in=ids).select_related("course").annotate(is_in_a_plan=in_a_plan)
        self.by_id = {one.pk: one for one in rows.prefetch_related("rules__units", "rules__refresher_course")}
        self._rules = {pk: one.rule_on(on) for pk, one in self.by_id.items()}

    def assignment(self, row: Standing) -> Assignment:
        due_on = None if self.by_id[row.requirement_id].is_offer else row.due_on
        return Assignment(
            person_id=row.person_id,
            requirement=self.by_id[row.requirement_id],
            unit_id=row.unit_id,
            since=row.since,
            due_on=due_on,
            cause=Cause(row.cause),
            status=Status(row.status),
            rule=self._rules[row.requirement_id],
        )

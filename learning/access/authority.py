"""Who may do what, and where: the one place that answers (ARCHITECTURE rule 7).

Authority is role × action × scope. A role comes from an appointment in force on a day on which the person is employed
in that municipality; its scope is the appointed unit and all below it, or the whole municipality. Lists filter with
the QuerySets here, and single objects are fetched from the same QuerySets, so a foreign object answers like one that
does not exist.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Exists, OuterRef
from django.db.models.functions import Substr
from django.utils.timezone import localdate

from learning.dated import DatedQuerySet
from learning.organisation.models import Appointment, Employment, OrgUnit, OrgUnitQuerySet, Person, PersonQuerySet

from .lesson_links import is_by_link

Function = Appointment.Function


class Action(StrEnum):
    """What one may do with units and the people in them."""

    SEE_PEOPLE = "see_people"  # named status: who has completed what, never answers
    SEE_FIGURES = "see_figures"  # unnamed figures of units
    DECIDE = "decide"  # what is not asked of somebody for a time, and what somebody has learned elsewhere
    LEAD = "lead"  # lessons that a unit takes together, and who of its people was there
    KEEP_REGISTER = "keep_register"  # who works where: HR files, in Wagtail's admin
    SEE_SURVEYS = "see_surveys"  # what many together have answered
    KEEP_SURVEYS = "keep_surveys"  # opening rounds, and reading what was written in one's own words
    PUBLISH = "publish"  # figures that everybody may read
    WRITE = "write"  # courses, questions, facts and routes, in Wagtail's admin


# Heads and department coordinators answer for their units (S14), and heads decide there; the coordinator for all; the
# board reads figures.
MAY: dict[str, set[str]] = {
    Function.HEAD: {Action.SEE_PEOPLE, Action.SEE_FIGURES, Action.DECIDE, Action.LEAD},
    Function.DEPUTY: {Action.SEE_PEOPLE, Action.SEE_FIGURES, Action.DECIDE, Action.LEAD},
    Function.DEPARTMENT_COORDINATOR: {Action.SEE_PEOPLE, Action.SEE_FIGURES, Action.LEAD},
    Function.COORDINATOR: {
        Action.SEE_PEOPLE,
        Action.SEE_FIGURES,
        Action.DECIDE,
        Action.LEAD,
        Action.KEEP_REGISTER,
        Action.SEE_SURVEYS,
        Action.KEEP_SURVEYS,
        Action.PUBLISH,
        Action.WRITE,
    },
    Function.BOARD_READER: {Action.SEE_FIGURES, Action.SEE_SURVEYS},
    Function.EDITOR: {Action.WRITE},
}
WHOLE_MUNICIPALITY = {Function.COORDINATOR, Function.BOARD_READER, Function.EDITOR}
# These may change or see much, so a link in a mailbox is not enough to sign in (TRUST.md, Security).
TRUSTED_FUNCTIONS = set(MAY)


@dataclass(frozen=True)
class Authority:
    """What a person may do on a day: each function held, with the path of the highest unit that it reaches."""

    grants: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, person: Person, *, on: date) -> "Authority":
        """The person's authority on the day; nobody's for the inactive and for those who are not signed in."""
        if not person.is_authenticated or not person.is_active:
            return cls()
        appointments = in_service(on).filter(person=person).select_related("unit")
        return cls(tuple((appointment.function, _scope(appointment)) for appointment in appointments))

    def may(self, action: Action) -> bool:
        """Whether there is any unit in which this may be done."""
        return any(action in MAY[function] for function, _path in self.grants)

    def reaches(self, unit: OrgUnit, action: Action) -> bool:
        """Whether this may be done in the unit; nothing is asked of the database."""
        return any(action in MAY[function] and unit.path.startswith(path) for function, path in self.grants)

    def units(self, action: Action) -> OrgUnitQuerySet:
        """The units in which this may be done, closed units of the same subtree included."""
        return OrgUnit.objects.under_paths({path for function, path in self.grants if action in MAY[function]})


def in_service(on: date) -> DatedQuerySet:
    """The appointments that count on the day: functions end with employment in the municipality, of whatever kind."""
    root = Substr("unit__path", 1, OrgUnit.steplen)
    employments = Employment.objects.on(on).annotate(root=root).filter(person=OuterRef("person"), root=OuterRef("root"))
    return Appointment.objects.on(on).annotate(root=root).filter(Exists(employments))


def _scope(appointment: Appointment) -> str:
    """The path of the highest unit that the appointment reaches."""
    unit = appointment.unit
    return unit.root_path if appointment.function in WHOLE_MUNICIPALITY else unit.path


def authority_of(request) -> Authority:
    """The authority of whoever asks, today; found once a request. None for those who came by a lesson link."""
    if not hasattr(request, "_authority"):
        request._authority = Authority() if is_by_link(request) else Authority.of(request.user, on=localdate())
    return request._authority


def decided_on(request) -> PersonQuerySet:
    """Those for whom whoever asks decides: employed where they answer, or all on the register that they keep.

    Not themselves: nobody decides in a matter of their own.
    """
    authority = authority_of(request)
    if authority.may(Action.KEEP_REGISTER):
        people = Person.objects.filter(municipality=request.user.municipality)
    else:
        people = Person.objects.employed_in(authority.units(Action.DECIDE), localdate())
    return people.exclude(pk=request.user.pk)


def functions(person: Person, *, on: date) -> set[str]:
    """The functions that the person holds on the day."""
    return {function for function, _path in Authority.of(person, on=on).grants}


def units_for(person: Person, action: Action, *, on: date) -> OrgUnitQuerySet:
    """The units in which the person may do this on the day."""
    return Authority.of(person, on=on).units(action)


def people_for(person: Person, action: Action, *, on: date) -> PersonQuerySet:
    """The people with whom the person may do this on the day: those employed in the units."""
    return Person.objects.employed_in(units_for(person, action, on=on), on)


def may(person: Person, action: Action, *, on: date) -> bool:
    """Whether there is any unit in which the person may do this."""
    return Authority.of(person, on=on).may(action)


def signs_in_with_link(person: Person, *, on: date) -> bool:
    """Whether a one-time link is enough for the person: no, for those who see others or write."""
    return not (person.is_staff or person.is_superuser or functions(person, on=on) & TRUSTED_FUNCTIONS)

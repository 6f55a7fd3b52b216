"""Who may do what, and where: the one place that answers (ARCHITECTURE rule 7).

Authority is role × action × scope. A role comes from an appointment in force on the day; its scope is the
appointed unit and all below it, or the whole municipality. Lists filter with the QuerySets here, and single
objects are fetched from the same QuerySets, so a foreign object answers like one that does not exist.
"""

from datetime import date
from enum import StrEnum

from learning.organisation.models import Appointment, Municipality, OrgUnit, OrgUnitQuerySet, Person, PersonQuerySet

Function = Appointment.Function


class Action(StrEnum):
    """What one may do with units and the people in them."""

    SEE_PEOPLE = "see_people"  # named status: who has completed what, never answers
    SEE_FIGURES = "see_figures"  # unnamed figures of units
    WRITE = "write"  # courses, questions, facts and routes, in Wagtail's admin


# Heads and department coordinators answer for their units (S14); the coordinator for all; the board reads figures.
MAY: dict[str, set[str]] = {
    Function.HEAD: {Action.SEE_PEOPLE, Action.SEE_FIGURES},
    Function.DEPUTY: {Action.SEE_PEOPLE, Action.SEE_FIGURES},
    Function.DEPARTMENT_COORDINATOR: {Action.SEE_PEOPLE, Action.SEE_FIGURES},
    Function.COORDINATOR: {Action.SEE_PEOPLE, Action.SEE_FIGURES, Action.WRITE},
    Function.BOARD_READER: {Action.SEE_FIGURES},
    Function.EDITOR: {Action.WRITE},
}
WHOLE_MUNICIPALITY = {Function.COORDINATOR, Function.BOARD_READER, Function.EDITOR}
# These may change or see much, so a link in a mailbox is not enough to sign in (TRUST.md, Security).
TRUSTED_FUNCTIONS = set(MAY)


def functions(person: Person, *, on: date) -> set[str]:
    """The functions that the person holds on the day."""
    if not person.is_authenticated or not person.is_active:
        return set()
    return set(Appointment.objects.on(on).filter(person=person).values_list("function", flat=True))


def units_for(person: Person, action: Action, *, on: date) -> OrgUnitQuerySet:
    """The units in which the person may do this on the day, closed units of the same subtree included."""
    if not person.is_authenticated or not person.is_active:
        return OrgUnit.objects.none()
    granting = [function for function, actions in MAY.items() if action in actions]
    appointments = Appointment.objects.on(on).filter(person=person, function__in=granting)
    scopes = [_scope(appointment) for appointment in appointments.select_related("unit")]
    return OrgUnit.objects.under(*scopes)


def _scope(appointment: Appointment) -> OrgUnit:
    if appointment.function in WHOLE_MUNICIPALITY:
        return Municipality.objects.of_unit(appointment.unit).root
    return appointment.unit


def people_for(person: Person, action: Action, *, on: date) -> PersonQuerySet:
    """The people with whom the person may do this on the day: those employed in the units."""
    return Person.objects.employed_in(units_for(person, action, on=on), on)


def may(person: Person, action: Action, *, on: date) -> bool:
    """Whether there is any unit in which the person may do this."""
    return units_for(person, action, on=on).exists()


def signs_in_with_link(person: Person, *, on: date) -> bool:
    """Whether a one-time link is enough for the person: no, for those who see others or write."""
    return not (person.is_staff or person.is_superuser or functions(person, on=on) & TRUSTED_FUNCTIONS)

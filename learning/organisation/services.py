"""The acts that change who works where. Each is dated; none rewrites the past. Units: see `reorganisation`."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Site

from learning.dated import DAY
from learning.errors import LearningError

from .guards import (
    Taken,
    UnitNotOpen,
    WrongDays,
    expect_free,
    expect_open,
    hold,
    hold_unit,
    save_employment,
    save_leave,
)
from .hr.services import forget_names
from .models import Appointment, Employment, Leave, Municipality, OrgUnit, Person, Population
from .signals import announce, appointments_changed, register_changed


class AlreadyAppointed(LearningError):
    """The person has the function already."""


@transaction.atomic
def found_municipality(*, name: str, slug: str, site: Site, on: date, **words) -> Municipality:
    """Open a municipality with its root unit on its site. `words` are fields of Municipality."""
    root = OrgUnit.add_root(name=name, kind="kommun", code=slug, starts_on=on)
    return Municipality.objects.create(name=name, slug=slug, site=site, root=root, **words)


@transaction.atomic
def enrol_person(*, municipality: Municipality, first_name: str, last_name: str, **fields) -> Person:
    """Put a person on the register. `fields` are fields of Person, such as email and external_id.

    Of a person with protected identity no name is kept. Raises Taken where address or HR id is somebody else's.
    """
    person = Person(municipality=municipality, first_name=first_name, last_name=last_name, **fields)
    person.set_unusable_password()
    _save_person(person)
    return person


@transaction.atomic
def update_person(
    *,
    person: Person,
    first_name: str,
    last_name: str,
    email: str | None,
    is_protected: bool,
    external_id: str | None = None,
) -> None:
    """Tell who the person is from now on. Protecting drops the name for good.

    An HR id can be given to somebody who has none, and then stays. Raises Taken.
    """
    hold(person)
    person.refresh_from_db()
    is_protecting = is_protected and not person.is_protected
    if external_id and person.external_id not in (None, external_id):
        raise Taken(_("The person has another HR id already. Nothing was changed."))
    person.first_name, person.last_name = first_name, last_name
    person.email, person.is_protected = email, is_protected
    person.external_id = external_id or person.external_id
    _save_person(person)
    if is_protecting:
        forget_names([person.pk])
    announce(register_changed, [person.pk])


def _save_person(person: Person) -> None:
    if person.is_protected:
        person.first_name = person.last_name = ""
    expect_free(person)
    person.save()


@transaction.atomic
def employ(
    *,
    person: Person,
    unit: OrgUnit,
    starts_on: date,
    ends_on: date | None = None,
    role: str = "",
    population: str = Population.EMPLOYEE,
    is_main: bool = True,
    external_no: str = "",
) -> Employment:
    """Employ the person in the unit.

    Another main employment of the same population is not the main one while this one is. Raises UnitNotOpen on days
    when the unit is not open, and Overlaps where the employment is there already.
    """
    hold(person)
    employment = Employment(
        person=person,
        unit=unit,
        starts_on=starts_on,
        ends_on=ends_on,
        role=role,
        population=population,
        is_main=is_main,
        external_no=external_no,
    )
    save_employment(employment)
    return employment


@transaction.atomic
def end_employment(*, employment: Employment, last_day: date | None) -> None:
    """Let the employment end after the day, or go on until further notice. Raises WrongDays before its first day."""
    hold(employment.person)
    employment.refresh_from_db()
    employment.ends_on = last_day
    save_employment(employment)


@transaction.atomic
def move_employment(*, employment: Employment, unit: OrgUnit, on: date, role: str | None = None) -> Employment:
    """From the day on the person works in another unit or role; the time before it stays as it was.

    A last day that was known already holds in the new unit too. Raises WrongDays on days outside the employment.
    """
    hold(employment.person)
    employment.refresh_from_db()
    last_day = employment.ends_on
    if on <= employment.starts_on or (last_day and on > last_day):
        raise WrongDays(
            _(
                "A move is dated after the first day and no later than the last; the employment is %(days)s. "
                "Nothing was changed. If the unit was wrong from the first day, correct the employment instead."
            )
            % {"days": employment.days}
        )
    end_employment(employment=employment, last_day=on - DAY)
    return employ(
        person=employment.person,
        unit=unit,
        starts_on=on,
        ends_on=last_day,
        role=employment.role if role is None else role,
        population=employment.population,
        is_main=employment.is_main,
        external_no=employment.external_no,
    )


@transaction.atomic
def grant_leave(*, person: Person, starts_on: date, ends_on: date | None, reason: str) -> Leave:
    """Put the person on leave; while it lasts nothing is asked of them. Raises Overlaps beside another leave."""
    hold(person)
    leave = Leave(person=person, starts_on=starts_on, ends_on=ends_on, reason=reason)
    save_leave(leave)
    return leave


@transaction.atomic
def end_leave(*, leave: Leave, last_day: date | None) -> None:
    """Let the leave end after the day, or go on until further notice. Raises WrongDays before its first day."""
    hold(leave.person)
    leave.refresh_from_db()
    leave.ends_on = last_day
    save_leave(leave)


def _expect_no_longer_than(unit: OrgUnit, ends_on: date | None) -> None:
    """Refuse a function that would outlast its unit."""
    last = hold_unit(unit.pk).ends_on
    if last and (ends_on is None or ends_on > last):
        raise UnitNotOpen(
            _("%(unit)s is open through %(day)s, and the function can last no longer. Nothing was changed.")
            % {"unit": unit, "day": last}
        )


@transaction.atomic
def appoint(
    *, person: Person, unit: OrgUnit, function: str, starts_on: date, ends_on: date | None = None
) -> Appointment:
    """Give the person a function in the unit and all below it. Raises UnitNotOpen, or AlreadyAppointed."""
    hold(person)
    expect_open(unit, starts_on)
    _expect_no_longer_than(unit, ends_on)
    same = Appointment.objects.filter(person=person, unit=unit, function=function).exclude(ends_on__lt=starts_on)
    if (same.filter(starts_on__lte=ends_on) if ends_on else same).exists():
        raise AlreadyAppointed(
            _("%(person)s already has that function in %(unit)s. Nothing was changed.")
            % {"person": person, "unit": unit}
        )
    appointment = Appointment.objects.create(
        person=person, unit=unit, function=function, starts_on=starts_on, ends_on=ends_on
    )
    announce(appointments_changed, [person.pk])
    return appointment


@transaction.atomic
def end_appointment(*, appointment: Appointment, last_day: date) -> None:
    """Let the function end after the day; one that has not begun by then never begins."""
    person_id = appointment.person_id
    if last_day < appointment.starts_on:
        appointment.delete()
        announce(appointments_changed, [person_id])
        return
    appointment.ends_on = last_day
    appointment.save(update_fields=["ends_on"])
    announce(appointments_changed, [person_id])

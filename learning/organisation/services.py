"""The acts that change who works where. Each is dated; none rewrites the past. Units: see `reorganisation`."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Site

from learning.dated import DAY
from learning.errors import LearningError

from .models import Appointment, Employment, Leave, Municipality, OrgUnit, Person, Population
from .signals import announce, appointments_changed, register_changed


class UnitNotOpen(LearningError):
    """The unit is not open on that day."""


class AlreadyAppointed(LearningError):
    """The person has the function already."""


def expect_open(unit: OrgUnit, on: date) -> None:
    """Refuse a day on which the unit is not open."""
    if not OrgUnit.objects.on(on).filter(pk=unit.pk).exists():
        raise UnitNotOpen(_("%(unit)s is not open on %(day)s. Nothing was changed.") % {"unit": unit, "day": on})


@transaction.atomic
def found_municipality(*, name: str, slug: str, site: Site, on: date, **words) -> Municipality:
    """Open a municipality with its root unit on its site. `words` are fields of Municipality."""
    root = OrgUnit.add_root(name=name, kind="kommun", code=slug, starts_on=on)
    return Municipality.objects.create(name=name, slug=slug, site=site, root=root, **words)


def enrol_person(*, municipality: Municipality, first_name: str, last_name: str, **fields) -> Person:
    """Put a person on the register. `fields` are fields of Person, such as email and external_id."""
    person = Person(municipality=municipality, first_name=first_name, last_name=last_name, **fields)
    person.set_unusable_password()
    person.save()
    return person


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
    """Employ the person in the unit. Refused on days when the unit is not open."""
    expect_open(unit, starts_on)
    employment = Employment.objects.create(
        person=person,
        unit=unit,
        starts_on=starts_on,
        ends_on=ends_on,
        role=role,
        population=population,
        is_main=is_main,
        external_no=external_no,
    )
    announce(register_changed, [person.pk])
    return employment


@transaction.atomic
def end_employment(*, employment: Employment, last_day: date) -> None:
    """Let the employment end. One that would end before it began is refused by the database."""
    employment.ends_on = last_day
    employment.save(update_fields=["ends_on"])
    announce(register_changed, [employment.person_id])


@transaction.atomic
def move_employment(*, employment: Employment, unit: OrgUnit, on: date) -> Employment:
    """Move the person to another unit from the day on; the time in the old unit stays."""
    end_employment(employment=employment, last_day=on - DAY)
    return employ(
        person=employment.person,
        unit=unit,
        starts_on=on,
        role=employment.role,
        population=employment.population,
        is_main=employment.is_main,
        external_no=employment.external_no,
    )


@transaction.atomic
def grant_leave(*, person: Person, starts_on: date, ends_on: date | None, reason: str) -> Leave:
    """Put the person on leave; while it lasts nothing is asked of them."""
    leave = Leave.objects.create(person=person, starts_on=starts_on, ends_on=ends_on, reason=reason)
    announce(register_changed, [person.pk])
    return leave


@transaction.atomic
def appoint(
    *, person: Person, unit: OrgUnit, function: str, starts_on: date, ends_on: date | None = None
) -> Appointment:
    """Give the person a function in the unit and all below it. Raises UnitNotOpen, or AlreadyAppointed."""
    expect_open(unit, starts_on)
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

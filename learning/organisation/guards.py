"""What holds of every person on the register, and the one way to write their periods so that it does.

- Two periods of one employment never overlap: those with the same number, else in the same unit and role.
- On any day a person has at most one main employment in a population.
- An employment lies within the days on which its unit is open.
- Two leaves of a person never overlap.
- An e-mail address and an HR id belong to one person.

HR files keep the same rules by themselves (learning.organisation.hr); a test drives both through random histories.
"""

from datetime import date

from django.utils.translation import gettext as _

from learning.dated import DAY, Dated
from learning.errors import LearningError

from .models import Employment, Leave, OrgUnit, Person
from .signals import announce, register_changed


class UnitNotOpen(LearningError):
    """The unit is not open on that day."""


class WrongDays(LearningError):
    """The days do not fit what they are told of."""


class Overlaps(LearningError):
    """It is there already on some of the days."""


class Taken(LearningError):
    """The e-mail address or HR id is somebody else's."""


class Disposed(LearningError):
    """Nothing is left that says who the person was."""


def hold(person: Person) -> None:
    """Let nobody else change the person until the transaction ends. Raises Disposed."""
    held = Person.objects.select_for_update().filter(pk=person.pk).first()
    if held and held.is_disposed:
        raise Disposed(
            _(
                "This person has been disposed of, and only holds figures together. Nothing was changed. Whoever "
                "comes back is put on the register as somebody new."
            )
        )


def save_employment(employment: Employment) -> None:
    """Write the employment and announce it. Other main employments give way while this one is the main one."""
    _expect_order(employment)
    _expect_open_unit(employment)
    _expect_no_twin(employment)
    if employment.is_main:
        _give_way(employment)
    employment.save()
    announce(register_changed, [employment.person_id])


def save_leave(leave: Leave) -> None:
    """Write the leave and announce it."""
    _expect_order(leave)
    others = Leave.objects.filter(person=leave.person_id).exclude(pk=leave.pk)
    if other := others.overlapping(leave.starts_on, leave.ends_on).first():
        raise Overlaps(
            _("There is a leave already: %(reason)s, %(days)s. Nothing was changed. Correct or end that one first.")
            % {"reason": other.get_reason_display(), "days": other.days}
        )
    leave.save()
    announce(register_changed, [leave.person_id])


def expect_free(person: Person) -> None:
    """Refuse an e-mail address or HR id that is somebody else's."""
    others = Person.objects.exclude(pk=person.pk)
    email = Person._meta.get_field("email").get_prep_value(person.email)
    if email and others.filter(email=email).exists():
        raise Taken(_("The e-mail address is somebody else's. Nothing was changed."))
    same_municipality = others.filter(municipality=person.municipality_id)
    if person.external_id and same_municipality.filter(external_id=person.external_id).exists():
        raise Taken(_("The HR id is somebody else's. Nothing was changed."))


def expect_open(unit: OrgUnit, on: date) -> None:
    """Refuse a day on which the unit is not open."""
    hold_unit(unit.pk)
    if not OrgUnit.objects.on(on).filter(pk=unit.pk).exists():
        raise UnitNotOpen(_("%(unit)s is not open on %(day)s. Nothing was changed.") % {"unit": unit, "day": on})


def hold_unit(pk: int) -> OrgUnit:
    """The unit, which nobody closes or moves until the transaction ends."""
    return OrgUnit.objects.select_for_update(no_key=True).get(pk=pk)


def _expect_order(period: Dated) -> None:
    if period.ends_on and period.ends_on < period.starts_on:
        raise WrongDays(
            _("The last day, %(last)s, would be before the first, %(first)s. Nothing was changed.")
            % {"first": period.starts_on, "last": period.ends_on}
        )


def _expect_open_unit(employment: Employment) -> None:
    unit = hold_unit(employment.unit_id)
    last = employment.ends_on or date.max
    if employment.starts_on < unit.starts_on or (unit.ends_on and last > unit.ends_on):
        open_days = f"{unit.starts_on} – {unit.ends_on or _('until further notice')}"
        raise UnitNotOpen(
            _("%(unit)s is open %(open)s, and the employment would be %(days)s. Nothing was changed.")
            % {"unit": unit, "open": open_days, "days": employment.days}
        )


def _expect_no_twin(employment: Employment) -> None:
    others = Employment.objects.filter(person=employment.person_id, population=employment.population)
    if employment.external_no:
        same = others.filter(external_no=employment.external_no)
    else:
        same = others.filter(external_no="", unit=employment.unit_id, role=employment.role)
    if twin := same.exclude(pk=employment.pk).overlapping(employment.starts_on, employment.ends_on).first():
        raise Overlaps(
            _("The same employment is there already, %(days)s. Nothing was changed. Correct or end that one first.")
            % {"days": twin.days}
        )


def _give_way(employment: Employment) -> None:
    """Others are not the main employment while this one is; each is split where that begins and ends."""
    others = Employment.objects.filter(person=employment.person_id, population=employment.population, is_main=True)
    for other in others.exclude(pk=employment.pk).overlapping(employment.starts_on, employment.ends_on):
        _set_main(other, False, employment.starts_on, employment.ends_on)


def take_over(employment: Employment) -> None:
    """Where this one leads no longer on its days, and none else does, the one that began first does from there on."""
    others = Employment.objects.filter(person=employment.person_id, population=employment.population)
    day = employment.starts_on
    while day and (employment.ends_on is None or day <= employment.ends_on):
        held = list(others.on(day).order_by("starts_on", "pk"))
        later = others.filter(starts_on__gt=day).order_by("starts_on").values_list("starts_on", flat=True).first()
        ends = [row.ends_on + DAY for row in held if row.ends_on] + [later]
        until = min(filter(None, ends), default=None)
        if held and not any(row.is_main for row in held):
            _set_main(held[0], True, day, employment.ends_on)
        day = until


def _set_main(employment: Employment, is_main: bool, first: date, last: date | None) -> None:
    """Let the employment be the main one or not from the first day through the last, as far as it goes itself."""
    if employment.starts_on < first:
        employment = _split(employment, first)
    if last and (employment.ends_on is None or employment.ends_on > last):
        _split(employment, last + DAY)
    employment.is_main = is_main
    employment.save(update_fields=["is_main"])


def _split(employment: Employment, on: date) -> Employment:
    """Part the employment in two; the later part, which begins on the day, is returned."""
    later = employment.another(starts_on=on)
    employment.ends_on = on - DAY
    employment.save(update_fields=["ends_on"])
    later.save()
    return later

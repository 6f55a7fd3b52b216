"""Late truth: what the register told wrongly is told as it was.

Live figures follow from the true day on; what has been fixed stays. What never was can be withdrawn, unless something
rests on it.
"""

from copy import copy
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from learning.errors import LearningError

from .guards import hold, save_employment, save_leave, take_over
from .models import Appointment, Employment, Leave, OrgUnit
from .signals import announce, employment_withdrawn, register_changed


class StillNeeded(LearningError):
    """Something rests on what would be taken away."""


@transaction.atomic
def correct_employment(
    *,
    employment: Employment,
    unit: OrgUnit,
    role: str,
    starts_on: date,
    ends_on: date | None,
    is_main: bool,
) -> None:
    """Tell the employment as it truly was, from its first day. Raises what `employ` raises, and WrongDays."""
    hold(employment.person)
    employment.refresh_from_db()
    before = copy(employment)
    employment.unit, employment.role, employment.is_main = unit, role, is_main
    employment.starts_on, employment.ends_on = starts_on, ends_on
    save_employment(employment)
    if before.is_main:
        take_over(before)


@transaction.atomic
def withdraw_employment(*, employment: Employment) -> None:
    """Take away an employment that never was. Raises StillNeeded where something rests on it."""
    hold(employment.person)
    employment.refresh_from_db()
    answers = [answer for _receiver, answer in employment_withdrawn.send(sender=None, employment=employment)]
    if what := ", ".join(filter(None, [_functions_on(employment), *answers])):
        raise StillNeeded(
            _("The employment stays, for this rests on it: %(what)s. Nothing was changed. Correct its days instead.")
            % {"what": what}
        )
    person_id, was = employment.person_id, copy(employment)
    employment.delete()
    if was.is_main:
        take_over(was)
    announce(register_changed, [person_id])


def _functions_on(employment: Employment) -> str:
    """The functions that the person holds in its days, where this is the only employment to hold them by."""
    days = employment.starts_on, employment.ends_on
    others = Employment.objects.filter(person=employment.person_id).exclude(pk=employment.pk)
    if others.overlapping(*days).exists():
        return ""
    held = Appointment.objects.filter(person=employment.person_id).overlapping(*days).select_related("unit")
    return ", ".join(f"{appointment.get_function_display()} ({appointment.unit})" for appointment in held)


@transaction.atomic
def correct_leave(*, leave: Leave, reason: str, starts_on: date, ends_on: date | None) -> None:
    """Tell the leave as it truly was. Raises Overlaps beside another leave, and WrongDays."""
    hold(leave.person)
    leave.refresh_from_db()
    leave.reason, leave.starts_on, leave.ends_on = reason, starts_on, ends_on
    save_leave(leave)


@transaction.atomic
def withdraw_leave(*, leave: Leave) -> None:
    """Take away a leave that never was."""
    hold(leave.person)
    person_id = leave.person_id
    leave.delete()
    announce(register_changed, [person_id])

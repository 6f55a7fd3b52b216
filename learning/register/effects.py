"""Says in words what has changed about a person between two looks at the register."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning.access.lesson_links import serial_of
from learning.dated import DAY, Dated
from learning.organisation.models import Employment, Leave, Person

LABELS = {
    "unit": gettext_lazy("unit"),
    "role": gettext_lazy("role"),
    "reason": gettext_lazy("reason"),
    "starts_on": gettext_lazy("first day"),
    "ends_on": gettext_lazy("last day"),
}
IDENTITY = {
    "first_name": gettext_lazy("first name"),
    "last_name": gettext_lazy("last name"),
    "email": gettext_lazy("e-mail"),
    "external_id": gettext_lazy("HR id"),
}


@dataclass(frozen=True)
class Picture:
    """A person with everything dated about them, as it stands at the moment."""

    person: Person | None = None
    employments: dict[int, Employment] = field(default_factory=dict)
    leaves: dict[int, Leave] = field(default_factory=dict)
    link_serial: int = 0

    @classmethod
    def of(cls, person: Person | None) -> "Picture":
        if person is None:
            return cls()
        return cls(
            person=Person.objects.get(pk=person.pk),
            employments={row.pk: row for row in person.employments.select_related("unit").order_by("starts_on", "pk")},
            leaves={row.pk: row for row in person.leaves.order_by("starts_on", "pk")},
            link_serial=serial_of(person),
        )

    def counted(self, day: date) -> tuple:
        """What figures see of the person on the day."""
        places = {(row.unit_id, row.population) for row in self.employments.values() if row.holds(day)}
        return places, any(row.holds(day) for row in self.leaves.values())

    def turns(self) -> Iterator[date]:
        """The days on which something begins, and the first days without it."""
        for row in (*self.employments.values(), *self.leaves.values()):
            yield row.starts_on
            if row.ends_on and row.ends_on < date.max:
                yield row.ends_on + DAY

    @property
    def last_day(self) -> date | None:
        """The last day with any employment; None until further notice."""
        ends = [row.ends_on for row in self.employments.values()]
        return None if None in ends else max(ends, default=date.min)


@dataclass
class Effect:
    """What has changed, a line each."""

    person: Person
    lines: list[str]
    is_done: bool = False

    @classmethod
    def between(cls, before: Picture, after: Picture, *, person: Person, today: date) -> "Effect":
        lines = [*_identity(before.person, after.person)]
        lines += _periods(before.employments, after.employments)
        lines += _periods(before.leaves, after.leaves)
        lines += _functions(before, after)
        lines += _figures(before, after, today)
        if before.link_serial != after.link_serial:
            lines.append(_("The lesson links that were sent before stop working. The next mail brings a new one."))
        return cls(person, lines)


def _identity(before: Person | None, after: Person) -> Iterator[str]:
    if before is None:
        yield _("%(person)s is put on the register.") % {"person": after}
        return
    if after.is_protected:
        if not before.is_protected:
            yield _("The identity becomes protected: the name is dropped for good, and is shown nowhere.")
        if before.email != after.email:
            yield _("The e-mail address is another.")
        return
    if before.is_protected:
        yield _("The identity is no longer protected. The name is %(person)s.") % {"person": after}
        return
    for name, label in IDENTITY.items():
        was, now = getattr(before, name), getattr(after, name)
        if (was or "") != (now or ""):
            yield f"{capfirst(label)}: {was or '–'} → {now or '–'}."


def _periods(before: dict[int, Dated], after: dict[int, Dated]) -> Iterator[str]:
    for pk, row in before.items():
        if pk not in after:
            yield _("Taken away: %(what)s.") % {"what": describe(row)}
        elif changes := list(_changes(row, after[pk])):
            yield f"{name_of(row)}: {', '.join(changes)}."
    for pk, row in after.items():
        if pk not in before:
            yield _("New: %(what)s.") % {"what": describe(row)}


def _changes(before: Dated, after: Dated) -> Iterator[str]:
    for name, label in LABELS.items():
        was, now = _word(before, name), _word(after, name)
        if was != now:
            yield f"{label} {was} → {now}"
    if getattr(before, "is_main", None) != getattr(after, "is_main", None):
        yield _("main employment") if after.is_main else _("no longer the main employment")


def _word(row: Dated, name: str) -> str:
    if name == "ends_on":
        return str(row.ends_on or _("until further notice"))
    if name == "reason" and isinstance(row, Leave):
        return row.get_reason_display()
    return str(getattr(row, name, "") or "–")


def name_of(row: Dated) -> str:
    """What it is, without its days."""
    return row.get_reason_display() if isinstance(row, Leave) else ", ".join(filter(None, [row.role, row.unit.name]))


def describe(row: Dated) -> str:
    """What it is and when."""
    main = [_("main employment")] if getattr(row, "is_main", False) else []
    return ", ".join([name_of(row), row.days, *main])


def _functions(before: Picture, after: Picture) -> Iterator[str]:
    """Functions hold as long as the person is employed."""
    last_day = after.last_day
    if last_day is None or (before.last_day and before.last_day <= last_day) or before.person is None:
        return
    held = after.person.appointments.exclude(ends_on__lte=last_day).select_related("unit")
    if names := ", ".join(f"{appointment.get_function_display()} ({appointment.unit})" for appointment in held):
        yield _("With the employment ends: %(functions)s.") % {"functions": names}


def _figures(before: Picture, after: Picture, today: date) -> Iterator[str]:
    turns = sorted({*before.turns(), *after.turns()})
    first = next((day for day in turns if before.counted(day) != after.counted(day)), None)
    if first and first <= today:
        yield _("Figures change from %(day)s on. What has been fixed stays as it is.") % {"day": first}
    elif first:
        yield _("Figures change on %(day)s.") % {"day": first}

"""The access log: no names leave without a line that says who read them, and exactly whose they were."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from learning.organisation.models import OrgUnit, Person

from .authority import authority_of
from .models import AccessEntry

What = AccessEntry.What


def note_names(
    request,
    *,
    what: str,
    people: Iterable[Person | int],
    others: int = 0,
    unit: OrgUnit | None = None,
    asked: str = "",
    exported: bool = False,
) -> None:
    """Note that whoever asks is shown these people, or takes them out as a file; nobody shown leaves no line.

    A view calls it before it answers: what cannot be noted is not shown. `others` are so many more whom the register
    does not have yet, as in an HR file. `asked` tells which part of the list it was,
    such as a status or a day; never what was searched for, which may be a name.
    """
    ids = {getattr(person, "pk", person) for person in people}
    if not ids and not others:
        return
    functions = sorted({function for function, _path in authority_of(request).grants})
    AccessEntry.objects.create(
        municipality_id=request.user.municipality_id,
        reader=request.user,
        functions=",".join(functions),
        at=timezone.now(),
        what=what,
        unit=unit,
        asked=asked[:200],
        exported=exported,
        number=len(ids) + others,
        people=ids,
    )


def lists() -> QuerySet[AccessEntry]:
    """Every line, the newest first, with what a page tells of it; not with whom it speaks of."""
    return AccessEntry.objects.defer("people").select_related("reader", "unit")


def others_who_read(person: Person) -> QuerySet[AccessEntry]:
    """The lines of others that hold this person, the newest first."""
    return lists().filter(people__holds=person.pk).exclude(reader=person)


@dataclass
class Reading:
    """The same list, read by the same person in the same way on one day: the newest line, and how many there are."""

    entry: AccessEntry
    times: int = 1


def readings(entries: Iterable[AccessEntry]) -> list[Reading]:
    """The lines, those that repeat each other within a day together."""
    found: dict[tuple, Reading] = {}
    for entry in entries:
        day = timezone.localdate(entry.at)
        key = (day, entry.reader_id, entry.functions, entry.what, entry.unit_id, entry.asked, entry.exported)
        if key in found:
            found[key].times += 1
        else:
            found[key] = Reading(entry)
    return list(found.values())

"""Whom a rule that is not saved yet would mean, and how that differs from the rule in force."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from learning.dated import Span
from learning.organisation.models import Appointment, Employment, Municipality, OrgUnit, Person

from .meant import Ground, Held, Terms, Work, service_start

# Without the right to see people, groups smaller than this are not told apart.
SMALLEST = 5


@dataclass
class Meant:
    """Who is meant on a day: person → why, in words; and how many by department and by word of the rule."""

    on: date
    employed: int
    people: dict[int, str]
    departments: dict[OrgUnit, int]
    words: dict[str, int]
    comes_in: set[int] = field(default_factory=set)
    falls_out: set[int] = field(default_factory=set)
    before: dict[int, str] = field(default_factory=dict)  # by the rule in force


def meant(municipality: Municipality, terms: Terms, on: date, before: Terms | None = None) -> Meant:
    """Whom the terms mean on the day, beside those whom the terms in force do."""
    staff = _Staff(municipality, on)
    people, words, places = staff.meant(terms)
    found = Meant(on, len(staff.work), people, staff.by_department(places), words)
    if before:
        found.before = staff.meant(before)[0]
        found.comes_in, found.falls_out = people.keys() - found.before.keys(), found.before.keys() - people.keys()
    return found


class _Staff:
    """Everyone who works in the municipality on a day, as far as a rule asks, read in a few queries."""

    def __init__(self, municipality: Municipality, on: date):
        self.municipality, self.on = municipality, on
        self.work, self.held = defaultdict(list), defaultdict(list)
        now = Employment.objects.on(on).filter(unit__in=municipality.units)
        rows = Employment.objects.filter(person__in=now.values("person"), starts_on__lte=on)
        for person, *days, unit, population, role, path in rows.values_list(
            "person", "starts_on", "ends_on", "unit", "population", "role", "unit__path"
        ):
            self.work[person].append(Span(*days, Work(unit, population, role, path)))
        rows = Appointment.objects.on(on).filter(unit__in=municipality.units)
        for person, *held in rows.values_list("person", "function", "unit__path"):
            self.held[person].append(Held(*held))

    def meant(self, terms: Terms) -> tuple[dict[int, str], dict[str, int], dict[int, set[str]]]:
        """Person → why; word of the rule → how many; person → the paths of the units in which they are meant."""
        people, words, places = {}, Counter(), defaultdict(set)
        labels = dict(Appointment.Function.choices)
        for person, work in self.work.items():
            reasons = {}
            for span in work:
                held = self.held[person]
                ground = span.holds(self.on) and terms.ground(span.what, held, service_start(work, span))
                if ground:
                    places[person].add(span.what.path)
                if ground == Ground.ALL:
                    reasons[_("everyone there is meant")] = None
                elif ground == Ground.ROLE:
                    hit = [word for word in terms.words if word in span.what.role.casefold()]
                    reasons[_("the role: %(role)s") % {"role": span.what.role}] = hit
                elif ground == Ground.FUNCTION:
                    names = [str(labels[one.function]) for one in held if one.function in terms.functions]
                    reasons[_("the function: %(function)s") % {"function": ", ".join(names)}] = names
            if reasons:
                people[person] = "; ".join(reasons)
                words.update({word for hit in reasons.values() for word in hit or ()})
        return people, dict(words.most_common()), places

    def by_department(self, places: dict[int, set[str]]) -> dict[OrgUnit, int]:
        """How many work in each unit right under the root or below it."""
        departments = {unit.path: unit for unit in self.municipality.units.right_below(self.municipality.root)}
        length = len(self.municipality.root.path) + OrgUnit.steplen
        counts = Counter(path for own in places.values() for path in {one[:length] for one in own})
        return {departments[path]: number for path, number in sorted(counts.items()) if path in departments}


def named(found: Meant, people: QuerySet[Person]) -> list[tuple[Person, str, str]]:
    """Those of these people who are meant, come in or fall out: each with what happens to them, and why."""
    ids = found.people.keys() | found.falls_out
    changes = dict.fromkeys(found.comes_in, _("comes in")) | dict.fromkeys(found.falls_out, _("falls out"))
    until_now = {pk: _("until now: %(why)s") % {"why": found.before[pk]} for pk in found.falls_out}
    reasons = found.people | until_now
    return [(person, changes.get(person.pk, ""), reasons[person.pk]) for person in people.filter(pk__in=ids)]


def told(number: int, *, exactly: bool) -> str:
    """The number as this reader may be told it."""
    return str(number) if exactly or not 0 < number < SMALLEST else _("fewer than %(few)d") % {"few": SMALLEST}


def rows_of(counts: Iterable[tuple], *, exactly: bool) -> list[tuple]:
    """Each label with its number as this reader may be told it."""
    return [(label, told(number, exactly=exactly)) for label, number in counts]

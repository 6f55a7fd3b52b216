"""Who gets which e-mail address: it belongs to one person at a time."""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from learning.organisation.models import Employment, Person

from .known import Register, batches
from .matching import canonical
from .rows import Row


class Holder(NamedTuple):
    """Who has an address that somebody in the file is to have; no id for those who are not of this register."""

    pk: int
    hr_id: str
    name: str


class Addresses:
    """The new addresses of a file's people.

    Whoever has an address keeps it; else the first by HR id gets it; nobody gets somebody else's, unless that is one
    who has no employment when the file has been applied, and so no use for it.
    """

    def __init__(
        self,
        register: Register,
        by_person: dict[str, list[Row]],
        populations: set[str],
        ends: Callable[[str], bool],
    ):
        """`ends` says of an id whether the file ends whatever employment the person has in these populations."""
        self.register, self.by_person, self.populations, self.ends = register, by_person, populations, ends
        self.wants, has = self._wants()
        # Whom the new addresses belong to now, but for those who have no use for them any more.
        self.left: dict[str, Holder] = {}
        holders: dict[str, Holder] = {}
        for batch in batches(self._having(set(self.wants.values()))):
            found = self._holders(batch)
            for email in self._unused(found):
                self.left[email] = found.pop(email)
            holders |= found
        others = {email for email, holder in holders.items() if holder.hr_id not in self.wants}
        self.winners = share_out(self.wants, has, others)

    def given(self, hr_id: str) -> str | None:
        """The person's new address, if there is one."""
        email = self.wants.get(hr_id)
        return email if self.winners.get(email) == hr_id else None

    def denied(self, hr_id: str) -> bool:
        """Whether the person asked for an address that is somebody else's."""
        return hr_id in self.wants and self.given(hr_id) is None

    def _wants(self) -> tuple[dict[str, str], dict[str, str]]:
        """Who asks for an address that they do not have, and the one that each of the people has."""
        content, has = set(), {}
        addressed = self.register.everyone.exclude(email=None).values_list("external_id", "email")
        for external_id, email in addressed.iterator():
            hr_id = self.register.hr_id(external_id)
            if any(row.email == email for row in self.by_person.get(hr_id, ())):
                content.add(hr_id)
            elif hr_id in self.by_person:
                has[hr_id] = email
        wants = {}
        for hr_id in sorted(self.by_person.keys() - content):
            if rows := [row for row in self.by_person[hr_id] if row.email]:
                # Of several, the one on the first employment.
                wants[hr_id] = (min(rows, key=canonical) if len(rows) > 1 else rows[0]).email
        return wants, has

    def _having(self, emails: set[str]) -> Iterator[int]:
        """Whoever has one of the addresses; to go through all is quicker than to ask for a hundred thousand."""
        everybody = Person.objects.exclude(email=None).order_by().values_list("pk", "email")
        return (pk for pk, email in everybody.iterator() if email in emails) if emails else iter(())

    def _holders(self, pks: list[int]) -> dict[str, Holder]:
        people = list(Person.objects.filter(pk__in=pks))
        own = dict(self.register.everyone.filter(pk__in=pks).values_list("pk", "external_id"))
        found = {}
        for person in people:
            hr_id = self.register.hr_id(own[person.pk]) if person.pk in own else ""
            name = "" if person.is_protected else f"{person.first_name} {person.last_name}"
            found[person.email] = Holder(person.pk, hr_id, name)
        return found

    def _unused(self, holders: dict[str, Holder]) -> list[str]:
        """The addresses of those who have no employment when the file has been applied."""
        gone = {holder.pk: email for email, holder in holders.items() if holder.hr_id and self.ends(holder.hr_id)}
        going_on = Employment.objects.filter(person__in=list(gone)).exclude(ends_on__lt=self.register.on)
        staying = {
            person
            for person, population, starts_on in going_on.values_list("person", "population", "starts_on")
            if population not in self.populations or starts_on > self.register.on
        }
        return [email for pk, email in gone.items() if pk not in staying]


def share_out(wants: dict[str, str], has: dict[str, str], others: Collection[str]) -> dict[str, str]:
    """Which address goes to whom: each to one person only, and none that others or somebody else here keeps."""
    winners: dict[str, str] = {}
    for hr_id, email in wants.items():
        if email not in others:
            winners.setdefault(email, hr_id)
    # Who gets no new address keeps the old one, so that nobody else may have that.
    while True:
        kept = {email for hr_id, email in has.items() if hr_id in wants and winners.get(wants[hr_id]) != hr_id}
        lost = kept & winners.keys()
        if not lost:
            return winners
        for email in lost:
            del winners[email]

"""Disposal: whoever left long ago becomes a row without a name, by a decision, and every figure stays what it was."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from learning import personal
from learning.errors import LearningError
from learning.organisation.models import Appointment, Employment, HrImport, Leave, Municipality, Person, PersonQuerySet
from learning.personal import Fate, Table

from .models import Disposal

MONTHS = 24
BATCH = 500
State = HrImport.State
ON_THE_WAY = [State.COLUMNS, State.COMPARED, *HrImport.WORKING]


class SetChanged(LearningError):
    """Those who would be disposed of are others than those who were shown."""


class FileOnTheWay(LearningError):
    """An HR file is neither applied nor put away."""


@dataclass(frozen=True)
class Rule:
    """Whom a decision concerns: those whose last employment ended more than so many months before the day.

    Who came onto the register before then and never had any is concerned too.
    """

    municipality: Municipality
    months: int
    on: date

    @property
    def before(self) -> date:
        return self.on - relativedelta(months=self.months)

    def people(self) -> PersonQuerySet:
        """Those whom the rule reaches, with the last day of their last employment; nobody with anything left to do."""
        of_person = {"person": OuterRef("pk")}
        employments = Employment.objects.filter(**of_person)
        later = Leave.objects.filter(starts_on__gt=self.on, **of_person)
        functions = Appointment.objects.filter(**of_person).exclude(ends_on__lt=self.on)
        return (
            Person.objects.not_disposed()
            .filter(municipality=self.municipality, is_superuser=False)
            .filter(Exists(employments) | Q(date_joined__date__lt=self.before))
            .exclude(Exists(employments.exclude(ends_on__lt=self.before)))
            .exclude(Exists(functions))
            .exclude(Exists(later))
            .annotate(last_day=employments.order_by("-ends_on").values("ends_on")[:1])
            .order_by("last_name", "first_name", "pk")
        )


@dataclass(frozen=True)
class Preview:
    """What a disposal by the rule would do, before anything is done."""

    rule: Rule

    @cached_property
    def ids(self) -> list[int]:
        return sorted(self.rule.people().order_by().values_list("pk", flat=True))

    @property
    def sha256(self) -> str:
        """Tells this set of people from any other."""
        return hashlib.sha256(" ".join(map(str, self.ids)).encode()).hexdigest()

    @cached_property
    def effects(self) -> list[dict]:
        """Each table with what becomes of its rows; how many, where they change."""
        return [
            {"table": table, "changes": changes, "rows": self._count(table) if changes else None}
            for table in personal.tables()
            for changes in [table.fate != Fate.KEPT]
        ]

    @property
    def changing(self) -> list[dict]:
        """Those of which rows change."""
        return [effect for effect in self.effects if effect["rows"]]

    @property
    def staying(self) -> list[dict]:
        """Those that stay as they are, or have no row of these people."""
        return [effect for effect in self.effects if not effect["rows"]]

    def _count(self, table: Table) -> int:
        return sum(map(table.count, _batches(self.ids)))


def is_file_on_the_way(municipality: Municipality) -> bool:
    """Whether an HR file waits, which might bring back those who are to be disposed of."""
    return HrImport.objects.filter(municipality=municipality, state__in=ON_THE_WAY).exists()


@transaction.atomic
def dispose(*, rule: Rule, sha256: str, case_number: str, decided_on: date, by: Person, now: datetime) -> Disposal:
    """Dispose of those whom the rule reaches, if they are those of the preview with this hash.

    Raises SetChanged where they are not, FileOnTheWay while an HR file waits; then nothing was changed.
    """
    # As an HR file does: one change of the whole register at a time.
    Municipality.objects.hold(rule.municipality.pk)
    if is_file_on_the_way(rule.municipality):
        raise FileOnTheWay(
            _("An HR file waits. Let it become the register or put it away, and then dispose. Nothing was changed.")
        )
    # Held first and looked at then: nobody is employed anew in between.
    found = Preview(rule).ids
    for batch in _batches(found):
        list(Person.objects.select_for_update().filter(pk__in=batch).order_by("pk").values_list("pk"))
    preview = Preview(rule)
    if not preview.ids or preview.ids != found or preview.sha256 != sha256:
        raise SetChanged(
            _(
                "The rule reaches others than those who were shown. Nothing was disposed of. "
                "Look at them again, and then decide."
            )
        )
    counts = Counter()
    for batch in _batches(preview.ids):
        # Who they are goes last: other tables are found by it.
        for table in sorted(personal.tables(), key=lambda table: table.model is Person):
            if table.fate != Fate.KEPT:
                counts[table.key] += table.dispose(batch)
    return Disposal.objects.create(
        municipality=rule.municipality,
        case_number=case_number,
        decided_on=decided_on,
        months=rule.months,
        ended_before=rule.before,
        number=len(preview.ids),
        counts=dict(counts),
        sha256=sha256,
        by=by,
        at=now,
    )


def counts_of(disposal: Disposal) -> list[tuple[Table, int]]:
    """What a disposal did: each table that it changed rows of, and how many."""
    rows = ((table, disposal.counts.get(table.key, 0)) for table in personal.tables())
    return [(table, number) for table, number in rows if number]


def _batches(ids: Collection[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]

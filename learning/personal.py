"""What is kept about people, table by table: how it is found, handed out to them and disposed of.

Each room declares its tables in its module `personal`. A table that points at people and is declared by no room fails
a test.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

Words = str | Promise
# A field of the row by its name, or a label of its own with the name of an attribute or with a function.
Field = str | tuple[Words, str | Callable]

# What becomes of a row that only says who did something, when that person is disposed of.
NAMELESS = _("Stays, and points at somebody without a name.")
NO_FIGURE = _("Removed: no figure needs it.")


class Fate(models.TextChoices):
    """What disposal does with the rows of a person."""

    KEPT = "kept", _("Kept")
    EMPTIED = "emptied", _("Emptied")
    DELETED = "deleted", _("Removed")


@dataclass(frozen=True)
class Table:
    """The rows of a table that belong to a person by one path, such as `person` or `decided_by`."""

    model: type[models.Model]
    path: str
    why: Words
    because: Words  # what disposal does with it, and for which reason; without disposal: how long it is kept
    fate: Fate = Fate.KEPT
    title: Words = ""
    fields: Sequence[Field] = ()
    # Where no foreign key leads to the person: finds the rows of people with these ids.
    find: Callable[[Collection[int]], Iterable] | None = None
    # What is written into the rows that are emptied; or, where that takes more, the act that disposes of them.
    empty: dict = field(default_factory=dict)
    act: Callable[[Collection[int]], object] | None = None

    @property
    def key(self) -> str:
        return f"{self.model._meta.label}.{self.path}"

    @property
    def name(self) -> str:
        """What the rows are called."""
        return str(self.title) or capfirst(str(self.model._meta.verbose_name_plural))

    def rows(self, people: Collection[int]) -> Iterable:
        """The rows of the people with these ids, the newest first."""
        if self.find:
            return self.find(people)
        return self.model._base_manager.filter(**{f"{self.path}__in": people}).order_by("-pk")

    def count(self, people: Collection[int]) -> int:
        """How many rows these people have."""
        rows = self.rows(people)
        return rows.count() if isinstance(rows, models.QuerySet) else sum(1 for _row in rows)

    def dispose(self, people: Collection[int]) -> int:
        """Do with the rows of these people what the fate says; returns how many there were."""
        if self.fate == Fate.KEPT:
            return 0
        number = self.count(people)
        if self.act:
            self.act(people)
        elif self.fate == Fate.DELETED:
            self.rows(people).delete()
        else:
            self.rows(people).update(**self.empty)
        return number

    def export(self, person_id: int, *, most: int | None = None) -> Iterator[list[tuple[str, object]]]:
        """Each row of the person, or the newest of them, as labels and values."""
        if not self.fields:
            return
        rows = self.rows([person_id])
        if isinstance(rows, models.QuerySet):
            rows = rows.select_related(*self._related())[:most]
        for row in islice(rows, most):
            yield [self._labelled(row, one) for one in self.fields]

    def _related(self) -> list[str]:
        """The rows above that are read with each row."""
        named = {one if isinstance(one, str) else one[1] for one in self.fields} | {self.path.partition("__")[0]}
        return [one.name for one in self.model._meta.concrete_fields if one.is_relation and one.name in named]

    def _labelled(self, row, one: Field) -> tuple[str, object]:
        if isinstance(one, str):
            return capfirst(str(self.model._meta.get_field(one).verbose_name)), _value(row, one)
        label, source = one
        value = source(row) if callable(source) else _value(row, source)
        return capfirst(str(label)), value


def _value(row, name: str):
    """What the attribute says, in words where it is a choice or another row."""
    in_words = getattr(row, f"get_{name}_display", None)
    value = in_words() if in_words else getattr(row, name)
    return str(value) if isinstance(value, (models.Model, FieldFile)) else value


_tables: list[Table] = []


def declare(*tables: Table) -> None:
    """Let these tables be known."""
    _tables.extend(tables)


def tables() -> tuple[Table, ...]:
    """Every table that is declared, from the ground up."""
    return tuple(_tables)

"""A field that holds exactly which people were in a list: one value for a hundred thousand of them."""

from collections.abc import Iterable, Iterator

from django.db import models

# Each id takes four bytes of seven bits, of which only the first begins with a 1. So the bytes of one id are found at
# the place of an id and nowhere else, and the database itself can answer who was in a list.
SHIFTS = (21, 14, 7, 0)
ROOM = 1 << 28


def pack(ids: Iterable[int]) -> bytes:
    """The ids, in order and each once."""
    ordered = sorted(set(ids))
    if ordered and not 0 <= ordered[0] <= ordered[-1] < ROOM:
        raise OverflowError("A list of people has room for ids below 2 ** 28.")
    return b"".join(bytes((n >> 21 | 128, n >> 14 & 127, n >> 7 & 127, n & 127)) for n in ordered)


def unpack(packed: bytes) -> Iterator[int]:
    """The ids that were packed."""
    for at in range(0, len(packed), len(SHIFTS)):
        yield sum((byte & 127) << shift for byte, shift in zip(packed[at : at + len(SHIFTS)], SHIFTS, strict=True))


class PeopleField(models.BinaryField):
    """Ids of people: given as any iterable, read as a list. `people__holds=7` finds the lists with person 7."""

    def get_prep_value(self, value):
        return None if value is None else pack(value)

    def from_db_value(self, value, expression, connection):
        return None if value is None else list(unpack(bytes(value)))

    def deconstruct(self):
        """A plain BinaryField to migrations: they import nothing of ours."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs


@PeopleField.register_lookup
class Holds(models.Lookup):
    """Whether one person, given by id, is in the list."""

    lookup_name = "holds"
    prepare_rhs = False

    def get_db_prep_lookup(self, value, connection):
        return "%s", [connection.Database.Binary(pack([value]))]

    def as_sql(self, compiler, connection):
        people, of_people = self.process_lhs(compiler, connection)
        person, of_person = self.process_rhs(compiler, connection)
        return f"instr({people}, {person}) > 0", [*of_people, *of_person]

    def as_postgresql(self, compiler, connection):
        people, of_people = self.process_lhs(compiler, connection)
        person, of_person = self.process_rhs(compiler, connection)
        return f"position({person} IN {people}) > 0", [*of_person, *of_people]

"""Many rows at once."""

import json
from collections.abc import Iterable, Iterator, Sequence

from django.db import connection, models


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Insert rows of these attributes (such as `unit_id`); the others get their defaults.

    On PostgreSQL by COPY, several times quicker than INSERT: what is given must be as the database keeps it, days in
    ISO form. Neither signals nor ids come of it. Raises IntegrityError.
    """
    if connection.vendor != "postgresql":
        made = (model(**dict(zip(names, row, strict=True))) for row in rows)
        model._base_manager.bulk_create(made, batch_size=1000)
        return
    fields = {field.attname: field for field in model._meta.local_concrete_fields}
    others = [field for name, field in fields.items() if name not in names and not field.primary_key]
    # One that is made for each row, such as a UUID, or the same for all.
    others.sort(key=_is_made)
    same = [field.get_default() for field in others if not _is_made(field)]
    made = [field.default for field in others if _is_made(field)]
    columns = ", ".join(f'"{field.column}"' for field in [*map(fields.get, names), *others])
    encoders = [
        (i, (fields[name].encoder or json.JSONEncoder)(ensure_ascii=False).encode)
        for i, name in enumerate(names)
        if isinstance(fields[name], models.JSONField)
    ]
    statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
    # Django wraps the errors of execute() itself, and knows nothing of copy().
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            values = list(row)
            for i, encode in encoders:
                values[i] = encode(values[i])
            copy.write_row([*values, *same, *(make() for make in made)])


def _is_made(field: models.Field) -> bool:
    return field.has_default() and callable(field.default)


def in_batches(rows: models.QuerySet, size: int = 1000) -> Iterator[list[int]]:
    """The ids of the rows, a batch at a time: no more of them is held in memory."""
    ids, last = rows.order_by("pk").values_list("pk", flat=True), 0
    while batch := list(ids.filter(pk__gt=last)[:size]):
        yield batch
        last = batch[-1]


def tell_planner(*tables: type[models.Model]) -> None:
    """Let PostgreSQL count what the tables hold now, so that it chooses its ways well before autovacuum comes by."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in tables:
                cursor.execute(f'ANALYZE "{model._meta.db_table}"')

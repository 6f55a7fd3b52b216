"""Many rows at once."""

import json
from collections.abc import Iterable, Sequence

from django.db import connection, models


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Insert rows of these attributes (such as `unit_id`); the others get their defaults.

    On PostgreSQL by COPY, several times quicker than INSERT: what is given must be as the database keeps it, days in
    ISO form. Neither signals nor ids come of it.
    """
    if connection.vendor != "postgresql":
        made = (model(**dict(zip(names, row, strict=True))) for row in rows)
        model._base_manager.bulk_create(made, batch_size=1000)
        return
    fields = {field.attname: field for field in model._meta.local_concrete_fields}
    others = [field for name, field in fields.items() if name not in names and not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in [*map(fields.get, names), *others])
    jsons = [i for i, name in enumerate(names) if isinstance(fields[name], models.JSONField)]
    with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            values = list(row)
            for i in jsons:
                values[i] = json.dumps(values[i], ensure_ascii=False)
            copy.write_row([*values, *(field.get_default() for field in others)])

"""Rows that were made without a place get the one in which they were read: first, as they were made."""

from itertools import groupby
from operator import attrgetter

from django.db import migrations
from django.db.models import F

LISTS = {
    "Decision": "plan",
    "Stewardship": "plan",
    "PreventionLevel": "plan",
    "Remark": "plan",
    "GoalArea": "plan",
    "Indicator": "plan",
    "Goal": "area",
    "Activity": "area",
}


def place(apps, schema_editor):
    for name, parent in LISTS.items():
        rows = apps.get_model("plans", name).objects
        lists = rows.filter(sort_order=None).values(parent)
        in_order = rows.filter(**{f"{parent}__in": lists}).order_by(
            parent, F("sort_order").asc(nulls_first=True), "pk"
        )
        placed = []
        for _key, of_one in groupby(in_order, key=attrgetter(f"{parent}_id")):
            for number, row in enumerate(of_one):
                row.sort_order = number
                placed.append(row)
        rows.bulk_update(placed, ["sort_order"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("plans", "0005_a_situation_picture_is_kept")]

    operations = [migrations.RunPython(place, migrations.RunPython.noop)]

"""What a revision of a plan changed: only the rows that differ, down to the innermost, and of each what differs."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.db import models
from django.template.loader import render_to_string
from django.utils.formats import localize
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from wagtail.admin import compare
from wagtail.admin.panels import InlinePanel


class ValueComparison(compare.FieldComparison):
    """Two values in words; what is empty is left out."""

    def htmldiff(self):
        a, b = _told(self.val_a), _told(self.val_b)
        if a == b:
            return escape(a)
        changes = [("deletion", a), ("addition", b)]
        return compare.TextDiff([(kind, words) for kind, words in changes if words], separator=" ").to_html()


def _told(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    # Without decimals that say nothing.
    return str(localize(Decimal(f"{value.normalize():f}") if isinstance(value, Decimal) else value))


for field in (models.BooleanField, models.DateField, models.DecimalField, models.IntegerField):
    compare.register_comparison_class(field, comparison_class=ValueComparison)


@dataclass(frozen=True)
class Words:
    """What is told of a row as if it were one of its fields."""

    label: str
    words: str

    def field_label(self):
        return self.label

    def htmldiff(self):
        return escape(self.words)


class RowComparison(compare.ChildObjectComparison):
    """A row: what it is and what differs; all that it says, where it was added or removed."""

    moved = 0

    def __init__(self, *args, is_whole: bool):
        super().__init__(*args)
        self.is_whole = is_whole

    def get_position_change(self):
        return self.moved

    def get_field_comparisons(self):
        found = super().get_field_comparisons()
        if self.is_whole:
            return [*self._fate(), *(one for one in found if _says_something(one))]
        return [one for one in found if one is found[0] or one.has_changed()]

    def _fate(self) -> list["Words"]:
        """That the row was added or removed, in words: Wagtail tells it by colour alone."""
        if self.is_addition() or self.is_deletion():
            return [Words(_("Row"), pgettext("row", "Added") if self.is_addition() else pgettext("row", "Removed"))]
        return []


def _says_something(comparison) -> bool:
    return bool(comparison.val_b.all()) if comparison.is_child_relation else comparison.val_b not in (None, "", False)


class RowsComparison(compare.ChildRelationComparison):
    """The rows below something that differ; all of them, where that was added or removed itself."""

    def __init__(self, field, field_comparisons, obj_a, obj_b, label=""):
        super().__init__(field, field_comparisons, obj_a, obj_b, label)
        self.is_whole = obj_a is obj_b

    def get_child_comparison(self, obj_a, obj_b):
        is_whole = self.is_whole or not (obj_a and obj_b)
        return RowComparison(self.field.related_model, self.field_comparisons, obj_a, obj_b, is_whole=is_whole)

    def get_child_comparisons(self):
        rows = super().get_child_comparisons()
        # What stands after a row that was added or removed has not moved for that.
        kept = [row for row in rows if row.obj_a and row.obj_b]
        order = list(self.val_a.all())
        before = sorted(kept, key=lambda row: order.index(row.obj_a))
        for place, row in enumerate(kept):
            row.moved = place - before.index(row)
        return rows if self.is_whole else [row for row in rows if row.is_whole or row.moved or row.has_changed()]

    def has_changed(self):
        return not self.is_whole and bool(self.get_child_comparisons())

    def htmldiff(self):
        """The rows inside the row that they stand below."""
        return render_to_string("plans/compared.html", {"rows": self.get_child_comparisons()})


class ComparedPanel(InlinePanel):
    """An inline panel that tells what changed in its rows and below them."""

    class BoundPanel(InlinePanel.BoundPanel):
        def get_comparison(self):
            (wagtails,) = super().get_comparison()
            return [partial(RowsComparison, *wagtails.args, **wagtails.keywords)]

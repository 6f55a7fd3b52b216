"""Rows that stand in an order below something."""

from django.db.models import Max
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable


class Listed(Orderable):
    """A row that has a place among its parent's: the last, unless somebody chose it.

    Wagtail's forms number all rows, but what code makes would be left without a place, and a database may answer
    such rows in any order.
    """

    class Meta(Orderable.Meta):
        abstract = True

    def save(self, *args, **kwargs):
        if self.sort_order is None:
            self.sort_order = self._next_place()
        super().save(*args, **kwargs)

    def _next_place(self) -> int:
        parent = next(field.attname for field in self._meta.fields if isinstance(field, ParentalKey))
        siblings = type(self)._base_manager.filter(**{parent: getattr(self, parent)})
        last = siblings.aggregate(last=Max("sort_order"))["last"]
        return 0 if last is None else last + 1

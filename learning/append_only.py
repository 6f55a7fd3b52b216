"""Rows that are evidence: written once, never changed, never removed."""

from django.db import models
from django.utils.translation import gettext as _

from learning.errors import LearningError


class Unchangeable(LearningError):
    """Evidence is corrected by a new row, never by changing the old one."""


def _refuse(*args, **kwargs):
    raise Unchangeable(_("This is a record and cannot be changed or removed. Nothing was changed."))


class AppendOnlyQuerySet(models.QuerySet):
    """Reads and inserts; everything else is refused."""

    update = bulk_update = update_or_create = delete = _refuse


class AppendOnlyModel(models.Model):
    """Base of the records that outlive the things they speak of (ARCHITECTURE rule 1)."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self._state.adding:
            _refuse()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        _refuse()

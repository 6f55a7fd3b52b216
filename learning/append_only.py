"""Rows that are evidence: written once, never changed, never removed."""

import hashlib
import json

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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


class FixedContent(AppendOnlyModel):
    """What has been said for good, with a hash by which anybody can tell that it is still the same."""

    body = models.JSONField(gettext_lazy("content"))
    sha256 = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.sha256 = hash_of(self.body)
        super().save(*args, **kwargs)

    @property
    def is_unchanged(self) -> bool:
        """Whether the content is what it was when it was fixed."""
        return hash_of(self.body) == self.sha256


def hash_of(content: dict | list) -> str:
    """The SHA-256 of content that JSON can hold, in a form that does not depend on spacing or order."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

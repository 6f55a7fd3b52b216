"""What is remembered of those who try to get in."""

from django.db import models


class Try(models.Model):
    """A try that counts for some minutes. In the database: a cache forgets, and counts two at once as one."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="try_by_key_and_moment")]

    def __str__(self):
        return f"{self.key}, {self.at:%Y-%m-%d %H:%M}"

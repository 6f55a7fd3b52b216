"""Slows down guessing: a few tries per address and browser place, then a pause."""

from django.core.cache import cache
from django.utils.translation import gettext as _

from learning.errors import LearningError

WINDOW = 600  # seconds


class TooManyTries(LearningError):
    """Too many tries in a short time."""

    status = 429


def count_try(kind: str, subject: str, *, limit: int) -> None:
    """Count one try; raise TooManyTries past the limit within ten minutes."""
    key = f"throttle:{kind}:{subject}"
    cache.add(key, 0, WINDOW)
    if cache.incr(key) > limit:
        raise TooManyTries(_("There were too many tries. Wait ten minutes and try again. Nothing was changed."))

"""Slows down guessing: so many misses in ten minutes, then a pause."""

from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from learning.errors import LearningError

WINDOW = 600  # seconds


class TooManyTries(LearningError):
    """Too many tries in a short time."""

    status = 429


def check_tries(kind: str, subject: str, *, limit: int) -> None:
    """Raise TooManyTries where the subject has used up its tries."""
    if cache.get(_key(kind, subject), 0) >= limit:
        raise TooManyTries(_("There were too many tries. Wait ten minutes and try again. Nothing was changed."))


def count_try(kind: str, subject: str) -> None:
    """Count one try of the subject: an address that is guessed at, or the place that guesses."""
    key = _key(kind, subject)
    cache.add(key, 0, WINDOW)
    cache.incr(key)


def place_of(request) -> str:
    """Where the request comes from; behind a proxy of our own, what that proxy has seen."""
    if settings.SECURE_PROXY_SSL_HEADER:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return request.META["REMOTE_ADDR"]


def _key(kind: str, subject: str) -> str:
    # Memcached and the like refuse long keys and spaces in them.
    return f"tries:{kind}:{sha256(subject.encode()).hexdigest()[:32]}"

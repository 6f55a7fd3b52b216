"""Slows down guessing: so many misses in ten minutes, then a pause."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.utils.translation import gettext as _

from learning.errors import LearningError

from .models import Try

WINDOW = timedelta(minutes=10)
PER_PLACE = 200  # a whole municipality may share a place


class TooManyTries(LearningError):
    """Too many tries in a short time."""

    status = 429


def count_try(kind: str, limits: Mapping[str, int], *, now: datetime) -> list[Try]:
    """Count a try before it is made, for each subject with a limit: the address guessed at, the place that guesses.

    Raises TooManyTries where one has used up its limit; what is refused does not count. Each is noted before the
    noted are counted, so that no more than the limit come through however many try at once.
    """
    tries = [Try.objects.create(key=_key(kind, subject), at=now) for subject in limits]
    recent = Try.objects.filter(at__gt=now - WINDOW)
    if any(recent.filter(key=one.key).count() > limit for one, limit in zip(tries, limits.values(), strict=True)):
        forget(tries)
        raise TooManyTries(_("There were too many tries. Wait ten minutes and try again. Nothing was changed."))
    return tries


def forget(tries: Iterable[Try]) -> None:
    """Let these tries not count: they were no misses."""
    Try.objects.filter(pk__in=[one.pk for one in tries]).delete()


def sweep(*, now: datetime) -> None:
    """Remove what no longer counts."""
    Try.objects.filter(at__lte=now - WINDOW).delete()


def place_of(request) -> str:
    """Where the request comes from; behind a proxy of our own, what that proxy has seen."""
    if settings.SECURE_PROXY_SSL_HEADER:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return request.META["REMOTE_ADDR"]


def _key(kind: str, subject: str) -> str:
    """Tells tries apart without keeping who or where."""
    return f"{kind}:{sha256(subject.encode()).hexdigest()[:32]}"

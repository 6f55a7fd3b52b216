"""The kinds of mails that there are: each has a composer, which is called when a message is sent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from learning.personal import Words

# A lesson link works for so long after its mail.
LINK_WORKS = timedelta(days=90)
# What the samples tell of and lead to.
SAMPLE_COURSE = "Grundläggande kunskap om VBE"
SAMPLE_ADDRESS = f"{settings.WAGTAILADMIN_BASE_URL}/"


@dataclass(frozen=True)
class Mail:
    """What a message says: a subject, and a template of templates/mail/ (without its ending) with its context."""

    subject: str
    template: str
    context: dict = field(default_factory=dict)
    reply_to: str = ""  # empty: the municipality's own address for questions


class NotNow(Exception):
    """Raised by a composer: the mail may be sent, but not before this moment."""

    def __init__(self, until: datetime):
        super().__init__(until)
        self.until = until


class NotCalledFor(Exception):
    """Raised by a composer: the mail is not to be sent, and why (a `Why`)."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


Composer = Callable[..., Mail | None]  # of a message and a moment


@dataclass(frozen=True)
class Kind:
    """A kind of mail, with what a reader is told of it."""

    name: str
    title: Words
    why: Words  # as the mail itself says: you get this because …
    compose: Composer
    sample: Callable[[], Mail]
    # Why it cannot be refused; empty: it can.
    required: Words = ""


_kinds: dict[str, Kind] = {}


def composes(name: str, *, title: Words, why: Words, sample: Callable[[], Mail], required: Words = "") -> Callable:
    """Register the function as composer of the kind: it gets message and moment, in the person's language.

    It returns None where the mail is no longer called for, and may raise NotNow and NotCalledFor.
    `sample` makes one of nobody, to be looked at.
    """

    def register(compose: Composer) -> Composer:
        _kinds[name] = Kind(name, title, why, compose, sample, required)
        return compose

    return register


def kinds() -> list[Kind]:
    """Every kind, in the order in which they were registered."""
    return list(_kinds.values())


def kind_of(name: str) -> Kind | None:
    """The kind of this name, if there is one."""
    return _kinds.get(name)

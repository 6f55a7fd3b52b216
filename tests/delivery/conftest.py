from datetime import timedelta

import pytest
from django.utils import timezone

from learning.delivery import kinds
from learning.delivery.kinds import Mail, composes
from learning.delivery.services import queue
from tests.delivery.smtp import Server
from tests.factories import make_person


class Notices:
    """A kind of mail for the tests: what each says, or what is to happen when it is made."""

    def __init__(self):
        self.made = []
        self.acts = {}

    def compose(self, message, now):
        self.made.append(message.subject_key)
        if act := self.acts.get(message.subject_key):
            return act(message)
        return self.mail(message.subject_key)

    def mail(self, subject="Prov"):
        return Mail(subject=subject, template="completed", context={"url": "https://kunskap.example/x/"})


@pytest.fixture
def notices(monkeypatch):
    """The kind "notice", which may be refused, and "decision", which may not."""
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    made = Notices()
    composes("notice", title="Notiser", why="För att det är ett prov.", sample=made.mail)(made.compose)
    composes(
        "decision", title="Beslut", why="För att det är beslutat.", sample=made.mail, required="Det är ett beslut."
    )(made.compose)
    return made


@pytest.fixture
def person(unit):
    return make_person(unit)


@pytest.fixture
def ask(notices, person):
    """Queues a mail, to the person unless another is given, that is due at once."""

    def ask(subject="s", *, to=None, kind="notice", after=timedelta(0), **more):
        return queue(person=to or person, kind=kind, subject=subject, send_after=timezone.now() + after, **more)

    return ask


@pytest.fixture
def smtp(settings):
    """A real mail server, which takes what it is not told to refuse."""
    with Server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        yield server

"""One-time sign-in links: ten minutes, used once, bound to the browser that asked, confirmed by a POST."""

import secrets

from django.urls import reverse
from django.utils import timezone
from sesame.utils import get_token, get_user

from learning.organisation.models import Person

from .authority import signs_in_with_link

SESSION_KEY = "sign_in_nonce"


def nonce_of(session) -> str:
    """What ties a link to this browser; kept in its session."""
    return session.setdefault(SESSION_KEY, secrets.token_urlsafe(16))


def sign_in_url(person: Person, nonce: str) -> str | None:
    """The path that signs the person in from the browser with this nonce; None where a link is not enough."""
    if not signs_in_with_link(person, on=timezone.localdate()):
        return None
    return reverse("access:link", args=[get_token(person, scope=nonce)])


def person_of(token: str, session) -> Person | None:
    """Whom the token signs in, from this browser, now; None for a used, old or foreign one."""
    nonce = session.get(SESSION_KEY)
    person = get_user(token, scope=nonce, update_last_login=False) if nonce else None
    if person is None or not signs_in_with_link(person, on=timezone.localdate()):
        return None
    return person

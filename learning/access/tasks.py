"""Work in the background: mails with links, appointments that begin or end by date, and what is no longer needed."""

from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from learning.mails import MACHINE, render
from learning.organisation.models import Person

from .editors import follow_appointments
from .links import sign_in_url
from .throttle import sweep


@shared_task
def send_sign_in_link(email: str, nonce: str, language: str) -> None:
    """Mail a one-time link to the person with this address, if there is one who may use it."""
    person = Person.objects.filter(email=email, is_active=True).first()
    url = sign_in_url(person, nonce) if person else None
    if url is None:
        return
    with override(language):
        context = {
            "person": person,
            "municipality": person.municipality,
            "url": person.municipality.address + url,
            "why": _("You get this mail because somebody wrote your address on the page where one signs in."),
        }
        email = render("sign_in_link", context, subject=_("Your sign-in link"), language=language)
    email.to = [person.email]
    email.extra_headers = MACHINE
    email.send()


@shared_task
def tick_follow_appointments() -> None:
    """Let today's appointments and employments, begun or ended overnight, decide who may write."""
    follow_appointments()


@shared_task
def tick_sweep_tries() -> None:
    """Remove the tries to get in that no longer count."""
    sweep(now=timezone.now())


@shared_task
def tick_sweep_sessions() -> None:
    """Remove the sessions that have ended."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()

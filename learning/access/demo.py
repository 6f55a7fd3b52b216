"""The demonstration's sign-in by one click: fictional people only, and only where DEMO is on."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from learning.organisation.models import Person

# Address → what the visitor will see. The demonstration's data holds these people.
VISITORS = {
    "medarbetare@granforsa.example": _("Employee: take the lessons"),
    "chef@granforsa.example": _("Head of a unit: who lacks it"),
    "forvaltningschef@granforsa.example": _("Head of a department"),
    "samordnare@granforsa.example": _("Coordinator: the whole municipality"),
    "redaktor@granforsa.example": _("Editor in the VBE group: write courses"),
    "kommunstyrelsen@granforsa.example": _("Board reader: figures without names"),
}


def visitors() -> list[dict]:
    """Who can be signed in by one click, in order; empty outside the demonstration."""
    if not settings.DEMO:
        return []
    people = Person.objects.filter(email__in=VISITORS, municipality__is_fictional=True, is_active=True)
    by_email = {person.email: person for person in people}
    return [
        {"person": by_email[email], "email": email, "label": label}
        for email, label in VISITORS.items()
        if email in by_email
    ]


def visitor(email: str) -> Person | None:
    """The person behind a click."""
    return next((entry["person"] for entry in visitors() if entry["email"] == email), None)

"""Makes the mail of a message: its frame, its headers, and how to be rid of the kind."""

from datetime import datetime
from email.utils import format_datetime, formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from learning import mails

from .kinds import Kind, Mail
from .models import Message
from .unsubscribing import unsubscribe_url


def letter(message: Message, mail: Mail, kind: Kind, *, language: str, now: datetime) -> EmailMultiAlternatives:
    """The mail as it is handed over; in the language that is active."""
    person = message.person
    unsubscribe = "" if kind.required else unsubscribe_url(person, kind.name)
    email = mails.render(
        mail.template,
        {
            "person": person,
            "municipality": person.municipality,
            "why": kind.why,
            "choices_url": person.municipality.address_of("delivery:mine"),
            "unsubscribe_url": unsubscribe,
            **mail.context,
        },
        subject=mail.subject,
        language=language,
    )
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    email.to = [person.email]
    email.from_email = settings.RETURN_PATH or address
    email.reply_to = [found] if (found := mail.reply_to or (person.municipality.contact_email)) else []
    email.extra_headers = {
        "From": formataddr((mails.one_line(f"Kunskapsläget, {person.municipality}"), address)),
        "Message-ID": message.message_id,
        "Date": format_datetime(timezone.localtime(now)),
        **mails.MACHINE,
    }
    if unsubscribe:
        email.extra_headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        email.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return email

"""The demonstration's mail: kept on the machine, where it can be read, and sent to nobody."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from .models import KeptMail


class EmailBackend(BaseEmailBackend):
    """Writes each mail into a row, whole."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for email in email_messages:
            whole = email.message()
            for address in email.recipients():
                KeptMail.objects.create(
                    address=address,
                    subject=email.subject[:255],
                    message_id=whole["Message-ID"],
                    content=whole.as_string(),
                )
        return len(email_messages)

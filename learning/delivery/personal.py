"""What mailings keep about people (see learning.personal)."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from learning.organisation.models import Person
from learning.personal import NAMELESS, NO_FIGURE, Fate, Table, declare

from .models import KeptMail, Mailbox, MailChoice, Message, Pause
from .schedule.models import Acceptance, MailPlan, Recipient


def _kept(people: Collection[int]) -> QuerySet[KeptMail]:
    """What the demonstration has kept instead of sending it to these people."""
    addresses = Person.objects.filter(pk__in=people).exclude(email=None).values("email")
    return KeptMail.objects.filter(address__in=addresses)


declare(
    Table(
        Message,
        "person",
        title=_("Mails to you"),
        why=_("Shows what has been sent to you and when, and lets nothing be sent twice."),
        fields=[(_("kind"), "kind_title"), "subject", "state", "why", "queued_at", "sent_at"],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        MailChoice,
        "person",
        title=_("What you want to be sent"),
        why=_("Lets mails come in your language, and not those that you do not want."),
        fields=["language", "refused"],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        Mailbox,
        "person",
        title=_("What has come back from your mailbox"),
        why=_("Keeps mail from being sent where it cannot arrive, or while you are away."),
        fields=["dead_address", "dead_since", "error", "away_until"],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        Pause,
        "by",
        title=_("Pauses of all mail that you have made"),
        why=_("Shows who has paused the municipality's mail, and when."),
        fields=["since"],
        because=NAMELESS,
    ),
    Table(
        Recipient,
        "person",
        title=_("That lessons are sent to you"),
        why=_("Lets nobody be mailed before the municipality has decided so."),
        fields=["since"],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        Acceptance,
        "person",
        title=_("Offers that you have said yes to"),
        why=_("Lets you have the lessons of what you were offered."),
        fields=["requirement", "at"],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        MailPlan,
        "started_by",
        title=_("Mailings that you have started"),
        why=_("Shows who has started the municipality's mailings, and when."),
        fields=["started_at"],
        because=NAMELESS,
    ),
    Table(
        KeptMail,
        "address",
        title=_("Mails of the demonstration"),
        why=_("Lets the mails of the demonstration be read; nothing is kept where real people are."),
        fields=["subject", "kept_at"],
        find=_kept,
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
)

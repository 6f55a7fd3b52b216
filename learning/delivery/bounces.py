"""Empties the mailbox that mails come back to: what is ours is noted, the rest is left for a person to read."""

from datetime import datetime

from .mailboxes import open_mailbox
from .returned import What, read
from .services import note_returned

NOTED, OTHER = "Noterat", "Övrigt"
# So many at a time; the rest, the next time.
MOST = 500


def read_returned(address: str, *, now: datetime) -> None:
    """Note each mail in the mailbox and put it away, in this order: who is killed in between does it once more.

    Without an address nothing is read. Raises MailboxUnreachable.
    """
    if not address:
        return
    with open_mailbox(address) as box:
        for _number, (key, content) in zip(range(MOST), box.mails(), strict=False):
            returned = read(content)
            is_noted = returned.what != What.OTHER and note_returned(
                returned.message_ids, what=returned.what, status=returned.status, now=now
            )
            box.move(key, NOTED if is_noted else OTHER)

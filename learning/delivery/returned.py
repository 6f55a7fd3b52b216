"""Reads what comes back: reports on mails that could not be handed over (RFC 3464), answers of machines (RFC 3834)."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Email
from enum import StrEnum

# The ids that services.queue gives, wherever they stand in what came back.
OURS = re.compile(rb"<[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}@[\w.-]{1,200}>")
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
# Outlook and others say so in the subject only.
AWAY = re.compile(r"\s*(automatiskt svar|autosvar|automatic reply|out of office|frånvaro)\b", re.IGNORECASE)


class What(StrEnum):
    """What has come back."""

    BOUNCE = "bounce"  # it will never be handed over
    DELAY = "delay"  # it has not been handed over yet, or not this time
    AUTO_REPLY = "auto_reply"  # the person is away, or so a machine says
    OTHER = "other"  # for a person to read


@dataclass(frozen=True)
class Returned:
    """A mail that has come back: what it is, which of our mails it speaks of, and the status that it gives."""

    what: What
    message_ids: frozenset[str] = frozenset()
    status: str = ""


def read(content: bytes) -> Returned:
    """What the mail is. Whatever cannot be read is for a person to read."""
    ids = frozenset(found.decode("ascii", "replace") for found in OURS.findall(content))
    try:
        what, status = _what(message_from_bytes(content))
    except Exception:  # anybody may write there, and Python's parser trusts more than it should
        return Returned(What.OTHER)
    return Returned(what, ids, status) if ids else Returned(What.OTHER)


def _what(email: Email) -> tuple[What, str]:
    for part in email.walk():
        if part.get_content_type() == "message/delivery-status":
            return _of_report(part)
    return (What.AUTO_REPLY, "") if _is_automatic(email) else (What.OTHER, "")


def _of_report(part: Email) -> tuple[What, str]:
    """What a report says of the first recipient: ours have one."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        action = str(block.get("Action", "")).strip().lower()
        found = STATUS.search(str(block.get("Status", "")))
        status = found[0] if found else ""
        if action == "failed" and not status.startswith("4"):
            return What.BOUNCE, status
        if action in ("failed", "delayed"):
            return What.DELAY, status
    return What.OTHER, ""


def _is_automatic(email: Email) -> bool:
    submitted = str(email.get("Auto-Submitted", "no")).strip().lower()
    marked = any(name in email for name in ("X-Autoreply", "X-Autorespond", "X-Autoreply-From"))
    return submitted != "no" or marked or bool(AWAY.match(_subject(email)))


def _subject(email: Email) -> str:
    return str(make_header(decode_header(str(email.get("Subject", "")))))

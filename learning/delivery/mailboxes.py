"""The mailbox that mails come back to: a folder of files (Maildir), or an account on a server (IMAP)."""

import base64
import imaplib
import mailbox
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Of each mail so much is read: reports begin with what they report.
MOST = 256 * 1024
TIMEOUT = 10


class MailboxUnreachable(Exception):
    """The mailbox cannot be read at present; what is in it stays there."""


class Maildir:
    """A folder of files, one for each mail."""

    def __init__(self, path: str):
        if not Path(path, "cur").is_dir():
            raise MailboxUnreachable(f"There is no Maildir at {path}.")
        self.path = Path(path)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """Each mail by its place, the oldest first."""
        found = [path for folder in ("new", "cur") for path in Path(self.path, folder).iterdir() if path.is_file()]
        for path in sorted(found, key=lambda path: path.name):
            with path.open("rb") as file:
                yield str(path), file.read(MOST)

    def move(self, key: str, folder: str) -> None:
        """Put the mail into the folder, at once and whole."""
        mailbox.Maildir(self.path).add_folder(folder)
        name = Path(key).name
        Path(key).rename(Path(self.path, f".{folder}", "cur", name if ":2," in name else f"{name}:2,S"))


class Imap:
    """An account on a server, read over TLS."""

    def __init__(self, url):
        kind, port = (imaplib.IMAP4_SSL, 993) if url.scheme == "imaps" else (imaplib.IMAP4, 143)
        try:
            self.server = kind(url.hostname, url.port or port, timeout=TIMEOUT)
            self.server.login(unquote(url.username or ""), unquote(url.password or ""))
            self._done(self.server.select(_quoted(unquote(url.path.strip("/")) or "INBOX")))
        except (OSError, UnicodeError, imaplib.IMAP4.error) as error:
            raise MailboxUnreachable(type(error).__name__) from error

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        try:
            self.server.logout()
        except (OSError, imaplib.IMAP4.error):
            self.server.shutdown()

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """Each mail by its number, the oldest first; reading it marks nothing."""
        [numbers] = self._asked("SEARCH", "UNDELETED")
        for number in (numbers or b"").split():
            parts = self._asked("FETCH", number.decode(), f"(BODY.PEEK[]<0.{MOST}>)")
            content = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if content is not None:
                yield number.decode(), content

    def move(self, key: str, folder: str) -> None:
        """Put the mail into the folder. A kill in the middle leaves it in both, and it is read once more."""
        self.server.create(_quoted(folder))  # says NO where it is there
        self._asked("COPY", key, _quoted(folder))
        self._asked("STORE", key, "+FLAGS", r"(\Deleted)")
        self._done(self.server.expunge())

    def _asked(self, *command: str) -> list:
        try:
            return self._done(self.server.uid(*command))
        except (OSError, imaplib.IMAP4.error) as error:
            raise MailboxUnreachable(type(error).__name__) from error

    def _done(self, answer: tuple[str, list]) -> list:
        status, data = answer
        if status != "OK":
            raise MailboxUnreachable(f"The mail server answers {status}.")
        return data


def _quoted(folder: str) -> str:
    """The folder's name as IMAP writes it (RFC 3501, section 5.1.3)."""

    def shifted(match: re.Match) -> str:
        encoded = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{encoded}-"

    ascii_only = re.sub(r"[^\x20-\x7e]+", shifted, folder.replace("&", "&-"))
    return '"' + ascii_only.replace("\\", "\\\\").replace('"', '\\"') + '"'


def open_mailbox(address: str) -> Maildir | Imap:
    """The mailbox at the address: maildir:///path, imaps://user:password@host/folder. Raises MailboxUnreachable."""
    url = urlsplit(address)
    if url.scheme == "maildir":
        return Maildir(unquote(url.path))
    if url.scheme in ("imap", "imaps"):
        return Imap(url)
    raise MailboxUnreachable(f"BOUNCE_MAILBOX_URL begins with maildir: or imaps:, not {url.scheme}:.")

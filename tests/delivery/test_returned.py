"""What comes back: reports and answers of machines are noted, whatever else there is waits for a person."""

import mailbox
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from learning.delivery import bounces
from learning.delivery.mailboxes import MailboxUnreachable
from learning.delivery.models import Mailbox, Message, State, Why
from learning.delivery.returned import What, read
from learning.delivery.tasks import tick_read_returned, tick_send
from tests.delivery.imap import ImapServer

REPORT = """From: MAILER-DAEMON@mx.example
To: studs@kunskap.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Det gick inte.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; kim@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} nej

--b
Content-Type: text/rfc822-headers

From: noreply@kunskap.example
Message-ID: {id}

--b--
"""


def report(message, action="failed", status="5.1.1") -> bytes:
    return REPORT.format(action=action, status=status, id=message.message_id).encode()


def reply(message, **headers) -> bytes:
    """An answer to the mail, with these headers."""
    email = EmailMessage()
    email["From"], email["To"], email["In-Reply-To"] = "kim@example.org", "vbe@kommun.example", message.message_id
    for name, value in headers.items():
        email[name.replace("_", "-")] = value
    email.set_content("Hej")
    return email.as_bytes()


class Folder:
    """A real Maildir, and what lies where in it."""

    def __init__(self, path):
        self.box = mailbox.Maildir(path)
        self.address = f"maildir://{path}"

    def put(self, *contents: bytes):
        for content in contents:
            self.box.add(content)

    def number(self, folder: str = "") -> int:
        names = self.box.list_folders()
        return len(self.box if not folder else self.box.get_folder(folder) if folder in names else [])


@pytest.fixture
def folder(tmp_path, settings):
    made = Folder(tmp_path / "box")
    settings.BOUNCE_MAILBOX_URL = made.address
    return made


@pytest.fixture
def message(ask):
    made = ask()
    tick_send()
    return made


def state_of(message) -> tuple:
    message.refresh_from_db()
    return message.state, message.why, message.error


def test_what_cannot_be_handed_over_marks_mail_and_address(message, folder, ask, mailoutbox):
    folder.put(report(message))
    tick_read_returned()
    assert state_of(message) == (State.BOUNCED, Why.CAME_BACK, "5.1.1")
    assert [box.person for box in Mailbox.objects.dead()] == [message.person]
    assert (folder.number(), folder.number(bounces.NOTED)) == (0, 1)
    ask("nästa")
    tick_send()
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1"])
def test_what_is_not_the_fault_of_the_address_leaves_it(status, message, folder):
    folder.put(report(message, status=status))
    tick_read_returned()
    assert state_of(message)[0] == State.BOUNCED
    assert not Mailbox.objects.dead().exists()


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "4.2.2")])
def test_a_delay_is_noted_and_nothing_more(action, status, message, folder):
    folder.put(report(message, action, status))
    tick_read_returned()
    assert state_of(message) == (State.SENT, "", status)
    assert not Mailbox.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"X_Autoreply": "yes"},
        {"Subject": "Automatiskt svar: Ditt intyg"},
        {"Subject": "Frånvaro: semester"},
    ],
)
def test_whom_a_machine_answers_for_is_left_in_peace(headers, message, folder):
    folder.put(reply(message, **headers))
    before = timezone.now()
    tick_read_returned()
    away = Mailbox.objects.get().away_until
    assert timedelta(days=7) <= away - before < timedelta(days=7, minutes=1)
    assert state_of(message)[0] == State.SENT


def test_what_people_write_waits_for_people(message, folder):
    foreign = report(message).replace(message.message_id.encode(), b"<other@elsewhere.example>")
    unknown = report(message).replace(message.message_id[1:9].encode(), b"00000000")
    folder.put(reply(message, Subject="Tack!"), foreign, unknown, b"", b"\x00\xff" * 50)
    tick_read_returned()
    assert (folder.number(), folder.number(bounces.OTHER)) == (0, 5)
    assert (state_of(message)[0], Mailbox.objects.count()) == (State.SENT, 0)


def test_who_is_killed_before_it_is_put_away_notes_it_once_more_and_changes_nothing(message, folder, monkeypatch):
    folder.put(report(message))
    with monkeypatch.context() as killed:
        killed.setattr("learning.delivery.mailboxes.Maildir.move", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tick_read_returned()
    noted = Mailbox.objects.get()
    tick_read_returned()
    assert (Mailbox.objects.get().dead_since, folder.number(bounces.NOTED)) == (noted.dead_since, 1)


@given(st.binary(max_size=300), st.binary(max_size=60), st.integers(0, 2000))
def test_no_bytes_break_the_reading(noise, more, place):
    known = REPORT.format(action="failed", status="5.1.1", id="<0a0a0a0a-0000-4000-8000-00000000000a@x.example>")
    content = known.encode()
    for one in (noise, content[:place] + more + content[place:], b"Content-Type: message/delivery-status\n\n" + noise):
        assert read(one).what in What


def test_without_a_mailbox_nothing_is_read(db, settings):
    settings.BOUNCE_MAILBOX_URL = ""
    tick_read_returned()


@pytest.mark.parametrize("address", ["maildir:///finns-inte", "imap://x:y@127.0.0.1:1/INBOX", "pop://x/"])
def test_a_mailbox_that_cannot_be_read_is_said_so(address, db, settings):
    settings.BOUNCE_MAILBOX_URL = address
    with pytest.raises(MailboxUnreachable):
        tick_read_returned()


def test_an_account_on_a_server_is_read_and_emptied(message, settings):
    with ImapServer([report(message), reply(message, Subject="Tack!")]) as server:
        settings.BOUNCE_MAILBOX_URL = f"imap://kim%40x:losen@127.0.0.1:{server.port}/INBOX"
        tick_read_returned()
        assert {name: len(mails) for name, mails in server.folders.items()} == {
            "INBOX": 0,
            "Noterat": 1,
            "&ANY-vrigt": 1,
        }
        assert server.login == ("kim@x", "losen")
    assert state_of(message)[0] == State.BOUNCED
    assert Message.objects.count() == 1

"""The outbox: what is queued reaches the mail server once, whatever breaks on the way."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from learning.delivery import sending, tasks
from learning.delivery.models import Mailbox, Message, State, Why
from learning.delivery.sending import MailServerDown
from learning.delivery.services import LEASE, WAITS, note_dead_address, pause, queue, resume, send_again, take
from learning.delivery.tasks import tick_send
from learning.organisation.services import end_employment
from tests.factories import make_municipality, make_person, make_unit


def state_of(message) -> tuple:
    message.refresh_from_db()
    return message.state, message.why


def test_what_is_due_is_sent_and_noted(ask, mailoutbox):
    message = ask("Hej")
    tick_send()
    assert [(mail.subject, mail.to) for mail in mailoutbox] == [("Hej", [message.person.email])]
    message.refresh_from_db()
    assert (message.state, message.subject, message.language, message.tries) == (State.SENT, "Hej", "sv", 0)
    tick_send()
    assert len(mailoutbox) == 1


def test_the_same_kind_and_subject_go_to_a_person_once(ask, unit):
    assert ask("Hej") is not None
    assert ask("Hej") is None
    assert ask("Hej", kind="decision") is not None
    assert ask("Hej", to=make_person(unit)) is not None


def test_a_kind_that_nobody_composes_is_refused_when_it_is_queued(person):
    with pytest.raises(LookupError, match="unheard-of"):
        queue(person=person, kind="unheard-of", subject="1", send_after=timezone.now())


def test_nothing_is_sent_before_its_time(ask, mailoutbox):
    ask(after=timedelta(hours=1))
    tick_send()
    assert mailoutbox == []
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        tick_send()
    assert len(mailoutbox) == 1


def test_what_is_rolled_back_is_not_sent(ask, mailoutbox):
    with transaction.atomic():
        ask()
        transaction.set_rollback(True)
    tick_send()
    assert mailoutbox == []


def test_the_worker_is_woken_once_a_transaction(ask, monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(tasks.send_due, "apply_async", lambda **options: woken.append(options))
    with django_capture_on_commit_callbacks(execute=True):
        for subject in "abc":
            ask(subject)
    assert len(woken) == 1


def test_a_broker_that_is_down_is_no_error(ask, monkeypatch, django_capture_on_commit_callbacks, mailoutbox):
    def down(**options):
        raise BrokerError("Connection refused")

    monkeypatch.setattr(tasks.send_due, "apply_async", down)
    with django_capture_on_commit_callbacks(execute=True):
        ask()
    tick_send()
    assert len(mailoutbox) == 1


def test_what_is_no_longer_called_for_is_not_sent(ask, notices, mailoutbox):
    notices.acts["Hej"] = lambda message: None
    message = ask("Hej")
    tick_send()
    assert (state_of(message), mailoutbox) == ((State.CANCELLED, Why.SETTLED), [])


def leave(person):
    end_employment(employment=person.employments.get(), last_day=timezone.localdate() - timedelta(days=1))


def deactivate(person):
    person.is_active = False
    person.save()


def lose_address(person):
    person.email = None
    person.save()


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (leave, Why.NOT_EMPLOYED),
        (deactivate, Why.NOT_EMPLOYED),
        (lose_address, Why.NO_ADDRESS),
        (lambda person: note_dead_address(person, error="5.1.1", now=timezone.now()), Why.DEAD_ADDRESS),
    ],
)
def test_nothing_goes_to_whom_it_no_longer_may(act, why, ask, person, mailoutbox):
    message = ask(kind="decision")
    act(person)
    tick_send()
    assert (state_of(message), mailoutbox) == ((State.CANCELLED, why), [])


def test_another_address_is_sent_to_again(ask, person, mailoutbox):
    note_dead_address(person, error="5.1.1", now=timezone.now())
    person.email = "ny@example.org"
    person.save()
    ask()
    tick_send()
    assert len(mailoutbox) == 1


def test_one_mail_that_cannot_be_made_stops_no_other(ask, notices, mailoutbox, caplog):
    def spoiled(message):
        raise KeyError("kim@example.org")

    notices.acts["b"] = spoiled
    messages = [ask(subject) for subject in "abc"]
    tick_send()
    assert [mail.subject for mail in mailoutbox] == ["a", "c"]
    messages[1].refresh_from_db()
    assert (messages[1].state, messages[1].tries, messages[1].error) == (State.WAITING, 1, "KeyError")


def test_failed_tries_come_later_and_later_and_then_no_more(ask, notices, caplog):
    notices.acts["s"] = lambda message: 1 / 0
    message = ask()
    now = timezone.now()
    for wait in WAITS:
        with time_machine.travel(now, tick=False):
            tick_send()
        message.refresh_from_db()
        assert (message.state, message.due_at - now) == (State.WAITING, wait)
        now = message.due_at
    with time_machine.travel(now, tick=False):
        tick_send()
    assert state_of(message) == (State.FAILED, Why.GIVEN_UP)
    del notices.acts["s"]
    assert send_again(message, now=timezone.now()) is True
    tick_send()
    assert state_of(message) == (State.SENT, "")
    assert send_again(message, now=timezone.now()) is False


def test_what_somebody_took_is_nobody_elses_until_the_lease_ends(ask, mailoutbox):
    message = ask()
    assert take(number=10, now=timezone.now()) == [message]
    tick_send()
    assert mailoutbox == []
    with time_machine.travel(timezone.now() + LEASE):
        tick_send()
    assert len(mailoutbox) == 1


def test_who_runs_out_of_time_gives_the_rest_back(ask, notices, mailoutbox, settings):
    slow = timezone.now()

    def clock():
        return slow

    def drags(message):
        nonlocal slow
        slow += LEASE - timedelta(seconds=settings.EMAIL_TIMEOUT)
        return notices.mail(message.subject_key)

    notices.acts["a"] = drags
    for subject in "ab":
        ask(subject)
    slow = timezone.now()
    batch = take(number=10, now=clock())
    with sending.Line() as line:
        assert sending._send(batch, line, clock) == 1
    assert [one.subject_key for one in take(number=10, now=slow)] == ["b"]


def test_a_municipality_that_pauses_waits_and_no_other_does(ask, person, municipality, mailoutbox):
    elsewhere = make_person(make_unit(make_municipality("Annan")))
    pause(municipality=municipality, by=person, now=timezone.now())
    message = ask()
    ask(to=elsewhere)
    tick_send()
    assert [mail.to for mail in mailoutbox] == [[elsewhere.email]]
    resume(municipality=municipality)
    tick_send()
    assert state_of(message) == (State.SENT, "")


def test_whoever_is_away_gets_only_what_is_required(ask, person, mailoutbox):
    Mailbox.objects.create(person=person, away_until=timezone.now() + timedelta(days=7))
    waits, _goes = ask(), ask(kind="decision")
    tick_send()
    assert (len(mailoutbox), state_of(waits)) == (1, (State.WAITING, ""))
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        tick_send()
    assert len(mailoutbox) == 2


# With a mail server that answers as mail servers do.


def test_one_connection_carries_them_all(ask, smtp):
    for number in range(45):
        ask(str(number))
    tick_send()
    assert (len(smtp.mails), smtp.connections) == (45, 1)


def test_an_address_that_is_refused_for_good_is_not_tried_again(ask, person, unit, smtp):
    smtp.answers[person.email] = "550 5.1.1 <kim@example.org>: no such user"
    refused, taken = ask(), ask(to=make_person(unit))
    tick_send()
    assert (state_of(refused), state_of(taken)) == ((State.FAILED, Why.NOT_TAKEN), (State.SENT, ""))
    assert refused.error == "550 5.1.1"
    assert Mailbox.objects.dead().get().person == person


def test_an_address_that_is_refused_for_now_is_tried_later(ask, person, unit, smtp):
    smtp.answers[person.email] = "450 4.2.1 Later"
    later, taken = ask(), ask(to=make_person(unit))
    tick_send()
    assert (state_of(later), state_of(taken)) == ((State.WAITING, ""), (State.SENT, ""))
    assert (later.tries, later.error) == (1, "450 4.2.1")
    assert not Mailbox.objects.exists()


def test_a_server_that_closes_after_some_mails_is_called_again(ask, smtp):
    smtp.limit = 10
    messages = [ask(str(number)) for number in range(25)]
    tick_send()
    assert (len(smtp.mails), smtp.connections) == (25, 3)
    assert {state_of(message) for message in messages} == {(State.SENT, "")}
    assert not Message.objects.exclude(tries=0).exists()


@pytest.mark.parametrize("answer", ["451 4.3.0 Busy", "421 4.3.2 Closing", "550 5.7.1 Not from you"])
def test_a_server_that_takes_nothing_counts_no_tries(answer, ask, smtp):
    smtp.said["MAIL"] = answer
    messages = [ask(str(number)) for number in range(30)]
    with pytest.raises(MailServerDown):
        tick_send()
    assert not Message.objects.exclude(tries=0).exists()
    del smtp.said["MAIL"]
    tick_send()
    assert {state_of(message) for message in messages} == {(State.SENT, "")}


def test_a_server_that_is_gone_counts_no_tries(ask, smtp):
    ask()
    smtp.stop()
    with pytest.raises(MailServerDown):
        tick_send()
    assert Message.objects.get().tries == 0


def test_a_server_that_breaks_off_is_left_alone_after_some_tries(ask, smtp):
    smtp.said["DATA"] = "break"
    for number in range(30):
        ask(str(number))
    with pytest.raises(MailServerDown):
        tick_send()
    assert Message.objects.exclude(tries=0).count() == sending.BROKEN - 1


def test_a_mail_that_is_sent_twice_carries_one_message_id(ask, smtp, monkeypatch):
    message = ask()
    with monkeypatch.context() as killed:
        killed.setattr(sending, "mark_sent", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tick_send()
    with time_machine.travel(timezone.now() + LEASE):
        tick_send()
    assert [mail["Message-ID"] for _envelope, mail in smtp.mails] == [message.message_id] * 2
    assert state_of(message) == (State.SENT, "")

"""The coordinator's page: what waits and what failed, of the own municipality, and what can be done about it."""

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from learning.access.models import AccessEntry
from learning.delivery.models import Mailbox, Pause, Run, State
from learning.delivery.runs import SILENCE, WORDS, is_alive
from learning.delivery.services import note_dead_address
from learning.delivery.tasks import tick_send
from tests.factories import make_head, make_municipality, make_person, make_unit

PAGE = reverse("mailings:index")


@pytest.fixture
def coordinator(unit):
    return make_head(unit, "coordinator")


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


@pytest.fixture
def elsewhere():
    return make_person(make_unit(make_municipality("Annan")), last_name="Främling")


def names(response) -> set[str]:
    return {message.person.last_name for message in response.context_data["page_obj"]}


def fail(message):
    type(message).objects.filter(pk=message.pk).update(state=State.FAILED, why="given_up", error="450 4.2.1")


def test_it_shows_what_failed_in_the_own_municipality_and_notes_who_read_it(ask, desk, person, elsewhere):
    for message in (ask(), ask(to=elsewhere)):
        fail(message)
    response = desk.get(PAGE)
    assert names(response) == {person.last_name}
    assert b"450 4.2.1" in response.content
    assert list(AccessEntry.objects.values_list("what", "people")) == [("mails", [person.pk])]


def test_mails_are_found_by_person_state_and_kind(ask, desk, person, unit, elsewhere):
    other = make_person(unit, last_name="Åkerlind")
    ask(), ask(to=other, kind="decision"), ask(to=elsewhere)
    assert names(desk.get(PAGE)) == set()
    assert names(desk.get(PAGE, {"q": "åkerlind"})) == {"Åkerlind"}
    assert names(desk.get(PAGE, {"state": "waiting"})) == {person.last_name, "Åkerlind"}
    assert names(desk.get(PAGE, {"kind": "decision"})) == {"Åkerlind"}
    assert names(desk.get(PAGE, {"q": "Främling"})) == set()


def test_what_failed_is_sent_again_but_not_anothers(ask, desk, elsewhere, mailoutbox):
    mine, foreign = ask(), ask(to=elsewhere)
    for message in (mine, foreign):
        fail(message)
    assert desk.post(reverse("mailings:again", args=[foreign.pk])).status_code == 404
    assert desk.post(reverse("mailings:again", args=[mine.pk])).status_code == 302
    tick_send()
    assert [mail.to for mail in mailoutbox] == [[mine.person.email]]
    desk.post(reverse("mailings:again", args=[mine.pk]))
    tick_send()
    assert len(mailoutbox) == 1


def test_all_mail_is_paused_and_sent_again(ask, desk, coordinator, mailoutbox):
    ask()
    desk.post(reverse("mailings:pause"))
    assert Pause.objects.get().by == coordinator
    tick_send()
    assert mailoutbox == []
    assert reverse("mailings:resume") in desk.get(PAGE).content.decode()
    desk.post(reverse("mailings:resume"))
    tick_send()
    assert len(mailoutbox) == 1


def test_an_address_is_said_to_work(ask, desk, person, elsewhere, mailoutbox):
    for one in (person, elsewhere):
        note_dead_address(one, error="550 5.1.1", now=timezone.now())
    assert person.last_name in desk.get(PAGE).content.decode()
    assert desk.post(reverse("mailings:confirm", args=[elsewhere.uuid])).status_code == 404
    desk.post(reverse("mailings:confirm", args=[person.uuid]))
    assert [mailbox.person for mailbox in Mailbox.objects.dead()] == [elsewhere]
    ask()
    tick_send()
    assert len(mailoutbox) == 1


def test_it_says_whether_the_worker_is_alive(ask, desk, smtp):
    now = timezone.now()
    assert is_alive(now) is False
    tick_send.apply()
    assert Run.objects.get().error == ""
    assert is_alive(timezone.now()) is True
    ask()
    smtp.stop()
    tick_send.apply(throw=False)
    assert Run.objects.get().error == "MailServerDown"
    assert b"MailServerDown" in desk.get(PAGE).content
    with time_machine.travel(now + 2 * SILENCE):
        assert is_alive(timezone.now()) is False


def test_it_says_in_words_what_the_clock_runs(desk, settings):
    assert set(WORDS) == set(settings.CELERY_BEAT_SCHEDULE)
    html = desk.get(PAGE).content.decode()
    assert "Skickar de mejl som väntar" in html
    assert "var 10:e sekund" in html
    assert not any(name in html for name in WORDS)


def test_the_page_costs_the_same_for_one_mail_as_for_ten(ask, desk, unit, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            desk.get(PAGE, {"state": "waiting"})
        return len(queries)

    ask()
    desk.get(PAGE)
    one = cost()
    for _number in range(9):
        ask(to=make_person(unit))
    assert cost() == one

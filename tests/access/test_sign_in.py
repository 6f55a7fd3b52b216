"""Getting in: by password, by a link that works once, and in the demonstration by a click."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from learning.access.demo import VISITORS
from learning.access.models import Try
from learning.access.tasks import tick_sweep_tries
from learning.access.throttle import TooManyTries, count_try, forget
from learning.organisation.models import Person
from learning.organisation.services import appoint, end_appointment
from tests.factories import make_head, make_person, moment

PASSWORD = "ett-långt-lösenord-för-prov"
SIGN_IN, ASK = reverse("access:sign_in"), reverse("access:ask_for_link")
AFTER = reverse("access:after_sign_in")


@pytest.fixture
def person(unit):
    person = make_person(unit, email="kim@example.org")
    person.set_password(PASSWORD)
    person.save()
    return person


def who(client: Client) -> str | None:
    """The key of whoever is signed in, as the session has it."""
    return client.session.get("_auth_user_id")


def try_password(client, email="kim@example.org", password=PASSWORD, **more):
    return client.post(SIGN_IN, {"username": email, "password": password, **more})


def ask_for_link(client, email="kim@example.org") -> str:
    """Ask for a link; returns its path as the mail has it, or nothing where no mail was sent."""
    mail.outbox.clear()
    assert client.post(ASK, {"email": email}).status_code == 200
    return re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1] if mail.outbox else ""


def plain(response, *said: str) -> str:
    """The page without what differs by nature: what was typed, and the tokens against forgery."""
    html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    for word in said:
        html = html.replace(word, "…")
    return html


@pytest.mark.parametrize("email", ["kim@example.org", "KIM@Example.ORG", " kim@example.org "])
def test_the_right_password_signs_in_however_the_address_is_written(client, person, email):
    response = try_password(client, email)
    assert (response.status_code, response.url) == (302, AFTER)
    assert who(client) == str(person.pk)


def test_wrong_unknown_and_inactive_get_the_same_answer(client, person, unit):
    away = make_person(unit, email="bort@example.org", is_active=False)
    away.set_password(PASSWORD)
    away.save()
    answers = {
        plain(try_password(client, email, password), email)
        for email, password in [
            ("kim@example.org", "fel"),
            ("okand@example.org", PASSWORD),
            ("bort@example.org", PASSWORD),
            ("bort@example.org", "fel"),
        ]
    }
    assert len(answers) == 1
    assert who(client) is None


def test_a_refused_try_is_a_400_and_keeps_the_address_but_never_the_password(client, person):
    response = try_password(client, password="hemligt-fel")
    assert response.status_code == 400
    assert 'value="kim@example.org"' in response.content.decode()
    assert "hemligt-fel" not in response.content.decode()


def test_a_person_without_a_password_is_never_signed_in_by_one(client, unit):
    make_person(unit, email="utan@example.org")
    for password in ("", "!", PASSWORD):
        try_password(client, "utan@example.org", password)
    assert who(client) is None


def test_signing_in_gives_a_new_session_key(client, person):
    client.post(ASK, {"email": "okand@example.org"})
    before = client.session.session_key
    try_password(client)
    assert who(client) == str(person.pk)
    assert client.session.session_key != before
    assert not Client(headers={"cookie": f"sessionid={before}"}).get(AFTER).wsgi_request.user.is_authenticated


def test_a_session_ends_at_once_when_the_person_is_made_inactive(client, person):
    try_password(client)
    assert client.get(reverse("records:my_page")).status_code == 200
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(reverse("records:my_page")).status_code == 302


def test_signing_out_needs_a_post_and_ends_the_session(client, person):
    try_password(client)
    assert client.get(reverse("access:sign_out")).status_code == 405
    assert who(client) == str(person.pk)
    client.post(reverse("access:sign_out"))
    assert who(client) is None


def test_acting_without_a_token_against_forgery_is_refused(person):
    strict = Client(enforce_csrf_checks=True)
    for url in (SIGN_IN, ASK, reverse("access:demo_sign_in"), reverse("access:sign_out")):
        assert strict.post(url, {"username": "kim@example.org", "password": PASSWORD}).status_code == 403
    assert mail.outbox == []


@pytest.mark.parametrize("target", ["/min-sida/", "/laget/?datum=2025-01-01"])
def test_after_signing_in_one_is_where_one_was_going(client, person, target):
    assert try_password(client, next=target).url == target
    assert f'value="{target}"' in Client().get(SIGN_IN, {"next": target}).content.decode()


@pytest.mark.parametrize(
    "target",
    ["https://ond.example/", "//ond.example/", "///ond.example", "/\\ond.example", "javascript:alert(1)", "\thttp://x"],
)
def test_nobody_is_sent_to_another_host(client, person, target):
    assert try_password(client, next=target).url == AFTER


@pytest.mark.parametrize(
    ("function", "goal"),
    [
        ("head", "reporting:overview"),
        ("board_reader", "reporting:overview"),
        ("editor", "wagtailadmin_home"),
        (None, "records:my_page"),
    ],
)
def test_the_day_begins_where_the_function_is(client, person, unit, function, goal):
    if function:
        appoint(person=person, unit=unit, function=function, starts_on=timezone.localdate())
    client.force_login(person)
    assert client.get(AFTER).url == reverse(goal)


def test_a_link_is_mailed_to_known_addresses_only_and_the_page_tells_nothing(client, person, unit):
    make_person(unit, email="bort@example.org", is_active=False)
    pages, mailed = set(), []
    for email in ("kim@example.org", "okand@example.org", "bort@example.org"):
        response = client.post(ASK, {"email": email.upper()})
        pages.add((response.status_code, plain(response, email)))
        mailed += [message.to for message in mail.outbox]
        mail.outbox.clear()
    assert mailed == [["kim@example.org"]]
    assert len(pages) == 1


def test_what_is_no_address_is_explained_and_nothing_is_sent(client, person):
    response = client.post(ASK, {"email": "kim"})
    assert response.status_code == 400
    assert response.context["link_form"].errors["email"]
    assert mail.outbox == []


def test_the_mail_says_nothing_but_the_name_and_the_link(client, person):
    url = ask_for_link(client)
    (message,) = mail.outbox
    assert message.to == ["kim@example.org"]
    assert "Kim" in message.body
    assert message.body.count("://") == 1
    assert url.startswith(ASK)


def test_looking_at_a_link_signs_nobody_in_and_uses_nothing_up(client, person):
    url = ask_for_link(client)
    for look in (client.get, client.head, client.get):
        assert look(url).status_code == 200
        assert who(client) is None
    assert Person.objects.get(pk=person.pk).last_login is None
    assert client.post(url).status_code == 302
    assert who(client) == str(person.pk)


def test_a_link_signs_in_once_only(client, person):
    url = ask_for_link(client)
    assert client.post(url).url == AFTER
    client.post(reverse("access:sign_out"))
    client.post(ASK, {"email": "kim@example.org"})
    for again in (client.get, client.post):
        assert again(url).status_code == 400
    assert who(client) is None


def test_a_link_gives_a_new_session_key(client, person):
    url = ask_for_link(client)
    before = client.session.session_key
    client.post(url)
    assert client.session.session_key != before


def test_a_link_works_only_in_the_browser_that_asked(client, person):
    url = ask_for_link(client)
    other = Client()
    ask_for_link(other)
    for browser in (other, Client()):
        assert browser.get(url).status_code == browser.post(url).status_code == 400
        assert who(browser) is None
    assert client.post(url).status_code == 302


@pytest.mark.parametrize(("minutes", "status"), [(9, 302), (11, 400)])
def test_a_link_lasts_ten_minutes(client, person, time_machine, minutes, status):
    now = moment(timezone.localdate())
    time_machine.move_to(now, tick=False)
    url = ask_for_link(client)
    time_machine.move_to(now + timedelta(minutes=minutes), tick=False)
    assert client.post(url).status_code == status
    assert (who(client) is None) is (status == 400)


@pytest.mark.parametrize("spoil", [lambda token: token[:-1], lambda token: token.swapcase(), lambda token: "x"])
def test_a_forged_link_signs_nobody_in(client, person, spoil):
    head, token = ask_for_link(client).rstrip("/").rsplit("/", 1)
    assert client.post(f"{head}/{spoil(token)}/").status_code == 400
    assert who(client) is None


@pytest.mark.parametrize("function", ["head", "deputy", "department_coordinator", "editor", "coordinator"])
def test_those_who_see_others_or_write_get_no_link(client, unit, function):
    make_head(unit, function, email="chef@example.org")
    assert ask_for_link(client, "chef@example.org") == ""


def test_a_link_is_worth_nothing_once_its_owner_is_appointed_or_inactive(client, person, unit):
    url = ask_for_link(client)
    appointment = appoint(person=person, unit=unit, function="head", starts_on=timezone.localdate())
    assert client.post(url).status_code == 400
    end_appointment(appointment=appointment, last_day=appointment.starts_on)
    appointment.delete()
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert client.post(url).status_code == 400
    Person.objects.filter(pk=person.pk).update(is_active=True)
    assert client.post(url).status_code == 302


def test_guessing_one_persons_password_is_slowed_down(client, person):
    for _ in range(10):
        assert try_password(client, password="fel").status_code == 400
    response = try_password(client)
    assert response.status_code == 429
    assert response.context["reason"].startswith("Det blev för många försök")
    assert who(client) is None
    assert try_password(client, "annan@example.org").status_code == 400


def test_guessing_is_slowed_down_from_any_browser_and_however_the_address_is_written(client, person):
    wide = "\uff4bim@example.org"
    for written in ["kim@example.org", "KIM@example.org", " kim@example.org ", wide, wide.upper()] * 2:
        try_password(Client(), written, "fel")
    assert try_password(client).status_code == 429


def test_after_a_pause_one_may_try_again(client, person, time_machine):
    now = moment(timezone.localdate())
    time_machine.move_to(now, tick=False)
    for _ in range(11):
        response = try_password(client, password="fel")
    assert response.status_code == 429
    time_machine.move_to(now + timedelta(minutes=11), tick=False)
    assert try_password(client).status_code == 302


def test_guesses_are_remembered_whatever_becomes_of_the_cache(client, person):
    for _ in range(10):
        try_password(client, password="fel")
        cache.clear()
    assert try_password(client).status_code == 429


def test_who_tries_on_during_the_pause_does_not_make_it_longer(client, person, time_machine):
    now = moment(timezone.localdate())
    time_machine.move_to(now, tick=False)
    for _ in range(10):
        try_password(client, password="fel")
    time_machine.move_to(now + timedelta(minutes=9), tick=False)
    assert {try_password(client, password="fel").status_code for _ in range(10)} == {429}
    time_machine.move_to(now + timedelta(minutes=11), tick=False)
    assert try_password(client).status_code == 302


def test_only_misses_count(client, person):
    assert {try_password(Client()).status_code for _ in range(12)} == {302}


def test_no_more_than_the_limit_come_through_at_once(person):
    """Each is counted before it is made: those who are under way count already."""
    under_way = [count_try("sign-in", {"kim@example.org": 10}, now=timezone.now()) for _ in range(10)]
    with pytest.raises(TooManyTries):
        count_try("sign-in", {"kim@example.org": 10}, now=timezone.now())
    forget(under_way[0])
    count_try("sign-in", {"kim@example.org": 10}, now=timezone.now())


def test_a_place_is_slowed_down_whatever_the_addresses(client, person, monkeypatch):
    monkeypatch.setattr("learning.access.views.PER_PLACE", 3)
    asked = [client.post(ASK, {"email": f"{n}@example.org"}).status_code for n in range(4)]
    guessed = [try_password(client, f"{n}@example.org").status_code for n in range(4)]
    assert (asked, guessed) == ([200, 200, 200, 429], [400, 400, 400, 429])
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert try_password(elsewhere).status_code == 302
    assert ask_for_link(elsewhere)


def test_what_no_longer_counts_is_swept(client, person, time_machine):
    now = moment(timezone.localdate())
    for minutes in (0, 5):
        time_machine.move_to(now + timedelta(minutes=minutes), tick=False)
        try_password(client, password="fel")
    time_machine.move_to(now + timedelta(minutes=12), tick=False)
    tick_sweep_tries()
    assert {one.at for one in Try.objects.all()} == {now + timedelta(minutes=5)}


def test_asking_for_links_is_slowed_down_alike_for_known_and_unknown(client, person):
    for email in ("kim@example.org", "okand@example.org"):
        statuses = [client.post(ASK, {"email": email}).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
    assert len(mail.outbox) == 5


@pytest.fixture
def visitor(unit):
    return make_person(unit, email=next(iter(VISITORS)))


def click(client, visitor):
    return client.post(reverse("access:demo_sign_in"), {"email": visitor.email})


def test_outside_the_demonstration_there_is_no_sign_in_by_a_click(client, visitor, municipality, settings):
    settings.DEMO = False
    municipality.is_fictional = True
    municipality.save()
    assert click(client, visitor).status_code == 404
    assert visitor.email not in client.get(SIGN_IN).content.decode()
    assert who(client) is None


def test_in_the_demonstration_a_click_signs_a_fictional_person_in(client, visitor, municipality, settings):
    settings.DEMO = True
    municipality.is_fictional = True
    municipality.save()
    client.post(ASK, {"email": "okand@example.org"})
    before = client.session.session_key
    assert click(client, visitor).url == AFTER
    assert who(client) == str(visitor.pk)
    assert client.session.session_key != before


def test_a_click_never_signs_in_a_real_person(client, visitor, municipality, unit, settings):
    settings.DEMO = True
    assert click(client, visitor).status_code == 404
    municipality.is_fictional = True
    municipality.save()
    assert click(client, make_person(unit, email="annan@example.org")).status_code == 404
    Person.objects.filter(pk=visitor.pk).update(is_active=False)
    assert click(client, visitor).status_code == 404
    assert who(client) is None

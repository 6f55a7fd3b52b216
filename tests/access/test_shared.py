"""A device that goes round: who signed in on it is soon signed out, and the next person finds nothing of theirs."""

import re
from datetime import date, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from learning.access.shared import COOKIE, share, stop_sharing
from tests.factories import make_municipality, make_person, make_unit, moment

NOW = moment(date(2026, 3, 2))
SIGN_IN, OWN_PAGE, PASSWORD = "/logga-in/", "/min-sida/", "ett-långt-lösenord"


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def person(db):
    person = make_person(make_unit(make_municipality(is_fictional=True)), email="medarbetare@granforsa.example")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def shared(client):
    client.cookies[COOKIE] = "1"
    return client


def test_each_page_is_a_new_minute_and_stillness_signs_out(shared, person, time_machine):
    shared.force_login(person)
    for seconds in (0, 50, 100):
        time_machine.move_to(NOW + timedelta(seconds=seconds), tick=False)
        assert shared.get(OWN_PAGE).status_code == 200
    time_machine.move_to(NOW + timedelta(seconds=161), tick=False)
    assert shared.get(OWN_PAGE).url.startswith(SIGN_IN)


def test_one_s_own_device_is_not_hurried(client, person, time_machine):
    client.force_login(person)
    assert client.get(OWN_PAGE).status_code == 200
    time_machine.move_to(NOW + timedelta(hours=11), tick=False)
    response = client.get(OWN_PAGE)
    assert response.status_code == 200
    assert "no-store" not in response.get("Cache-Control", "")


def test_no_page_is_kept_to_go_back_to(shared, person):
    shared.force_login(person)
    for url in (OWN_PAGE, SIGN_IN, "/finns-inte/"):
        assert shared.get(url)["Cache-Control"] == "no-store"


def test_signing_in_on_it_lasts_a_minute_from_the_first_page_and_offers_no_link(shared, person):
    assert reverse("access:ask_for_link") not in shared.get(SIGN_IN).content.decode()
    response = shared.post(SIGN_IN, {"username": person.email, "password": PASSWORD, "next": "/kurser/"})
    assert response.url == "/kurser/"
    assert shared.session.get_expiry_age() == 60


def test_the_mark_is_hidden_from_scripts_and_gone_when_the_device_is_somebody_s_own():
    response = HttpResponse()
    share(response)
    mark = response.cookies[COOKIE]
    assert (mark.value, mark["httponly"], mark["samesite"], mark["max-age"]) == ("1", True, "Lax", 4 * 3600)
    stop_sharing(response)
    assert (response.cookies[COOKIE].value, response.cookies[COOKIE]["max-age"]) == ("", 0)


def test_with_a_link_by_mail_one_comes_to_where_one_was_going(client, person, mailoutbox):
    client.post(reverse("access:ask_for_link"), {"email": person.email, "next": "/kurser/"})
    link = re.search(r"/logga-in/lank/\S+", mailoutbox[0].body)[0]
    assert client.post(link).url == "/kurser/"


def test_with_a_link_nobody_is_sent_to_another_host(client, person, mailoutbox):
    client.post(reverse("access:ask_for_link"), {"email": person.email, "next": "//ond.example/"})
    link = re.search(r"/logga-in/lank/\S+", mailoutbox[0].body)[0]
    assert client.post(link).url == reverse("access:after_sign_in")


def test_with_a_click_in_the_demonstration_one_comes_to_where_one_was_going(person, settings):
    settings.DEMO = True
    typed = {"email": person.email, "next": "/kurser/"}
    assert Client().post(reverse("access:demo_sign_in"), typed).url == "/kurser/"

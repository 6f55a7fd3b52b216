"""The coordinator gives functions and ends them; what one may follows at once."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from learning.organisation.models import Appointment
from tests.factories import make_head, make_municipality, make_person, make_unit


@pytest.fixture
def municipality(db):
    return make_municipality()


@pytest.fixture
def unit(municipality):
    return make_unit(municipality, "Norr")


@pytest.fixture
def keeper(client, municipality):
    client.force_login(make_head(municipality.root, "coordinator"))
    return client


def give(client, person, unit, **fields) -> str:
    words = person if isinstance(person, str) else person.external_id
    form = {"person": words, "unit": unit.pk, "function": "head", "starts_on": "2026-01-01", "ends_on": ""}
    return client.post(reverse("register:appointments"), form | fields, follow=True).content.decode()


def test_a_head_is_named_and_sees_the_unit_and_then_no_more(keeper, client, unit):
    person = make_person(unit, first_name="Mika", last_name="Lund")
    assert "Uppdraget är givet" in give(keeper, person, unit)
    other = type(client)()
    other.force_login(person)
    page = reverse("reporting:unit", args=[unit.pk])
    assert other.get(page).status_code == 200
    appointment = Appointment.objects.get(person=person)
    html = keeper.post(reverse("register:end_appointment", args=[appointment.pk]), follow=True).content.decode()
    assert "Uppdraget är avslutat" in html
    assert other.get(page).status_code == 404
    assert "Mika Lund" not in html


@pytest.mark.parametrize("words", ["{p.external_id}", "{p.email}", " mika LUND "])
def test_a_person_is_found_by_id_address_or_name(keeper, unit, words):
    person = make_person(unit, first_name="Mika", last_name="Lund")
    give(keeper, words.format(p=person), unit)
    assert Appointment.objects.filter(person=person, function="head").exists()


def test_two_of_one_name_are_not_guessed_between(keeper, unit):
    for _number in range(2):
        make_person(unit, first_name="Mika", last_name="Lund")
    assert "Flera personer heter så" in give(keeper, "Mika Lund", unit)
    assert not Appointment.objects.filter(function="head").exists()


def test_a_substitute_has_a_last_day(keeper, unit):
    person = make_person(unit)
    give(keeper, person, unit, function="deputy", ends_on="2026-01-31")
    assert Appointment.objects.get(person=person).ends_on == date(2026, 1, 31)
    assert "Sista dagen ligger före den första" in give(keeper, person, unit, ends_on="2025-01-31")


def test_the_same_function_twice_is_refused(keeper, unit):
    person = make_person(unit)
    give(keeper, person, unit)
    assert "har redan det uppdraget" in give(keeper, person, unit, starts_on="2026-03-01")
    assert Appointment.objects.filter(person=person).count() == 1


def test_one_that_has_not_begun_never_begins(keeper, unit):
    person = make_person(unit)
    give(keeper, person, unit, starts_on=(date.today() + timedelta(days=30)).isoformat())
    keeper.post(reverse("register:end_appointment", args=[Appointment.objects.get(person=person).pk]))
    assert not Appointment.objects.filter(person=person).exists()


def test_people_and_units_of_another_municipality_are_not_found(keeper, unit):
    foreign = make_unit(make_municipality("Annan"))
    stranger = make_person(foreign)
    assert "Ingen i registret" in give(keeper, stranger.email, unit)
    assert "Uppdraget är givet" not in give(keeper, make_person(unit), foreign)


def test_the_last_coordinator_stays(keeper, municipality):
    appointment = Appointment.objects.get(function="coordinator")
    address = reverse("register:end_appointment", args=[appointment.pk])
    assert "Någon måste sköta registret" in keeper.post(address, follow=True).content.decode()
    make_head(municipality.root, "coordinator")
    keeper.post(address)
    assert Appointment.objects.get(function="coordinator", ends_on=None) != appointment

"""The coordinator gives functions and ends them; what one may follows at once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from learning.organisation.models import Appointment
from tests.factories import make_head, make_municipality, make_person, make_unit


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


def test_two_of_one_name_are_not_guessed_between_but_chosen_among(keeper, unit):
    people = [make_person(unit, first_name="Mika", last_name="Lund") for _number in range(2)]
    html = give(keeper, "Mika Lund", unit)
    assert not Appointment.objects.filter(function="head").exists()
    assert html.count('type="radio"') == 2
    assert str(people[1].uuid) in html
    give(keeper, str(people[1].uuid), unit)
    assert Appointment.objects.get(function="head").person == people[1]


def test_a_part_of_a_name_finds_the_person(keeper, unit):
    person = make_person(unit, first_name="Åsa", last_name="Öberg")
    give(keeper, "öberg ÅSA", unit)
    assert Appointment.objects.get(function="head").person == person


def test_many_of_one_name_ask_for_more_words(keeper, unit):
    for _number in range(9):
        make_person(unit, first_name="Mika", last_name="Lund")
    html = give(keeper, "Mika", unit)
    assert 'type="radio"' not in html
    assert not Appointment.objects.filter(function="head").exists()


def test_the_person_the_function_and_the_unit_of_the_address_are_filled_in(keeper, unit):
    person = make_person(unit, first_name="Mika", last_name="Lund")
    address = f"{reverse('register:appointments')}?person={person.uuid}&function=deputy&unit={unit.pk}"
    html = keeper.get(address).content.decode()
    assert f'name="person" value="{person.uuid}"' in html
    assert '<option value="deputy" selected>' in html
    assert f'<option value="{unit.pk}" selected>' in html


def test_what_begins_and_ends_within_thirty_days_is_said(keeper, unit, time_machine):
    time_machine.move_to(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False)
    keeper.force_login(Appointment.objects.get(function="coordinator").person)
    person = make_person(unit, first_name="Mika", last_name="Lund")
    give(keeper, person, unit, function="deputy", starts_on="2026-03-10", ends_on="2026-03-31")
    give(keeper, person, unit, function="editor", starts_on="2026-04-01")
    turns = [(day, row.function) for day, _turn, row in keeper.get(reverse("register:appointments")).context["turns"]]
    assert turns == [(date(2026, 3, 10), "deputy"), (date(2026, 3, 31), "deputy")]


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

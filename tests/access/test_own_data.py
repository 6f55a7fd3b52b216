"""Everybody sees what is kept about them, and takes it along; nobody sees what is kept about another."""

import json
from datetime import date

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from learning.access.models import AccessEntry
from learning.access.tasks import tick_sweep_sessions
from learning.coverage.services import settle
from learning.organisation.hr.services import import_file
from learning.organisation.services import grant_leave
from learning.records.exemptions import exempt
from learning.records.services import note_card
from quizzes.services import answer, begin_attempt
from tests.access.test_log import enter
from tests.factories import (
    make_course,
    make_goal,
    make_head,
    make_person,
    make_unit,
    moment,
    take_check,
)

DAY = date(2026, 3, 2)
OWN = {name: reverse(f"access:own_data{name}") for name in ("", "_json", "_html")}


@pytest.fixture
def course(municipality):
    course = make_course(municipality)
    make_goal(course, municipality)
    return course


@pytest.fixture
def unit(municipality):
    return make_unit(municipality, "Norr")


@pytest.fixture
def person(unit, course):
    """Somebody of whom there is something in every table of ours."""
    person = make_person(unit, first_name="Mika", last_name="Lund", role="Lärare")
    decider = make_head(unit, "coordinator", first_name="Sam", last_name="Ordna")
    grant_leave(person=person, starts_on=date(2023, 1, 1), ends_on=date(2023, 2, 1), reason="sick")
    exempt(
        person=person,
        course=course,
        starts_on=date(2023, 3, 1),
        ends_on=date(2023, 4, 1),
        reason="elsewhere",
        words="Utlandstjänst",
        decided_by=decider,
    )
    lesson = course.lessons().first()
    note_card(person=person, lesson=lesson, position=1, now=moment(DAY), card_id="kort", chosen=["val"])
    take_check(person, course, DAY)
    settle()
    return person


@pytest.fixture
def own(client, person):
    client.force_login(person)
    return client


def taken_out(client) -> dict[str, list[dict]]:
    """Kind → rows of the JSON file."""
    response = client.get(OWN["_json"])
    assert response["Content-Disposition"].startswith("attachment")
    (kinds,) = [value for value in json.loads(response.content).values() if isinstance(value, list)]
    return {name: rows for name, _why, _because, rows in map(dict.values, kinds)}


def values(rows: list[dict]) -> list:
    return [value for row in rows for value in row.values()]


def test_the_page_and_the_files_hold_it_all(own, person):
    enter(make_head(person.employments.get().unit, first_name="Alva", last_name="Berg"), [person])
    kinds = taken_out(own)
    everything = json.dumps(kinds, ensure_ascii=False)
    for told in (person.email, person.external_id, "Lärare", "Norr", "Utlandstjänst", "val", "2023-01-01", "Alva Berg"):
        assert told in everything, told
    for name in ("", "_html"):
        html = own.get(OWN[name]).content.decode()
        for told in (person.email, "Lärare", "Utlandstjänst", "Alva Berg"):
            assert told in html, (name, told)


def test_days_are_written_so_that_programs_read_them(own, person):
    days = {value for rows in taken_out(own).values() for value in values(rows) if isinstance(value, str)}
    assert {"2023-01-01", "2023-02-01", person.completions.get().completed_on.isoformat()} <= days


def test_the_right_answers_of_an_open_check_are_not_told(own, person, course):
    attempt = begin_attempt(
        person=person, check=course.check_ref, subject_key=course.key, now=moment(date(2026, 3, 3)), seed=2
    )
    question = attempt.as_paper.questions[0]
    chosen = question.options[: question.choose]
    answer(attempt=attempt, choices={question: [option.id for option in chosen]}, now=moment(DAY))
    rows = [row for kind in taken_out(own).values() for row in kind if question.text in row.values()]
    assert any([option.text for option in chosen] in row.values() for row in rows)
    assert not any("correct" in json.dumps(row) or "feedback" in json.dumps(row) for row in rows)


def test_what_an_hr_file_said_is_told(own, person, municipality):
    heading = "Anst.nr;Förnamn;Efternamn;Enhet;Befattning"
    rows = [f"{person.external_id};Mikaela;Lund;Norr;Lärare", "x1;Bo;Ek;Norr;Kock"]
    import_file(
        municipality=municipality,
        filename="hr.csv",
        content="\n".join([heading, *rows]).encode(),
        on=DAY,
        now=moment(DAY),
        allow_endings=True,
    )
    everything = json.dumps(taken_out(own), ensure_ascii=False)
    assert "Mikaela" in everything
    assert "Kock" not in everything


def test_another_is_never_told(own, person, unit):
    other = make_person(unit, first_name="Bo", last_name="Granne", email="bo@example.org")
    enter(other, [other])
    for url in OWN.values():
        for asked in ({}, {"person": other.pk, "pk": other.pk}):
            html = own.get(url, asked).content.decode()
            assert "Granne" not in html
            assert "bo@example.org" not in html
            assert str(other.uuid) not in html


def test_one_s_own_looking_is_not_shown_among_the_readers(client, unit):
    head = make_head(unit, first_name="Alva", last_name="Berg")
    client.force_login(head)
    enter(head, [head])
    assert list(client.get(OWN[""]).context["readings"]) == []
    enter(make_head(unit, first_name="Bo", last_name="Ek"), [head], functions="head", unit=unit)
    (reading,) = client.get(OWN[""]).context["readings"]
    assert str(reading.entry.reader) == "Bo Ek"
    assert AccessEntry.objects.count() == 2


def test_somebody_with_protected_identity_gets_the_same(client, unit):
    client.force_login(make_person(unit, first_name="", last_name="", is_protected=True, role="Kock"))
    for url in OWN.values():
        response = client.get(url)
        assert response.status_code == 200
        assert "Kock" in response.content.decode()


@pytest.mark.parametrize(("fields", "greeted"), [({"first_name": "Mika"}, True), ({"first_name": ""}, False)])
def test_the_greeting_never_ends_in_nothing(client, unit, fields, greeted):
    client.force_login(make_person(unit, **fields))
    heading = client.get(reverse("records:my_page")).content.decode().partition("<h1>")[2].partition("</h1>")[0].strip()
    assert ("Mika" in heading) is greeted
    assert heading not in ("Hej", "Hello", "")


def test_a_protected_name_is_not_in_the_greeting(client, unit):
    client.force_login(make_person(unit, first_name="Hemlig", is_protected=True))
    assert "Hemlig" not in client.get(reverse("records:my_page")).content.decode()


def test_my_page_leads_there(own):
    assert f'href="{OWN[""]}"' in own.get(reverse("records:my_page")).content.decode()


def test_a_session_that_has_ended_is_removed(own, time_machine):
    time_machine.move_to(moment(date(2030, 1, 1)))
    assert Session.objects.exists()
    tick_sweep_sessions()
    assert not Session.objects.exists()


def test_it_costs_the_same_however_many_lists_one_has_read(client, unit, django_assert_max_num_queries):
    head = make_head(unit)
    client.force_login(head)
    for number in range(90):
        enter(head, [head], unit=make_unit(unit, f"Enhet {number}"))
    with django_assert_max_num_queries(90):
        text = client.get(OWN["_json"]).content.decode()
    assert "Enhet 89" in text


def test_the_page_shows_the_newest_of_many_and_the_file_all(client, unit):
    head = make_head(unit)
    client.force_login(head)
    for number in range(110):
        enter(head, [make_person(unit)] if not number else [head], asked=f"nr {number:03}")
    html = client.get(OWN[""]).content.decode()
    assert "nr 109" in html
    assert "nr 009" not in html
    assert "(110)" in html
    assert all(f"nr {number:03}" in client.get(OWN["_json"]).content.decode() for number in (0, 109))

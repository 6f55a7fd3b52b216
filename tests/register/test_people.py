"""The coordinator finds anybody on the register, sees what holds and tells what happens, in words before it is done."""

from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from learning.access.lesson_links import lesson_url
from learning.dated import DAY
from learning.organisation.models import Appointment, Employment, Leave, Person
from learning.organisation.services import appoint, employ, end_employment, enrol_person, grant_leave
from tests.factories import (
    FOUNDED,
    make_course,
    make_head,
    make_municipality,
    make_person,
    make_unit,
    moment,
    take_check,
)

TODAY = date(2026, 3, 2)
LIST = "/admin/register/personer/"


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


@pytest.fixture
def norr(municipality):
    return make_unit(make_unit(municipality, "Omsorg"), "Norr")


@pytest.fixture
def soder(municipality):
    return make_unit(municipality, "Söder")


@pytest.fixture
def keeper(client, municipality):
    client.force_login(make_head(municipality.root, "coordinator", first_name="Love", last_name="Zetterlund"))
    return client


@pytest.fixture
def kim(norr):
    return make_person(norr, first_name="Kim", last_name="Åberg", role="Lärare", email="kim.a@example.org")


def shown(client, **asked) -> list[str]:
    """The names on the list."""
    return [str(row.person) for row in client.get(LIST, asked).context["rows"]]


def page(client, person: Person) -> str:
    return unescape(client.get(reverse("register:person", args=[person.uuid])).content.decode())


def do(client, address: str, **fields):
    """Fill in the form, look at what would happen, and confirm it; returns the lines and the last answer."""
    seen = client.post(address, fields | {"asked": "1"})
    effect = seen.context["effect"]
    if effect is None:
        return seen.context["form"].errors, seen
    return effect.lines, client.post(address, fields | {"seen": seen.context["seen"]}, follow=True)


def of(employment: Employment | Leave, act: str) -> str:
    return reverse(f"register:{act}", args=[employment.pk])


def told(person: Person) -> list[tuple]:
    rows = person.employments.order_by("starts_on", "pk")
    return list(rows.values_list("unit__name", "role", "starts_on", "ends_on"))


# The list


@pytest.mark.parametrize("words", ["kim", "ÅBERG", "åb kim", "Kim Åberg", "kim.a@", "a@example.org kim", "{id}", " "])
def test_a_person_is_found_by_any_words(keeper, kim, norr, words):
    make_person(norr, first_name="Bo", last_name="Lund")
    found = shown(keeper, q=words.format(id=kim.external_id))
    assert "Kim Åberg" in found
    assert ("Bo Lund" in found) == (words == " ")


@pytest.mark.parametrize("words", ["kim lund", "%", "_", "\x00kimm", "aberg", "kim.a@other"])
def test_what_nobody_is_called_finds_nobody(keeper, kim, words):
    assert shown(keeper, q=words) == []


def test_each_population_stands_by_itself(keeper, kim, soder):
    elected = make_person(soder, first_name="Eva", last_name="Vald", population="elected", role="Ledamot")
    make_person(soder, first_name="Per", last_name="Part", population="partner")
    assert shown(keeper) == ["Love Zetterlund", "Kim Åberg"]
    assert shown(keeper, grupp="elected") == ["Eva Vald"]
    assert shown(keeper, grupp="partner") == ["Per Part"]
    employ(person=elected, unit=soder, starts_on=FOUNDED)
    assert shown(keeper) == ["Eva Vald", "Love Zetterlund", "Kim Åberg"]
    html = keeper.get(LIST, {"grupp": "elected"}).content.decode()
    assert "Ledamot" in html
    assert "2022-01-01 –" in html


def test_everybody_is_found_where_they_are_today(keeper, norr, municipality):
    for name, fields in {
        "Nu": {},
        "Sen": {"starts_on": TODAY + DAY},
        "Slut": {"ends_on": TODAY - DAY},
        "Borta": {},
        "Utan": {"email": None},
        "Skyddad": {"is_protected": True},
    }.items():
        make_person(norr, first_name=name, last_name="Alm", **fields)
    grant_leave(person=Person.objects.get(first_name="Borta"), starts_on=TODAY, ends_on=None, reason="sick")
    enrol_person(municipality=municipality, first_name="Ny", last_name="Alm")
    here = ["Borta Alm", "Nu Alm", "Skyddad identitet", "Utan Alm"]
    expected = {
        "nu": here,
        "franvarande": ["Borta Alm"],
        "kommande": ["Sen Alm"],
        "slutat": ["Slut Alm"],
        "utan-epost": ["Utan Alm"],
        "skyddade": ["Skyddad identitet"],
        "alla": sorted([*here, "Sen Alm", "Slut Alm"]),
        "ingenstans": ["Ny Alm"],
        "okänt": here,
    }
    found = {state: sorted(set(shown(keeper, vilka=state)) - {"Love Zetterlund"}) for state in expected}
    assert found == expected


def test_a_unit_is_shown_with_all_below_it(keeper, kim, norr, soder):
    other = make_person(soder, first_name="Bo", last_name="Lund")
    employ(person=other, unit=norr, starts_on=FOUNDED, ends_on=TODAY - DAY, is_main=False)
    assert shown(keeper, enhet=norr.get_parent().pk) == ["Kim Åberg"]
    assert shown(keeper, enhet=soder.pk) == ["Bo Lund"]
    assert shown(keeper, enhet=norr.pk, vilka="slutat") == ["Bo Lund"]
    for foreign in (make_unit(make_municipality("Annan")).pk, "x", "9" * 30):
        assert len(shown(keeper, enhet=foreign)) == 3


def test_of_the_protected_neither_name_nor_address_is_shown_or_found_by(keeper, norr):
    person = make_person(norr, first_name="Hemlig", last_name="Person", email="hemlig@example.org", is_protected=True)
    html = keeper.get(LIST).content.decode() + page(keeper, person)
    assert "Skyddad identitet" in html
    assert "emlig@" not in html
    assert "Hemlig" not in html
    assert shown(keeper, q="hemlig@example.org") == []
    assert shown(keeper, q=person.external_id) == ["Skyddad identitet"]


def test_people_of_another_municipality_are_neither_listed_nor_found(keeper, kim):
    stranger = make_person(make_unit(make_municipality("Annan")), first_name="Kim", last_name="Främmande")
    assert shown(keeper, q="kim") == ["Kim Åberg"]
    assert shown(keeper, vilka="ingenstans") == []
    assert keeper.get(reverse("register:person", args=[stranger.uuid])).status_code == 404


def test_the_list_costs_the_same_for_one_as_for_many(keeper, norr, kim):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            keeper.get(LIST)
        return len(captured)

    queries()
    few = queries()
    for _number in range(60):
        grant_leave(person=make_person(norr), starts_on=TODAY, ends_on=None, reason="sick")
    assert queries() == few
    assert keeper.get(LIST).context["page_obj"].paginator.num_pages == 2
    assert len(shown(keeper, p=2)) == 12


def test_where_there_are_very_many_not_all_are_counted(keeper, norr, kim, monkeypatch):
    monkeypatch.setattr("learning.register.people.MOST", 1)
    response = keeper.get(LIST)
    assert (response.context["is_more"], response.context["total"]) == (True, 1)
    assert len(response.context["rows"]) == 1


def test_the_list_is_a_file_too(keeper, kim, norr, soder):
    make_person(norr, first_name="=cmd()", last_name="Öst")
    make_person(soder)
    response = keeper.get(reverse("register:people_csv"), {"enhet": norr.pk})
    lines = response.content.decode("utf-8-sig").splitlines()
    assert response["Content-Disposition"] == 'attachment; filename="personer-employee-2026-03-02.csv"'
    assert lines[0].startswith("Namn;HR-id;E-post;Enhet;Befattning")
    assert f"Kim Åberg;{kim.external_id};kim.a@example.org;Norr;Lärare;2022-01-01;;" in lines[1]
    assert lines[2].startswith("'=cmd() Öst;")
    assert len(lines) == 3


# One person


def test_the_page_tells_what_holds_today_what_is_to_come_and_what_is_over(keeper, kim, norr, soder):
    end_employment(employment=kim.employments.get(), last_day=TODAY - DAY)
    employ(person=kim, unit=soder, starts_on=TODAY, ends_on=TODAY + 10 * DAY, role="Kock")
    employ(person=kim, unit=norr, starts_on=TODAY + 20 * DAY, role="Rektor")
    grant_leave(person=kim, starts_on=TODAY, ends_on=None, reason="parental")
    appoint(person=kim, unit=soder, function="head", starts_on=TODAY)
    parts = keeper.get(reverse("register:person", args=[kim.uuid])).context["parts"]
    found = {part["id"]: [entry.what for entry in part["entries"]] for part in parts}
    assert found["later"] == ["Rektor, Norr"]
    assert sorted(found["today"]) == ["Chef, Söder", "Föräldraledighet", "Kock, Söder"]
    assert found["over"] == ["Lärare, Norr"]


def test_what_begins_or_ends_soon_is_said(keeper, kim, soder):
    employ(person=kim, unit=soder, starts_on=TODAY + 30 * DAY, ends_on=TODAY + 31 * DAY, is_main=False)
    appoint(person=kim, unit=soder, function="deputy", starts_on=TODAY, ends_on=TODAY + 30 * DAY)
    parts = keeper.get(reverse("register:person", args=[kim.uuid])).context["parts"]
    words = {entry.what: entry.words for part in parts for entry in part["entries"]}
    assert len(words["Söder"]) == 1
    assert len(words[f"{Appointment.Function.DEPUTY.label}, Söder"]) == 1
    assert len(words["Lärare, Norr"]) == 1


def test_nothing_is_done_before_it_is_confirmed(keeper, kim, soder):
    address = of(kim.employments.get(), "move_employment")
    fields = {"unit": soder.pk, "role": "Lärare", "on": "2026-02-01"}
    answer = keeper.post(address, fields)
    assert told(kim) == [("Norr", "Lärare", FOUNDED, None)]
    lines = "\n".join(answer.context["effect"].lines)
    assert "2026-01-31" in lines
    assert "Lärare, Söder, 2026-02-01" in lines
    # What was looked at is not what would now be done.
    answer = keeper.post(address, fields | {"on": "2026-01-01", "seen": answer.context["seen"]})
    assert "2025-12-31" in "\n".join(answer.context["effect"].lines)
    assert len(told(kim)) == 1
    answer = keeper.post(address, fields | {"on": "2026-01-01", "seen": answer.context["seen"]})
    assert answer.url == reverse("register:person", args=[kim.uuid])
    assert told(kim) == [("Norr", "Lärare", FOUNDED, date(2025, 12, 31)), ("Söder", "Lärare", date(2026, 1, 1), None)]


def test_a_move_needs_somewhere_to_go(keeper, kim, norr):
    errors, _response = do(
        keeper, of(kim.employments.get(), "move_employment"), unit=norr.pk, role="Lärare", on="2026-02-01"
    )
    assert "unit" in errors


def test_an_employment_ends_and_what_ends_with_it_is_said(keeper, kim, norr):
    appoint(person=kim, unit=norr, function="head", starts_on=FOUNDED)
    lines, response = do(keeper, of(kim.employments.get(), "end_employment"), last_day="2026-01-31")
    assert told(kim) == [("Norr", "Lärare", FOUNDED, date(2026, 1, 31))]
    assert any("Chef (Norr)" in line for line in lines)
    assert any("2026-02-01" in line for line in lines)
    assert lines[0] in unescape(response.content.decode())


def test_a_refusal_is_shown_beside_what_was_written(keeper, kim):
    errors, response = do(keeper, of(kim.employments.get(), "end_employment"), last_day="2021-01-31")
    assert "2021-01-31" in str(errors)
    assert 'value="2021-01-31"' in response.content.decode()
    assert told(kim) == [("Norr", "Lärare", FOUNDED, None)]


def test_an_employment_is_told_as_it_truly_was(keeper, kim, soder):
    fields = {"unit": soder.pk, "role": "Kock", "starts_on": "2023-01-01", "ends_on": "2025-12-31", "is_main": "on"}
    lines, _response = do(keeper, of(kim.employments.get(), "correct_employment"), **fields)
    assert told(kim) == [("Söder", "Kock", date(2023, 1, 1), date(2025, 12, 31))]
    assert any("2022-01-01" in line for line in lines)


def test_nothing_new_is_nothing_to_do(keeper, kim, norr):
    fields = {"unit": norr.pk, "role": "Lärare", "starts_on": "2022-01-01", "ends_on": "", "is_main": "on"}
    errors, _response = do(keeper, of(kim.employments.get(), "correct_employment"), **fields)
    assert errors["__all__"]


def test_what_never_was_is_taken_away_after_a_warning(keeper, kim, soder):
    wrong = employ(person=kim, unit=soder, starts_on=TODAY, is_main=False)
    address = of(wrong, "withdraw_employment")
    assert keeper.post(address, {"asked": "1"}).context["is_final"]
    do(keeper, address)
    assert told(kim) == [("Norr", "Lärare", FOUNDED, None)]


def test_what_a_completion_rests_on_is_not_taken_away(keeper, kim, municipality):
    take_check(kim, make_course(municipality), date(2025, 1, 1))
    errors, _response = do(keeper, of(kim.employments.get(), "withdraw_employment"))
    assert "Provkurs" in str(errors)
    assert len(told(kim)) == 1


def test_another_employment_says_what_happens_with_the_former(keeper, kim, soder):
    fields = {"unit": soder.pk, "role": "Kock", "starts_on": "2026-03-02", "population": "employee", "is_main": "on"}
    lines, _response = do(keeper, reverse("register:employ", args=[kim.uuid]), **fields)
    assert [row[:2] for row in told(kim)] == [("Norr", "Lärare"), ("Norr", "Lärare"), ("Söder", "Kock")]
    assert len(lines) == 4
    assert list(kim.employments.on(TODAY).filter(is_main=True).values_list("role", flat=True)) == ["Kock"]


def test_a_leave_is_granted_ended_corrected_and_taken_away(keeper, kim):
    fields = {"reason": "sick", "starts_on": "2026-01-01", "ends_on": ""}
    do(keeper, reverse("register:grant_leave", args=[kim.uuid]), **fields)
    leave = kim.leaves.get()
    errors, _response = do(keeper, reverse("register:grant_leave", args=[kim.uuid]), **fields)
    assert "2026-01-01" in str(errors)
    do(keeper, of(leave, "end_leave"), last_day="2026-02-01")
    assert kim.leaves.get().ends_on == date(2026, 2, 1)
    do(keeper, of(leave, "correct_leave"), reason="studies", starts_on="2026-01-10", ends_on="")
    leave.refresh_from_db()
    assert (leave.reason, leave.starts_on, leave.ends_on) == ("studies", date(2026, 1, 10), None)
    do(keeper, of(leave, "withdraw_leave"))
    assert not kim.leaves.exists()


def test_a_name_and_an_address_are_changed(keeper, kim):
    address = reverse("register:update_person", args=[kim.uuid])
    fields = {"first_name": "Kim", "last_name": "Berg", "email": ""}
    lines, _response = do(keeper, address, **fields)
    assert any("Åberg → Berg" in line for line in lines)
    kim.refresh_from_db()
    assert (str(kim), kim.email) == ("Kim Berg", None)
    other = make_person(kim.employments.get().unit)
    errors, _response = do(keeper, address, **fields | {"email": other.email})
    assert errors["__all__"]
    errors, _response = do(keeper, address, **fields | {"last_name": ""})
    assert errors["last_name"]


def test_protecting_is_asked_about_and_drops_the_name(keeper, kim):
    address = reverse("register:update_person", args=[kim.uuid])
    fields = {"first_name": "Kim", "last_name": "Åberg", "email": "kim.a@example.org", "is_protected": "on"}
    asked = keeper.post(address, fields)
    assert (asked.context["is_final"], str(asked.context["person"])) == (True, "Kim Åberg")
    lines, _response = do(keeper, address, **fields)
    assert "Kim" not in "".join(lines)
    assert not Person.objects.filter(last_name="Åberg").exists()
    # The address is kept where none is written.
    assert "kim.a@" not in keeper.get(address).content.decode()
    do(keeper, address, first_name="Kim", last_name="Ny", email="")
    kim.refresh_from_db()
    assert (str(kim), kim.email) == ("Kim Ny", "kim.a@example.org")


@pytest.mark.parametrize("act", ["end_employment", "withdraw_employment"])
def test_nobody_takes_the_register_from_themselves(keeper, act):
    own = Employment.objects.get(person__first_name="Love")
    Appointment.objects.update(starts_on=TODAY - DAY)
    errors, _response = do(keeper, of(own, act), last_day="2026-03-01")
    assert errors["__all__"]
    assert told(own.person)[0][3] is None


# Onto the register


def put(client, place, **fields):
    form = {
        "first_name": "Eva",
        "last_name": "Vald",
        "population": "elected",
        "unit": place.pk,
        "role": "Ledamot",
        "starts_on": "2022-10-15",
        "ends_on": "2026-10-14",
        "is_main": "on",
    }
    return do(client, reverse("register:new_person"), **form | fields)


def test_an_elected_official_is_put_on_the_register_without_address_or_hr_id(keeper, soder):
    lines, response = put(keeper, soder)
    person = Person.objects.get(last_name="Vald")
    assert (person.email, person.external_id, person.has_usable_password()) == (None, None, False)
    assert told(person) == [("Söder", "Ledamot", date(2022, 10, 15), date(2026, 10, 14))]
    assert person.employments.get().population == "elected"
    assert response.redirect_chain[-1][0] == reverse("register:person", args=[person.uuid])
    assert "Eva Vald" in lines[0]


def test_nobody_is_put_there_before_it_is_confirmed_and_namesakes_are_shown(keeper, soder, kim):
    seen = keeper.post(
        reverse("register:new_person"),
        {
            "first_name": "Kim",
            "last_name": "Åberg",
            "population": "partner",
            "unit": soder.pk,
            "starts_on": "2026-01-01",
        },
    )
    assert [note["url"] for note in seen.context["notes"]] == [reverse("register:person", args=[kim.uuid])]
    assert Person.objects.filter(last_name="Åberg").count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"last_name": ""}, "last_name"),
        ({"external_id": "19800101-1234"}, "external_id"),
        ({"external_no": "198001011234"}, "external_no"),
        ({"starts_on": "0202-01-01"}, "starts_on"),
        ({"ends_on": "2021-01-01"}, "ends_on"),
        ({"email": "kim.a@example.org"}, "__all__"),
        ({"starts_on": "2021-01-01"}, "__all__"),
        ({"unit": "0"}, "unit"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(keeper, soder, kim, fields, field):
    errors, _response = put(keeper, soder, **fields)
    assert list(errors) == [field]
    assert not Person.objects.filter(first_name="Eva").exists()


def test_nobody_is_put_into_a_unit_of_another_municipality(keeper, municipality):
    errors, _response = put(keeper, make_unit(make_municipality("Annan")))
    assert list(errors) == ["unit"]


def test_a_head_is_named_from_the_page_of_the_person(keeper, kim, norr):
    link = f"{reverse('register:appointments')}?person={kim.uuid}"
    assert f'href="{link}"' in page(keeper, kim)
    fields = {"person": str(kim.uuid), "function": "head", "unit": norr.pk, "starts_on": "2026-03-02"}
    keeper.post(link, fields)
    appointment = kim.appointments.get()
    ended = keeper.post(reverse("register:end_appointment", args=[appointment.pk]), {"back": "person"})
    assert ended.url == reverse("register:person", args=[kim.uuid])


def test_lesson_links_in_the_wrong_hands_stop_working_once_it_is_confirmed(keeper, kim, norr, municipality):
    lesson = make_course(municipality).lessons().first()
    url = lesson_url(kim, lesson, through=TODAY)
    address = reverse("register:stop_links", args=[kim.uuid])
    assert address in page(keeper, kim)
    keeper.post(address)
    assert Client().get(url).status_code == 200
    lines, answer = do(keeper, address)
    assert len(lines) == 1
    assert answer.redirect_chain == [(reverse("register:person", args=[kim.uuid]), 302)]
    assert Client().get(url).status_code == 400
    assert Client().get(lesson_url(kim, lesson, through=TODAY)).status_code == 200

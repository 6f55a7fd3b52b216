"""The coordinator reads the organisation on any day and reorganises it, seeing first what would happen."""

from datetime import date

import pytest
from django.urls import reverse

from learning.dated import DAY
from learning.organisation.models import OrgUnit, Reorganisation
from learning.organisation.reorganisation import rename_unit
from tests.factories import make_head, make_person, make_unit, moment

TODAY = date(2026, 3, 2)
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


@pytest.fixture
def department(municipality):
    return make_unit(municipality, "Omsorg", kind="förvaltning")


@pytest.fixture
def north(department):
    return make_unit(department, "Norr")


def look(client, name: str, *args, **asked) -> str:
    return client.get(reverse(f"register:{name}", args=args), asked).content.decode()


def reorganise(client, unit: OrgUnit, address: str, **form):
    form = {"on": NEW_YEAR, "decision": "", **form}
    return client.post(reverse("register:reorganise", args=[unit.pk, address]), form, follow=True)


def test_the_chart_tells_who_leads_and_how_many_work_where(keeper, department, north):
    make_head(north, first_name="Mika", last_name="Lund")
    make_person(north)
    make_person(department, population="elected")
    html = look(keeper, "organisation")
    assert "Mika Lund" in html
    assert "2 anställda, förtroendevalda: 1" in " ".join(html.split())
    assert html.index("Omsorg") < html.index("Norr")


def test_the_chart_of_another_day_is_that_of_the_day(keeper, north):
    rename_unit(unit=north, name="Nordan", on=TODAY)
    assert "Nordan" in look(keeper, "organisation")
    before = look(keeper, "organisation", dag=(TODAY - DAY).isoformat())
    assert "Nordan" not in before
    assert "Organisationen den 1 mars 2026" in before
    assert "Norr" in before


@pytest.mark.parametrize("day", ["2026-02-30", "igår", ""])
def test_a_day_that_is_none_is_today(keeper, north, day):
    assert "Organisationen i dag" in look(keeper, "organisation", dag=day)


def test_a_unit_is_found_by_a_part_of_its_name(keeper, department, north):
    html = look(keeper, "organisation", q="nor")
    assert reverse("register:unit", args=[north.pk]) in html
    assert reverse("register:unit", args=[department.pk]) not in html
    assert "Omsorg" in html
    assert "Ingen enhet heter så" in look(keeper, "organisation", q="finns inte")


def test_an_act_is_shown_before_it_is_done(keeper, municipality, north):
    other = make_unit(municipality, "Vård")
    make_head(north)
    html = reorganise(keeper, north, "flytta", to=other.pk).content.decode()
    assert "Norr (Omsorg) → Norr (Vård)" in html
    assert "1 person följer med." in html
    assert "1 uppdrag följer med." in html
    assert "Ingenting är skrivet än" in html
    assert not Reorganisation.objects.filter(kind="moved").exists()
    html = reorganise(keeper, north, "flytta", to=other.pk, act="do", decision="KS § 7").content.decode()
    assert "Klart: Flytta" in html
    change = Reorganisation.objects.get(kind="moved")
    assert (change.decision, change.on) == ("KS § 7", NEW_YEAR)
    assert change.made_by.appointments.filter(function="coordinator").exists()


def test_what_cannot_be_done_is_told_on_the_form(keeper, department, north):
    make_unit(department, "Söder")
    html = reorganise(keeper, north, "namn", name="Söder").content.decode()
    assert "Det finns redan en enhet som heter Söder" in html
    assert "Se vad som händer" in html
    make_person(north)
    assert "har fortfarande personal" in reorganise(keeper, north, "stang", act="do").content.decode()
    assert "Skriv ett år från 1900" in reorganise(keeper, north, "stang", on="0202-01-01").content.decode()


def test_units_are_merged_into_a_new_one_or_into_one_of_them(keeper, department, north):
    south, west = make_unit(department, "Söder"), make_unit(department, "Väster")
    kim = make_person(south)
    reorganise(keeper, north, "sla-ihop", others=[south.pk], act="do")
    assert kim.employments.on(NEW_YEAR).get().unit == north
    reorganise(keeper, north, "sla-ihop", others=[west.pk], name="Hemtjänsten", code="H1", on="2027-02-01", act="do")
    new = OrgUnit.objects.get(name="Hemtjänsten")
    assert (new.code, kim.employments.on(date(2027, 2, 1)).get().unit) == ("H1", new)


def test_a_unit_is_split_by_role_and_by_person(keeper, north):
    kim, bo, ali = (make_person(north, role="Vårdbiträde", last_name=name) for name in ("Ek", "Lund", "Öst"))
    eva, head = make_person(north, role="Sjuksköterska"), make_head(north, role="Enhetschef")
    group = make_unit(north, "Grupp")
    asked = {"names": "Dag\nNatt\n"}
    html = reorganise(keeper, north, "dela", **asked).content.decode()
    for words in ("Vem hör vart?", "Vårdbiträde", "3 personer", str(kim), "Grupp"):
        assert words in html
    rows = {person: person.employments.get().pk for person in (kim, bo, ali, eva, head)}
    asked |= {f"role-{rows[kim]}": "1", f"employments-{rows[bo]}": "0", f"units-{group.pk}": "1"}
    asked |= {f"appointments-{head.appointments.get().pk}": "1", f"employments-{rows[head]}": "1"}
    reorganise(keeper, north, "dela", act="do", **asked)
    day, night = OrgUnit.objects.get(name="Dag"), OrgUnit.objects.get(name="Natt")
    places = {person: person.employments.on(NEW_YEAR).get().unit for person in rows}
    assert places == {kim: night, bo: day, ali: night, eva: day, head: night}
    assert OrgUnit.objects.right_below(night).get().name == "Grupp"
    assert head.appointments.on(NEW_YEAR).get().unit == night


@pytest.mark.parametrize("names", ["", "Ensam", "Samma\nSamma", "\n".join("abcdefghij"), "A\n" + "x" * 201])
def test_parts_need_names_that_tell_them_apart(keeper, north, names):
    assert "Vem hör vart?" not in reorganise(keeper, north, "dela", names=names).content.decode()
    assert not OrgUnit.objects.filter(starts_on=NEW_YEAR).exists()


@pytest.mark.parametrize("words", ["x", "7", "-1", "²", "1" * 5000])
def test_a_part_that_does_not_exist_is_the_first(keeper, north, words):
    kim = make_person(north)
    form = {"names": "Dag\nNatt", f"employments-{kim.employments.get().pk}": words, "units-²": "1"}
    assert reorganise(keeper, north, "dela", act="do", **form).status_code == 200
    assert kim.employments.on(NEW_YEAR).get().unit.name == "Dag"


def test_a_unit_of_more_than_a_thousand_is_split_too(keeper, north):
    choices = {f"employments-{pk}": "" for pk in range(1100)}
    assert reorganise(keeper, north, "dela", names="Dag\nNatt", **choices).status_code == 200


def test_the_municipality_itself_only_opens_units(keeper, municipality):
    for act in ("namn", "flytta", "sla-ihop", "dela", "stang", "finns-inte"):
        assert keeper.get(reverse("register:reorganise", args=[municipality.root_id, act])).status_code == 404
    reorganise(keeper, municipality.root, "oppna", name="Bygg", kind="förvaltning", act="do", on=TODAY)
    assert "Bygg" in look(keeper, "organisation")


def test_a_closed_unit_tells_what_it_became_and_is_not_changed(keeper, north):
    new = rename_unit(unit=north, name="Nordan", on=TODAY)
    html = look(keeper, "unit", north.pk)
    assert reverse("register:unit", args=[new.pk]) in html
    assert "Blev:" in html
    assert "Flytta" not in html
    assert keeper.get(reverse("register:reorganise", args=[north.pk, "flytta"])).status_code == 404


def test_a_slip_of_the_pen_is_mended(keeper, north):
    url = reverse("register:correct_unit", args=[north.pk])
    keeper.post(url, {"name": "Norra", "kind": "enhet", "code": "N1"})
    assert "Norra" in look(keeper, "organisation", dag="2022-06-01")
    make_unit(north.get_parent(), "Söder")
    html = keeper.post(url, {"name": "Söder", "kind": "enhet", "code": ""}).content.decode()
    assert "Det finns redan en enhet som heter Söder" in html


def test_a_change_is_undone_on_its_page_and_only_once(keeper, north):
    make_person(north)
    rename_unit(unit=north, name="Nordan", on=TODAY)
    change = Reorganisation.objects.get(kind="renamed")
    html = look(keeper, "reorganisations")
    assert "Norr → Nordan" in html
    url = reverse("register:undo_reorganisation", args=[change.pk])
    assert keeper.get(url).status_code == 405
    assert "Ändringen är ångrad" in keeper.post(url, follow=True).content.decode()
    assert "Nordan" not in look(keeper, "organisation")
    assert "redan ångrad" in keeper.post(url, follow=True).content.decode()


def test_reading_the_organisation_takes_as_many_queries_for_many_units_as_for_few(
    keeper, department, north, django_assert_max_num_queries
):
    for number in range(20):
        make_head(make_unit(department, f"Enhet {number}"))
    with django_assert_max_num_queries(16):
        look(keeper, "organisation")

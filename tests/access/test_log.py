"""No names leave without a line that says who read them, and exactly whose they were."""

from datetime import date

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from learning.access.log import others_who_read, readings
from learning.access.models import AccessEntry
from learning.access.people import ROOM, pack, unpack
from learning.append_only import Unchangeable
from learning.coverage.services import settle
from learning.organisation.models import Person
from tests.factories import make_course, make_goal, make_head, make_municipality, make_person, make_unit, moment
from tests.register.test_pages import compare, keeper, show

TODAY = date(2026, 3, 3)
ROWS = ["A17;;Åsa;Öhrn;Norr;Lärare;2024-01-01", "fel;;;Ek;Norr;Lärare;igår"]
What = AccessEntry.What
keeper = keeper


@pytest.fixture
def municipality(db):
    municipality = make_municipality()
    make_goal(make_course(municipality), municipality)
    return municipality


@pytest.fixture
def unit(municipality):
    return make_unit(municipality, "Söder")


@pytest.fixture
def head(client, unit):
    """The head of the unit, signed in."""
    head = make_head(unit, first_name="Alva", last_name="Berg")
    client.force_login(head)
    return head


def open_unit(client, unit, **asked):
    """The page of the unit, with everyone's standing derived."""
    settle()
    return client.get(reverse("reporting:unit", args=[unit.pk]), asked or {"status": "alla"})


def take_out(client, unit):
    settle()
    return client.get(reverse("reporting:people_csv", args=[unit.pk]))


def people_of(entry: AccessEntry) -> set[int]:
    return set(AccessEntry.objects.get(pk=entry.pk).people)


def test_a_page_of_a_unit_notes_those_who_stand_on_it(client, head, unit):
    people = [make_person(unit, last_name=f"Ek {number:03}") for number in range(60)]
    open_unit(client, unit, status="alla", sida=2)
    entry = AccessEntry.objects.get()
    assert (entry.reader, entry.functions, entry.what, entry.unit) == (head, "head", What.UNIT_PEOPLE, unit)
    assert entry.exported is False
    assert entry.number == 11
    assert people_of(entry) == {person.pk for person in people[49:]}


def test_a_file_notes_everyone_in_it(client, head, unit):
    people = [make_person(unit) for _number in range(3)]
    take_out(client, unit)
    entry = AccessEntry.objects.get()
    assert (entry.exported, people_of(entry)) == (True, {head.pk, *(person.pk for person in people)})


def test_figures_without_names_leave_no_line(client, municipality, unit):
    make_person(unit)
    client.force_login(make_head(municipality.root, "board_reader"))
    assert open_unit(client, unit).status_code == 200
    assert not AccessEntry.objects.exists()


def test_an_empty_list_leaves_no_line(client, head, unit):
    open_unit(client, unit, status="expired")
    assert not AccessEntry.objects.exists()


def test_what_cannot_be_noted_is_not_shown(client, head, unit, monkeypatch):
    def refuse(**fields):
        raise OSError("full")

    monkeypatch.setattr(AccessEntry.objects, "create", refuse)
    client.raise_request_exception = False
    response = open_unit(client, unit)
    assert response.status_code == 500
    assert "Alva" not in response.content.decode()


def test_the_findings_of_a_file_note_those_who_are_on_the_register_and_how_many_others(
    keeper, municipality, django_capture_on_commit_callbacks
):
    known = make_person(make_unit(municipality, "Väster"), first_name="Åsa", last_name="Öhrn")
    with django_capture_on_commit_callbacks(execute=True):
        hr_import = compare(keeper, f"{known.external_id};;Åsa;Öhrn;Norr;Lärare;2024-01-01", *ROWS)
    before = AccessEntry.objects.count()
    assert "Åsa Öhrn" in show(keeper, hr_import, kind="moved")
    entry = AccessEntry.objects.latest("pk")
    assert AccessEntry.objects.count() == before + 1
    assert (entry.what, people_of(entry)) == (What.HR_FILE, {known.pk})
    assert "Öhrn" not in entry.asked
    show(keeper, hr_import, kind="new")
    entry = AccessEntry.objects.latest("pk")
    assert (entry.number, people_of(entry)) == (1, set())


def test_the_rows_that_were_not_read_are_noted_as_taken_out(keeper, municipality, django_capture_on_commit_callbacks):
    known = make_person(make_unit(municipality, "Väster"))
    with django_capture_on_commit_callbacks(execute=True):
        hr_import = compare(keeper, f"{known.external_id};;Åsa;Öhrn;Norr;Lärare;igår")
    keeper.get(reverse("register:refused", args=[hr_import.pk]))
    entry = AccessEntry.objects.latest("pk")
    assert (entry.what, entry.exported, people_of(entry)) == (What.REFUSED_ROWS, True, {known.pk})


def test_the_functions_note_those_on_the_page_and_no_words_searched_for(keeper, municipality, unit):
    known = make_head(unit, first_name="Mika", last_name="Lund")
    keeper.get(reverse("register:appointments"), {"q": "Lund"})
    entry = AccessEntry.objects.get()
    assert (entry.what, people_of(entry)) == (What.FUNCTIONS, {known.pk})
    assert "Lund" not in entry.asked


def test_the_page_of_a_unit_in_the_register_notes_who_has_a_function_there(keeper, unit):
    known = make_head(unit)
    make_person(unit)
    keeper.get(reverse("register:unit", args=[unit.pk]))
    entry = AccessEntry.objects.get()
    assert (entry.what, entry.unit, people_of(entry)) == (What.FUNCTIONS, unit, {known.pk})


def test_sharing_out_the_people_of_a_unit_notes_them(keeper, unit):
    people = {make_person(unit).pk for _number in range(2)}
    page = reverse("register:reorganise", args=[unit.pk, "dela"])
    keeper.post(page, {"names": "Dag\nNatt", "on": date.today().isoformat(), "act": "show"})
    entry = AccessEntry.objects.get()
    assert (entry.what, people_of(entry)) == (What.UNIT_PEOPLE, people)


def test_a_line_is_neither_changed_nor_removed(client, head, unit):
    take_out(client, unit)
    entry = AccessEntry.objects.get()
    for act in (entry.save, entry.delete, AccessEntry.objects.all().delete):
        with pytest.raises(Unchangeable):
            act()
    with pytest.raises(Unchangeable):
        AccessEntry.objects.update(number=0)


def test_the_same_list_on_the_same_day_is_told_once(client, head, unit, time_machine):
    make_person(unit)
    for day, times in ((2, 1), (3, 3)):
        time_machine.move_to(moment(date(2026, 3, day)))
        for _time in range(times):
            open_unit(client, unit)
    take_out(client, unit)
    told = [(reading.entry.exported, reading.times) for reading in readings(AccessEntry.objects.all())]
    assert told == [(True, 1), (False, 3), (False, 1)]


def enter(reader: Person, people, **fields) -> AccessEntry:
    fields = {"what": What.PEOPLE, "at": moment(TODAY), **fields}
    ids = {person.pk for person in people}
    return AccessEntry.objects.create(
        municipality=reader.municipality, reader=reader, number=len(ids), people=ids, **fields
    )


def test_who_has_read_a_name_is_told_without_the_person_themselves(client, head, unit):
    person, other = make_person(unit), make_person(unit)
    own, foreign = enter(person, [person, other]), enter(head, [other])
    theirs = enter(head, [person])
    assert list(others_who_read(person)) == [theirs]
    assert list(others_who_read(other)) == [foreign, own]


ids = st.integers(0, ROOM - 1)


class ListTest(TestCase):
    """A list of people, whoever is in it."""

    @classmethod
    def setUpTestData(cls):
        cls.reader = make_person(make_unit(make_municipality()))

    @given(people=st.sets(ids | st.integers(0, 300), min_size=1, max_size=20), other=ids | st.integers(0, 300))
    def test_holds_exactly_those_who_were_put_in(self, people, other):
        assert list(unpack(pack(people))) == sorted(people)
        entry = AccessEntry.objects.create(
            municipality=self.reader.municipality,
            reader=self.reader,
            what=What.PEOPLE,
            at=moment(TODAY),
            number=len(people),
            people=people,
        )
        # Ids whose bytes straddle two others are the ones that a careless search would find.
        near = {next(iter(people)), other, *(pk << 7 & ROOM - 1 for pk in people), *(pk >> 7 for pk in people)}
        for pk in near:
            held = AccessEntry.objects.filter(pk=entry.pk, people__holds=pk).exists()
            assert held == (pk in people), pk

    def test_has_no_room_for_an_id_that_is_too_large(self):
        with self.assertRaises(OverflowError):
            pack([ROOM])

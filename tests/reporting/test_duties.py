"""The alarm where heads and the board see it: names only where one may see them, the same in page and file."""

import csv
import io
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from learning.access.models import AccessEntry
from learning.organisation.models import Person
from learning.organisation.services import appoint
from learning.plans.models import Duty
from learning.records.models import EvidenceLevel
from learning.records.services import record_completion
from tests.factories import (
    FOUNDED,
    make_course,
    make_duty,
    make_goal,
    make_head,
    make_municipality,
    make_person,
    make_unit,
    moment,
)

TODAY = date(2025, 3, 3)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


class World:
    """Three departments: one without a coordinator, one whose coordinator lacks the course, one that is well."""

    def __init__(self):
        self.municipality = make_municipality()
        self.course = make_course(self.municipality)
        make_goal(self.course, self.municipality)
        self.duty = make_duty(self.municipality, self.course, demand="Varje förvaltning har en samordnare.")
        names = ("Kulturen", "Skolan", "Vården")
        self.culture, self.school, self.care = (make_unit(self.municipality, name) for name in names)
        self.untrained = make_head(self.school, "department_coordinator", last_name="Otränad")
        self.trained = make_head(self.care, "department_coordinator", last_name="Tränad")
        record_completion(
            person=self.trained, course=self.course, on=date(2024, 5, 1), evidence_level=EvidenceLevel.ATTESTED
        )
        self.coordinator = make_head(self.culture, "coordinator", last_name="Samordnare")
        self.board = make_head(self.culture, "board_reader")

    def page(self, person, name="reporting:duties", args=(), **query):
        client = Client()
        client.force_login(person)
        return client.get(reverse(name, args=args), query)

    def unit_page(self, person, unit, **query):
        return self.page(person, "reporting:unit", [unit.pk], **query).content.decode()


@pytest.fixture
def world(db):
    return World()


def test_the_coordinator_reads_which_departments_lack_the_function_and_why(world):
    html = world.unit_page(world.coordinator, world.municipality.root)
    assert "2 förvaltningar saknar en utbildad samordnare" in html
    for words in ("Kulturen", "Ingen på plats", "Kim Otränad", "har inte genomfört kursen", "Kursen: Provkurs."):
        assert words in html
    assert "Kim Tränad" not in html


def test_a_department_that_is_well_says_so(world):
    html = world.unit_page(world.trained, world.care)
    assert "saknar en utbildad" not in html
    assert "Den förvaltning som ska ha en utbildad samordnare har det" in html


def test_the_board_reads_how_many_and_which_but_neither_names_nor_why(world):
    html = world.unit_page(world.board, world.municipality.root)
    notice = html.partition('<aside class="notice')[2].partition("</aside>")[0]
    assert "2 förvaltningar saknar en utbildad samordnare" in notice
    assert "Kulturen" in notice
    assert "Skolan" in notice
    assert all(words not in html for words in ("Otränad", "Ingen på plats", "Inte utbildad", "har inte genomfört"))
    assert world.page(world.board).status_code == 404


def test_a_unit_below_the_departments_has_nothing_to_fill(world):
    head = make_head(make_unit(world.school))
    assert "samordnare" not in world.unit_page(head, head.employments.get().unit).partition("<main")[2]
    assert "Inget uppdrag ska fyllas här" in world.page(head).content.decode()


def test_the_alarm_is_that_of_the_day_that_is_asked_for(world):
    appoint(person=make_person(world.culture), unit=world.culture, function="department_coordinator", starts_on=TODAY)
    before = world.unit_page(world.coordinator, world.municipality.root, datum="2024-04-30")
    assert "3 förvaltningar saknade en utbildad samordnare" in before
    assert "?datum=2024-04-30" in before.partition("<aside")[2].partition("</aside>")[0]
    assert "Ingen på plats" not in world.unit_page(world.coordinator, world.municipality.root)


def test_a_department_that_was_well_says_so_of_that_day(world):
    html = world.unit_page(world.trained, world.care, datum="2024-06-30")
    assert "Den förvaltning som skulle ha en utbildad samordnare hade det" in html


def test_only_those_whose_names_stand_on_the_page_are_noted(world):
    for number in range(11):
        department = make_unit(world.municipality, f"Nr {number:02}")
        make_head(department, "department_coordinator", last_name=f"Nr{number:02}")
    html = world.unit_page(world.coordinator, world.municipality.root)
    noted = Person.objects.filter(pk__in=AccessEntry.objects.get(what=AccessEntry.What.FUNCTIONS).people)
    assert "Kim Nr00" in html
    assert [person.last_name for person in noted if str(person) not in html] == []


def test_the_page_lists_every_unit_or_only_those_that_lack_it(world):
    html = world.page(world.coordinator).content.decode()
    assert "Varje förvaltning har en samordnare." in html
    for words in ("Kulturen", "Otränad", "Tränad", "giltig"):
        assert words in html
    only = world.page(world.coordinator, visa="saknar").content.decode()
    assert "Vården" not in only
    assert "Kulturen" in only
    assert world.page(world.coordinator, visa="nonsens").context["shown"] == "alla"


def test_a_department_coordinator_sees_the_own_department_only(world):
    html = world.page(world.trained).content.decode()
    assert "Vården" in html
    assert "Otränad" not in html
    assert "Skolan" not in html


def test_a_duty_of_another_municipality_is_not_there(world):
    foreign = make_municipality("Annan")
    make_duty(foreign, title="en främmande samordnare")
    make_person(make_unit(foreign))
    assert "främmande" not in world.page(world.coordinator).content.decode()


def test_the_file_says_the_same_as_the_page(world):
    response = world.page(world.coordinator, "reporting:duties_csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[1:6] for row in rows[1:4]] == [
        ["Kulturen", "2025-03-03", "Ingen på plats"],
        ["Skolan", "2025-03-03", "Inte utbildad", "Kim Otränad", "Förvaltningens samordnare"],
        ["Vården", "2025-03-03", "På plats", "Kim Tränad", "Förvaltningens samordnare"],
    ]
    assert rows[3][6:] == [str(FOUNDED), "", "nej", "ja", "2026-04-30"]
    about = [["Kommun", "Provkommun"], ["Per datum", "2025-03-03"]]
    assert rows[4:] == [[], *about, ["Utbildad", "en utbildad samordnare", "Kursen: Provkurs."]]


def test_a_day_to_come_is_answered_with_today_and_says_so(world):
    response = world.page(world.coordinator, "reporting:duties", datum="2031-01-01")
    assert response.context["on"] == TODAY
    assert "Framtida dagar kan inte visas. Här visas dagens läge." in response.content.decode()
    assert "Framtida dagar" not in world.page(world.coordinator, "reporting:duties").content.decode()


def test_an_editor_writes_a_duty_in_the_admin(world):
    client = Client()
    client.force_login(make_head(world.culture, "editor"))
    url = reverse(Duty.snippet_viewset.get_url_name("add"))
    form = {"title": "en ersättare", "demand": "", "kind": "", "course": "", "starts_on": "2025-01-01", "ends_on": ""}
    assert client.post(url, form).status_code == 200
    assert client.post(url, {**form, "functions": ["coordinator"]}).status_code == 200
    assert client.post(url, {**form, "functions": ["head", "deputy"]}).status_code == 302
    duty = Duty.objects.get(title="en ersättare")
    assert (duty.functions, duty.course_key, duty.municipality) == (["head", "deputy"], None, world.municipality)
    page = client.get(reverse(Duty.snippet_viewset.get_url_name("edit"), args=[duty.pk])).content.decode()
    assert page.count("checked") == 2


def test_a_kind_that_no_unit_is_of_is_refused_with_those_that_there_are(world):
    client = Client()
    client.force_login(make_head(world.culture, "editor"))
    url = reverse(Duty.snippet_viewset.get_url_name("add"))
    form = {"title": "en ersättare", "functions": ["head"], "course": "", "starts_on": "2025-01-01", "ends_on": ""}
    refused = client.post(url, {**form, "kind": "enheten"})
    assert refused.status_code == 200
    assert "Det finns ingen enhet av det slaget" in refused.content.decode()
    assert client.post(url, {**form, "kind": " Enhet"}).status_code == 302
    assert Duty.objects.get(title="en ersättare").kind == "enhet"

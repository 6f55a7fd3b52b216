"""A coordinator brings a file, sees what it would change, confirms it, and can undo it; nobody else can."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from learning.access.models import AccessEntry
from learning.organisation.models import Employment, HrImport, Person
from tests.factories import make_head, make_municipality, make_person, make_unit
from tests.organisation.test_hr_files import workbook

HEADING = "Anst.nr;Personnr;Förnamn;Efternamn;Enhet;Befattning;Anställd fr.o.m."
ROWS = ["A17;850101-1234;Åsa;Öhrn;Norr;Lärare;2024-01-01", "A18;860101-1234;Bo;Ek;Norr;Lärare;2024-01-01"]


@pytest.fixture
def keeper(client, municipality):
    """Signed in as the coordinator."""
    make_unit(municipality, "Norr")
    client.person = make_head(municipality.root, "coordinator", first_name="Love", last_name="Hedin")
    client.force_login(client.person)
    return client


def bring(
    client,
    *rows,
    heading=HEADING,
    name="personal.csv",
    content: bytes | None = None,
    on="2026-03-02",
    population="employee",
):
    content = content if content is not None else "\r\n".join([heading, *rows]).encode("cp1252")
    fields = {"file": SimpleUploadedFile(name, content), "as_of": on, "population": population}
    return client.post(reverse("register:imports"), fields, follow=True)


def compare(client, *rows, **changes) -> HrImport:
    """Bring a file in which the coordinator stands too."""
    page = bring(client, *rows, f"{client.person.external_id};;Love;Hedin;Provkommun;;")
    hr_import = HrImport.objects.latest("pk")
    if hr_import.state == "columns":
        client.post(reverse("register:columns", args=[hr_import.pk]), hr_import.columns | changes)
    assert page.status_code == 200
    hr_import.refresh_from_db()
    return hr_import


def show(client, hr_import, **query) -> str:
    return client.get(reverse("register:import", args=[hr_import.pk]), query).content.decode()


def do(client, hr_import, what, **fields):
    return client.post(reverse(f"register:{what}", args=[hr_import.pk]), fields, follow=True).content.decode()


def test_a_new_file_asks_for_its_columns_and_names_what_is_left_out(keeper):
    html = bring(keeper, *ROWS).content.decode()
    assert "Vilken kolumn innehåller vad?" in html
    assert "Personnr" in html
    assert "850101" not in html
    assert '<option value="Anst.nr" selected>' in html


def test_a_file_is_compared_confirmed_and_undone(keeper, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        hr_import = compare(keeper, *ROWS)
    html = show(keeper, hr_import)
    assert "Filen skulle ändra 2 saker i registret" in html
    assert "Åsa Öhrn" in html
    assert not Person.objects.filter(external_id="A17").exists()
    with django_capture_on_commit_callbacks(execute=True):
        do(keeper, hr_import, "confirm")
    html = show(keeper, hr_import)
    assert "Filen ändrade 2 saker i registret" in html
    assert "Love Hedin" in html
    assert Employment.objects.filter(person__external_id="A17", unit__name="Norr").exists()
    with django_capture_on_commit_callbacks(execute=True):
        do(keeper, hr_import, "undo")
    assert "Filen ångrades" in show(keeper, hr_import)
    assert not Person.objects.filter(external_id="A17").exists()


def test_the_next_file_with_the_same_headings_goes_straight_to_the_changes(keeper, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        compare(keeper, *ROWS)
    with django_capture_on_commit_callbacks(execute=True):
        bring(keeper, ROWS[0])
    assert HrImport.objects.latest("pk").state == "compared"


def test_unknown_units_are_opened_when_asked_for(keeper, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        hr_import = compare(keeper, ROWS[0], ROWS[1].replace("Norr", "Söder"))
    html = show(keeper, hr_import)
    assert "1 rad nämner en enhet som registret inte har" in html
    assert "Det finns ingen enhet som heter ”Söder”." in html
    with django_capture_on_commit_callbacks(execute=True):
        do(keeper, hr_import, "open_units")
    html = show(keeper, hr_import)
    assert "rad nämner en enhet" not in html
    assert "Ny enhet" in html


def test_findings_are_chosen_by_kind_and_searched_by_name(keeper, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        hr_import = compare(keeper, *ROWS, "A19;;Cia;;Norr;;")
    assert "Bo Ek" in show(keeper, hr_import, kind="new")
    assert "Bo Ek" not in show(keeper, hr_import, kind="refused")
    assert "Bo Ek" not in show(keeper, hr_import, q="öhrn")
    assert "Åsa Öhrn" in show(keeper, hr_import, q="A17")
    assert "Uppgiften ”efternamn” saknas" in show(keeper, hr_import, kind="refused")
    for odd in ({"kind": "x"}, {"p": "²"}, {"q": "\x00"}, {"p": "99"}):
        show(keeper, hr_import, **odd)


def test_findings_are_found_in_capitals_or_not(keeper, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        hr_import = compare(keeper, *ROWS)
    assert "Åsa Öhrn" in show(keeper, hr_import, q="åsa öhrn")
    assert "Åsa Öhrn" not in show(keeper, hr_import, q="åse")


def test_names_that_the_register_does_not_have_yet_are_noted_too(keeper, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        hr_import = compare(keeper, *ROWS, "A19;;Cleo;;Norr;;")
    show(keeper, hr_import, kind="new")
    assert AccessEntry.objects.latest("pk").number == 2
    keeper.get(reverse("register:refused", args=[hr_import.pk]))
    entry = AccessEntry.objects.latest("pk")
    assert (entry.what, entry.number, entry.exported, list(entry.people)) == ("refused_rows", 1, True, [])


def test_refused_rows_come_back_as_a_file_that_can_be_corrected_and_read(keeper, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        hr_import = compare(keeper, ROWS[0], "A19;;Cia;;Norr;Lärare;i går", "A20;;=1+1;Ek;Norr;Lärare;i går")
    with django_capture_on_commit_callbacks(execute=True):
        do(keeper, hr_import, "confirm")
    response = keeper.get(reverse("register:refused", args=[hr_import.pk]))
    text = response.content.decode("utf-8-sig")
    assert text.splitlines()[0] == "Anst.nr;Förnamn;Efternamn;Enhet;Befattning;Anställd fr.o.m.;Rad;Vad som är fel"
    assert "A19;Cia;;Norr;Lärare;i går;3;" in text
    assert "'=1+1" in text
    with django_capture_on_commit_callbacks(execute=True):
        bring(keeper, content=response.content.replace("i går".encode(), b"2025-01-01").replace(b"Cia;", b"Cia;Al"))
    assert HrImport.objects.latest("pk").rows == 2


def test_unusually_many_endings_ask_to_be_confirmed(keeper, municipality, django_capture_on_commit_callbacks):
    unit = make_unit(municipality, "Stor")
    for _number in range(30):
        make_person(unit)
    with django_capture_on_commit_callbacks(execute=True):
        hr_import = compare(keeper, *ROWS)
    assert "Filen skulle avsluta 30 av 31 anställningar" in show(keeper, hr_import)
    assert "30 av 31" in do(keeper, hr_import, "confirm")
    with django_capture_on_commit_callbacks(execute=True):
        do(keeper, hr_import, "confirm", endings="1")
    hr_import.refresh_from_db()
    assert hr_import.state == "applied"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "tom"),
        (b"%PDF-1.7", "pdf"),
        (b"PK\x03\x04 trasig", "Excel"),
        (b"\xd0\xcf\x11\xe0", ".xlsx"),
        (b"a;b\n1;2", "rubriker"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_to_do(keeper, content, words):
    html = bring(keeper, content=content).content.decode()
    assert words in html
    assert not HrImport.objects.exists()


def test_a_workbook_is_read(keeper):
    content = workbook(HEADING.split(";"), *[row.split(";") for row in ROWS], titles=2)
    assert "Vilken kolumn innehåller vad?" in bring(keeper, content=content, name="personal.xlsx").content.decode()


def test_columns_must_make_sense(keeper):
    bring(keeper, *ROWS)
    hr_import = HrImport.objects.get()
    address = reverse("register:columns", args=[hr_import.pk])
    html = keeper.post(address, hr_import.columns | {"unit": ""}).content.decode()
    assert "Välj en kolumn för: enhet" in html
    html = keeper.post(address, hr_import.columns | {"role": "Enhet"}).content.decode()
    assert "Samma kolumn är vald två gånger" in html


HEADING_OF_ELECTED = "Id;Förnamn;Efternamn;Parti;Organ;Uppdrag"


def test_each_column_shows_what_stands_below_it(keeper):
    html = bring(keeper, *ROWS).content.decode()
    assert '<option value="Förnamn" selected>Förnamn – Åsa · Bo</option>' in html


def test_a_list_of_elected_officials_speaks_of_committees_and_keeps_no_party(keeper):
    html = bring(keeper, "5;Åsa;Öhrn;S;Norr;Ledamot", heading=HEADING_OF_ELECTED, population="elected").content.decode()
    assert "visar parti- eller facktillhörighet: Parti." in html
    assert "Nämnd eller organ" in html
    assert "Frånvaroorsak" not in html
    assert "Id-numren är desamma som i HR-systemet" in html
    assert "Id-numren är desamma som i HR-systemet" not in bring(keeper, *ROWS).content.decode()


@pytest.mark.parametrize(("ticked", "external_id"), [({}, "elected:5"), ({"hr_ids": "on"}, "5")])
def test_whose_the_ids_are_is_asked_of_elected_officials(
    keeper, django_capture_on_commit_callbacks, ticked, external_id
):
    bring(keeper, "5;Åsa;Öhrn;S;Norr;Ledamot", heading=HEADING_OF_ELECTED, population="elected")
    hr_import = HrImport.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        do(keeper, hr_import, "columns", **hr_import.columns, **ticked)
    with django_capture_on_commit_callbacks(execute=True):
        do(keeper, hr_import, "confirm")
    assert Person.objects.filter(external_id=external_id).exists()
    html = show(keeper, hr_import, q="5")
    assert "elected:" not in html
    assert "Åsa Öhrn" in html


def test_a_list_without_ids_says_what_to_do(keeper):
    bring(keeper, "Åsa Öhrn;asa@example.org;Norra IF", heading="Kontakt;E-post;Förening", population="partner")
    hr_import = HrImport.objects.get()
    html = do(keeper, hr_import, "columns", **hr_import.columns)
    assert "Saknar filen id: exportera den igen" in html


def test_a_file_of_which_nothing_is_read_does_not_say_that_all_is_well(keeper, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        bring(keeper, ROWS[0].replace("Norr", "Söder"))
        hr_import = HrImport.objects.get()
        do(keeper, hr_import, "columns", **hr_import.columns)
    assert "Filen ändrar inget, och 1 rad kunde inte läsas" in show(keeper, hr_import)


def test_a_file_that_is_put_away_is_gone(keeper):
    bring(keeper, *ROWS)
    hr_import = HrImport.objects.defer("lines").get()
    assert "Filen lades bort" in do(keeper, hr_import, "discard")


@pytest.mark.parametrize("function", ["head", "editor", "board_reader", "department_coordinator"])
def test_nobody_but_the_coordinator_keeps_the_register(client, municipality, function):
    client.force_login(make_head(make_unit(municipality), function))
    assert client.get(reverse("register:imports")).status_code == 404
    assert bring(client, *ROWS).status_code == 404


def test_a_foreign_file_is_not_there(keeper, client):
    bring(keeper, *ROWS)
    hr_import = HrImport.objects.get()
    client.force_login(make_head(make_municipality("Annan").root, "coordinator"))
    for name in ("import", "columns", "refused"):
        assert client.get(reverse(f"register:{name}", args=[hr_import.pk])).status_code == 404
    for name in ("confirm", "discard", "undo", "open_units"):
        assert client.post(reverse(f"register:{name}", args=[hr_import.pk])).status_code == 404


def test_the_menu_offers_the_files_to_the_coordinator_alone(keeper, client, municipality):
    address = reverse("register:imports")
    assert address in keeper.get(reverse("wagtailadmin_home")).content.decode()
    client.force_login(make_head(make_unit(municipality), "editor"))
    assert address not in client.get(reverse("wagtailadmin_home")).content.decode()

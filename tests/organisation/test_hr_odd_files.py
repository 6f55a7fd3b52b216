"""Exports as they come: by systems, reports and hands that nobody here has any say over."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from learning.organisation.hr.columns import guess, lacking
from learning.organisation.hr.rows import Reader, Refusal, settle
from learning.organisation.hr.tables import UnreadableFile, read_table
from learning.organisation.models import Population

ELECTED, PARTNER = Population.ELECTED, Population.PARTNER


def read(content: bytes | str, population: str = Population.EMPLOYEE) -> tuple[list, list[Refusal], list[str]]:
    """The rows, the refused ones and the columns that are left out, by the columns as guessed."""
    table = read_table(content.encode() if isinstance(content, str) else content)
    columns = settle(guess(table.headings, population), table.headings, table.sample)
    assert lacking(columns, population) == []
    found = list(Reader(table.headings, columns, population).rows(table.lines))
    refused = [row for row in found if isinstance(row, Refusal)]
    return [row for row in found if row not in refused], refused, table.left_out


def row(heading: str, *cells: str, population: str = Population.EMPLOYEE):
    """The only row of a file with this heading."""
    (only,), refused, _left_out = read("\n".join([heading, ";".join(cells)]), population)
    assert refused == []
    return only


def workbook(*sheets: list[list], hidden: tuple[int, ...] = ()) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Blad{number + 1}")
        sheet.sheet_state = "hidden" if number in hidden else "visible"
        for cells in rows:
            sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


PLAIN = ["Anst.nr", "Namn", "Enhet"]
KIM = ["17", "Kim Ek", "Norr"]

# What a system prints → what it says: id, first and last name, department, unit, code.
PRINTED = {
    "Personec P: codes and texts apart": (
        "Personnr;Anstnr;Efternamn;Förnamn;Org.enhet;Orgtext;AID;Etikett;From;Tom\n"
        "850101-1234;00017;Ek;Kim;4711;Ängskolan;402010;Lärare;20200101;99991231",
        ("00017", "Kim", "Ek", "", "4711", ""),
    ),
    "Visma: a title, the day, an empty line": (
        "Personallista\nUtskriven: 2026-01-01\n\nAnställningsnr;Namn;Avdelning;Yrke\n17;Kim Ek;Norr;Lärare\nAntal: 1",
        ("17", "Kim", "Ek", "", "Norr", ""),
    ),
    "Heroma: names in capitals": (
        "PersonId;Namn;Orgenhet;Befattning;Fr o m;T o m\n17;EK-ÖHRN, Kim;Norr;Lärare;2020-01-01;",
        ("17", "Kim", "Ek-Öhrn", "", "Norr", ""),
    ),
    "Medvind: a cost centre with its name": (
        "Anställningsnummer;Förnamn;Efternamn;Kostnadsställe\n17;Kim;Ek;4711 Ängskolan",
        ("17", "Kim", "Ek", "", "Ängskolan", "4711"),
    ),
    "Agda: the code before the name of the unit": (
        "Anst nr;Efternamn, förnamn;Enhet\n17;Ek Kim;4711 - Ängskolan",
        ("17", "Kim", "Ek", "", "Ängskolan", "4711"),
    ),
    "Hogia: quoted cells and a separator at the end of each line": (
        'Anst nr;Efternamn;Förnamn;Avd;\n"17";"Ek; Öhrn";"Kim";"Norr";\n',
        ("17", "Kim", "Ek; Öhrn", "", "Norr", ""),
    ),
    "a path through the organisation": (
        "Anst.nr;Namn;Organisation\n17;Kim Ek;Granforsa kommun / Barn och utbildning / Ängskolan",
        ("17", "Kim", "Ek", "Barn och utbildning", "Ängskolan", ""),
    ),
    "headings with line breaks": (
        '"Anst.\nnr";Namn;Enhet\n17;Kim Ek;Norr',
        ("17", "Kim", "Ek", "", "Norr", ""),
    ),
    "a line that says what the headings mean": (
        "Anst.nr;Namn;Enhet\n;(som i folkbokföringen);\n17;Kim Ek;Norr",
        ("17", "Kim", "Ek", "", "Norr", ""),
    ),
    "the same heading twice": (
        "Anst.nr;Namn;Enhet;Namn\n17;Kim Ek;Norr;Norra skolan",
        ("17", "Kim", "Ek", "", "Norr", ""),
    ),
    "an apostrophe that makes a number text": (
        "Anst.nr;Förnamn;Efternamn;Enhet\n'00017;Kim;'t Hooft;Norr",
        ("00017", "Kim", "'t Hooft", "", "Norr", ""),
    ),
    "an id with a space for the thousands": (
        "Anst.nr;Namn;Enhet\n12 345;Kim Ek;Norr",
        ("12345", "Kim", "Ek", "", "Norr", ""),
    ),
    "an id with decimals": ("Anst.nr;Namn;Enhet\n1234,0;Kim Ek;Norr", ("1234", "Kim", "Ek", "", "Norr", "")),
    "words for nothing": (
        "Anst.nr;Namn;E-post;Förvaltning;Enhet;Fr.o.m.;T.o.m.\n17;Kim Ek;saknas;-;Norr;NULL;#N/A",
        ("17", "Kim", "Ek", "", "Norr", ""),
    ),
    "a protected person without a name": (
        "Anst.nr;Förnamn;Efternamn;Enhet;Skyddad\n17;;;Norr;J",
        ("17", "", "", "", "Norr", ""),
    ),
    "a protected person whose name says so": (
        "Anst.nr;Förnamn;Efternamn;Enhet\n17;Skyddad;Identitet;Norr",
        ("17", "", "", "", "Norr", ""),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PRINTED)
def test_what_systems_print_says_what_they_mean(name):
    content, told = PRINTED[name]
    (only,), refused, _left_out = read(content)
    assert refused == []
    assert (only.hr_id, only.first_name, only.last_name, only.department, only.unit, only.unit_code) == told


TEXT = "Anst.nr;Namn;Enhet\n17;Åsa Öhrn;Ängskolan – källvägen €"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_letters_survive_every_encoding(encoding):
    (only,), _refused, _left_out = read(TEXT.encode(encoding))
    assert (only.first_name, only.unit) == ("Åsa", "Ängskolan – källvägen €")


@pytest.mark.parametrize(
    "content", [TEXT.replace("–", "-").replace(" €", "").encode("mac-roman"), TEXT.encode().decode("cp1252").encode()]
)
def test_letters_survive_a_macintosh_and_a_double_encoding(content):
    (only,), _refused, _left_out = read(content)
    assert (only.first_name, only.last_name, only.unit[:9]) == ("Åsa", "Öhrn", "Ängskolan")


def test_a_path_tells_the_units_between():
    found = row("Anst.nr;Namn;Orgträd", "17", "Kim Ek", "Barn och utbildning > Ängskolan > Lag 3")
    assert (found.department, found.above, found.unit) == ("Barn och utbildning", ("Ängskolan",), "Lag 3")


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("Ek Kim <Kim.Ek@Example.ORG>", "kim.ek@example.org"),
        ("mailto:kim@example.org", "kim@example.org"),
        ("kim@example.org, kim2@example.org", "kim@example.org"),
        ("kim@", ""),
        ("saknas", ""),
    ],
)
def test_an_address_is_found_in_its_cell(text, email):
    assert row("Anst.nr;Namn;Enhet;E-post", *KIM, text).email == email


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-03-01 00:00:00.000", date(2025, 3, 1)),
        ("2025-03-01T00:00:00", date(2025, 3, 1)),
        ("1 mars 2025", date(2025, 3, 1)),
        ("01 mar. 2025", date(2025, 3, 1)),
        ("45717", date(2025, 3, 1)),
        ("45717,5", date(2025, 3, 1)),
        ("1.3.2025", date(2025, 3, 1)),
        ("25/12/2025", date(2025, 12, 25)),
        ("12/25/2025", date(2025, 12, 25)),
        ("0001-01-01", None),
        ("0000-00-00", None),
        ("1899-12-30", None),
        ("9999-12-31", None),
        ("991231", None),
        ("NULL", None),
    ],
)
def test_a_last_day_is_read_however_a_system_writes_it(text, day):
    assert row("Anst.nr;Namn;Enhet;T.o.m.", *KIM, text).ends_on == day


@pytest.mark.parametrize("text", ["0202-05-01", "2025-13-01", "1/4/2025", "vt 2025", "2025"])
def test_a_day_that_may_be_a_slip_is_never_guessed(text):
    _rows, (refusal,), _left_out = read(f"Anst.nr;Namn;Enhet;T.o.m.\n17;Kim Ek;Norr;{text}")
    assert (refusal.hr_id, refusal.column) == ("17", "anställd till och med")


def test_the_order_of_day_and_month_is_that_of_the_column():
    heading = "Anst.nr;Namn;Enhet;Fr.o.m."
    for other, expected in (("12/31/2024", date(2025, 3, 4)), ("31/12/2024", date(2025, 4, 3))):
        rows, _refused, _left_out = read(f"{heading}\n17;Kim Ek;Norr;3/4/2025\n18;Bo Al;Norr;{other}")
        assert rows[0].starts_on == expected


def test_pages_groups_and_sums_are_no_rows():
    page = "Anst.nr;Namn;Enhet;Lön\n"
    content = (
        f"{page}Enhet: Norr;;;\n17;Kim Ek;Norr;1\nDelsumma;;;1\n\fSida 2 (2);;;\n{page}18;Bo Al;Norr;1\n;Summa;;2\n"
    )
    rows, refused, _left_out = read(content + "\nUtskrivet 2026-01-01 av Love")
    assert ([row.hr_id for row in rows], refused) == (["17", "18"], [])


def test_the_terms_of_an_employment_are_no_category():
    rows, refused, _left_out = read("Anst.nr;Namn;Enhet;Kategori\n17;Kim Ek;Norr;AB\n18;Bo Al;Norr;PAN")
    assert (len(rows), refused) == (2, [])


@pytest.mark.parametrize("hr_id", ["1,23457E+08", "1.2E+11", "kim@example.org"])
def test_an_id_that_is_none_says_that_it_is_nobodys(hr_id):
    _rows, (refusal,), _left_out = read(f"Anst.nr;Namn;Enhet\n17;Bo Al;Norr\n18;Bo Al;Norr\n{hr_id};Kim Ek;Norr")
    assert refusal.hr_id == ""


def test_a_file_that_knows_people_by_their_address_lacks_an_id():
    table = read_table("Användarnamn;Namn;Enhet\nkim@example.org;Kim Ek;Norr".encode())
    assert "hr_id" not in settle(guess(table.headings), table.headings, table.sample)


@pytest.mark.parametrize(
    "number", ["850101 - 1234", "850101\u22121234", "8501011234.0", "19850161-1234", "850101-T234"]
)
def test_a_personnummer_in_a_comment_is_left_out_however_it_is_written(number):
    rows = f"17;Kim Ek;Norr;se {number} ovan\n18;Bo Al;Norr;\n19;Bo Al;Norr;"
    table = read_table(f"Anst.nr;Namn;Enhet;Kommentar\n{rows}".encode())
    assert "1234" not in repr(list(table.lines))
    assert "T234" not in repr(table.sample)


def test_sheets_that_are_empty_or_hidden_are_passed_over():
    old = [PLAIN, ["99", "Gammal Rad", "Söder"]]
    (only,), _refused, _left_out = read(workbook([], old, [["Personal 2026"], [], PLAIN, KIM], hidden=(1,)))
    assert (only.hr_id, only.number) == ("17", 4)


def test_a_sheet_for_each_department_is_read_whole():
    rows, refused, _left_out = read(
        workbook([PLAIN, KIM], [["Lathund"]], [["Söder 2026"], PLAIN, ["18", "Bo Al", "Söder"]])
    )
    assert ([(row.hr_id, row.number) for row in rows], refused) == ([("17", 2), ("18", 5)], [])


def test_cells_of_a_workbook_say_what_they_show():
    cells = [1234.0, "Kim Ek", "Norr", 45717, datetime(9999, 12, 31), True, None]
    heading = [*PLAIN, "Fr.o.m.", "T.o.m.", "Huvudanställning", "Tom kolumn"]
    (only,), _refused, _left_out = read(workbook([heading, cells]))
    assert (only.hr_id, only.starts_on, only.ends_on, only.is_main) == ("1234", date(2025, 3, 1), None, True)


def test_hundreds_of_columns_are_no_hindrance():
    wide = ";".join(f"Kolumn {number}" for number in range(190))
    assert row(f"Anst.nr;Namn;Enhet;{wide}", *KIM, *["x"] * 190).unit == "Norr"


def test_cells_beyond_the_headings_are_nobodys():
    table = read_table(f"Anst.nr;Namn;Enhet\n{';'.join(KIM)};850101-1234;x".encode())
    assert (table.left_out, table.sample[0].cells) == ([], tuple(KIM))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Anst.nr;Namn;Enhet\r\n\r\n", "rubriker"),
        ("Kim Ek     Norr    Lärare", "Exportera"),
        ("<meta charset=utf-8><table><tr><td>Anst.nr", "webbsida"),
        ("MIME-Version: 1.0\nContent-Type: multipart/related", "webbsida"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "lösenord"),
        (b"PK\x05\x06" + bytes(18), "rubriker"),
    ],
)
def test_what_is_no_list_is_told_with_what_to_do(content, words):
    with pytest.raises(UnreadableFile, match=words):
        read_table(content.encode() if isinstance(content, str) else content)


def test_a_workbook_of_another_program_is_named():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(UnreadableFile, match=r"\.ods"):
        read_table(content.getvalue())


TROMAN = "Id;Förnamn;Efternamn;Parti;E-post;Nämnd;Organ;Uppdrag;Mandatperiod fr.o.m.;Mandatperiod t.o.m."


def test_a_register_of_elected_officials_is_understood():
    cells = ["5", "Åsa", "Öhrn (S)", "S", "", "Socialnämnden", "Arbetsutskottet", "Ledamot", "2023-01-01", "2026-12-31"]
    (only,), _refused, left_out = read("\n".join([TROMAN, ";".join(cells)]), ELECTED)
    assert left_out == ["Parti"]
    assert (only.population, only.last_name, only.department, only.unit) == (
        ELECTED, "Öhrn", "Socialnämnden", "Arbetsutskottet",
    )  # fmt: skip
    assert (only.role, only.starts_on, only.ends_on) == ("Ledamot", date(2023, 1, 1), date(2026, 12, 31))


def test_a_list_of_partners_is_understood():
    only = row("Id;Kontaktperson;Samfund;Uppdrag", "5", "Åsa Öhrn", "Norra församlingen", "Diakon", population=PARTNER)
    assert (only.population, only.last_name, only.unit, only.role) == (PARTNER, "Öhrn", "Norra församlingen", "Diakon")


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Parti", ["S", "M", "Lokalpartiet"]),
        ("Partibeteckning", ["S", "S", "S"]),
        ("Beteckning", ["S", "M", "C"]),
        ("Grupp", ["Socialdemokraterna", "Moderaterna", "M"]),
        ("Fackförbund", ["Kommunal", "Vision", ""]),
    ],
)
def test_which_party_or_union_somebody_belongs_to_is_left_out(heading, cells):
    rows = [f"{number};Kim Ek;Norr;{cell}" for number, cell in enumerate(cells)]
    table = read_table("\n".join([f"Id;Namn;Nämnd;{heading}", *rows]).encode())
    assert (table.left_out, table.headings) == ([heading], ["Id", "Namn", "Nämnd"])


def test_a_letter_that_stands_for_something_else_is_kept():
    table = read_table("Anst.nr;Namn;Enhet;Löneform\n1;Kim Ek;Norr;M\n2;Bo Al;Norr;M\n3;Bo Al;Norr;T".encode())
    assert table.left_out == []

"""An HR export as Swedish systems print it is read; what is broken costs only itself."""

import csv
import io
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from learning.organisation.hr import tables
from learning.organisation.hr.columns import HEADINGS, guess, lacking
from learning.organisation.hr.rows import Reader, Refusal, Row, settle
from learning.organisation.hr.tables import UnreadableFile, read_table
from learning.organisation.models import Leave, Population

HEADING = "Person-ID;Förnamn;Efternamn;E-post;Förvaltning;Enhet;Fr.o.m.;T.o.m.;Kategori"
KIM = Row(
    number=2,
    hr_id="17",
    first_name="Åsa",
    last_name="Öhrn Älv",
    email="asa@example.org",
    department="Omsorg",
    unit="Hemtjänst Norr",
    starts_on=date(2024, 2, 29),
)
LINE = "17;Åsa;Öhrn Älv;asa@example.org;Omsorg;Hemtjänst Norr;2024-02-29;;"


@dataclass
class HrFile:
    """What a file tells by the columns that its headings are guessed to be."""

    rows: list[Row]
    refused: list[Refusal]
    left_out: list[str]
    lacking: list[str]


def read(content: bytes) -> HrFile:
    table = read_table(content)
    columns = settle(guess(table.headings), table.headings, table.sample)
    found = [] if lacking(columns) else list(Reader(table.headings, columns).rows(table.lines))
    rows = [row for row in found if isinstance(row, Row)]
    return HrFile(rows, [row for row in found if isinstance(row, Refusal)], table.left_out, lacking(columns))


def lines(*rows: str, heading: str = HEADING) -> bytes:
    return "\r\n".join([heading, *rows]).encode()


def only_row(row: str, heading: str = HEADING) -> Row:
    hr_file = read(lines(row, heading=heading))
    assert hr_file.refused == []
    (only,) = hr_file.rows
    return only


def only_refusal(row: str, heading: str = HEADING) -> Refusal:
    hr_file = read(lines(row, heading=heading))
    assert hr_file.rows == []
    (only,) = hr_file.refused
    return only


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850"])
def test_every_delimiter_and_encoding_reads_the_same(delimiter, encoding):
    content = f"{HEADING}\r\n{LINE}\r\n".replace(";", delimiter).encode(encoding)
    assert read(content).rows == [KIM]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_reads_the_same(line_end):
    assert read(f"{HEADING}{line_end}{line_end}{LINE}".encode()).rows[0].unit == "Hemtjänst Norr"


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("ANST.NR", "hr_id"),
        ("Anställningsnummer", "hr_id"),
        ("Användar-ID", "hr_id"),
        ("E-postadress", "email"),
        ("E-MAIL", "email"),
        ("Anställd fr.o.m.", "starts_on"),
        ("Fr o m", "starts_on"),
        ("T.O.M.", "ends_on"),
        ("Slutdatum", "ends_on"),
        ("Kostnadsställe", "unit_code"),
        ("Befattningsbenämning", "role"),
        ("  förvaltningsnamn ", "department"),
    ],
)
def test_headings_are_known_in_their_swedish_variants(heading, name):
    value = {"starts_on": "2025-01-01", "ends_on": "2025-01-01", "email": "a@example.org"}.get(name, "17")
    needed = {"hr_id": "Person-ID", "first_name": "Förnamn", "last_name": "Efternamn", "unit": "Enhet"}
    needed.pop(name, None)
    row = only_row(";".join([value, *["9" for _ in needed]]), heading=";".join([heading, *needed.values()]))
    assert str(getattr(row, name)) == value


@pytest.mark.parametrize("last_day", ["9999-12-31", "99991231", "9999-12-31 00:00:00", "31.12.9999", "2999-12-31", ""])
def test_the_last_day_of_time_means_no_end(last_day):
    assert only_row(LINE.removesuffix(";;") + f";{last_day};").ends_on is None


@pytest.mark.parametrize("day", ["2025-03-01", "20250301", "2025/03/01", "01.03.2025", "2025-03-01 00:00:00"])
def test_a_day_is_read_however_it_is_written(day):
    assert only_row(LINE.removesuffix(";;") + f";{day};").ends_on == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("word", "population"),
    [("", Population.EMPLOYEE), ("Timavlönad", Population.EMPLOYEE), ("FÖRTROENDEVALD", Population.ELECTED)],
)
def test_a_category_says_who_is_counted_together(word, population):
    assert only_row(LINE + word).population == population


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("17;Åsa;Öhrn;;;Norr;2025-02-30;;", "2025-02-30"),
        ("17;Åsa;Öhrn;;;Norr;i går;;", "i går"),
        ("17;Åsa;;;;Norr;;;", "efternamn"),
        ("17;Åsa;Öhrn;;;;;;", "enhet"),
        ("17", "förnamn"),
        ("17;Åsa;Öhrn;;;Norr;2025-01-02;2025-01-01;", "2025-01-01"),
        ("17;Åsa;Öhrn;;;Norr;;;gäst", "gäst"),
        (f"17;Åsa;Öhrn;;;{'x' * 201};;;", "enhet"),
        ('17;"Åsa;Öhrn;;;Norr;;;', "citattecken"),
        ('17;Å"sa"b;"Öhrn" x;;;Norr;;;', "citattecken"),
    ],
)
def test_a_broken_row_is_refused_alone_with_its_line_and_the_reason(broken, reason):
    hr_file = read(lines(LINE, "", broken, LINE.replace("17", "18")))
    assert [row.hr_id for row in hr_file.rows] == ["17", "18"]
    (refusal,) = hr_file.refused
    assert (refusal.number, refusal.hr_id) == (4, "17")
    assert reason in refusal.reason


def test_a_row_without_an_id_says_that_it_is_nobodys():
    assert only_refusal(LINE.removeprefix("17")).hr_id == ""


def test_lines_are_counted_as_an_editor_counts_them():
    hr_file = read(lines('17;Åsa;Öhrn;;;"Norr\r\noch Söder";;;', "18;;;;;;;;"))
    assert hr_file.rows[0].unit == "Norr och Söder"
    assert hr_file.refused[0].number == 4


def test_quotes_and_separators_within_cells_are_kept():
    row = only_row('17;"Åsa ""Ossi""";"Öhrn; Älv";;;"Hem, tjänst";;;')
    assert (row.first_name, row.last_name, row.unit) == ('Åsa "Ossi"', "Öhrn; Älv", "Hem, tjänst")


def test_a_quote_that_is_never_closed_costs_only_its_own_row():
    hr_file = read(lines('16;"Åsa;Öhrn;;;Norr;;;', LINE, '18;Bo;"Ek;;;Norr;;;', LINE.replace("17", "19")))
    assert [row.hr_id for row in hr_file.rows] == ["17", "19"]
    assert [(refusal.number, refusal.hr_id) for refusal in hr_file.refused] == [(2, "16"), (4, "18")]


@pytest.mark.parametrize("heading", ["Personnummer", "Pers.nr", "PERSONNR", "Samordningsnummer", "Personnummer (12)"])
def test_a_column_of_personnummer_is_never_read(heading):
    hr_file = read(lines("19850101-1234;" + LINE, "19860101-1234;18;;;;;;;;", heading=f"{heading};{HEADING}"))
    assert len(hr_file.rows) == len(hr_file.refused) == 1
    assert "1234" not in repr(hr_file)


def test_a_file_that_knows_people_only_by_personnummer_lacks_an_id():
    hr_file = read(lines("850101-1234;A;B;C", heading="Personnummer;Förnamn;Efternamn;Enhet"))
    assert (hr_file.left_out, hr_file.lacking) == (["Personnummer"], ["HR-id"])


PERSONNUMMER = ["19850101-1234", "198501011234", "850101-1234", "8501011234", "850101+1234", "850161-1234"]
PERSONNUMMER += ["850101 1234", "850101-T234", "19850101T234"]


@pytest.mark.parametrize("number", PERSONNUMMER)
def test_a_personnummer_among_hr_ids_is_refused_and_never_kept(number):
    hr_file = read(lines(LINE, LINE.replace("17;", "18;"), LINE.replace("17;", f"{number};")))
    assert len(hr_file.rows) == 2
    assert [(refusal.number, refusal.hr_id) for refusal in hr_file.refused] == [(4, "")]
    assert number not in repr(hr_file)


@pytest.mark.parametrize("number", PERSONNUMMER)
def test_a_column_of_personnummer_is_known_by_what_stands_in_it(number):
    hr_file = read(lines(f"{LINE};{number}", heading=f"{HEADING};Anst.nr"))
    assert (len(hr_file.rows), hr_file.left_out) == (1, ["Anst.nr"])
    assert number not in repr(hr_file)


def test_a_personnummer_that_slipped_into_another_column_is_not_quoted():
    hr_file = read(lines(LINE, LINE.replace("17", "18"), LINE.replace("2024-02-29", "850101-1234")))
    assert len(hr_file.refused) == 1
    assert "850101" not in repr(hr_file)


@pytest.mark.parametrize("number", ["8513011234", "8501321234", "1234567", "85010112345"])
def test_a_number_with_no_birthday_in_it_is_an_hr_id(number):
    assert only_row(LINE.replace("17;", f"{number};")).hr_id == number


def test_a_missing_column_is_named():
    hr_file = read(lines("17;Åsa", heading="Person-ID;Förnamn"))
    assert hr_file.lacking == ["efternamn", "enhet"]


def workbook(*rows, titles: int = 0, sheets=("Blad1",)) -> bytes:
    """A workbook with the rows on its last sheet, below lines of titles."""
    book = Workbook()
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    sheet = book[sheets[-1]]
    for number in range(titles):
        sheet.append([f"Personallista {number + 1}"])
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_reads_like_a_text_file():
    cells = [17, "Åsa", "Öhrn Älv", "asa@example.org", "Omsorg", "Hemtjänst Norr", datetime(2024, 2, 29), None, None]
    assert read(workbook(HEADING.split(";"), cells)).rows == [KIM]


@pytest.mark.parametrize("day", [date(2024, 2, 29), datetime(2024, 2, 29, 8), 45351, 45351.0, "2024-02-29", "20240229"])
def test_a_day_in_a_workbook_is_read_however_it_is_kept(day):
    row = [17, "Åsa", "Öhrn", "", "", "Norr", day, date(9999, 12, 31), ""]
    (only,) = read(workbook(HEADING.split(";"), row)).rows
    assert (only.starts_on, only.ends_on) == (date(2024, 2, 29), None)


def test_titles_above_the_heading_and_a_sum_below_are_no_rows():
    cells = [17, "Åsa", "Öhrn", "", "", "Norr", "", "", ""]
    rows = [[], HEADING.split(";"), cells, [], ["Summa", None, None, None, None, None, 1]]
    hr_file = read(workbook(*rows, titles=3))
    assert ([row.number for row in hr_file.rows], hr_file.refused) == ([6], [])


def test_the_sheet_with_the_rows_is_found():
    content = workbook(HEADING.split(";"), LINE.split(";"), sheets=("Information", "Utdrag"))
    assert [row.hr_id for row in read(content).rows] == ["17"]


def test_a_heading_that_is_repeated_on_every_page_is_no_row():
    hr_file = read(lines(LINE, "", HEADING, LINE.replace("17", "18")))
    assert ([row.hr_id for row in hr_file.rows], hr_file.refused) == (["17", "18"], [])


def test_a_short_last_row_is_refused_and_not_taken_for_a_sum():
    assert [refusal.hr_id for refusal in read(lines(LINE, "18;Bo")).refused] == ["18"]


def test_a_file_that_was_pasted_together_keeps_every_letter():
    content = lines(LINE) + b"\r\n" + LINE.replace("17", "18").encode("cp1252")
    assert {row.last_name for row in read(content).rows} == {"Öhrn Älv"}


def test_letters_of_two_parts_become_one():
    assert only_row(unicodedata.normalize("NFD", LINE)).last_name == "Öhrn Älv"


@pytest.mark.parametrize(("name", "first"), [("Öhrn, Åsa Maria", "Åsa Maria"), ("Åsa Öhrn", "Åsa")])
def test_a_whole_name_is_split(name, first):
    row = only_row(f"17;{name};Norr", heading="Anst.nr;Namn;Org.enhet")
    assert (row.first_name, row.last_name) == (first, "Öhrn")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("", ""),
        ("Föräldraledig", Leave.Reason.PARENTAL),
        ("Sjukskriven", Leave.Reason.SICK),
        ("Studieledighet", Leave.Reason.STUDIES),
        ("Tjänstledig 100 %", Leave.Reason.OTHER),
    ],
)
def test_a_reason_of_leave_becomes_a_code(word, reason):
    assert (
        only_row(f"17;Åsa;Öhrn;Norr;{word}", heading="Anst.nr;Förnamn;Efternamn;Enhet;Frånvaro").leave_reason == reason
    )


def test_of_a_protected_person_no_name_is_read():
    row = only_row("17;Åsa;Öhrn;Norr;Ja", heading="Anst.nr;Förnamn;Efternamn;Enhet;Skyddad identitet")
    assert (row.protected, row.first_name, row.last_name) == (True, "", "")


def test_a_letter_that_was_lost_is_not_guessed():
    assert "förnamn" in only_refusal("17;\ufffdsa;Öhrn;;;Norr;;;").reason


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbf",
        b"\r\n\r\n",
        b"\xff\xfe\x00",
        b"\x81;\x8d",
        b"PK\x03\x04\x14",
        b"%PDF-1.7",
        b"\xd0\xcf\x11\xe0",
        b"<html><table><tr><td>Namn</td></tr></table></html>",
    ],
)
def test_what_is_no_export_is_called_unreadable(content):
    with pytest.raises(UnreadableFile):
        read(content)


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    with pytest.raises(UnreadableFile):
        read(lines(LINE))


def read_or_refuse(content: bytes) -> None:
    try:
        hr_file = read(content)
    except UnreadableFile:
        return
    assert all(row.hr_id and (row.unit or row.unit_code) and row.number > 1 for row in hr_file.rows)
    assert all(refusal.reason for refusal in hr_file.refused)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(content):
    read_or_refuse(content)


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16"]))
def test_no_text_crashes_the_reader(text, encoding):
    read_or_refuse(text.encode(encoding))
    read_or_refuse(f"{HEADING}\r\n{text}".encode(encoding))


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=9))
def test_no_cells_crash_the_reader(cells):
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerow(cells)
    read_or_refuse(lines(written.getvalue()))


LETTERS = "abcxyzåäöÅÄÖéZ019 -.'\"\n;,\t@&"
WORDS = st.text(LETTERS, min_size=1, max_size=12).map(lambda text: " ".join(text.split()))
# What begins with a dash or an apostrophe may mean something else.
WORDS = WORDS.filter(lambda text: text[:1].isalnum())
DAYS = st.dates(date(1950, 1, 1), date(2089, 1, 1))
# A name in capitals is spelled anew.
NAMES = WORDS.filter(lambda name: not name.isupper()).filter(lambda name: not name.endswith(")"))
PRINTED = {name: words[0] for name, words in HEADINGS.items() if name not in ("full_name", "unit_path")}
CATEGORIES = {
    Population.EMPLOYEE: "Anställd",
    Population.ELECTED: "Förtroendevald",
    Population.PARTNER: "Samverkanspart",
}


@st.composite
def rows_of_a_file(draw) -> list[Row]:
    """Rows that a file can hold, each on a line of its own number."""
    rows = []
    for number in range(draw(st.integers(1, 5))):
        starts_on, ends_on = sorted([draw(DAYS), draw(DAYS)])
        optional = {name: draw(st.just("") | WORDS) for name in ("department", "role", "unit_code")}
        rows.append(
            Row(
                number=number,
                hr_id=str(draw(st.integers(1, 10**6))),
                employment_no=draw(st.sampled_from(["", "1", "2"])),
                **{name: draw(NAMES) for name in ("first_name", "last_name")},
                unit=draw(WORDS),
                **optional,
                starts_on=draw(st.sampled_from([None, starts_on])),
                ends_on=draw(st.sampled_from([None, ends_on])),
                is_main=draw(st.booleans()),
                email=draw(st.sampled_from(["", "asa@example.org"])),
                extent=float(draw(st.integers(0, 100))),
                leave_reason=(reason := draw(st.sampled_from(["", "sick", "parental"]))),
                leave_from=starts_on if reason else None,
                population=draw(st.sampled_from(list(CATEGORIES))),
            )
        )
    return rows


def as_printed(row: Row, name: str) -> str:
    """The cell of an export that says what the row has under this name."""
    value = getattr(row, name)
    if name == "is_main":
        return "Ja" if value else "Nej"
    if name == "population":
        return CATEGORIES[value]
    if name == "leave_reason":
        return {"": "", "sick": "Sjuk", "parental": "Föräldraledig"}[value]
    if name == "protected":
        return "nej"
    return str(value or "")


def unnumbered(rows: list[Row]) -> list[tuple]:
    return [row.told for row in rows]


@given(
    rows_of_a_file(),
    st.permutations(list(PRINTED)),
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_what_is_written_is_read_back_whatever_the_order_of_columns(rows, names, delimiter, encoding):
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow([PRINTED[name] for name in names])
    writer.writerows([as_printed(row, name) for name in names] for row in rows)
    hr_file = read(written.getvalue().encode(encoding))
    assert hr_file.refused == []
    assert unnumbered(hr_file.rows) == unnumbered(rows)

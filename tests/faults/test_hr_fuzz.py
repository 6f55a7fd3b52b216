"""Whatever bytes or tables are brought, receiving them gives an import or an UnreadableFile, and nothing else.

`make fuzz` runs it for FUZZ_SECONDS and prints how often, and the peak of memory.
"""

import io
import os
import random
import resource
import time
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from openpyxl import Workbook

from learning.organisation.hr.columns import HEADINGS, OTHER_HEADINGS, lacking
from learning.organisation.hr.services import comparison_of, receive
from learning.organisation.hr.tables import UnreadableFile
from learning.organisation.models import HrImport, Municipality, Population
from tests.factories import make_municipality

DAY = date(2025, 3, 1)
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
KNOWN = sorted({word for fields in (HEADINGS, *OTHER_HEADINGS.values()) for words in fields.values() for word in words})
ODD = [
    *(
        "",
        "0",
        "17",
        "00017",
        "1,5E+08",
        "850101-1234",
        "NULL",
        "-",
        "=1+1",
        "'",
        '"',
        '""',
        ";",
        "\n",
        "\x00",
        "\ufeff",
    ),
    *("Ek, Kim", "A / B / C", "4711 Norr", "9999-12-31", "0000-00-00", "3/4/2025", "99999", "2025-02-30", "1 maj 2025"),
    *("kim@example.org", "Ã¥", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "x" * 300, "٣"),
    *("elected:5", "inf", "nan", "Ja", "Politiker", "Skyddad", "Summa", "(S)", "\u2028", "PK\x03\x04", "<html>"),
]
CELLS = st.sampled_from(ODD) | st.text(max_size=8)
TABLES = st.tuples(
    st.lists(st.sampled_from(KNOWN) | CELLS, max_size=9), st.lists(st.lists(CELLS, max_size=10), max_size=6)
)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "mac-roman", "cp850"]


def text(heading: list[str], rows: list[list[str]], delimiter: str, encoding: str) -> bytes:
    return "\r\n".join(delimiter.join(cells) for cells in [heading, *rows]).encode(encoding, "replace")


def workbook(heading: list, rows: list[list]) -> bytes:
    book, content = Workbook(), io.BytesIO()
    for cells in (heading, *rows):
        book.active.append([cell if isinstance(cell, (float, datetime)) else _printable(cell) for cell in cells])
    book.save(content)
    return content.getvalue()


def _printable(cell: str) -> str:
    return "".join(char for char in cell if char.isprintable())


def bring(municipality: Municipality, content: bytes, population: str) -> None:
    """Receive the file and, where it has the columns that are needed, compare it."""
    try:
        hr_import = receive(municipality=municipality, filename="fil", content=content, on=DAY, population=population)
    except UnreadableFile:
        return
    assert isinstance(hr_import, HrImport)
    if not lacking(hr_import.columns, population):
        hr_import.opens_units = True
        for finding in comparison_of(hr_import).findings():
            assert "850101-1234" not in repr(finding)
    hr_import.delete()


class AnyBytes(TestCase):
    """Whatever is brought."""

    def setUp(self):
        self.municipality = make_municipality()

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.binary(max_size=300), st.sampled_from(Population.values))
    def test_bytes(self, content, population):
        bring(self.municipality, content, population)
        bring(self.municipality, b"PK\x03\x04" + content, population)

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(TABLES, st.sampled_from(";,\t|"), st.sampled_from(ENCODINGS), st.sampled_from(Population.values))
    def test_tables(self, table, delimiter, encoding, population):
        bring(self.municipality, text(*table, delimiter, encoding), population)

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=30)
    @given(TABLES, st.sampled_from(Population.values))
    def test_workbooks(self, table, population):
        bring(self.municipality, workbook(*table), population)


@pytest.mark.skipif(not SECONDS, reason="make fuzz")
def test_for_long(db, capsys):
    """Tables by chance, and bytes of them changed by chance."""
    municipality, executions, until = make_municipality(), 0, time.monotonic() + SECONDS
    chance = random.Random(os.environ.get("FUZZ_SEED"))
    while time.monotonic() < until:
        heading = [
            chance.choice(KNOWN) if chance.random() < 0.8 else _cell(chance) for _ in range(chance.randint(0, 12))
        ]
        rows = [[_cell(chance) for _ in range(chance.randint(0, 14))] for _ in range(chance.randint(0, 30))]
        if chance.random() < 0.2:
            content = workbook(heading, rows)
        else:
            content = text(heading, rows, chance.choice(";,\t|"), chance.choice(ENCODINGS))
        for _ in range(chance.choice([0, 0, 1, 3, 20])):
            at = chance.randrange(len(content) + 1)
            content = content[:at] + chance.randbytes(chance.randint(0, 4)) + content[at + chance.randint(0, 4) :]
        try:
            bring(municipality, content, chance.choice(Population.values))
        except BaseException:
            print(f"after {executions} executions: {content!r}")
            raise
        executions += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with capsys.disabled():
        print(f"\n{executions} executions in {SECONDS:.0f} s, peak {peak:.0f} MB")


def _cell(chance: random.Random) -> str:
    return chance.choice(ODD) if chance.random() < 0.7 else str(chance.randint(0, 10**12))

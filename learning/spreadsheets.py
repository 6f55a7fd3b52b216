"""Files that open right in a Swedish Excel: semicolons, decimal commas, UTF-8 with BOM; no cell is ever run."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.http import HttpResponse, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

ENDINGS = ("csv", "xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What else than text a cell of an XLSX file holds; a negative number is no formula there.
NUMBER_FORMATS = {int: "0", Decimal: "0.0", date: "yyyy-mm-dd"}
# A cell that begins with one of these is run as a formula by a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value) -> str:
    """The value as text that a spreadsheet shows and never runs."""
    text = "" if value is None else str(value).replace("\x00", "")
    if isinstance(value, Decimal):
        return text.replace(".", ",")
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_response(filename: str, rows: Iterable[Iterable]) -> HttpResponse:
    """The rows as a CSV file to download."""
    return HttpResponse("".join(_lines(rows)), **_as_file(filename))


def csv_stream(filename: str, rows: Iterable[Iterable]) -> StreamingHttpResponse:
    """The same, sent while the rows are made: none of them is kept."""
    return StreamingHttpResponse(_lines(rows), **_as_file(filename))


def xlsx_response(filename: str, rows: Iterable[Iterable]) -> HttpResponse:
    """The rows as an XLSX file to download; numbers and days can be reckoned with, all else is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    response = HttpResponse(content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{filename}"'})
    book.save(response)
    return response


def file_response(ending: str, name: str, rows: Iterable[Iterable], *, is_long: bool = False):
    """The rows as a file with this ending, one of ENDINGS; a long CSV is streamed."""
    make = xlsx_response if ending == "xlsx" else csv_stream if is_long else csv_response
    return make(f"{name}.{ending}", rows)


def _cell(sheet, value) -> WriteOnlyCell:
    """A cell that is shown as it is and never run."""
    if type(value) in NUMBER_FORMATS:
        made = WriteOnlyCell(sheet, value=value)
        made.number_format = NUMBER_FORMATS[type(value)]
        return made
    text = "" if value is None else ILLEGAL_CHARACTERS_RE.sub("", str(value))
    made = WriteOnlyCell(sheet, value=text)
    made.data_type = "s"
    return made


def _lines(rows: Iterable[Iterable]) -> Iterator[str]:
    """The file, line by line."""
    yield "\ufeff"
    writer = csv.writer(_Echo(), delimiter=";", lineterminator="\r\n")
    for row in rows:
        yield writer.writerow(map(cell, row))


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _as_file(filename: str) -> dict:
    disposition = f'attachment; filename="{filename}"'
    return {"content_type": "text/csv; charset=utf-8", "headers": {"Content-Disposition": disposition}}

"""Figures and lists as CSV that opens right in a Swedish Excel: semicolons, decimal commas, UTF-8 with BOM."""

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse
from django.utils.translation import gettext as _

from learning.coverage.figures import rounded
from learning.coverage.models import Status

from .standing import UnitStanding

# A cell that begins with one of these is run as a formula by a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value) -> str:
    """The value as a spreadsheet shows it and never runs it; a float is a share in per cent."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(rounded(value, 1)).replace(".", ",")
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_response(filename: str, rows: Iterable[Iterable]) -> HttpResponse:
    """The rows as a file to download."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def units_file(standing: UnitStanding) -> HttpResponse:
    """The unit and all below it with their figures: the same as on the page."""
    rows = [
        [
            _("Unit"),
            _("Level"),
            _("As of"),
            _("Employed"),
            *[str(status.label) for status in Status if not status.is_counted],
            _("Counted"),
            _("Completed"),
            _("Per cent"),
        ]
    ]
    for unit, coverage in standing.tree.items():
        counts = coverage.as_dict()["counts"]
        excluded = [counts[status.name.lower()] for status in Status if not status.is_counted]
        figure = [coverage.headcount, *excluded, coverage.counted, coverage.competent, coverage.share]
        rows.append([unit.name, unit.kind, standing.on, *figure])
    rows += [[], [_("Requirement"), standing.requirement.title], [_("Definition"), standing.requirement.definition]]
    return csv_response(f"tackning-{standing.on}.csv", rows)


def people_file(standing: UnitStanding) -> HttpResponse:
    """The people of the unit and their status."""
    rows = [[_("Last name"), _("First name"), _("Unit"), _("Role"), _("Status"), _("Completed on"), _("Valid through")]]
    for line in standing.lines:
        person = [line.person.last_name, line.person.first_name, line.unit_name, line.role]
        rows.append([*person, str(line.status.label), line.completed_on, line.valid_through])
    return csv_response(f"personer-{standing.on}.csv", rows)

"""Figures and lists as files."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from learning.coverage.figures import rounded
from learning.coverage.models import Status
from learning.spreadsheets import csv_response

from .standing import UnitStanding


def per_cent(share: float | None) -> str:
    """The share as a spreadsheet in Swedish reads it, with one decimal."""
    return "" if share is None else str(rounded(share, 1)).replace(".", ",")


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
        figure = [coverage.headcount, *excluded, coverage.counted, coverage.competent, per_cent(coverage.share)]
        rows.append([unit.name, unit.kind, standing.on, *figure])
    rows += [[], [_("Requirement"), standing.requirement.title], [_("Definition"), standing.requirement.definition]]
    return csv_response(f"tackning-{standing.on}.csv", rows)


def people_file(standing: UnitStanding) -> HttpResponse:
    """The people of the unit and their status."""
    rows = [[_("Last name"), _("First name"), _("Unit"), _("Role"), _("Status"), _("Completed on"), _("Valid through")]]
    for line in standing.lines:
        person = [*line.person.listed_name, line.unit_name, line.role]
        rows.append([*person, str(line.status.label), line.completed_on, line.valid_through])
    return csv_response(f"personer-{standing.on}.csv", rows)

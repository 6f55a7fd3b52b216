"""Figures and lists as files."""

from datetime import date
from itertools import chain

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from learning.coverage.figures import rounded
from learning.coverage.models import Status
from learning.organisation.models import Appointment
from learning.records.models import EvidenceLevel
from learning.spreadsheets import csv_response, csv_stream

from .duties import DutyStanding
from .people import Line
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
    rows += [[], [_("Organisation"), organisation_of(standing)]]
    rows += [[_("Requirement"), standing.requirement.title], [_("Definition"), standing.requirement.definition]]
    return csv_response(f"tackning-{_day_of(standing)}.csv", rows)


def organisation_of(standing: UnitStanding) -> str:
    """On which organisation the figures are counted."""
    words = {"day": standing.structure.on if standing.structure else standing.on}
    return (_("as it is on %(day)s") if standing.structure else _("as it was on %(day)s")) % words


def _day_of(standing: UnitStanding) -> str:
    """The day in the name of a file, and whose organisation it is where it is not that of the day."""
    return f"{standing.on}-i-dagens-organisation" if standing.structure else f"{standing.on}"


def people_file(standing: UnitStanding) -> StreamingHttpResponse:
    """The people of the unit and their status."""
    names, work = [_("Last name"), _("First name")], [_("Unit"), _("Role")]
    done = [_("Completed on"), _("Valid through"), _("How we know")]
    headings = [*names, *work, _("Status"), *done, _("No later than")]
    # Now, in the language of the request.
    labels, known_by = ({one: str(one.label) for one in choices} for choices in (Status, EvidenceLevel))
    rows = (_person(line, labels[line.status], known_by.get(line.evidence_level, "")) for line in standing.people())
    return csv_stream(f"personer-{_day_of(standing)}.csv", chain([headings], rows))


def _person(line: Line, status: str, known_by: str) -> list:
    person = [*line.person.listed_name, line.unit_name, line.role]
    return [*person, status, line.completed_on, line.valid_through, known_by, line.due_on]


def duties_file(standings: list[DutyStanding], on: date) -> HttpResponse:
    """Every unit that is to have a function, with those who hold it; a row for each, one where there is nobody."""
    rows = [
        [
            _("Required function"),
            _("Unit"),
            _("As of"),
            _("Status"),
            _("Name"),
            _("Function"),
            _("Since"),
            _("Through"),
            _("On leave"),
            _("Trained"),
            _("Valid through"),
        ]
    ]
    yes_or_no = {True: _("yes"), False: _("no")}
    for standing in standings:
        for post in standing.posts:
            row = [standing.duty.title, post.unit.name, on, str(post.state.label)]
            rows += [[*row, *_holder(holder, yes_or_no)] for holder in post.holders] or [row]
    return csv_response(f"uppdrag-{on}.csv", rows)


def _holder(holder: Appointment, yes_or_no: dict[bool, str]) -> list:
    known = [holder.person, holder.get_function_display(), holder.starts_on, holder.ends_on]
    return [*known, yes_or_no[holder.is_on_leave], yes_or_no[holder.is_trained], holder.lasts_through]

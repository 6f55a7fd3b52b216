"""Figures and lists as files."""

from datetime import date
from decimal import Decimal
from itertools import chain

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from learning.coverage.figures import METHOD, Coverage, rounded
from learning.coverage.models import Status
from learning.organisation.models import Appointment
from learning.records.models import EvidenceLevel
from learning.spreadsheets import file_response

from .duties import DutyStanding, duties_of
from .measures import measures_of, requirements_of, roles_of
from .people import Line
from .standing import UnitStanding


def per_cent(share: float | None) -> Decimal | None:
    """The share with one decimal."""
    return None if share is None else rounded(share, 1)


def units_file(standing: UnitStanding, ending: str) -> HttpResponseBase:
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
            *[str(status.label) for status in Status.lacking()],
            _("Per cent"),
        ]
    ]
    for unit, coverage in standing.tree.items():
        counts = coverage.as_dict()["counts"]
        excluded = [counts[status.name.lower()] for status in Status if not status.is_counted]
        lacking = [counts[status.name.lower()] for status in Status.lacking()]
        counted = [coverage.counted, coverage.competent, *lacking, per_cent(coverage.share)]
        rows.append([unit.name, unit.kind, standing.on, coverage.headcount, *excluded, *counted])
    return file_response(ending, f"tackning-{_day_of(standing)}", [*rows, [], *_how_we_count(standing)])


def _how_we_count(standing: UnitStanding) -> list[list]:
    """What every figure carries, below the figures."""
    return [
        [_("Organisation"), organisation_of(standing)],
        [_("Requirement"), standing.requirement.title],
        [_("Definition"), standing.requirement.definition],
        [_("Who is counted"), standing.rule.who],
        [_("Threshold (per cent)"), standing.threshold],
        [_("Method"), _(METHOD)],
    ]


def measures_file(standing: UnitStanding, ending: str) -> HttpResponseBase:
    """The other measures, as on their page: each with those whom it is counted of."""
    rows = [[_("Measure"), _("Group"), _("As of"), _("Counted"), _("Number"), _("Per cent")]]
    for measure in measures_of(standing):
        what = [measure.title, standing.requirement.title, standing.on]
        rows.append([*what, measure.counted, measure.number, per_cent(measure.share)])
    for group in roles_of(standing):
        rows.append([_("Has it now"), group.title, standing.on, *_figure(group.coverage)])
    for asked in requirements_of(standing):
        what = [asked.requirement.title, asked.who, standing.on]
        rows.append([*what, *_figure(asked.coverage)])
    for duty in duties_of(standing.unit, standing.on):
        share = 100 * duty.filled / len(duty.posts)
        rows.append(
            [_("Functions to fill"), duty.duty.title, standing.on, len(duty.posts), duty.filled, per_cent(share)]
        )
    return file_response(ending, f"matt-{_day_of(standing)}", [*rows, [], *_how_we_count(standing)])


def _figure(coverage: Coverage) -> list:
    return [coverage.counted, coverage.competent, per_cent(coverage.share)]


def organisation_of(standing: UnitStanding) -> str:
    """On which organisation the figures are counted."""
    words = {"day": standing.structure.on if standing.structure else standing.on}
    return (_("as it is on %(day)s") if standing.structure else _("as it was on %(day)s")) % words


def _day_of(standing: UnitStanding) -> str:
    """The day in the name of a file, and whose organisation it is where it is not that of the day."""
    return f"{standing.on}-i-dagens-organisation" if standing.structure else f"{standing.on}"


def people_file(standing: UnitStanding, ending: str) -> HttpResponseBase:
    """The people of the unit and their status."""
    names, work = [_("Last name"), _("First name")], [_("Unit"), _("Role")]
    done = [_("Completed on"), _("Valid through"), _("How we know")]
    headings = [*names, *work, _("Status"), *done, _("No later than")]
    # Now, in the language of the request.
    labels, known_by = ({one: str(one.label) for one in choices} for choices in (Status, EvidenceLevel))
    rows = (_person(line, labels[line.status], known_by.get(line.evidence_level, "")) for line in standing.people())
    return file_response(ending, f"personer-{_day_of(standing)}", chain([headings], rows), is_long=True)


def _person(line: Line, status: str, known_by: str) -> list:
    person = [*line.person.listed_name, line.unit_name, line.role]
    return [*person, status, line.completed_on, line.valid_through, known_by, line.due_on]


def duties_file(standings: list[DutyStanding], on: date, ending: str) -> HttpResponseBase:
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
    asked = {standing.duty: standing.duty.course for standing in standings if standing.duty.course}
    notes = [[_("Trained"), duty.title, _("The course: %(course)s.") % {"course": asked[duty]}] for duty in asked]
    return file_response(ending, f"uppdrag-{on}", [*rows, [], *notes] if notes else rows)


def _holder(holder: Appointment, yes_or_no: dict[bool, str]) -> list:
    known = [holder.person, holder.get_function_display(), holder.starts_on, holder.ends_on]
    return [*known, yes_or_no[holder.is_on_leave], yes_or_no[holder.is_trained], holder.lasts_through]

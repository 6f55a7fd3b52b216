"""Figures and lists as files."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import chain

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.utils.text import slugify
from django.utils.translation import gettext as _

from learning.coverage.figures import METHOD, rounded
from learning.coverage.models import Status
from learning.organisation.models import Appointment, Municipality
from learning.records.models import EvidenceLevel
from learning.spreadsheets import file_response

from .duties import DutyStanding, duties_of
from .measures import Asked, measures_of, requirements_of, roles_of
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
    return file_response(ending, _name("tackning", standing), [*rows, [], *_about(standing)])


def _about(standing: UnitStanding) -> list[list]:
    """What a file of a unit says of itself, below its rows: whose it is, of which day, and how it is counted."""
    goal, rule = standing.goal, standing.rule
    return [
        *_whose(Municipality.objects.of_unit(standing.unit)),
        [_("Unit"), standing.unit.name],
        [_("As of"), standing.on, *filter(None, [standing.another_day, standing.still_counting])],
        [_("Organisation"), organisation_of(standing)],
        [_("Goal"), goal.text],
        [_("Goal date"), goal.due_on],
        [_("Threshold (per cent)"), standing.threshold],
        [_("Requirement"), standing.requirement.title],
        [_("Definition"), standing.requirement.definition],
        [_("Who is counted"), rule.who],
        [_("New employees"), _("Days before they are counted: %(days)s") % {"days": rule.grace_days}],
        [_("Method"), _(METHOD)],
    ]


def _whose(municipality: Municipality) -> list[list]:
    """The municipality, and that nothing of it is true where it is invented."""
    invented = [[_("Fictional municipality: all people and figures are invented")]]
    return [[_("Municipality"), municipality.name], *(invented if municipality.is_fictional else [])]


def measures_file(standing: UnitStanding, ending: str) -> HttpResponseBase:
    """The other measures, as on their page: each with those whom it is counted of."""
    what, now = standing.requirement.title, _("Has it now")
    measures, others = measures_of(standing), requirements_of(standing)
    rows = [[_("Measure"), _("What"), _("Group"), _("As of"), _("Counted"), _("Number"), _("Per cent")]]
    for measure in measures:
        rows.append([measure.title, what, standing.rule.who, standing.on, *_figure(measure.counted, measure.number)])
    for group in roles_of(standing):
        own = group.coverage
        rows.append([now, what, group.title, standing.on, *_figure(own.counted, own.competent)])
    for other in others:
        rows += _asked(other, standing.on)
    for duty in duties_of(standing.unit, standing.on):
        posts = _figure(len(duty.posts), duty.filled)
        rows.append([_("In place and trained"), duty.duty.title, _("Functions to fill"), standing.on, *posts])
    notes = [[measure.title, measure.meaning] for measure in measures]
    asked = dict.fromkeys(one.requirement for one in others if one.requirement != standing.requirement)
    notes += [[_("Definition"), one.title, one.definition] for one in asked]
    notes.append([_("Nobody lacks what is offered: an offer is told by how many have begun it, and has no per cent.")])
    return file_response(ending, _name("matt", standing), [*rows, [], *_about(standing), *notes])


def _asked(asked: Asked, on: date) -> Iterator[list]:
    """How far those have come of whom something is asked, or to whom it is offered."""
    figures = {
        _("Begun"): asked.begun,
        _("Completed at some time"): asked.ever,
        _("Has it now"): asked.coverage.competent,
    }
    for title, number in figures.items():
        counted, number, share = _figure(asked.coverage.counted, number)
        yield [title, asked.requirement.title, asked.who, on, counted, number, None if asked.is_offer else share]


def _figure(counted: int, number: int) -> list:
    """So many of those counted, in per cent of them."""
    return [counted, number, per_cent(100 * number / counted if counted else None)]


def organisation_of(standing: UnitStanding) -> str:
    """On which organisation the figures are counted."""
    words = {"day": standing.structure.on if standing.structure else standing.on}
    return (_("as it is on %(day)s") if standing.structure else _("as it was on %(day)s")) % words


def data_file(content: dict) -> JsonResponse:
    """What is told as data, so written that people can read it too."""
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _name(what: str, standing: UnitStanding) -> str:
    """The name of a file: of which unit, goal and day it is, and whose organisation where not that of the day."""
    about = [what, slugify(standing.unit.name), f"mal-{standing.goal.pk}", f"{standing.on}"]
    return "-".join([*filter(None, about), *(["i-dagens-organisation"] if standing.structure else [])])


def people_file(standing: UnitStanding, ending: str) -> HttpResponseBase:
    """The people of the unit and their status."""
    names, work = [_("Last name"), _("First name")], [_("Unit"), _("Role")]
    done = [_("Completed on"), _("Valid through"), _("How we know")]
    headings = [*names, *work, _("Status"), *done, _("No later than")]
    # Now, in the language of the request.
    labels, known_by = ({one: str(one.label) for one in choices} for choices in (Status, EvidenceLevel))
    rows = (_person(line, labels[line.status], known_by.get(line.evidence_level, "")) for line in standing.people())
    about = [[], *_about(standing), [_("People"), _("Everyone employed here that day, whatever their status")]]
    return file_response(ending, _name("personer", standing), chain([headings], rows, about), is_long=True)


def _person(line: Line, status: str, known_by: str) -> list:
    person = [*line.person.listed_name, line.unit_name, line.role]
    return [*person, status, line.completed_on, line.valid_through, known_by, line.due_on]


def duties_file(standings: list[DutyStanding], municipality: Municipality, on: date, ending: str) -> HttpResponseBase:
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
    about = [*_whose(municipality), [_("As of"), on]]
    return file_response(ending, f"uppdrag-{on}", [*rows, [], *about, *notes])


def _holder(holder: Appointment, yes_or_no: dict[bool, str]) -> list:
    known = [holder.person, holder.get_function_display(), holder.starts_on, holder.ends_on]
    return [*known, yes_or_no[holder.is_on_leave], yes_or_no[holder.is_trained], holder.lasts_through]

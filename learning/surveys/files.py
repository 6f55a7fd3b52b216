"""The figures of a survey as a file."""

from collections.abc import Iterable
from datetime import date

from django.http import HttpResponse
from django.utils.translation import gettext as _

from learning.spreadsheets import csv_response

from .results import SurveyResult
from .retention import CourseRetained, Estimate


def survey_file(result: SurveyResult) -> HttpResponse:
    """What the page tells: of each question, round and answer how many chose it."""
    rows = [[_("Group"), _("Question"), _("Round"), _("Answered the round"), _("Answer"), _("Number"), _("Per cent")]]
    group = result.unit.name if result.unit else _("Everyone")
    for item, lines, _table in result.questions:
        for line in lines:
            asked = [group, item.text, str(line.wave)]
            if line.sum is None:
                rows.append([*asked, _("hidden: too few")])
                continue
            rows += [[*asked, line.sum.number, part.label, part.number, part.percent] for part in line.parts]
    return csv_response(f"enkat-{result.survey.pk}-{result.on}.csv", rows)


def retained_file(courses: Iterable[CourseRetained], on: date) -> HttpResponse:
    """What the page tells: of each course, round and group the share that is known, its interval, and what it was."""
    head = [_("Course"), _("Round"), _("Group"), _("Topic"), _("People"), _("Per cent now")]
    rows = [[*head, _("Lowest per cent"), _("Highest per cent"), _("Per cent at the check")]]
    for one in courses:
        for found in one.told:
            about = [one.course.title, str(found.round.label)]
            rows.append([*about, _("Everyone"), "", *_figures(found.whole)])
            rows += [[*about, _("Everyone"), topic, *_figures(told)] for topic, told in found.topics.items()]
            rows += [[*about, unit.name, "", *_figures(told)] for unit, told in found.units.items()]
    return csv_response(f"bibehallen-kunskap-{on}.csv", rows)


def _figures(found: Estimate) -> list:
    before = "" if found.percent_before is None else found.percent_before
    return [found.people, found.percent, found.percent_low, found.percent_high, before]

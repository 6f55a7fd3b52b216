"""The figures of a survey as a file."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from learning.spreadsheets import csv_response

from .results import SurveyResult


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

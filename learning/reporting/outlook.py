"""What a forecast says, in words: on the page, and in whatever tells of it."""

from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning.coverage.forecast import LEAST, Forecast, Outlook, Pace


@dataclass(frozen=True)
class Said:
    """How it looks for the goal: the answer first, and then what it rests on."""

    title: str
    text: str
    is_good: bool


def said(forecast: Forecast) -> Said:
    """The forecast in words."""
    outlook = forecast.outlook
    titles = {
        Outlook.SAFE: _("The goal holds: %(lowest)s %% on %(day)s even if nobody more takes the course."),
        Outlook.ON_COURSE: _("On course: %(likely)s %% on %(day)s at today’s pace."),
        Outlook.BEHIND: _("Not on course: %(likely)s %% on %(day)s at today’s pace."),
        Outlook.UNKNOWN: _("%(lowest)s %% on %(day)s if nobody more takes the course."),
    }
    words = {
        "lowest": forecast.nothing_more.percent,
        "likely": (forecast.at_pace or forecast.nothing_more).percent,
        "day": date_format(forecast.nothing_more.on, "j F Y"),
    }
    parts = [] if outlook == Outlook.SAFE else [_needed(forecast)]
    parts.append(_pace(forecast.pace))
    if outlook in (Outlook.ON_COURSE, Outlook.BEHIND):
        parts.append(_("If nobody more takes the course it is %(lowest)s %%.") % words)
    return Said(titles[outlook] % words, " ".join(parts), outlook in (Outlook.SAFE, Outlook.ON_COURSE))


def _needed(forecast: Forecast) -> str:
    """How many more, and at what pace where that is one a week at least."""
    by_then = ngettext(
        "%(people)s more person must complete it by then", "%(people)s more people must complete it by then",
        forecast.missing,
    ) % {"people": intcomma(forecast.missing)}  # fmt: skip
    if forecast.missing < forecast.days_through(forecast.nothing_more.on) / 7:
        return f"{by_then}."
    return _("%(by_then)s, %(number)s a week.") % {"by_then": by_then, "number": intcomma(forecast.needed_a_week)}


def _pace(pace: Pace | None) -> str:
    if pace is None:
        return _("The pace of now cannot be told: too few people, or asked for less than %(days)s days.") % {
            "days": LEAST
        }
    if not pace.people:
        return _("Nobody has completed it in the last %(days)s days.") % {"days": pace.days}
    words = {"people": intcomma(pace.people), "days": pace.days, "number": intcomma(round(7 * pace.people / pace.days))}
    completed = ngettext(
        "In the last %(days)s days %(people)s person completed it",
        "In the last %(days)s days %(people)s people completed it",
        pace.people,
    ) % words  # fmt: skip
    if 7 * pace.people < pace.days:
        return f"{completed}."
    return _("%(completed)s, about %(number)s a week.") % {**words, "completed": completed}

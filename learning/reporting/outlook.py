"""What a forecast says, in words: on the page, and in whatever tells of it."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format, number_format
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
    if outlook in (Outlook.ON_COURSE, Outlook.BEHIND) and forecast.pace.people:
        parts.append(_("If nobody more takes the course it is %(lowest)s %%.") % words)
    return Said(titles[outlook] % words, " ".join(parts), outlook in (Outlook.SAFE, Outlook.ON_COURSE))


def _needed(forecast: Forecast) -> str:
    """How many more, and at what pace where that is one a week at least."""
    by_then = ngettext(
        "%(people)s person must complete or renew it by then",
        "%(people)s people must complete or renew it by then",
        forecast.missing,
    ) % {"people": intcomma(forecast.missing)}
    weekly = forecast.needed_a_week
    if weekly < 1:
        return f"{by_then}."
    return _("%(by_then)s, %(number)s a week.") % {"by_then": by_then, "number": _number(weekly, ROUND_CEILING)}


def _pace(pace: Pace | None) -> str:
    if pace is None:
        words = _(
            "Today’s pace cannot be told: there are too few people, or it has been asked for less than %(days)s days."
        )
        return words % {"days": LEAST}
    if not pace.people:
        return _("Nobody has completed it in the last %(days)s days.") % {"days": pace.days}
    completed = ngettext(
        "In the last %(days)s days %(people)s person completed it",
        "In the last %(days)s days %(people)s people completed it",
        pace.people,
    ) % {"days": pace.days, "people": intcomma(pace.people)}
    if pace.a_week < 1:
        return f"{completed}."
    return _("%(completed)s, %(number)s a week.") % {
        "completed": completed,
        "number": _number(pace.a_week, ROUND_FLOOR),
    }


def _number(weekly: Fraction, rounding: str) -> str:
    """People a week: what is needed rounded up and what is done rounded down, so that too slow never looks enough."""
    decimals = 1 if weekly < 10 else 0
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(weekly.numerator) / Decimal(weekly.denominator)
    return number_format(exact.quantize(step, rounding).normalize() + 0, force_grouping=True)

"""A release as its page, its JSON and its CSV show it: all three say what stands in it, and nothing else."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from learning.coverage.figures import rounded
from learning.coverage.models import Status
from learning.plans.models import Goal

from .charts import Point, in_words, line_chart
from .files import per_cent
from .models import Release
from .releases import counts_somebody, entries_of


def page(release: Release, releases: Iterable[Release]) -> dict:
    """What the page shows of a release; the curve is drawn through those of these that came before it."""
    points = points_of([release, *(one for one in releases if one.on < release.on)])
    goals = [goal_of(entry, release.on, points[entry["key"]]) for entry in release.body["goals"]]
    others = [{"about": entry, **row_of(entry)} for entry in release.body.get("others", [])]
    return {"release": release, "goals": together(goals), "others": others}


def told_of(goals: Iterable[Goal], releases: Iterable[Release], today: date) -> list[dict]:
    """What was told of each measured goal, with its day: at its own date where that has passed, else the newest."""
    by_day, found = {release.on: release for release in releases}, []
    for goal in goals if by_day else ():
        if goal.requirement and goal.threshold_percent:
            release = by_day.get(goal.due_on if goal.is_closed(today) else max(by_day))
            entries = entries_of(release.body) if release else []
            told = (row_of(entry) for entry in entries if entry["key"] == goal.requirement.key)
            row = next((row for row in told if counts_somebody(row["figure"])), {"figure": None, "last": None})
            day = row["last"] or (release and release.on)
            found.append({"goal": goal, "release": release, "figure": row["figure"], "on": day})
    return found


def together(goals: Iterable[dict]) -> list[dict]:
    """Goals of the same knowledge, which share their figures, as one: what is still to be reached, or the first."""
    alike = defaultdict(list)
    for goal in goals:
        alike[goal["about"]["key"]].append(goal)
    found = []
    for own in alike.values():
        shown = next((goal for goal in own if not goal["is_past"]), own[0])
        found.append({**shown, "all": own, "other_aims": [goal["aim"] for goal in own if goal is not shown]})
    return found


def points_of(releases: Iterable[Release]) -> dict[str, list[Point]]:
    """Key of what is asked → the share of the municipality, release by release."""
    points = defaultdict(dict)
    for release in releases:
        for entry in entries_of(release.body):
            if counts_somebody(entry["figure"]):
                points[entry["key"]][release.on] = share_of(entry["figure"])
    return defaultdict(list, {key: sorted(own.items()) for key, own in points.items()})


def goal_of(entry: dict, on: date, points: list[Point]) -> dict:
    """A goal as it is shown, with the curve through these points."""
    due_on = entry["due_on"] and date.fromisoformat(entry["due_on"])
    is_past = bool(due_on and due_on <= on)
    return {
        **row_of(entry),
        "about": entry,
        "is_past": is_past,
        "aim": aim(entry["threshold_percent"], due_on, on, points),
        "rows": [row_of(row) for row in entry["units"]],
        "reasons": _reasons(entry),
        "chart": _chart(entry, due_on, points),
    }


def _reasons(entry: dict) -> list[dict]:
    """Those who are not counted, by reason in words; no number where they are fewer than five."""
    return [
        {"label": ", ".join(str(Status[name.upper()].label) for name in cell["reasons"]), "number": cell["number"]}
        for cell in entry["not_counted"]
    ]


def aim(threshold: int, due_on: date | None, on: date, points: Iterable[Point]) -> str:
    """What the goal asks; once its day has passed, whether it was reached, where the points tell of that day."""
    words = {"threshold": threshold, "day": due_on and date_format(due_on, "j F Y")}
    if due_on is None:
        return _("The goal: %(threshold)s %%.") % words
    if due_on > on:
        return _("The goal: %(threshold)s %% by %(day)s at the latest.") % words
    asked = _("The goal was %(threshold)s %% by %(day)s at the latest.") % words
    share = dict(points).get(due_on)
    if share is None:
        return asked
    if share >= threshold:  # exactly, before any rounding
        outcome = _("It was reached: %(share)s %% that day.")
    else:
        outcome = _("It was not reached: %(share)s %% that day.")
    return f"{asked} {outcome % {'share': rounded(share)}}"


def row_of(row: dict) -> dict:
    """A unit with the figure that is told of it, or was told last."""
    told = row["figure"] or row["last"]
    last = row["last"] and date.fromisoformat(row["last"]["on"])
    return {"name": row["name"], "figure": told, "last": last, "share": told and share_of(told)}


def share_of(figure: dict) -> float | None:
    """The exact share in per cent; None of nobody."""
    return 100 * figure["completed"] / figure["counted"] if figure["counted"] else None


def _chart(entry: dict, due_on: date | None, points: list[Point]) -> dict | None:
    """The share of the municipality, release by release; none as long as there is no line to draw."""
    if len(points) < 2:
        return None
    return line_chart(
        points,
        goal=entry["threshold_percent"],
        goal_on=due_on,
        title=_("Share with %(requirement)s, half-year by half-year") % {"requirement": entry["requirement"]},
        description=in_words(points),
    )


def data(release: Release) -> dict:
    """The release as JSON, with its hash; docs/figures.md says what each key means."""
    return {**release.body, "published_at": release.published_at, "sha256": release.sha256}


def rows(release: Release) -> list[list]:
    """The release as a table: a line for each goal and unit."""
    heading = [_("Goal"), _("Knowledge"), _("Unit"), _("As of"), _("Counted"), _("Completed"), _("Per cent")]
    lines = [[*heading, _("Threshold (per cent)"), _("Goal date")]]
    for entry in entries_of(release.body):
        about = [entry.get("goal"), capfirst(entry["requirement"])]
        for row in (entry, *entry["units"]):
            aim = [entry.get("threshold_percent"), entry.get("due_on")]
            lines.append([*about, row["name"], *_cells(row, release.on), *aim])
    if release.body["is_fictional"]:
        lines += [[], [_("Fictional municipality: all people and figures are invented")]]
    hidden = _("Where it does not say how many are counted, the figure is not shown, so that nobody is singled out.")
    lines += [[], [hidden]]
    # Goals of the same knowledge are counted alike.
    for entry in {entry["key"]: entry for entry in entries_of(release.body)}.values():
        lines += _how_we_count(entry)
    lines += [[_("Method"), _(release.body["method"])]]
    lines += [[_("Published"), date_format(release.published_at, "Y-m-d")]]
    lines += [[_("SHA-256 of the same figures as data (JSON), not of this file"), release.sha256]]
    return lines


def _how_we_count(entry: dict) -> list[list]:
    """Who is counted in a figure and who is not, as the page says it."""
    name = capfirst(entry["requirement"])
    return [
        [_("Definition"), name, entry["definition"]],
        [_("Who is counted"), name, entry["who"]],
        [_("Days before new employees are counted"), name, entry["grace_days"]],
        *[
            [
                _("Not counted"),
                name,
                reason["label"],
                _("fewer than five") if reason["number"] is None else reason["number"],
            ]
            for reason in _reasons(entry)
        ],
    ]


def _cells(row: dict, on: date) -> list:
    """Day and numbers: as told now, or as told last with its own day; empty where it never was."""
    told = row["figure"] or row["last"]
    if not told:
        return [on, None, None, None]
    share = None if told["per_cent"] is None else per_cent(share_of(told))
    return [told.get("on", on), told["counted"], told["completed"], share]

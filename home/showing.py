"""A release as its page, its JSON and its CSV show it: all three say what stands in it, and nothing else."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from learning.coverage.models import Status
from learning.reporting.charts import in_words, line_chart
from learning.reporting.files import per_cent

from .models import Release


def page(release: Release, releases: Iterable[Release]) -> dict:
    """What the page shows of a release; the curve is drawn through those of these that came before it."""
    through = sorted((one for one in releases if one.on < release.on), key=lambda one: one.on)
    goals = defaultdict(list)
    for entry in release.body["goals"]:
        goals[entry["key"]].append(_goal(entry, release.on, [*through, release]))
    return {"release": release, "goals": [_together(own) for own in goals.values()]}


def _together(goals: list[dict]) -> dict:
    """Goals of the same knowledge, which share their figures, as one: what is still to be reached, or the first."""
    shown = next((goal for goal in goals if not goal["is_past"]), goals[0])
    return {**shown, "other_aims": [goal["aim"] for goal in goals if goal is not shown]}


def _goal(entry: dict, on: date, releases: list[Release]) -> dict:
    due_on = entry["due_on"] and date.fromisoformat(entry["due_on"])
    reasons = [
        {"label": ", ".join(str(Status[name.upper()].label) for name in cell["reasons"]), "number": cell["number"]}
        for cell in entry["not_counted"]
    ]
    is_past = bool(due_on and due_on <= on)
    return {
        **_row(entry),
        "about": entry,
        "is_past": is_past,
        "aim": _aim(entry["threshold_percent"], due_on, is_past),
        "rows": [_row(row) for row in entry["units"]],
        "reasons": reasons,
        "chart": _chart(entry, due_on, releases),
    }


def _aim(threshold: int, due_on: date | None, is_past: bool) -> str:
    """What the goal asks, in a sentence."""
    words = {"threshold": threshold, "day": due_on and date_format(due_on, "j F Y")}
    if due_on is None:
        return _("The goal: %(threshold)s %%.") % words
    if is_past:
        return _("The goal was %(threshold)s %% by %(day)s at the latest.") % words
    return _("The goal: %(threshold)s %% by %(day)s at the latest.") % words


def _row(row: dict) -> dict:
    """A unit with the figure that is told of it, or was told last."""
    told = row["figure"] or row["last"]
    last = row["last"] and date.fromisoformat(row["last"]["on"])
    return {"name": row["name"], "figure": told, "last": last, "share": told and _share(told)}


def _share(figure: dict) -> float:
    return 100 * figure["completed"] / figure["counted"]


def _chart(entry: dict, due_on: date | None, releases: list[Release]) -> dict | None:
    """The share of the municipality, release by release; none as long as there is no line to draw."""
    points = [
        (release.on, _share(goal["figure"]))
        for release in releases
        for goal in {goal["key"]: goal for goal in release.body["goals"]}.values()
        if goal["key"] == entry["key"] and goal["figure"]
    ]
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
    for entry in release.body["goals"]:
        about = [entry["goal"], capfirst(entry["requirement"])]
        for row in (entry, *entry["units"]):
            aim = [entry["threshold_percent"], entry["due_on"]]
            lines.append([*about, row["name"], *_cells(row, release.on), *aim])
    if release.body["is_fictional"]:
        lines += [[], [_("Fictional municipality: all people and figures are invented")]]
    lines += [[], [_("Empty cells are hidden: too few people, or too little that is new.")]]
    lines += [[_("Definition"), entry["requirement"], entry["definition"]] for entry in release.body["goals"]]
    lines += [[_("Method"), release.body["method"]], ["SHA-256", release.sha256]]
    lines += [[_("Published"), date_format(release.published_at, "Y-m-d")]]
    return lines


def _cells(row: dict, on: date) -> list:
    """Day and numbers: as told now, or as told last with its own day; empty where it never was."""
    told = row["figure"] or row["last"]
    if not told:
        return [on, None, None, None]
    return [told.get("on", on), told["counted"], told["completed"], per_cent(_share(told))]

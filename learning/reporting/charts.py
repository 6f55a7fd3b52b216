"""Geometry of the charts: numbers in, coordinates out. templates/components/ draws them; nothing here writes HTML.

Coordinates are text, so that no locale puts a comma into them.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from learning.coverage.figures import rounded

Point = tuple[date, float | None]
Span = tuple[date, float, float]

NBSP = "\u00a0"
MONTHS_BEFORE_YEARS = 30  # a longer span is marked by year, a shorter one by month


@dataclass(frozen=True)
class Frame:
    """Where the plot lies in its picture, and how days and shares become coordinates."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    first: date
    last: date

    def x(self, on: date) -> float:
        days = (self.last - self.first).days or 1
        return self.left + (self.right - self.left) * (on - self.first).days / days

    def y(self, share: float) -> float:
        return self.bottom - (self.bottom - self.top) * min(max(share, 0), 100) / 100


def in_words(points: Sequence[Point]) -> str:
    """Where a curve begins and ends, for those who do not see it."""
    (start, first), (end, last) = points[0], points[-1]
    start, end = (date_format(day, "j F Y") for day in (start, end))
    words = {"first": _whole(first), "start": start, "last": _whole(last), "end": end}
    return _("From %(first)s per cent on %(start)s to %(last)s per cent on %(end)s.") % words


def _whole(share: float | None) -> str:
    return "–" if share is None else str(rounded(share))


def line_chart(
    series: Iterable[Point],
    *,
    goal: float | None = None,
    goal_on: date | None = None,
    today: date | None = None,
    band: Iterable[Span] = (),
    title: str,
    description: str,
) -> dict:
    """A share over time, drawn twice: narrow for a phone, wide for the rest and for paper.

    The band (day, lowest, highest share) goes on from the last figure.
    """
    points, band = sorted(series, key=lambda point: point[0]), list(band)
    days = [on for on, _share in points] + [day for day in (goal_on, today) if day] + [on for on, *_shares in band]
    chart = {
        "title": title,
        "description": description,
        "rows": [{"on": on, "share": share, "label": percent(share)} for on, share in points],
        "pictures": [],
    }
    if not days:
        return chart
    key = hashlib.sha256(f"{title}{points}".encode()).hexdigest()[:8]
    for size, width, height in [("narrow", 320, 260), ("wide", 760, 340)]:
        frame = Frame(width, height, 48, width - 16, 30, height - 34, min(days).replace(day=1), max(days))
        picture = {
            "size": size,
            "id": f"chart-{key}-{size}",
            **_axes(frame, most=4 if size == "narrow" else 8),
            **_curve(points, frame),
            "band": _band(points, band, frame),
            "goal": _goal(goal, goal_on, frame),
            "goal_date": _goal_date(goal_on, frame),
            "last": _last(points, frame, goal, has_band=bool(band)),
        }
        chart["pictures"].append(picture)
    return chart


def small_multiple(
    series: Iterable[Point],
    *,
    goal: float | None = None,
    first: date | None = None,
    last: date | None = None,
) -> dict:
    """The same without words, to stand beside its like: give all of them the same first and last day."""
    points = sorted(series, key=lambda point: point[0])
    days = [day for day in (first, last) if day] or [on for on, _share in points]
    if not days:
        return {"view_box": "0 0 160 48", "paths": [], "areas": [], "dots": [], "goal": None, "last": None}
    frame = Frame(160, 48, 2, 154, 6, 44, min(days), max(days))
    points = [point for point in points if frame.first <= point[0] <= frame.last]
    return {
        "view_box": "0 0 160 48",
        "right": _n(frame.right),
        "bottom": _n(frame.bottom),
        **_curve(points, frame),
        "goal": None if goal is None else {"y": _n(frame.y(goal))},
        "last": _last(points, frame, goal),
    }


def bar_geometry(rows: Sequence[dict], *, goal: float | None = None, width: int = 760) -> dict:
    """Departments side by side: each row has a label, a share (None: hidden or nobody) and the words to write."""
    step, bar, label_width, words_width = 34, 16, 230, 150
    left, right = label_width, width - words_width
    height = step * len(rows) + 8
    bars = []
    for place, row in enumerate(rows):
        y = 4 + step * place + (step - bar) / 2
        share = row["share"]
        bars.append(
            {
                **row,
                "y": _n(y),
                "text_y": _n(y + bar - 3),
                "width": "" if share is None else _n((right - left) * min(max(share, 0), 100) / 100),
            }
        )
    return {
        "view_box": f"0 0 {width} {height}",
        "left": _n(left),
        "label_x": _n(left - 12),
        "words_x": _n(right + 12),
        "track": _n(right - left),
        "thickness": _n(bar),
        "bottom": _n(height),
        "bars": bars,
        "goal": None if goal is None else {"x": _n(left + (right - left) * goal / 100)},
    }


def percent(share: float | None) -> str:
    """The share in whole per cent as it is written; all and nothing are said only where they are so."""
    return "–" if share is None else f"{rounded(share)}{NBSP}%"


def _axes(frame: Frame, most: int) -> dict:
    return {
        "view_box": f"0 0 {_n(frame.width)} {_n(frame.height)}",
        "left": _n(frame.left),
        "right": _n(frame.right),
        "top": _n(frame.top),
        "bottom": _n(frame.bottom),
        "label_x": _n(frame.left - 8),
        "tick_end": _n(frame.bottom + 5),
        "tick_text_y": _n(frame.bottom + 22),
        "y_ticks": [
            {"y": _n(frame.y(share)), "text_y": _n(frame.y(share) + 4.5), "label": percent(share)}
            for share in (0, 25, 50, 75, 100)
        ],
        "x_ticks": [
            {"x": _n(frame.x(on)), "on": on, "is_year": is_year}
            for on, is_year in _ticks(frame.first, frame.last, most)
        ],
    }


def _ticks(first: date, last: date, most: int) -> list[tuple[date, bool]]:
    """The first days of years, or of months where the span is short; each with whether it opens a year."""
    months = 12 * (last.year - first.year) + last.month - first.month
    if months > MONTHS_BEFORE_YEARS:
        years = [year for year in range(first.year, last.year + 1) if date(year, 1, 1) >= first]
        step = -(-len(years) // most)
        return [(date(year, 1, 1), True) for year in years[:: step or 1]]
    step = next(step for step in (1, 2, 3, 6, 12) if months <= step * most or step == 12)
    starts = [
        date(first.year + (first.month + n - 1) // 12, (first.month + n - 1) % 12 + 1, 1) for n in range(months + 1)
    ]
    return [(day, day.month == 1) for day in starts if day >= first and (day.month - 1) % step == 0]


def _curve(points: Sequence[Point], frame: Frame) -> dict:
    """Lines and the areas below them; a day without a figure leaves a gap, a lone day is a dot."""
    runs, run = [], []
    for on, share in [*points, (None, None)]:
        if share is not None:
            run.append((frame.x(on), frame.y(share)))
        elif run:
            runs.append(run)
            run = []
    lines = [line for line in runs if len(line) > 1]
    paths = ["M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in line) for line in lines]
    return {
        "paths": paths,
        "areas": [f"{path}V{_n(frame.bottom)}H{_n(line[0][0])}Z" for path, line in zip(paths, lines, strict=True)],
        "dots": [{"x": _n(line[0][0]), "y": _n(line[0][1])} for line in runs if len(line) == 1],
    }


def _band(points: Sequence[Point], band: Sequence[Span], frame: Frame) -> dict | None:
    """What may come, from the last figure on: an area and its two edges."""
    if not band or not points or points[-1][1] is None:
        return None
    whole = [(points[-1][0], points[-1][1], points[-1][1]), *band]
    low = [f"{_n(frame.x(on))} {_n(frame.y(lowest))}" for on, lowest, _highest in whole]
    high = [f"{_n(frame.x(on))} {_n(frame.y(highest))}" for on, _lowest, highest in whole]
    return {
        "area": f"M{'L'.join(low)}L{'L'.join(reversed(high))}Z",
        "edges": ["M" + "L".join(high), "M" + "L".join(low)],
    }


def _goal(goal: float | None, goal_on: date | None, frame: Frame) -> dict | None:
    """The line of the goal; its label keeps to the other half than the label of the goal's date."""
    if goal is None:
        return None
    y = frame.y(goal)
    at_the_start = goal_on is None or _is_late(goal_on, frame)
    return {
        "y": _n(y),
        "text_x": _n(frame.left if at_the_start else frame.right),
        "text_y": _n(y - 8),
        "anchor": "start" if at_the_start else "end",
        "label": percent(goal),
    }


def _goal_date(on: date | None, frame: Frame) -> dict | None:
    """The day of the goal; its label turns towards the middle so that it stays inside the picture."""
    if on is None:
        return None
    x = frame.x(on)
    late = _is_late(on, frame)
    return {
        "on": on,
        "x": _n(x),
        "text_x": _n(min(x + 4, frame.right) if late else max(x - 4, frame.left)),
        "text_y": _n(frame.top - 8),
        "anchor": "end" if late else "start",
    }


def _is_late(on: date, frame: Frame) -> bool:
    return frame.x(on) > (frame.left + frame.right) / 2


def _last(points: Sequence[Point], frame: Frame, goal: float | None, *, has_band: bool = False) -> dict | None:
    """The latest figure, labelled; below the point where the line of the goal would run through the label.

    Where a band begins there, the label keeps to the left of it.
    """
    known = [(on, share) for on, share in points if share is not None]
    if not known:
        return None
    on, share = known[-1]
    x, y = frame.x(on), frame.y(share)
    below = y - frame.top < 30 or (goal is not None and 0 < y - frame.y(goal) < 30)
    to_the_left = has_band or x > frame.right - 50
    return {
        "x": _n(x),
        "y": _n(y),
        "text_x": _n(x - 6 if has_band else x + 4 if to_the_left else x),
        "text_y": _n(y + 27 if below else y - 14),
        "anchor": "end" if to_the_left else "middle",
        "label": percent(share),
    }


def _n(number: float) -> str:
    """A coordinate with at most one decimal, and always a point."""
    return f"{number:.1f}".removesuffix(".0")

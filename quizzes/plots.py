"""Geometry of the plots of questions: figures in, coordinates out. Templates draw them; nothing here writes HTML.

Coordinates are text, so that no locale puts a comma into them. One narrow picture serves phone and desk alike.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from string import ascii_uppercase

LEFT, RIGHT, TOP, BOTTOM = 40, 336, 24, 220
VIEW_BOX = "0 0 360 262"


@dataclass(frozen=True)
class Axis:
    """From one whole quarter to another, marked at even steps."""

    low: float
    high: float

    @classmethod
    def around(cls, values: Collection[float]) -> "Axis":
        low, high = math.floor(4 * min(values)) / 4, math.ceil(4 * max(values)) / 4
        return cls(low, high) if low < high else cls(low - 0.25, high)

    def part(self, value: float) -> float:
        """How far along the axis the value lies, 0 to 1."""
        return (value - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[float]:
        span = self.high - self.low
        step = next(step for step in (0.05, 0.1, 0.25, 0.5) if span <= 5 * step or step == 0.5)
        return [self.low + number * step for number in range(round(span / step) + 1)]


WHOLE = Axis(0, 1)


def scatter(rows: Collection[dict]) -> dict | None:
    """How many are right against discrimination, a point for each question that has both; None where none has."""
    rows = [row for row in rows if row["found"].is_shown and row["found"].discrimination is not None]
    if not rows:
        return None
    across = Axis.around([row["found"].difficulty for row in rows])
    up = Axis.around([0, *(row["found"].discrimination for row in rows)])
    points = [
        {
            **row,
            "x": _n(_x(across.part(row["found"].difficulty))),
            "y": _n(_y(up.part(row["found"].discrimination))),
            "is_fine": row["verdicts"][0].is_fine,
        }
        for row in rows
    ]
    return {
        **_frame([(across.part(tick), _percent(tick)) for tick in across.ticks]),
        "y_ticks": [_y_tick(up.part(tick), value=tick) for tick in up.ticks],
        "points": points,
    }


def trace_plot(found) -> dict | None:
    """The share that chose each option in each group (analysis.Traces); None where there is nothing to draw."""
    if not found:
        return None
    across = [(n + 0.5) / len(found.groups) for n in range(len(found.groups))]
    lines = []
    for letter, trace in zip(ascii_uppercase, found.traces, strict=False):
        points = [(_x(x), _y(share)) for x, share in zip(across, trace.shares, strict=True) if share is not None]
        path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points) if points else ""
        marks = [{"x": _n(x), "y": _n(y), "text_y": _n(y + 4)} for x, y in points]
        lines.append({"letter": letter, "trace": trace, "path": path, "marks": marks})
    return {
        **_frame(list(zip(across, found.groups, strict=True))),
        "y_ticks": [_y_tick(tick, label=_percent(tick)) for tick in WHOLE.ticks],
        "groups": found.groups,
        "lines": lines,
    }


def _frame(x_ticks: Collection[tuple[float, str]]) -> dict:
    return {
        "view_box": VIEW_BOX,
        "left": _n(LEFT),
        "right": _n(RIGHT),
        "label_x": _n(LEFT - 6),
        "middle": _n((LEFT + RIGHT) / 2),
        "x_ticks": [{"x": _n(_x(part)), "label": label} for part, label in x_ticks],
    }


def _y_tick(part: float, **told) -> dict:
    return {"y": _n(_y(part)), "text_y": _n(_y(part) + 4), **told}


def _x(part: float) -> float:
    return LEFT + (RIGHT - LEFT) * part


def _y(part: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * part


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"


def _n(number: float) -> str:
    """A coordinate with at most one decimal, and always a point."""
    return f"{number:.1f}".removesuffix(".0")

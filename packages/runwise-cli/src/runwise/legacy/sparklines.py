"""The little curves and slopes of runwise 0.5, on the numbers of runwise-sampling."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

from runwise_sampling.slope import slope
from runwise_sampling.trend import trend

if TYPE_CHECKING:
    from collections.abc import Sequence

SPARK_CHARS = "▁▂▃▄▅▆▇█"
ARROWS = {"up": "↑", "down": "↓", "flat": "→", "noisy": "~", "": "→"}
PER_1000 = 1000.0
STABLE = 0.001
"""Share of a curve's range per 1,000 steps below which its slope counts as none."""


def sparkline(
    values: Sequence[float | None],
    width: int = 10,
    min_val: float | None = None,
    max_val: float | None = None,
) -> str:
    """Return values as a line of blocks, what is no number left out.

    >>> sparkline([1, 2, 3, 4], width=4)
    '▁▃▆█'
    """
    known = _finite(values)
    if not known or width < 1:
        return ""
    low = min(known) if min_val is None else min_val
    high = max(known) if max_val is None else max_val
    cells = _means(known, min(width, len(known)))
    span = high - low
    top = len(SPARK_CHARS) - 1
    places = [round(top * (cell - low) / span) if span > 0 else top // 2 for cell in cells]
    return "".join(SPARK_CHARS[max(0, min(top, place))] for place in places)


def sparkline_with_stats(values: Sequence[float | None], width: int = 10) -> str:
    """Return a line of blocks, where it goes, and its ends.

    >>> sparkline_with_stats([4, 3, 2, 1], width=4)
    '█▆▃▁ ↓ (4 → 1)'
    """
    known = _finite(values)
    if not known:
        return ""
    return f"{sparkline(known, width)} {trend_indicator(known)} ({known[0]:.4g} → {known[-1]:.4g})"


def trend_indicator(values: Sequence[float | None]) -> str:
    """Return an arrow: up, down, flat, or ``~`` for noise."""
    known = _finite(values)
    return ARROWS[trend(range(len(known)), known)] if known else ARROWS[""]


def calculate_slope(
    values: Sequence[float], steps: Sequence[float] | None = None
) -> tuple[float, float, str]:
    """Return the slope per step, per 1,000 steps, and ``improving``, ``declining`` or ``stable``.

    A falling curve is ``improving``, as of a loss.
    """
    places = list(range(len(values))) if steps is None else list(steps)
    per_1000 = slope(places, values)
    if not isfinite(per_1000):
        return 0.0, 0.0, "stable"
    known = _finite(values)
    span = max(known) - min(known)
    told = per_1000 * (max(places) - min(places)) / PER_1000
    word = "stable" if abs(told) <= STABLE * span else "improving" if told < 0 else "declining"
    return per_1000 / PER_1000, per_1000, word


def calculate_windowed_slopes(
    values: Sequence[float], steps: Sequence[float] | None = None, window: int = 100
) -> list[tuple[float, float]]:
    """Return the step at the end of each window of so many values, and the slope per 1,000."""
    places = list(range(len(values))) if steps is None else list(steps)
    ends = range(window, len(values) + 1, max(1, window))
    return [
        (places[end - 1], slope(places[end - window : end], values[end - window : end]))
        for end in ends
    ]


def _finite(values: Sequence[float | None]) -> list[float]:
    return [float(value) for value in values if value is not None and isfinite(value)]


def _means(values: Sequence[float], width: int) -> list[float]:
    edges = [round(number * len(values) / width) for number in range(width + 1)]
    pieces = [values[begin:end] for begin, end in pairwise(edges)]
    return [sum(piece) / len(piece) for piece in pieces]


__all__ = [
    "SPARK_CHARS",
    "calculate_slope",
    "calculate_windowed_slopes",
    "sparkline",
    "sparkline_with_stats",
    "trend_indicator",
]

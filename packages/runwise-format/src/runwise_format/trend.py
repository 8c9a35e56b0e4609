"""A curve in a few characters: digits for agents, blocks for people.

Ten digits cost four tokens where ten blocks cost sixteen. The lowest value is ``0`` and the
highest ``9``, a curve that never moves is ``5555555555``, and ``x`` marks a place where a
value was NaN or infinite, however few of the points there were.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
DIGITS = "0123456789"
ARROWS = {"up": "↑", "down": "↓", "flat": "→", "noisy": "~"}
ASCII_ARROWS = {"up": "^", "down": "v", "flat": ">", "noisy": "~"}


def digits(values: Sequence[float], width: int = 10) -> str:
    """Return a curve as at most ``width`` digits.

    >>> digits([5.0, 3.0, 2.0, 1.5, float("nan")])
    '9410x'
    """
    return _draw(values, width, DIGITS, "x")


def blocks(values: Sequence[float], width: int = 10) -> str:
    """Return a curve as at most ``width`` block characters.

    >>> blocks([5.0, 3.0, 2.0, 1.5])
    '█▄▂▁'
    """
    return _draw(values, width, BLOCKS, "×")


def arrow(direction: str, *, ascii_only: bool = False) -> str:
    """Return the arrow of a direction, or nothing for a direction nobody knows."""
    return (ASCII_ARROWS if ascii_only else ARROWS).get(direction, "")


def _draw(values: Sequence[float], width: int, glyphs: str, hole: str) -> str:
    points = _thin(values, width)
    known = [point for point in points if point is not None]
    if not known:
        return hole * len(points)
    low, high = min(known), max(known)
    return "".join(
        hole if point is None else glyphs[_level(point, low, high, len(glyphs))]
        for point in points
    )


def _level(value: float, low: float, high: float, levels: int) -> int:
    span = high / 2 - low / 2  # halves, because the span of two huge numbers overflows
    if span <= 0:
        return levels // 2
    return min(levels - 1, round((value / 2 - low / 2) / span * (levels - 1)))


def _thin(values: Sequence[float], width: int) -> list[float | None]:
    """Return at most ``width`` means of neighbours; None where one of them was not finite."""
    count = max(1, min(len(values), width))
    edges = [len(values) * index // count for index in range(count + 1)]
    return [_mean(values[start:end]) for start, end in pairwise(edges) if end > start]


def _mean(values: Sequence[float]) -> float | None:
    if not all(math.isfinite(value) for value in values):
        return None
    return math.fsum(value / len(values) for value in values)

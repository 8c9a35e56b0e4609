"""Several runs as one curve with a band: their mean, and how far they spread around it."""

from __future__ import annotations

from bisect import bisect_left
from math import isfinite, sqrt
from typing import TYPE_CHECKING

from runwise_format.document import Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_parsers import Series

LEAST = 2
"""Runs that make a deviation."""


def band(name: str, curves: Sequence[Series], places: int, *, role: str = "") -> Line:
    """Return the mean of curves at most at ``places`` of their steps, with a deviation each side.

    Between two of its points a curve has the value in between; before its first and behind its
    last it has none. A place counts where at least two curves have a finite value, so where
    runs of unequal length end, those that went on go on alone for as long as they are two. The
    deviation is that of a sample (n - 1).
    """
    steps: list[float] = []
    means: list[float] = []
    low: list[float] = []
    high: list[float] = []
    for step in _places(curves, places):
        found = [value for one in curves if (value := _value(one, step)) is not None]
        if len(found) < LEAST:
            continue
        mean = sum(value / len(found) for value in found)
        spread = sqrt(sum((value - mean) ** 2 / (len(found) - 1) for value in found))
        steps.append(step)
        means.append(mean)
        low.append(mean - spread)
        high.append(mean + spread)
    return Line(name, steps, means, role, low=low, high=high)


def _places(curves: Sequence[Series], most: int) -> list[float]:
    """Return the steps of all curves, of many an even choice with both ends."""
    steps = sorted({step for one in curves for step in one.steps})
    if len(steps) <= most:
        return steps
    last = len(steps) - 1
    return [steps[round(place * last / (most - 1))] for place in range(most)]


def _value(one: Series, step: float) -> float | None:
    """Return a curve's value at a step, None where it has none that is finite."""
    if not len(one) or step < one.steps[0] or step > one.steps[-1]:
        return None
    after = bisect_left(one.steps, step)
    value = one.values[after]
    if one.steps[after] != step:
        before = one.values[after - 1]
        share = (step - one.steps[after - 1]) / (one.steps[after] - one.steps[after - 1])
        value = before + share * (value - before)
    return value if isfinite(value) else None

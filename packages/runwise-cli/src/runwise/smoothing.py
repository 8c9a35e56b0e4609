"""Smoother curves: each value the mean of those around it."""

from __future__ import annotations

from array import array
from itertools import accumulate
from math import fsum, isfinite
from typing import TYPE_CHECKING

from runwise_parsers import Series

if TYPE_CHECKING:
    from collections.abc import Sequence


def smoothed(one: Series, points: int) -> Series:
    """Return a curve of which each value is the mean of ``points`` around its place.

    At the ends it is of as many as there are on both sides, so nothing moves along the steps.
    What is not finite stays where it is, and is left out of the means around it.

    >>> from runwise_parsers import Series
    >>> list(smoothed(Series("loss", array("d", range(4)), array("d", [4, 1, 1, 4])), 3).values)
    [4.0, 2.0, 2.0, 4.0]
    """
    if points < 2:
        return one
    means = _means(one.values, points // 2)
    return Series(one.name, one.steps, means, one.times)


def _means(values: Sequence[float], reach: int) -> array[float]:
    finite = [value if isfinite(value) else 0.0 for value in values]
    sums = [0.0, *accumulate(finite)]
    counts = [0, *accumulate(map(isfinite, values))]
    exact = isfinite(sums[-1]) and all(map(isfinite, sums))
    means = array("d")
    for at, value in enumerate(values):
        side = min(reach, at, len(values) - 1 - at)
        begin, end = at - side, at + side + 1
        count = counts[end] - counts[begin]
        if not isfinite(value):
            means.append(value)
        elif exact:
            means.append((sums[end] - sums[begin]) / count)
        else:  # sums overflow: add up shares
            means.append(fsum(one / count for one in finite[begin:end]))
    return means

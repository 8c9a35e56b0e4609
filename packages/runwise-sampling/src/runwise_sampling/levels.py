"""The level of a curve along its steps: what a sparkline draws."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise

from runwise_sampling.columns import Numbers, paired, plain


def levels(steps: Numbers, values: Numbers, n: int = 10) -> list[float]:
    """Return the mean of the finite values in each of ``n`` equal spans of the steps.

    A span that holds only NaN or infinities is NaN: trouble stays visible. A span without
    points carries the level before it. A curve without points has no levels.

    >>> levels([0, 1, 2, 3, 9], [4.0, 2.0, 1.0, 1.0, 0.0], n=5)
    [3.0, 1.0, 1.0, 1.0, 0.0]

    Args:
        steps: rising.
        values: as many as steps.
        n: the number of spans, at least 1.

    Raises:
        ValueError: ``n`` is below 1, or the columns differ in length.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    result: list[float] = []
    for block in spans(steps, values, n):
        result.append(mean(block) if block else result[-1])
    return result


def spans(steps: Numbers, values: Numbers, n: int) -> list[list[float]]:
    """Return the values in each of ``n`` equal spans of the rising steps, the last inclusive."""
    if not paired(steps, values):
        return []
    first, width = steps[0], (steps[-1] - steps[0]) / n
    if not first + width > first:  # one step, or steps too close to tell apart
        return [plain(values), *([] for _ in range(1, n))]
    edges = [0]
    for span in range(1, n):
        edges.append(bisect_left(steps, first + span * width, lo=edges[-1]))
    edges.append(len(steps))
    return [plain(values[start:stop]) for start, stop in pairwise(edges)]


def mean(values: Numbers) -> float:
    """Return the mean of the finite ones, NaN where there is none."""
    total = sum(values)
    if math.isfinite(total):  # no NaN or Inf among them
        return total / len(values) if values else math.nan
    finite = [value for value in values if math.isfinite(value)]
    return sum(value / len(finite) for value in finite) if finite else math.nan

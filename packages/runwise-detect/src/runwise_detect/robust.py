"""Robust statistics of short windows, in pure Python and without assumptions on the scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# The median absolute second difference of independent standard normal values: their second
# difference has standard deviation sqrt(6), times 0.6745 for the median of |x|.
SECOND_DIFFERENCE = 1.652


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value at the nearest rank, which commutes with any monotone map.

    >>> quantile([1.0, 2.0, 3.0, 10.0, 20.0], 0.5)
    3.0
    """
    return ordered[int(share * (len(ordered) - 1) + 0.5)]


def median(values: Sequence[float]) -> float:
    """Return the median, of an even number of values the upper one; at least one is needed.

    >>> median([3.0, 1.0, 2.0, 10.0])
    3.0
    """
    return sorted(values)[len(values) // 2]


def moving_median(values: Sequence[float], width: int) -> list[float]:
    """Return the median of every `width` neighbours (an odd number), where there are so many.

    >>> moving_median([5.0, 1.0, 2.0, 9.0, 4.0], 3)
    [2.0, 2.0, 4.0]
    """
    starts = range(len(values) - width + 1)
    return [median(values[start : start + width]) for start in starts]


def mann_kendall(values: Sequence[float]) -> float:
    """Return the z of the Mann-Kendall test: how surely the values rise (Kendall, 1975).

    S counts the pairs that rise less those that fall. Without a trend its variance is
    n (n - 1) (2 n + 5) / 18; z is S, one nearer to zero, in units of the standard deviation.
    Takes time of the square of n, at least two values.

    >>> round(mann_kendall([1.0, 2.0, 3.0, 4.0, 5.0]), 2)
    2.2
    """
    size = len(values)
    rises = falls = 0
    for row, value in enumerate(values):
        later = values[row + 1 :]
        rises += sum(map(value.__lt__, later))
        falls += sum(map(value.__gt__, later))
    score = max(abs(rises - falls) - 1, 0) / (size * (size - 1) * (2 * size + 5) / 18) ** 0.5
    return score if rises > falls else -score


def noise(*stretches: Sequence[float], lag: int = 1) -> float:
    """Return the standard deviation of the noise, whatever linear trend lies below it.

    It is the median of ``|x[t-lag] - 2 x[t] + x[t+lag]| / 1.652``, in the units of the values;
    0 where no stretch is long enough (2 lag + 1). A larger lag also sees noise that is alike
    from one value to the next.

    >>> noise([1.0, 2.0, 3.0, 4.0])
    0.0
    """
    bends = sorted(
        abs(before - 2 * here + after)
        for values in stretches
        for before, here, after in zip(values, values[lag:], values[2 * lag :], strict=False)
    )
    return quantile(bends, 0.5) / SECOND_DIFFERENCE if bends else 0.0


def height(value: float, window: Sequence[float], enough: float) -> tuple[float, float, float]:
    """Return median and spread of a window, and how many spreads a value is above the median.

    The spread is the largest of three: the upper side (90 % quantile - median) / 1.2816, the
    quartile range / 1.349, and 0.7 of the noise without its trend. Where the window is
    positive the same is asked of the logarithms, times 1.5, and the smaller height counts.

    Args:
        value: the value, above all of the window.
        window: the values before it, at least one.
        enough: a height that is surely below this need not be exact: it is returned as 0.
    """
    ordered = sorted(window)
    low, median, high, top = (quantile(ordered, share) for share in (0.25, 0.5, 0.75, 0.9))
    spread = max((top - median) / 1.2816, (high - low) / 1.349, 1e-9 * abs(median))
    if value - median <= enough * spread:
        return median, spread, 0.0  # more spread cannot raise it, and the rest costs more
    spread = max(spread, 0.7 * noise(window))
    score = (value - median) / spread
    if ordered[0] <= 0.0:
        return median, spread, score
    log = math.log
    in_logs = max(
        log(top / median) / 1.2816,
        log(high / low) / 1.349,
        0.7 * noise([log(seen) for seen in window]),
        1e-9,
    )
    return median, spread, min(score, 1.5 * log(value / median) / in_logs)


def wobble(step: int) -> float:
    """Return pseudo-noise in -1 to 1, equal on every machine: for the runs of patients.

    >>> [round(wobble(step), 2) for step in range(4)]
    [-1.0, 0.24, -0.53, 0.71]
    """
    return 2 * (step * 0.6180339887 % 1) - 1  # the golden ratio: even, and never periodic

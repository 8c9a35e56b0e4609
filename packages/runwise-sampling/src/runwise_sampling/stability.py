"""How steady a curve is: its rolling standard deviation, and where that goes.

The deviation of a window is computed as in "two stacks": the end of one run of ``window``
points and the beginning of the next, summed around the median of both. Nothing is ever
subtracted from a running sum, so a spike leaves no trace once it has left the window, and a
curve of any length takes a few passes and one window of memory.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from runwise_sampling.columns import Numbers, finite, finite_points, paired
from runwise_sampling.levels import mean

if TYPE_CHECKING:
    from collections.abc import Iterator

Status = Literal["STABLE", "MODERATE", "NOISY", ""]
Course = Literal["stabilising", "steady", "destabilising", ""]

STABLE, MODERATE = 0.05, 0.15  # of the range of the values
LESS, MORE = 0.7, 1.3  # of the deviation in the first quarter


@dataclass(frozen=True, slots=True)
class Stability:
    """How much a curve still moves.

    ``window`` is the number of points looked at together, ``mean_std`` and ``final_std`` the
    mean and the last rolling standard deviation, ``share`` the last one relative to the range
    of all values. ``status`` is "STABLE" below a share of 5 %, "MODERATE" below 15 %, else
    "NOISY". ``trend`` compares the last quarter of the rolling deviations with the first:
    below 0.7 of it "stabilising", above 1.3 "destabilising", else "steady". With fewer than
    two finite values the numbers are NaN and the words empty.
    """

    window: int
    mean_std: float
    final_std: float
    share: float
    status: Status
    trend: Course


def stability(values: Numbers, window: int = 100) -> Stability:
    """Return how steady the finite values are, in the order in which they come.

    A curve of fewer than twice ``window`` points is looked at in windows of half its length.

    >>> stability([8.0, 1.0, 6.0, 2.0, 5.0, 3.0, 4.0, 4.0], window=2).trend
    'stabilising'

    Raises:
        ValueError: ``window`` is below 2.
    """
    numbers = finite(values)
    size = min(_checked(window), max(2, len(numbers) // 2))
    stds = array("d", (std for _, std in _rolling(numbers, size)))
    if not stds:
        return Stability(size, math.nan, math.nan, math.nan, "", "")
    reach = max(numbers) - min(numbers)
    share = stds[-1] / reach if reach else 0.0
    return Stability(size, mean(stds), stds[-1], share, _status(share), _course(stds))


def rolling(
    steps: Numbers, values: Numbers, window: int = 100
) -> Iterator[tuple[float, float, float]]:
    """Yield step, mean and population standard deviation of every window of finite values.

    The step is that of the window's last point.

    >>> list(rolling([0, 10, 20], [1.0, 3.0, 3.0], window=2))
    [(10, 2.0, 1.0), (20, 3.0, 0.0)]

    Raises:
        ValueError: ``window`` is below 2, or the columns differ in length.
    """
    size = _checked(window)
    paired(steps, values)
    return _rolled(*finite_points(steps, values), size)


def _rolled(steps: Numbers, values: Numbers, size: int) -> Iterator[tuple[float, float, float]]:
    for at, (level, std) in enumerate(_rolling(values, size), start=size - 1):
        yield steps[at], level, std


def _checked(window: int) -> int:
    if window < 2:
        raise ValueError(f"window must be at least 2, not {window}")
    return window


def _rolling(values: Numbers, size: int) -> Iterator[tuple[float, float]]:
    """Yield mean and standard deviation of each window that begins in one run of ``size``."""
    for start in range(0, len(values) - size + 1, size):
        both = values[start : start + 2 * size - 1]
        center = sorted(both)[len(both) // 2]
        ending = [value - center for value in both[size - 1 :: -1]]
        starting = [0.0, *(value - center for value in both[size:])]
        sums = list(accumulate(ending))[::-1]
        squares = list(accumulate(value * value for value in ending))[::-1]
        more = accumulate(starting)
        more_squares = accumulate(value * value for value in starting)
        for total, square, new, new_square in zip(sums, squares, more, more_squares):  # noqa: B905 - a last run is shorter
            level = (total + new) / size
            variance = (square + new_square) / size - level * level
            yield center + level, math.sqrt(max(variance, 0.0))


def _status(share: float) -> Status:
    return "STABLE" if share < STABLE else "MODERATE" if share < MODERATE else "NOISY"


def _course(stds: array[float]) -> Course:
    quarter = max(1, len(stds) // 4)
    first, last = mean(stds[:quarter]), mean(stds[-quarter:])
    if last < LESS * first:
        return "stabilising"
    return "destabilising" if last > MORE * first else "steady"

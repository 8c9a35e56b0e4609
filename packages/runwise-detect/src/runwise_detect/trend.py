"""The slope of a noisy stretch, and how surely it is flat."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_Z = 2.576  # of a 99 % band


def pooled(values: Sequence[float], most: int = 24) -> list[float]:
    """Return at most so many values, as means of equally many neighbours; the oldest drop out.

    >>> pooled([9.0, 1.0, 3.0, 5.0, 7.0], 3)
    [2.0, 6.0]
    """
    size = -(-len(values) // most)
    start = len(values) % size
    return [sum(values[at : at + size]) / size for at in range(start, len(values), size)]


def slope_band(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the slope per place by Theil and Sen, and the 99 % band around it by Kendall.

    The slope is the median of the slopes of all pairs. The band is that of the ranks at
    distance z sqrt(n (n - 1) (2 n + 5) / 18) / 2 from the middle (Sen, 1968).

    >>> slope_band([5.0, 4.0, 3.0, 2.0])
    (-1.0, -1.0, -1.0)
    """
    size = len(values)
    slopes = sorted(
        (values[later] - value) / (later - at)
        for at, value in enumerate(values)
        for later in range(at + 1, size)
    )
    half = _Z * math.sqrt(size * (size - 1) * (2 * size + 5) / 18) / 2
    middle, last = len(slopes) / 2, len(slopes) - 1
    low, high = max(0, int(middle - half)), min(last, math.ceil(middle + half))
    return slopes[len(slopes) // 2], slopes[low], slopes[high]

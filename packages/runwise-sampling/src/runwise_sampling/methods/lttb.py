"""Largest-Triangle-Three-Buckets: the points that shape the line the eye follows.

Of every piece the point that spans the largest triangle with the point chosen before and the
next piece's mean, put at the middle of its steps (Steinarsson, "Downsampling Time Series for
Visual Representation", University of Iceland, 2013). A value that is not finite is put at the
level before it, so a piece of NaN alone still shows one.

It looks at every point in Python: some five times slower than ``minmax-lttb``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from runwise_sampling.columns import plain

if TYPE_CHECKING:
    from runwise_sampling.curve import Curve


def pick(curve: Curve, count: int) -> list[int]:
    """Return ``count`` positions, the first and the last among them."""
    return largest_triangles(plain(curve.steps), plain(curve.values), count)


def largest_triangles(steps: list[float], values: list[float], count: int) -> list[int]:
    """Return ``count`` rising positions, of more than ``count`` points."""
    if count <= 2:
        return [0, len(steps) - 1]
    heights = values if math.isfinite(sum(values)) else _bridged(values)
    points = list(zip(steps, heights, strict=True))
    every = (len(steps) - 2) / (count - 2)
    edges = [1 + int(every * piece) for piece in range(count - 1)]
    edges[-1] = len(steps) - 1
    chosen, at = [0], 0
    start, stop = edges[0], edges[1]
    for after in [*edges[2:], len(steps)]:
        step, height = points[at]
        run = step - (steps[stop] + steps[after - 1]) / 2
        rise = sum(heights[stop:after]) / (after - stop) - height
        offset = run * height + rise * step
        areas = [abs(run * height + rise * step - offset) for step, height in points[start:stop]]
        at = start + areas.index(max(areas))
        chosen.append(at)
        start, stop = stop, after
    chosen.append(len(steps) - 1)
    return chosen


def _bridged(values: list[float]) -> list[float]:
    """Return the values with the last finite one in place of those that are not finite."""
    level, heights = next(filter(math.isfinite, values), 0.0), list[float]()
    for value in values:
        level = value if math.isfinite(value) else level
        heights.append(level)
    return heights

"""The mean of every piece: the level without the noise, and without the spikes.

The one method that returns points nobody logged, and that keeps no extreme: for a smooth
line, never for a search for trouble. A piece without a finite value is NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_sampling.columns import plain
from runwise_sampling.levels import mean

if TYPE_CHECKING:
    from runwise_sampling.curve import Curve


def points(curve: Curve, count: int) -> tuple[list[float], list[float]]:
    """Return mean step and mean value of each of ``count`` pieces of equally many points."""
    steps: list[float] = []
    values: list[float] = []
    for start, stop in curve.pieces(count):
        steps.append(mean(plain(curve.steps[start:stop])))
        values.append(mean(plain(curve.values[start:stop])))
    return steps, values

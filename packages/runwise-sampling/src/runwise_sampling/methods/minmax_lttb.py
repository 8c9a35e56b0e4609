"""The line the eye follows, drawn through the extremes: nearly LTTB at the price of minmax.

Lowest and highest point of twice as many pieces as points asked for, then the largest
triangles among these (Van Der Donckt et al., "MinMaxLTTB", IEEE VIS 2023, whose ratio of four
candidates to a point this is).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from runwise_sampling.columns import gathered
from runwise_sampling.methods import lttb
from runwise_sampling.methods.minmax import ends

if TYPE_CHECKING:
    from runwise_sampling.curve import Curve

RATIO = 4


def pick(curve: Curve, count: int) -> list[int]:
    """Return ``count`` positions, the first and the last among them."""
    if len(curve) // count <= RATIO or count <= 2:
        return lttb.pick(curve, count)
    pieces = curve.extremes(count * RATIO // 2, inside=True)
    candidates = [0, *chain.from_iterable(map(ends, pieces)), len(curve) - 1]
    if len(candidates) <= count:
        return candidates
    steps, values = gathered(curve.steps, candidates), gathered(curve.values, candidates)
    return [candidates[at] for at in lttb.largest_triangles(steps, values, count)]

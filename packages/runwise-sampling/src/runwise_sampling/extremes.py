"""Where the extremes of a run of values are: the one scan that everything here rests on."""

from __future__ import annotations

import math
from typing import NamedTuple


class Extremes(NamedTuple):
    """Positions of what stands out in a piece of a curve.

    The lowest and the highest finite value and the first of each non-finite one; None where
    the piece has no such point.
    """

    low: int | None = None
    high: int | None = None
    nan: int | None = None
    inf: int | None = None
    neg_inf: int | None = None


def extremes(block: list[float], start: int = 0, total: float | None = None) -> Extremes:
    """Return the positions in ``block``, counted from ``start``, the earliest of equals.

    ``total`` is the sum of the block where that is known already.
    """
    total = sum(block) if total is None else total
    if block and math.isfinite(total):  # one NaN or Inf would show in the sum
        return Extremes(start + block.index(min(block)), start + block.index(max(block)))
    finite = [value for value in block if math.isfinite(value)]
    nan = next((at for at, value in enumerate(block, start) if math.isnan(value)), None)
    return Extremes(
        low=start + block.index(min(finite)) if finite else None,
        high=start + block.index(max(finite)) if finite else None,
        nan=nan,
        inf=start + block.index(math.inf) if math.inf in block else None,
        neg_inf=start + block.index(-math.inf) if -math.inf in block else None,
    )

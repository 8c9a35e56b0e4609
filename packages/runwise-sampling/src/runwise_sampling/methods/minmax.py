"""The lowest and the highest point of every piece: no spike is lost, however narrow.

A piece holds equally many points, so a metric that is logged rarely is sampled on its own
points. A piece without a finite value shows its first point, so that a stretch of NaN is
seen as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runwise_sampling.curve import Curve
    from runwise_sampling.extremes import Extremes


def pick(curve: Curve, count: int) -> list[int]:
    """Return two positions, or one where they coincide, for each of ``count // 2`` pieces."""
    return [at for piece in curve.extremes(count // 2) for at in ends(piece)]


def ends(piece: Extremes) -> list[int]:
    """Return the positions that stand for one piece, rising."""
    if piece.low is not None and piece.high is not None:
        low, high = piece.low, piece.high
        return [low, high] if low < high else [high, low] if high < low else [low]
    return [min(at for at in piece[2:] if at is not None)]

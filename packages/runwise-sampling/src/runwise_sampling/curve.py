"""A curve that is being downsampled: its columns, looked at once for all who ask.

Finding extremes is nearly the whole cost of downsampling, so the methods and the points
that must survive share one pass.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from runwise_sampling.columns import BLOCK, Numbers, paired, plain


class Extremes(NamedTuple):
    """Positions, in the whole curve, of what stands out in one piece of it.

    The lowest and the highest finite value and the first of each non-finite one; None where
    the piece has no such point.
    """

    low: int | None = None
    high: int | None = None
    nan: int | None = None
    inf: int | None = None
    neg_inf: int | None = None


class Curve:
    """Two columns and where their extremes are.

    Raises:
        ValueError: the columns differ in length.
    """

    def __init__(self, steps: Numbers, values: Numbers) -> None:
        self.steps = steps
        self.values = values
        self._count = paired(steps, values)
        self._seen: list[Extremes] = []

    def __len__(self) -> int:
        return self._count

    def extremes(self, pieces: int) -> list[Extremes]:
        """Return the extremes of each of ``pieces`` pieces of equally many points, in order."""
        edges = [piece * self._count // pieces for piece in range(pieces + 1)]
        self._seen = [self._look(start, stop) for start, stop in pairwise(edges)]
        return self._seen

    def landmarks(self) -> list[int]:
        """Return what no downsampling may lose, as positions without repetition.

        First, last, lowest, highest, first NaN, first +Inf, first -Inf: in this order, which
        is the order in which they are kept where there is not room for all.
        """
        if not self._count:
            return []
        seen = self._seen or self.extremes(math.ceil(self._count / BLOCK))
        lows = [piece.low for piece in seen if piece.low is not None]
        highs = [piece.high for piece in seen if piece.high is not None]
        wanted = [
            0,
            self._count - 1,
            min(lows, key=self.values.__getitem__, default=None),
            max(highs, key=self.values.__getitem__, default=None),
            next((piece.nan for piece in seen if piece.nan is not None), None),
            next((piece.inf for piece in seen if piece.inf is not None), None),
            next((piece.neg_inf for piece in seen if piece.neg_inf is not None), None),
        ]
        return list(dict.fromkeys(at for at in wanted if at is not None))

    def _look(self, start: int, stop: int) -> Extremes:
        block = plain(self.values[start:stop])
        if block and math.isfinite(sum(block)):  # one NaN or Inf would show in the sum
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

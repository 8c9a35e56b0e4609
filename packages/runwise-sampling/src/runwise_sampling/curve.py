"""A curve that is being downsampled: its columns, looked at once for all who ask.

Finding extremes is nearly the whole cost of downsampling, so the methods and the points
that must survive share one pass. A numpy array is asked for its own ``argmin``: numpy itself
is never imported.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import repeat
from operator import add
from typing import TYPE_CHECKING, Any, cast

from runwise_sampling.columns import BLOCK, Numbers, gathered, paired, plain
from runwise_sampling.extremes import Extremes, extremes

if TYPE_CHECKING:
    from collections.abc import Callable


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
        kind = getattr(getattr(values, "dtype", None), "kind", "")
        self._vector: Any = values if kind in {"f", "i", "u"} and kind else None

    def __len__(self) -> int:
        return self._count

    def pieces(self, count: int) -> list[tuple[int, int]]:
        """Return the bounds of ``count`` pieces of equally many points, in order.

        Where that does not come out even, the first ones have one point more.
        """
        return _bounds(0, self._count, count)

    def extremes(self, count: int, *, inside: bool = False) -> list[Extremes]:
        """Return the extremes of each of ``count`` such pieces, in order.

        With ``inside`` the first and the last point of the curve belong to no piece.
        """
        margin = int(inside)
        found = self._look(margin, self._count - margin, count)
        ends = [0, self._count - 1] if inside else []
        self._seen = found + [extremes(gathered(self.values, [at]), at) for at in ends]
        return found

    def landmarks(self) -> list[int]:
        """Return what no downsampling may lose, as positions without repetition.

        First, last, lowest, highest, first NaN, first +Inf, first -Inf: in this order, which
        is the order in which they are kept where there is not room for all.
        """
        if not self._count:
            return []
        seen = self._seen or self.extremes(math.ceil(self._count / BLOCK))
        lows, highs, *others = (_known(places) for places in zip(*seen, strict=True))
        wanted = [
            0,
            self._count - 1,
            self._best(min, lows),
            self._best(max, highs),
            *(min(places, default=None) for places in others),
        ]
        return list(dict.fromkeys(at for at in wanted if at is not None))

    def _best(self, best: Callable[[list[float]], float], positions: list[int]) -> int | None:
        if not positions:
            return None
        values = gathered(self.values, positions)
        wanted = best(values)
        if values.count(wanted) == 1:
            return positions[values.index(wanted)]
        return min(at for at, value in zip(positions, values, strict=True) if value == wanted)

    def _look(self, start: int, stop: int, count: int) -> list[Extremes]:
        if self._vector is None:
            return [
                extremes(plain(self.values[begin:end]), begin)
                for begin, end in _bounds(start, stop, count)
            ]
        size, longer = divmod(stop - start, count)
        middle = start + longer * (size + 1)
        return [
            *self._look_rows(start, longer, size + 1),
            *self._look_rows(middle, count - longer, size),
        ]

    def _look_rows(self, start: int, count: int, size: int) -> list[Extremes]:
        """Look at ``count`` pieces of ``size`` points at once: two calls instead of thousands."""
        if not count or not size:
            return [Extremes()] * count
        table = self._vector[start : start + count * size].reshape(count, size)
        begins = range(start, start + count * size, size)
        lows = list(map(add, begins, table.argmin(axis=1).tolist()))
        highs = list(map(add, begins, table.argmax(axis=1).tolist()))
        ends = gathered(self._vector, lows + highs)
        if math.isfinite(sum(ends)):  # numpy lets a NaN be the lowest and the highest
            none = repeat(None)
            # As Extremes(low, high), without a call in Python for each.
            return list(map(_as_extremes, zip(lows, highs, none, none, none)))  # noqa: B905 - endless
        return [
            Extremes(low, high)
            if math.isfinite(ends[row]) and math.isfinite(ends[row + count])
            else extremes(self._vector[at : at + size].tolist(), at)
            for row, (at, low, high) in enumerate(zip(begins, lows, highs, strict=True))
        ]


_new: Any = cast("Any", tuple).__new__
_as_extremes: Callable[[tuple[object, ...]], Extremes] = partial(_new, Extremes)


def _known(places: tuple[int | None, ...]) -> list[int]:
    if places.count(None) == len(places):  # so it is nearly always for NaN and infinities
        return []
    return [at for at in places if at is not None]


def _bounds(start: int, stop: int, count: int) -> list[tuple[int, int]]:
    size, longer = divmod(stop - start, count)
    middle = start + longer * (size + 1)
    return [
        *((at, at + size + 1) for at in range(start, middle, size + 1)),
        *((middle + piece * size, middle + (piece + 1) * size) for piece in range(count - longer)),
    ]

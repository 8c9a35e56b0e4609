"""At most so many buckets on a dyadic grid of the step axis.

A cell of the grid is ``floor(step / 2**exponent)``, and the exponent is the smallest (from
``FINEST`` on) that leaves at most ``limit`` cells with points. It can only rise as points come
in, and two cells of one grid are one cell of the next: so the buckets depend on the data and
not on the order in which they came. Columns, not objects: 77 bytes a bucket.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from itertools import starmap
from typing import TYPE_CHECKING, Any

from runwise_sampling.bucket import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_sampling.bucket_columns import BucketColumns
    from runwise_sampling.rising_steps import RisingSteps

FINEST = -64  # steps closer than 5e-20 share a cell
COARSEST = 1023  # a step is below 2**1024, so even this leaves no more than four cells
CODES = "dddddddddIB"  # of the fields of a bucket

Column = Any  # array("d"), or array of counts: one name for what is handled alike


class Grid:
    """Buckets by rising cell.

    Args:
        limit: how many buckets there may be, at least 4.
        exponent: the grid to begin with.
    """

    __slots__ = ("columns", "exponent", "limit")

    def __init__(self, limit: int, exponent: int = FINEST) -> None:
        self.limit = limit
        self.exponent = exponent
        self.columns: list[Column] = [array(code) for code in CODES]

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def width(self) -> float:
        """The width of a cell, in steps."""
        return math.ldexp(1.0, self.exponent)

    def buckets(self, start: int = 0, stop: int | None = None) -> list[Bucket]:
        """Return the buckets in the order of their steps."""
        return list(
            starmap(Bucket, zip(*(column[start:stop] for column in self.columns), strict=True))
        )

    def cut(self, steps: RisingSteps) -> list[int]:
        """Return where each cell begins, after coarsening the grid to fit."""
        cells = steps.cells(self.width, self.limit)
        if len(cells) <= self.limit:
            return cells
        low, high = self.exponent, COARSEST
        while low < high:  # the smallest that fits
            middle = (low + high) // 2
            fits = len(steps.cells(math.ldexp(1.0, middle), self.limit)) <= self.limit
            low, high = (low, middle) if fits else (middle + 1, high)
        self.coarsen(low)
        return steps.cells(self.width, self.limit)

    def append(self, new: BucketColumns) -> None:
        """Add buckets, each within one cell; behind all others they cost next to nothing."""
        place = bisect_left(self.columns[0], new.first_step[0] // self.width * self.width)
        shared = len(self) - place  # buckets at or behind the first of the new ones
        if shared > 1:
            self.add(new.buckets())
            return
        before = self.exponent
        self.add(new.buckets(shared))
        if self.exponent != before:
            self.add(new.buckets()[shared:])
            return
        self.columns = [
            column + array(column.typecode, field[shared:])
            for column, field in zip(self.columns, new, strict=True)
        ]
        self._fit()

    def add(self, buckets: list[Bucket]) -> None:
        """Add buckets, each within one cell, in the order of their steps; coarsen to fit."""
        if not buckets:
            return
        begin = buckets[0].first_step // self.width * self.width
        place = bisect_left(self.columns[0], begin)
        tail = self.buckets(place)
        together = sorted([*tail, *buckets], key=_first_step) if tail else buckets
        self._replace(place, _by_cell(together, self.width))
        self._fit()

    def coarsen(self, exponent: int) -> None:
        """Go over to the grid of this exponent, if it is a coarser one."""
        if exponent <= self.exponent:
            return
        self.exponent = exponent
        self._replace(0, _by_cell(self.buckets(), self.width))

    def _fit(self) -> None:
        while len(self) > self.limit:
            self.coarsen(self.exponent + 1)

    def _replace(self, place: int, buckets: list[Bucket]) -> None:
        """Let these buckets stand from a place on; joining columns leaves no spare room."""
        if buckets:
            fields = zip(self.columns, zip(*buckets, strict=True), strict=True)
            self.columns = [_spliced(column, place, new) for column, new in fields]


def _first_step(bucket: Bucket) -> float:
    return bucket.first_step


def _by_cell(buckets: Iterable[Bucket], width: float) -> list[Bucket]:
    """Join neighbours of one cell, where all come in the order of their first steps."""
    joined: list[Bucket] = []
    last = math.nan
    for bucket in buckets:
        cell = bucket.first_step // width
        if cell == last:
            joined[-1] = joined[-1].joined(bucket)
        else:
            joined.append(bucket)
        last = cell
    return joined


def _spliced(column: Column, place: int, new: tuple[float, ...]) -> Column:
    try:
        return column[:place] + array(column.typecode, new)
    except OverflowError:  # a count beyond four thousand million
        return array("Q", [*column[:place], *new])

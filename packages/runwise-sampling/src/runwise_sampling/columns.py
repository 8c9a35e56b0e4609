"""Columns: a curve is two equally long sequences of numbers, steps and values.

Lists, tuples, ranges, ``array('d')``, memoryviews and numpy arrays all serve. Steps rise in
a well-formed curve; who needs that says so.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from itertools import compress
from operator import itemgetter
from typing import Any

Numbers = Sequence[float]

BLOCK = 4096  # points looked at together: small enough for the CPU's cache


def paired(steps: Numbers, values: Numbers) -> int:
    """Return the number of points.

    Raises:
        ValueError: the columns differ in length.
    """
    if len(steps) != len(values):
        raise ValueError(f"steps has {len(steps)} numbers and values has {len(values)}")
    return len(values)


def plain(column: Numbers) -> list[float]:
    """Return the numbers as a list, on which the C built-ins are three times faster."""
    tolist = getattr(column, "tolist", None)
    return tolist() if tolist is not None else list(column)


def gathered(column: Numbers, positions: list[int]) -> list[float]:
    """Return the numbers at some positions as plain Python numbers."""
    if not isinstance(column, list) and hasattr(column, "take"):  # numpy
        many: Any = column
        return many.take(positions).tolist()
    return [column[at] for at in positions]


def rising(steps: list[float], values: list[float]) -> tuple[list[float], list[float]]:
    """Return the columns with the steps in rising order; points of one step keep theirs."""
    ordered = sorted(steps)
    if ordered == steps:
        return steps, values
    points = sorted(zip(steps, values, strict=True), key=itemgetter(0))
    return ordered, [value for _, value in points]


def finite_points(steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """Return the points whose value is finite; columns that need no change are not copied.

    Raises:
        ValueError: the columns differ in length.
    """
    paired(steps, values)
    numbers = _kept(values)
    if math.isfinite(sum(numbers)):  # one NaN or Inf would show in the sum
        return _kept(steps), numbers
    chosen = list(map(math.isfinite, numbers))
    return _chosen(_kept(steps), chosen), _chosen(numbers, chosen)


def finite(values: Numbers) -> Numbers:
    """Return the finite values; a column that needs no change is not copied."""
    numbers = _kept(values)
    if math.isfinite(sum(numbers)):  # one NaN or Inf would show in the sum
        return numbers
    return _chosen(numbers, map(math.isfinite, numbers))


def _kept(column: Numbers) -> Numbers:
    """Return a column of plain numbers, itself if it is one: a list is four times as large."""
    return column if isinstance(column, (array, list, range)) else plain(column)


def _chosen(column: Numbers, chosen: Iterable[bool]) -> Numbers:
    if isinstance(column, array):
        return array(column.typecode, compress(column, chosen))
    return list(compress(column, chosen))


def rank(value: float) -> tuple[bool, float]:
    """Return a key that orders any values, NaN above all: what decides between equal steps."""
    return value != value, value  # noqa: PLR0124 - NaN alone differs from itself

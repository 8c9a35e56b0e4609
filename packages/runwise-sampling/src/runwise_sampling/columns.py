"""Columns: a curve is two equally long sequences of numbers, steps and values.

Lists, tuples, ranges, ``array('d')``, memoryviews and numpy arrays all serve. Steps rise in
a well-formed curve; who needs that says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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


def finite_points(steps: Numbers, values: Numbers) -> tuple[list[float], list[float]]:
    """Return the points whose value is finite, as two lists.

    Raises:
        ValueError: the columns differ in length.
    """
    paired(steps, values)
    numbers = plain(values)
    if math.isfinite(sum(numbers)):  # one NaN or Inf would show in the sum
        return plain(steps), numbers
    points = zip(plain(steps), numbers, strict=True)
    kept = [(step, value) for step, value in points if math.isfinite(value)]
    return [step for step, _ in kept], [value for _, value in kept]


def finite(values: Numbers) -> list[float]:
    """Return the finite values as a list."""
    numbers = plain(values)
    if math.isfinite(sum(numbers)):  # one NaN or Inf would show in the sum
        return numbers
    return list(filter(math.isfinite, numbers))


def rank(value: float) -> tuple[bool, float]:
    """Return a key that orders any values, NaN above all: what decides between equal steps."""
    return value != value, value  # noqa: PLR0124 - NaN alone differs from itself

"""A curve at regular steps in the fewest tokens: one line for the steps, whole numbers below.

    steps 0..9980 by 20
    train/loss_e-3,val/loss_e-3
    2310,
    1873,1902

A group of three digits is one token in most vocabularies, and a point is another. So each
column is scaled until most of its numbers have three digits before the point. What would keep
fewer than two digits that way is written with two of its own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from runwise_format.numbers import exact_step, scaled, short
from runwise_format.words import columns_of, is_curve, is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_format.cells import Cell
    from runwise_format.document import Table

FEWEST = 5
"""Rows from which a line for the steps costs less than a column."""
LONGER = 0.15
"""Share of the numbers that may have more than three digits."""
SMALLEST = -300
"""The lowest power of ten that a float can be divided by."""
SAME = 1e-6
"""Of a stride: a difference that is rounding."""


def range_line(table: Table) -> str:
    """Return ``steps 0..9980 by 20`` for a curve, empty where steps are few or not regular."""
    if not is_curve(table) or len(table.columns) < 2:
        return ""
    column, steps = columns_of(table)[0]
    known = [step for step in steps if isinstance(step, (int, float)) and math.isfinite(step)]
    if len(known) < max(FEWEST, len(steps)):
        return ""
    first, last = known[0], known[-1]
    stride = (last - first) / (len(known) - 1)
    if stride <= 0 or any(
        abs(first + place * stride - step) > SAME * stride for place, step in enumerate(known)
    ):
        return ""
    label = column.label or column.key
    name = "steps" if label == "step" else label
    return f"{name} {exact_step(first)}..{exact_step(last)} by {exact_step(_rounded(stride))}"


def _rounded(stride: float) -> float:
    return float(f"{stride:.9g}")


def whole_words(cells: Sequence[Cell]) -> tuple[int, list[str]] | None:
    """Return a column as whole numbers and their power of ten, None if it holds other cells."""
    numbers = [cell for cell in cells if isinstance(cell, (int, float))]
    if not all(cell is None or is_number(cell) for cell in cells):
        return None
    power, texts = whole(numbers)
    words = iter(texts)
    return power, ["" if cell is None else next(words) for cell in cells]


def whole(values: Sequence[float]) -> tuple[int, list[str]]:
    """Return the power of ten a column is divided by, and its numbers as whole ones.

    >>> whole([0.2314, 0.1873, 0.0042])
    (-3, ['231', '187', '4.2'])
    """
    power = _power(values)
    return power, [_text(value) for value in scaled(values, power)]


def _power(values: Sequence[float]) -> int:
    sizes = sorted(abs(value) for value in values if value and math.isfinite(value))
    if not sizes or (sizes[-1] < 1000 and all(size == int(size) for size in sizes)):
        return 0
    usual = sizes[min(len(sizes) - 1, math.ceil(len(sizes) * (1 - LONGER)) - 1)]
    power = max(SMALLEST, math.floor(math.log10(usual)) - 2)
    return power + 1 if round(usual / 10.0**power) >= 1000 else power


def _text(value: float) -> str:
    if not math.isfinite(value) or value == int(value):
        return short(value)
    return str(round(value)) if abs(value) >= 9.95 else short(value, 2)

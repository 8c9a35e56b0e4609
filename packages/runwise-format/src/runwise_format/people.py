"""How people are spoken to, whatever the output: more digits, curves as blocks, arrows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from runwise_format.cells import At, Cell, Trend
from runwise_format.numbers import decimal
from runwise_format.trend import arrow, blocks, digits
from runwise_format.words import Manner, is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_format.style import Style


def measured(style: Style) -> Manner:
    """Return the manner of measurements: four digits, five where unequal ones look equal."""
    return _manner(style, 4, 5)


def point(style: Style) -> Manner:
    """Return the manner of points of a curve, whose neighbours may look equal."""
    return _manner(style, 4, 4)


def setting(style: Style) -> Manner:
    """Return the manner of settings, which were written by hand."""
    return _manner(style, 6, 6)


def different(style: Style) -> Manner:
    """Return the manner of what differs: as many digits as it takes to see it."""
    return _manner(style, 4, 17)


def is_numeric(cells: Sequence[Cell]) -> bool:
    """Return whether a column is one of numbers, which stand at the right."""
    return all(cell is None or is_number(cell) or isinstance(cell, At) for cell in cells)


def _manner(style: Style, size: int, most: int) -> Manner:
    return Manner(digits=size, most=most, write=decimal, draw=partial(_drawn, style=style))


def _drawn(trend: Trend, style: Style) -> str:
    shape = digits(trend.values) if style.ascii else blocks(trend.values)
    return f"{shape} {arrow(trend.direction, ascii_only=style.ascii)}".strip()

"""Records and columns made clean: what training loops log, as numbers or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Column = Sequence["float | None"]


def as_number(value: Any) -> float | None:
    """Return a logged value as a float; None for what is no number.

    Integers, numpy scalars, tensors of one element and fractions are numbers; strings,
    booleans, None and arrays are not.

    >>> as_number(3), as_number("3"), as_number(True)
    (3.0, None, None)
    """
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        return None
    try:
        return float(value)
    except (ArithmeticError, RuntimeError, TypeError, ValueError):  # a tensor of many elements
        return None


def clean_record(metrics: Mapping[str, object]) -> dict[str, float]:
    """Return the numbers of a record."""
    numbers = ((name, as_number(value)) for name, value in metrics.items())
    return {name: number for name, number in numbers if number is not None}


def clean_block(
    steps: Sequence[float], columns: Mapping[str, Sequence[object]]
) -> tuple[list[float], dict[str, list[float | None]]]:
    """Return steps and columns as lists of plain numbers, None where there is none.

    Raises:
        ValueError: a column is shorter or longer than `steps`.
    """
    for name, column in columns.items():
        if len(column) != len(steps):
            raise ValueError(f"{name}: {len(column)} values for {len(steps)} steps")
    listed = as_list(steps)
    if not set(map(type, listed)) <= {int, float}:
        listed = list(map(float, listed))
    return listed, {name: _clean_column(column) for name, column in columns.items()}


def _clean_column(column: Sequence[object]) -> list[float | None]:
    cells = as_list(column)
    if getattr(column, "typecode", None) == "d":
        return cells  # an array of doubles, as parsers hand them over
    if set(map(type, cells)) <= {float, type(None)}:
        return cells
    return [as_number(cell) for cell in cells]


def row_of(columns: Mapping[str, Column], row: int) -> dict[str, float]:
    """Return the values that a row of a block has."""
    values: dict[str, float] = {}
    for name, column in columns.items():
        if (value := column[row]) is not None:
            values[name] = value
    return values


def as_list(column: Any) -> list[Any]:
    """Return a sequence as a list, which the built-ins handle three times faster."""
    tolist = getattr(column, "tolist", None)
    return list(column) if tolist is None else tolist()


def present(column: Column) -> int | None:
    """Return the position of the first cell that holds a number, or None."""
    if column and column[0] is not None:
        return 0
    return next((row for row, cell in enumerate(column) if cell is not None), None)

"""What the cells of a column say, in the manner of one output.

Digits are decided for a whole column, because whether two numbers can be told apart is a
question about the column, and so is whether a scale in the header saves tokens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runwise_format.cells import At, Cell, Trend
from runwise_format.numbers import age, duration, exact_step, scale, scaled, telling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from runwise_format.document import Column, Problem, Table


@dataclass(frozen=True, slots=True)
class Manner:
    """How an output speaks: digits, how to write a number, and how to draw a trend.

    ``most`` digits are spent where unequal numbers would look equal. ``scales`` allows a
    power of ten in a header.
    """

    digits: int
    most: int
    write: Callable[[float, int], str]
    draw: Callable[[Trend], str]
    scales: bool = False


def is_number(cell: Cell) -> bool:
    """Return whether a cell is a number; a boolean is a word."""
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def columns_of(table: Table) -> list[tuple[Column, list[Cell]]]:
    """Return the columns with their cells, from top to bottom; short rows end in None."""
    return [
        (column, [row[index] if index < len(row) else None for row in table.rows])
        for index, column in enumerate(table.columns)
    ]


def is_curve(table: Table) -> bool:
    """Return whether the rows are points of a curve, whose neighbours may look equal."""
    return bool(table.columns) and table.columns[0].role == "step"


def advised(items: Iterable[Problem]) -> Iterator[Problem]:
    """Yield problems, each piece of advice said only once."""
    said: set[str] = set()
    for item in items:
        yield replace(item, advice="") if item.advice in said else item
        said.add(item.advice)


def column_words(cells: Sequence[Cell], role: str, manner: Manner) -> tuple[int, list[str]]:
    """Return the power of ten the numbers were divided by, and one text per cell."""
    numbers = [number for cell in cells if (number := _number(cell)) is not None]
    free = manner.scales and role not in ("step", "percent", "change", "time", "age")
    power = scale(numbers, manner.digits) if free else 0
    texts = iter(_number_words(scaled(numbers, power), role, manner))
    return power, [_words(cell, texts, manner) for cell in cells]


def cell_words(cell: Cell, manner: Manner, role: str = "") -> str:
    """Return what one cell says on its own."""
    number = _number(cell)
    numbers = [] if number is None else [number]
    return _words(cell, iter(_number_words(numbers, role, manner)), manner)


def _number(cell: Cell) -> float | None:
    if isinstance(cell, At):
        return cell.value
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return cell
    return None


def _number_words(numbers: Sequence[float], role: str, manner: Manner) -> list[str]:
    if role == "step":
        return [exact_step(number) for number in numbers]
    if role == "time":
        return [duration(number) for number in numbers]
    if role == "age":
        return [age(number) for number in numbers]
    if role == "change":
        return [_change(number, manner) for number in numbers]
    if role == "percent":
        return [f"{text}%" for text in _percent(numbers, manner)]
    return telling(numbers, manner.digits, manner.most, manner.write)


def _percent(shares: Sequence[float], manner: Manner) -> list[str]:
    percents = [share * 100 for share in shares]
    texts = telling(percents, manner.digits - 1, manner.most, manner.write)
    return [
        manner.write(percent, 4) if text == "100" and percent < 100 else text
        for percent, text in zip(percents, texts, strict=True)
    ]


def _change(share: float, manner: Manner) -> str:
    """Return a share as a signed percentage, whole from 1 % on: a change is told by its size."""
    percent = abs(100 * share)
    size = (
        manner.write(percent, 1)
        if percent < 1 or not math.isfinite(percent)
        else str(round(percent))
    )
    return f"{'-' if share < 0 else '+' if share > 0 else ''}{size}%"


def _words(cell: Cell, numbers: Iterator[str], manner: Manner) -> str:
    if isinstance(cell, Trend):
        return manner.draw(cell)
    if isinstance(cell, At):
        value = "" if cell.value is None else next(numbers)
        return value if cell.step is None else f"{value}@{exact_step(cell.step)}"
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else next(numbers)

"""The step of every row, and what must be remembered from one window of rows to the next."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from runwise_parsers.axes import Axes
    from runwise_parsers.json_log.columns import Columns
    from runwise_parsers.json_log.rows import Row


@dataclass(slots=True)
class Position:
    """What must be remembered between two windows of rows.

    ``rows`` counts rows read, ``step`` is the newest step, ``segment`` counts falls of it.
    ``done`` counts the rows of the next window that were handed out already.
    """

    rows: int = 0
    step: float | None = None
    segment: int = 0
    done: int = 0


def steps_of(columns: Columns, axes: Axes, position: Position) -> array[float]:
    """Return every row's step and move ``position`` on; its segment is for others to count.

    A row without a step takes that of the row before it. Without a step key, rows are counted.
    """
    first = position.rows
    position.rows += len(columns.rows)
    if not axes.step:
        return array("d", range(first, position.rows))
    plain = columns.numbers(axes.step)
    if plain is not None and plain[1] is None and columns.rows and isfinite(sum(plain[0])):
        position.step = plain[0][-1]
        return plain[0]
    steps = array("d")
    step = position.step
    for row in columns.rows:
        step = _step(row, axes, step)
        steps.append(step)
    position.step = step
    return steps


def _step(row: Row, axes: Axes, before: float | None) -> float:
    own = finite(row.get(axes.step))
    if own is not None:
        return own
    floor = finite(row.get(axes.floor)) if axes.floor else None
    if before is None:
        return floor or 0.0
    return before if floor is None else max(before, floor)


def finite(value: object) -> float | None:
    """Return a logged value as a number that can be a step, ``None`` if it is none."""
    number = as_number(value)
    return number if number is not None and isfinite(number) else None

"""Rows of a JSON Lines log as series, split where the step falls."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from runwise_parsers.json_log.rows import Axes, Row, clock_of, numbers_of
from runwise_parsers.series import Series
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence


@dataclass(slots=True)
class Position:
    """What must be remembered between two windows of rows.

    ``rows`` counts rows read, ``step`` is the newest step, ``segment`` counts falls of it.
    """

    rows: int = 0
    step: float | None = None
    segment: int = 0


def pieces_of(
    rows: Sequence[Row], axes: Axes, position: Position, names: Container[str] | None
) -> Iterator[tuple[int, dict[str, Series]]]:
    """Yield ``(segment, series)`` for each rising stretch; moves ``position`` on."""
    before = position.step
    steps = _steps(rows, axes, position)
    falls = [at for at in range(1, len(steps)) if steps[at] < steps[at - 1]]
    if steps and before is not None and steps[0] < before:
        position.segment += 1
    begin = 0
    for end in (*falls, len(rows)):
        if end > begin:
            yield position.segment, series_of(rows[begin:end], steps[begin:end], axes, names)
        position.segment += end < len(rows)
        begin = end


def _steps(rows: Sequence[Row], axes: Axes, position: Position) -> array[float]:
    """Return every row's step; one without takes that of the row before it."""
    steps = array("d")
    step = position.step
    for row in rows:
        if axes.step:
            number = as_number(row.get(axes.step))
            step = number if number is not None and isfinite(number) else step or 0.0
        else:
            step = float(position.rows)
        position.rows += 1
        steps.append(step)
    position.step = step
    return steps


def series_of(
    rows: Sequence[Row], steps: array[float], axes: Axes, names: Container[str] | None = None
) -> dict[str, Series]:
    """Return the metrics of some rows; those in every row share one column of steps."""
    values: dict[str, array[float]] = {}
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        for name, number in numbers_of(row):
            if name not in values:
                values[name], places[name] = array("d"), []
            values[name].append(number)
            places[name].append(place)
    times = _times(rows, axes)
    return {
        name: _series(name, column, places[name], steps, times)
        for name, column in values.items()
        if (name in names if names is not None else name not in (axes.step, axes.clock))
    }


def _times(rows: Sequence[Row], axes: Axes) -> array[float] | None:
    clocks = [clock_of(row.get(axes.clock)) for row in rows] if axes.clock else [None]
    if any(clock is None for clock in clocks):
        return None
    return array("d", (clock for clock in clocks if clock is not None))


def _series(
    name: str,
    values: array[float],
    places: list[int],
    steps: array[float],
    times: array[float] | None,
) -> Series:
    if len(places) == len(steps):
        return Series(name, steps, values, times)
    return Series(
        name, _pick(steps, places), values, None if times is None else _pick(times, places)
    )


def _pick(column: array[float], places: list[int]) -> array[float]:
    return array("d", [column[place] for place in places])

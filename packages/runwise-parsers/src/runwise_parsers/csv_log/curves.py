"""Blocks of rows as curves, and what must be remembered between two of them."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from math import isfinite
from operator import itemgetter
from typing import TYPE_CHECKING

from runwise_parsers.axes import in_seconds
from runwise_parsers.csv_log.axis import time_of
from runwise_parsers.csv_log.number import number_of
from runwise_parsers.series import Series

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from runwise_parsers.csv_log.block import Block
    from runwise_parsers.csv_log.layout import Layout


@dataclass(slots=True)
class Position:
    """What must be remembered between two windows of rows.

    ``rows`` counts rows below the header in force, which stands at ``header``; ``step`` is the
    newest step, ``segment`` counts falls of it and repeated headers. ``done`` counts the rows of
    the next window that were handed out already.
    """

    rows: int = 0
    step: float | None = None
    segment: int = 0
    done: int = 0
    header: int = 0


@dataclass(slots=True)
class Strays:
    """Cells of numeric columns that held something else: how many, and one of them."""

    count: int = 0
    example: str = ""


@dataclass(frozen=True, slots=True)
class _Picked:
    """A metric before its cells are read: ``rows`` are those it may stand in, ``None`` all."""

    name: str
    place: int
    rows: list[int] | None = None


def steps_of(block: Block, layout: Layout, position: Position) -> array[float]:
    """Return every row's step and move ``position`` on; its segment is for others to count.

    A row without a step takes that of the row before it. Without a column of steps, rows are
    counted.
    """
    first = position.rows
    position.rows += block.count
    if layout.step is None:
        return array("d", range(first, position.rows))
    found = block.numbers(layout.step)
    steps = found.values
    if found.rows is not None or not isfinite(sum(steps)):
        steps = array("d")
        step = position.step or 0.0
        for cell in block.column(layout.step):
            number = number_of(cell)
            step = number if number is not None and isfinite(number) else step
            steps.append(step)
    if steps:
        position.step = steps[-1]
    return steps


def series_of(
    block: Block,
    steps: array[float],
    layout: Layout,
    names: Collection[str] | None = None,
    strays: Strays | None = None,
) -> dict[str, Series]:
    """Return the metrics of some rows; those in every row share one column of steps.

    A column that is asked for by the name in its header is answered whatever it is.
    """
    times = _times(block, layout)
    found: dict[str, Series] = {}
    for picked in _picked(block, layout, names):
        cells = block.numbers(picked.place, picked.rows)
        if not cells.values:
            continue
        if cells.others and strays is not None:
            strays.count += cells.others
            strays.example = strays.example or cells.other
        rows = picked.rows if cells.rows is None else _within(picked.rows, cells.rows)
        if rows is None:
            found[picked.name] = Series(picked.name, steps, cells.values, times)
        else:
            shown = None if times is None else _pick(times, rows)
            found[picked.name] = Series(picked.name, _pick(steps, rows), cells.values, shown)
    return found


def _picked(block: Block, layout: Layout, names: Collection[str] | None) -> Iterator[_Picked]:
    met: set[str] = set()
    for picked in _shown(block, layout):
        if names is None or picked.name in names:
            met.add(picked.name)
            yield picked
    if names is not None and len(met) < len(names):
        for place, name in enumerate(layout.names):
            if name in names and name not in met:
                yield _Picked(name, place)


def _shown(block: Block, layout: Layout) -> Iterator[_Picked]:
    """Yield the metrics of some rows."""
    if layout.key is not None and layout.value is not None:
        for name, rows in _groups(block.column(layout.key)).items():
            if name:
                yield _Picked(name, layout.value, rows)
    stages = {} if layout.stage is None else _groups(block.column(layout.stage))
    for name, place in layout.metrics:
        if place == layout.value:
            continue
        if not stages or layout.paced(place):
            yield _Picked(name, place)
            continue
        for stage, rows in stages.items():
            yield _Picked(f"{stage}/{name}" if stage else name, place, rows)


def _groups(cells: list[str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for row, cell in enumerate(cells):
        groups.setdefault(cell.strip(), []).append(row)
    return groups


def _times(block: Block, layout: Layout) -> array[float] | None:
    if layout.clock is None or not block.count:
        return None
    plain = block.numbers(layout.clock)
    if plain.rows is None and in_seconds(plain.values):
        return plain.values
    times = map(time_of, block.column(layout.clock))
    clocks = array("d", (clock for clock in times if clock is not None))
    return clocks if len(clocks) == block.count else None


def _within(rows: list[int] | None, filled: list[int]) -> list[int]:
    return filled if rows is None else [rows[place] for place in filled]


def _pick(column: array[float], rows: list[int]) -> array[float]:
    if len(rows) > 1:
        return array("d", itemgetter(*rows)(column))  # twice as fast as one by one
    return array("d", [column[row] for row in rows])

"""Rows of a JSON Lines log as series, split where the step falls."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from operator import itemgetter
from typing import TYPE_CHECKING, cast

from runwise_parsers.axes import Axes, clock_of, in_seconds
from runwise_parsers.json_log.rows import Row, numbers_in
from runwise_parsers.series import Series
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_PLAIN = frozenset({int, float})
Cells = tuple["array[float]", "list[int] | None"]
"""Values of one metric and the rows they stand in, ``None`` for all."""


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


def steps_of(rows: Sequence[Row], axes: Axes, position: Position) -> array[float]:
    """Return every row's step and move ``position`` on; its segment is for others to count.

    A row without a step takes that of the row before it. Without a step key, rows are counted.
    """
    first = position.rows
    position.rows += len(rows)
    if not axes.step:
        return array("d", range(first, position.rows))
    plain = _plain([row.get(axes.step) for row in rows])
    if plain is not None and plain[1] is None and rows and isfinite(sum(plain[0])):
        position.step = plain[0][-1]
        return plain[0]
    steps = array("d")
    step = position.step
    for row in rows:
        number = as_number(row.get(axes.step))
        step = number if number is not None and isfinite(number) else step or 0.0
        steps.append(step)
    position.step = step
    return steps


def series_of(
    rows: Sequence[Row],
    steps: array[float],
    axes: Axes,
    names: Collection[str] | None = None,
) -> dict[str, Series]:
    """Return the metrics of some rows; those in every row share one column of steps."""
    times = _times(rows, axes)
    return {
        name: _series(name, cells, steps, times)
        for name, cells in _cells(rows, names).items()
        if names is not None or name not in (axes.step, axes.clock)
    }


def _cells(rows: Sequence[Row], names: Collection[str] | None) -> dict[str, Cells]:
    """Return the numbers of all keys, or of those that are wanted."""
    found: dict[str, Cells] = {}
    roots = None if names is None else {*names, *(name.partition(".")[0] for name in names)}
    for key, column in _columns(rows):
        if roots is not None and key not in roots and "." not in key:
            continue
        cells = _plain(column)
        if cells is not None:
            if names is None or key in names:
                _put(found, key, cells, len(rows))
            continue
        for name, cells in _mixed(key, column):
            if names is None or name in names:
                _put(found, name, cells, len(rows))
    return found


def _columns(rows: Sequence[Row]) -> Iterator[tuple[str, Sequence[object]]]:
    """Yield every key with its value in each row, ``None`` where a row has none."""
    keys = list(rows[0]) if rows else []
    if set(map(len, rows)) == {len(keys)} and len(keys) > 1:
        try:
            yield from zip(
                keys, list(zip(*map(itemgetter(*keys), rows), strict=True)), strict=True
            )
        except KeyError:  # as many keys, but others
            pass
        else:
            return
    for key in dict.fromkeys(chain.from_iterable(rows)):
        yield key, [row.get(key) for row in rows]


def _plain(column: Sequence[object]) -> Cells | None:
    """Return a column of nothing but plain numbers, ``None`` if it holds anything else."""
    kinds = set(map(type, column))
    try:
        if kinds <= _PLAIN:
            return array("d", cast("Sequence[float]", column)), None
        if kinds <= {*_PLAIN, type(None)}:
            places = [place for place, value in enumerate(column) if value is not None]
            numbers = cast("Iterator[float]", (column[place] for place in places))
            return array("d", numbers), places
    except OverflowError:  # an integer beyond all floats
        pass
    return None


def _mixed(key: str, column: Sequence[object]) -> Iterator[tuple[str, Cells]]:
    """Yield the metrics below a key whose values are anything: nested, texts, truths."""
    found: dict[str, tuple[array[float], list[int]]] = {}
    for place, value in enumerate(column):
        for name, number in numbers_in(key, value):
            values, places = found.setdefault(name, (array("d"), []))
            values.append(number)
            places.append(place)
    yield from found.items()


def _put(found: dict[str, Cells], name: str, cells: Cells, count: int) -> None:
    """Add a metric; two of one name, as of ``a.b`` and of ``b`` in ``a``, become one."""
    if name in found:
        both: dict[int, float] = {}
        for values, places in (found[name], cells):
            both.update(zip(range(count) if places is None else places, values, strict=True))
        cells = array("d", (both[place] for place in sorted(both))), sorted(both)
    if len(cells[0]):
        found[name] = cells


def _times(rows: Sequence[Row], axes: Axes) -> array[float] | None:
    if not axes.clock:
        return None
    column = [row.get(axes.clock) for row in rows]
    plain = _plain(column)
    if plain is not None and plain[1] is None and in_seconds(plain[0]):
        return plain[0]
    clocks = [clock_of(value) for value in column]
    known = [clock for clock in clocks if clock is not None]
    return array("d", known) if len(known) == len(clocks) else None


def _series(name: str, cells: Cells, steps: array[float], times: array[float] | None) -> Series:
    values, places = cells
    if places is None or len(places) == len(steps):
        return Series(name, steps, values, times)
    return Series(
        name, _pick(steps, places), values, None if times is None else _pick(times, places)
    )


def _pick(column: array[float], places: list[int]) -> array[float]:
    return array("d", [column[place] for place in places])

"""A window of rows as curves: their steps and times, and the wanted metrics beside them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_parsers.json_log.columns import Cells, Columns, cells_of, times_of
from runwise_parsers.series import Series

if TYPE_CHECKING:
    from collections.abc import Collection

    from runwise_parsers.axes import Axes


@dataclass(frozen=True, slots=True)
class Table:
    """``steps`` and ``times`` of every row, and by name the numbers of some metrics."""

    steps: array[float]
    times: array[float] | None
    cells: dict[str, Cells]

    def cut(self, begin: int, end: int) -> dict[str, Series]:
        """Return the metrics of some rows; those in every row share one column of steps."""
        if begin == 0 and end == len(self.steps):
            steps, times = self.steps, self.times
        else:
            steps = self.steps[begin:end]
            times = None if self.times is None else self.times[begin:end]
        found = {
            name: _series(name, _within(cells, begin, end), begin, (steps, times))
            for name, cells in self.cells.items()
        }
        return {name: one for name, one in found.items() if len(one)}


def table_of(
    columns: Columns, steps: array[float], axes: Axes, names: Collection[str] | None = None
) -> Table:
    """Return rows with their steps as a table, all metrics for ``None``."""
    cells = cells_of(columns, names)
    if names is None:
        for axis in (axes.step, axes.clock, axes.floor):
            cells.pop(axis, None)
    return Table(steps, times_of(columns, axes), cells)


def _within(cells: Cells, begin: int, end: int) -> Cells:
    values, places = cells
    if places is None:
        whole = begin == 0 and end == len(values)
        return (values if whole else values[begin:end]), None
    low, high = bisect_left(places, begin), bisect_left(places, end)
    return values[low:high], places[low:high]


def _series(
    name: str, cells: Cells, begin: int, axes: tuple[array[float], array[float] | None]
) -> Series:
    values, places = cells
    steps, times = axes
    if places is None or len(places) == len(steps):
        return Series(name, steps, values, times)
    return Series(
        name,
        _pick(steps, places, begin),
        values,
        None if times is None else _pick(times, places, begin),
    )


def _pick(column: array[float], places: list[int], begin: int) -> array[float]:
    return array("d", [column[place - begin] for place in places])

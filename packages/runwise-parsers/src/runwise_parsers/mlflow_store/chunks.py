"""A run of a database from a row on: at once, where that is quick, or in chunks.

A metric is read by an index of its own, in windows of the table's row numbers: each statement is
short then, and memory bounded. Few rows are read in their order, all metrics at once.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from runwise_parsers.mlflow_store.columns import Column, falls, joined, rise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise_parsers.mlflow_store.points import Points

_WINDOW, _WIDEST = 1 << 20, 1 << 22  # rows of the table: for many metrics, for one
_FEW, _WHOLE = 20_000, 1 << 21


def chunks(
    points: Points, names: Sequence[str] | None, after: int = 0
) -> Iterator[dict[str, Column]]:
    """Yield what was logged behind a row: named metrics, or all those of the training.

    Without a column for the step, the points of a metric are counted from the first row on.
    """
    first, last = points.ends()
    at = max(after, first - 1) if points.stepped else first - 1
    counts: dict[str, int] = {}
    while at < last:
        stop = last if last - at <= _FEW else min(last, at + _width(names))
        chunk = _window(points, names, at, stop)
        if not points.stepped:
            chunk = {name: _counted(name, one, counts, after) for name, one in chunk.items()}
        yield {name: one for name, one in chunk.items() if len(one)}
        at = stop


def whole(points: Points, names: Sequence[str] | None) -> dict[str, Column]:
    """Return whole columns of named metrics, or of all those of the training."""
    return joined(chunks(points, names))


def at_once(points: Points, names: Sequence[str] | None) -> tuple[dict[str, Column], int] | None:
    """Return the whole run and its last row, where the steps of each metric rise with its clock.

    Then nothing has to be known of the order of rows, which is a quarter of the cost. ``None``
    where this does not hold, for short runs, and for very long ones.
    """
    first, last = points.ends()
    if not points.stepped or not _FEW < last - first < max(_WHOLE, _width(names)):
        return None
    found: dict[str, Column] = {}
    odd = points.odd
    sql = points.select(points.clocked, points.place, "AND +rowid <= ?")
    for name in dict.fromkeys(points.own_names if names is None else names):
        ask = (points.run, name, last)
        steps, values, times = points.db.columns(sql, *ask, count=3, number=points.number)
        if points.db.failed or points.odd > odd or not rise(steps) or falls(times):
            return None
        if values:
            found[name] = Column(times, steps, values, times)
    return found, last


def _window(points: Points, names: Sequence[str] | None, at: int, stop: int) -> dict[str, Column]:
    if stop - at <= _FEW:
        return points.in_order(names, at, stop)
    found: dict[str, Column] = {}
    more = "AND +rowid > ? AND +rowid <= ?"
    for name in dict.fromkeys(points.own_names if names is None else names):
        found[name] = points.read(name, more, at, stop, place=points.place)
        if points.db.failed:
            return points.in_order(names, at, stop)
    return found


def _width(names: Sequence[str] | None) -> int:
    """Return how many rows of the table are a window: fewer, the more metrics are read."""
    return max(_WINDOW, _WIDEST // len(names)) if names else _WINDOW


def _counted(name: str, column: Column, counts: dict[str, int], after: int) -> Column:
    """Return a column whose steps are the places of its points, those up to a row left out."""
    first = counts.get(name, 0)
    counts[name] = first + len(column)
    steps = array("d", range(first, counts[name]))
    begin = next((at for at, order in enumerate(column.order) if order > after), len(column))
    return Column(column.order, steps, column.values, column.times).part(begin, len(column))

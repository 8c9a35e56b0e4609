"""Points of metrics as rows of a mirror, and back.

Each metric has steps of its own (batches here, epochs there), and only a fall of its own step is
a restart. In a file of rows any fall of the step is one. So the points are cut into segments
first, as those of a database are (see ``mlflow_store/columns``), and the rows of each segment
stand by their steps.
Points of one step and one clock share a row.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, cast
from zlib import crc32

from runwise_parsers.mirror_log.layout import CLOCK, HISTORY, STEP, SYSTEM
from runwise_parsers.mlflow_server.history import Point
from runwise_parsers.mlflow_store.columns import Column, Splitter
from runwise_parsers.values import as_number, loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    Row = dict[str, float]
    Points = Mapping[str, Sequence[Point]]

AXES = (STEP, CLOCK)
"""Names no metric can have here: they are a row's own."""


def rows_of(points: Points) -> list[Row]:
    """Return all points as rows, those of a restart behind what was before it."""
    rows: list[Row] = []
    for piece in Splitter().pieces(_columns(points)):
        entries = sorted(
            (step, clock, order, name, value)
            for name, one in piece.columns.items()
            for order, step, value, clock in zip(*one.all, strict=True)
        )
        rows += _together(entries)
    return rows


def machine_rows(points: Points, begin: float | None) -> list[Row]:
    """Return what was measured of the machine as rows; their steps are seconds since the start."""
    entries: list[tuple[float, float, float, str, float]] = []
    for name, several in points.items():
        first = several[0].clock if begin is None and several else begin or 0.0
        for place, one in enumerate(several):
            entries.append((one.clock - first, one.clock, float(place), name, one.value))
    return list(_together(sorted(entries)))


def points_in(folder: Path) -> dict[str, list[Point]]:
    """Return the points that a mirror holds, those of each metric in their order."""
    found: dict[str, list[Point]] = {}
    for name in (HISTORY, SYSTEM):
        path = folder / name
        for line in path.read_bytes().splitlines() if path.exists() else ():
            row = cast("dict[str, object]", loads(line))
            clock, step = as_number(row.pop(CLOCK, None)), as_number(row.pop(STEP, None))
            for metric, value in row.items():
                number = as_number(value)
                if None not in (clock, step, number):
                    point = Point(cast("float", clock), cast("float", step), cast("float", number))
                    found.setdefault(metric, []).append(point)
    return found


def mark_of(rows: Iterable[Row]) -> int:
    """Return a checksum of rows."""
    mark = 0
    for row in rows:
        mark = crc32(repr(row).encode("utf-8", "replace"), mark)
    return mark


def _columns(points: Points) -> dict[str, Column]:
    """Return the points as columns; what orders them is their place among all points."""
    placed = sorted(
        (one.clock, place, name) for name, several in points.items()
        for place, one in enumerate(several)
    )  # fmt: skip
    orders: dict[str, array[float]] = {name: array("d") for name in points}
    for order, (_, _, name) in enumerate(placed):
        orders[name].append(float(order))
    return {
        name: Column(
            orders[name],
            array("d", [one.step for one in several]),
            array("d", [one.value for one in several]),
            array("d", [one.clock for one in several]),
        )
        for name, several in points.items()
        if several
    }


def _together(entries: Iterable[tuple[float, float, float, str, float]]) -> Iterator[Row]:
    """Yield rows of points that share a step and a clock, each metric once in a row."""
    row: Row = {}
    for step, clock, _, name, value in entries:
        if not row or row[STEP] != step or row[CLOCK] != clock or name in row:
            if row:
                yield row
            row = {STEP: step, CLOCK: clock}
        row[name] = value
    if row:
        yield row

"""Rows out of curves that lie apart: formats with a file or a list of points for each metric.

Points of one step are one row, if they were logged together. A metric whose steps fall has
begun again: what follows belongs to the next stretch, with what other metrics logged in theirs.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from runwise_parsers.stretches import stretches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_parsers.held import HeldRow

_Row = tuple["float | None", dict[str, float]]
_TOGETHER = 0.1
"""Seconds in which one call after another logs what belongs to one row."""


def _column() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Curve:
    """One metric's points in the order of its log; ``times`` (Unix seconds) may be none."""

    name: str
    steps: array[float] = field(default_factory=_column)
    values: array[float] = field(default_factory=_column)
    times: array[float] = field(default_factory=_column)


def rows_of(curves: Iterable[Curve]) -> list[HeldRow]:
    """Return the rows that curves were written from, stretch by stretch in order of step.

    Steps must be finite. A metric that has a step twice, and points of one step that were not
    logged together, keep rows of their own.
    """
    places: dict[tuple[int, float, int], list[_Row]] = {}
    for curve in curves:
        clocks = curve.times if len(curve.times) == len(curve.steps) else None
        for begin, end, stretch in stretches(curve.steps, None):
            again = 0
            for at in range(begin, end):
                step = curve.steps[at]
                again = again + 1 if at > begin and step == curve.steps[at - 1] else 0
                rows = places.setdefault((stretch, step, again), [])
                clock = None if clocks is None else clocks[at]
                _row_at(clock, rows)[curve.name] = curve.values[at]
    met = [
        ((stretch, step, clock or 0.0, again), clock, values)
        for (stretch, step, again), rows in places.items()
        for clock, values in rows
    ]
    return [(key[1], clock, values) for key, clock, values in sorted(met, key=itemgetter(0))]


def _row_at(clock: float | None, rows: list[_Row]) -> dict[str, float]:
    """Return the row that was logged at a time, a new one if there is none."""
    for when, values in reversed(rows):
        if when is None or clock is None:
            if when is clock:
                return values
        elif abs(clock - when) <= _TOGETHER:
            return values
    rows.append((clock, {}))
    return rows[-1][1]

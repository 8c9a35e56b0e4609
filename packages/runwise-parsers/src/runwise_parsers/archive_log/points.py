"""Points out of a stream of events, as pieces in which no metric's step falls.

Each metric may count steps of its own (epochs here, iterations there): only a fall inside one
metric opens a segment. A point without a step is numbered among those of its metric.
"""

from __future__ import annotations

import json
import math
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from runwise_parsers.series import Series

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

Point = tuple[str, "float | None", "float | None", float]
"""Name, step, Unix seconds, value."""

_ROOM = 1200
"""Bytes of a cursor, which is less than 2 KB, for the last step of each metric."""


@dataclass(slots=True)
class Walk:
    """Where a pass over the points is, with what is needed to go on."""

    segment: int = 0
    last: dict[str, float] = field(default_factory=dict[str, float])
    bare: dict[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def at(cls, place: Mapping[str, object]) -> Walk:
        """Return the walk that ``kept`` was asked for."""
        segment = place.get("segment")
        return cls(
            segment if isinstance(segment, int) else 0,
            _numbers(place.get("last")),
            {name: int(count) for name, count in _numbers(place.get("bare")).items()},
        )

    def kept(self) -> dict[str, object]:
        """Return it as a cursor can hold it; nothing where there are too many metrics."""
        told: dict[str, object] = {"segment": self.segment, "last": self.last, "bare": self.bare}
        return told if len(json.dumps(told)) <= _ROOM else {}

    def stepped(self, points: Iterable[Point]) -> Iterator[tuple[list[Point], int]]:
        """Yield points with their steps, piece by piece, and the segment of each piece."""
        piece: list[Point] = []
        last = self.last
        for point in points:
            name, step, clock, value = point
            if step is None or not math.isfinite(step):
                step = float(self.bare.get(name, 0))  # it has none of its own
                self.bare[name] = int(step) + 1
            if step < last.get(name, step):
                if piece:
                    yield piece, self.segment
                piece = []
                self.segment += 1
                last.clear()
            last[name] = step
            piece.append((name, step, clock, value))
        if piece:
            yield piece, self.segment


def _numbers(value: object) -> dict[str, float]:
    pairs = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    return {name: float(one) for name, one in pairs.items() if isinstance(one, (int, float))}


def columns_of(points: Iterable[Point], names: Collection[str] | None) -> dict[str, Series]:
    """Return points as series; ``times`` only where every point of a metric has one."""
    columns: dict[str, tuple[array[float], array[float], array[float]]] = {}
    for name, step, clock, value in points:
        if names is not None and name not in names:
            continue
        column = columns.get(name)
        if column is None:
            column = columns[name] = (array("d"), array("d"), array("d"))
        column[0].append(step or 0.0)
        column[1].append(value)
        if clock is not None:
            column[2].append(clock)
    return {
        name: Series(name, steps, values, times if len(times) == len(values) else None)
        for name, (steps, values, times) in columns.items()
    }


def thinned(one: Series, count: int) -> Series:
    """Return ``count`` evenly spread points of a curve, first and last included."""
    length = len(one)
    if length <= count:
        return one
    at = [place * (length - 1) // (count - 1) for place in range(count)]
    times = None if one.times is None else array("d", (one.times[place] for place in at))
    return Series(
        one.name,
        array("d", (one.steps[place] for place in at)),
        array("d", (one.values[place] for place in at)),
        times,
    )

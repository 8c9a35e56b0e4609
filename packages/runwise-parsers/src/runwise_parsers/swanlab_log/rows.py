"""Points as rows, and as curves.

Numbers logged together share their step and stand behind one another. Each metric has a step of
its own: one may be logged by the step of the optimizer and another by the epoch. What a script
logs for a step that lies behind is kept in the order of the log.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from zlib import crc32

from runwise_parsers.series import Series
from runwise_parsers.swanlab_log.entries import SYSTEM, Point

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from runwise_parsers.held import HeldRow
    from runwise_parsers.swanlab_log.entries import Entry

_MANY = 48
"""Metrics whose last steps are remembered in a cursor."""


def metrics_in(entries: Iterable[Entry]) -> list[Point]:
    """Return the points that belong to the training."""
    return [one for one in entries if isinstance(one, Point) and not one.key.startswith(SYSTEM)]


def rows_of(points: Iterable[Point]) -> list[HeldRow]:
    """Return points as rows: what was logged together."""
    rows: list[HeldRow] = []
    row: dict[str, float] = {}
    at: float | None = None
    for key, step, time, value in points:
        if step != at or key in row:
            row = {}
            at = step
            rows.append((step, time, row))
        row[key] = value
    return rows


@dataclass(slots=True)
class Curves:
    """Makes series of points; where a metric's step falls, all begin anew.

    ``segment`` counts these falls. A cursor keeps that, and the last step of each metric by the
    checksum of its name.
    """

    wanted: Collection[str] | None = None
    segment: int = 0
    _newest: dict[str, float] = field(default_factory=dict[str, float])
    _recalled: dict[int, float] = field(default_factory=dict[int, float])

    def take(self, points: Sequence[Point]) -> Iterator[tuple[int, dict[str, Series]]]:
        """Yield ``(points so far, curves)`` of the stretches in which no step falls."""
        begin = 0
        for place, (key, step, _, _) in enumerate(points):
            before = self._newest.get(key)
            if before is None and self._recalled:
                before = self._recalled.pop(_mark(key), None)
            if before is not None and step < before:
                if place > begin:
                    self._newest[key] = before
                    yield place, self._series(points[begin:place])
                begin = place
                self.begin()
            self._newest[key] = step
        yield len(points), self._series(points[begin:])

    def begin(self) -> None:
        """Begin a segment."""
        self.segment += 1
        self._newest.clear()
        self._recalled.clear()

    def state(self) -> list[object]:
        """Return what a cursor keeps: the segment, and last steps if they are not too many."""
        known = self._recalled | {_mark(key): step for key, step in self._newest.items()}
        return [self.segment, *(list(pair) for pair in list(known.items())[-_MANY:])]

    def recall(self, state: object) -> None:
        """Go on from what ``state`` returned.

        Raises ``ValueError`` where that is none.
        """
        try:
            segment, *pairs = cast("list[int | list[float]]", state)
            steps = [cast("list[float]", pair) for pair in pairs]
            self.segment = int(cast("int", segment))
            self._recalled = {int(mark): float(step) for mark, step in steps}
        except (TypeError, ValueError) as error:
            raise ValueError("this cursor has no steps") from error

    def _series(self, points: Iterable[Point]) -> dict[str, Series]:
        columns: dict[str, tuple[array[float], array[float], array[float]]] = {}
        for key, step, time, value in points:
            if self.wanted is not None and key not in self.wanted:
                continue
            found = columns.get(key)
            if found is None:
                found = columns[key] = array("d"), array("d"), array("d")
            found[0].append(step)
            found[1].append(value)
            if time is not None:
                found[2].append(time)
        return {
            key: Series(key, steps, values, times if len(times) == len(values) else None)
            for key, (steps, values, times) in columns.items()
        }


def _mark(key: str) -> int:
    return crc32(key.encode("utf-8", "replace"))

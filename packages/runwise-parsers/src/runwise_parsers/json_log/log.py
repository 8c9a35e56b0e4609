"""One JSON Lines file as a run's history: its ends, its rows, samples and windows of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.json_log.lines import WINDOW, first_lines, last_lines, lines_at, windows
from runwise_parsers.json_log.pieces import Position, pieces_of
from runwise_parsers.json_log.rows import Axes, Row, axes_of, clock_of, parse
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

    from runwise_parsers.series import Series

_PLACES = 64
_SAMPLE = 1 << 14


@dataclass(slots=True)
class JsonLog:
    """A JSON Lines file; it may still grow while it is read.

    ``unreadable`` counts lines of the last whole pass that hold no JSON object.
    """

    path: Path
    unreadable: int = 0
    torn: bool = False
    _axes: Axes | None = field(default=None, repr=False)

    @property
    def axes(self) -> Axes:
        """The keys of step and time, decided on the first rows."""
        if self._axes is None:
            self._axes = axes_of(self.head())
        return self._axes

    def size(self) -> int:
        """Return the bytes on disk now."""
        return self.path.stat().st_size

    def head(self) -> list[Row]:
        """Return the first rows."""
        return parse(first_lines(self.path))[0]

    def tail(self, count: int = 1) -> list[Row]:
        """Return at least ``count`` rows from the end, all if there are fewer."""
        size, length = self.size(), WINDOW // 4
        while True:
            rows = parse(last_lines(self.path, length))[0]
            if len(rows) >= count or length >= size:
                return rows[-count:]
            length *= 4

    def pieces(
        self, names: Container[str] | None, position: Position, offset: int = 0
    ) -> Iterator[tuple[int, dict[str, Series], int]]:
        """Yield ``(segment, series, offset behind them)`` from a line's start on."""
        self.unreadable, self.torn = 0, False
        for data, behind in windows(self.path, offset):
            rows, unreadable = parse(data)
            if not data.endswith(b"\n") and unreadable:
                # The writer is at this line, or died in it: it is read again when it is whole.
                self.torn, unreadable, behind = True, 0, offset
            self.unreadable += unreadable
            for segment, series in pieces_of(rows, self.axes, position, names):
                yield segment, series, behind
            offset = behind

    def sampled(self, count: int) -> list[Row]:
        """Return about ``count`` rows from evenly spread places, first and last included."""
        size = self.size()
        if size <= _PLACES * _SAMPLE:
            rows = [row for data, _ in windows(self.path) for row in parse(data)[0]]
            return thinned(rows, count)
        rows = self.head()[:1]
        for place in range(_PLACES):
            offset = size * place // _PLACES
            rows += thinned(parse(lines_at(self.path, offset, _SAMPLE))[0], -(-count // _PLACES))
        return rows + self.tail(1)

    def clock_at(self, row: Row) -> float | None:
        """Return a row's time."""
        return clock_of(row.get(self.axes.clock)) if self.axes.clock else None

    def step_at(self, row: Row) -> float | None:
        """Return a row's step, ``None`` where it has none of its own."""
        return as_number(row.get(self.axes.step)) if self.axes.step else None


def thinned(rows: list[Row], count: int) -> list[Row]:
    """Return ``count`` evenly spread rows, first and last included."""
    if len(rows) <= count or count < 1:
        return rows
    if count == 1:
        return rows[:1]
    return [rows[place * (len(rows) - 1) // (count - 1)] for place in range(count)]

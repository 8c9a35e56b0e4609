"""One JSON Lines file as a run's history: a whole pass in pieces, its ends, samples of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from runwise_parsers.axes import Axes, axes_of, clock_of
from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.json_log.pieces import Position, series_of, steps_of
from runwise_parsers.json_log.rows import Row, parse
from runwise_parsers.lines import WINDOW, first_lines, last_lines, windows
from runwise_parsers.stretches import stretches
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from runwise_parsers.series import Series

Stepped = list[tuple[Row, float]]
"""Rows with their steps."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a log, and the place to go on from; ``seen`` is the offset read up to."""

    segment: int
    series: dict[str, Series]
    position: Position
    offset: int
    seen: int


@dataclass(slots=True)
class JsonLog:
    """A JSON Lines file; it may still grow while it is read.

    ``unreadable`` counts lines that held no JSON object in the passes so far, ``torn`` says that
    the last line is not all there.
    """

    path: Path
    unreadable: int = 0
    torn: bool = False
    _axes: Axes | None = field(default=None, repr=False)

    @property
    def axes(self) -> Axes:
        """The keys of step and time, decided on the first rows."""
        if self._axes is None:
            rows = self.head()
            if not rows:
                return Axes()
            self._axes = axes_of(rows)
        return self._axes

    def trouble(self) -> Gap | None:
        """Return why the file cannot be read at all, ``None`` if it can."""
        try:
            with self.path.open("rb") as file:
                pointer = file.read(len(LFS_POINTER)) == LFS_POINTER
        except OSError as error:
            return unreadable(self.path.name, error)
        return lfs_pointer(self.path.name) if pointer else None

    def size(self) -> int:
        """Return the bytes on disk now."""
        return self.path.stat().st_size

    def head(self) -> list[Row]:
        """Return the first rows."""
        return parse(first_lines(self.path))[0]

    def pieces(
        self, names: Collection[str] | None, position: Position, offset: int = 0
    ) -> Iterator[Piece]:
        """Yield the rows from a line's start on; rows ``position`` says are done are left out."""
        if offset == 0:
            self.unreadable = 0
        self.torn = False
        for data, end in windows(self.path, offset):
            rows, unreadable_lines = parse(data)
            if not data.endswith(b"\n") and unreadable_lines:
                # The writer is at this line, or died in it: it is read again when it is whole.
                self.torn = True
                return
            self.unreadable += unreadable_lines
            yield from self._window(rows, names, position, (offset, end))
            position.done = 0
            offset = end

    def _window(
        self,
        rows: list[Row],
        names: Collection[str] | None,
        position: Position,
        reach: tuple[int, int],
    ) -> Iterator[Piece]:
        """Yield a window of rows, one piece for each stretch in which the step does not fall."""
        before = replace(position)
        steps = steps_of(rows, self.axes, position)
        for begin, end, falls in stretches(steps, before.step):
            segment = position.segment = before.segment + falls
            last = end == len(rows)
            if end <= before.done and not (last and end == 0):
                continue
            series = series_of(rows[begin:end], steps[begin:end], self.axes, names)
            if last:
                yield Piece(segment, series, replace(position, done=0), reach[1], reach[1])
            else:
                yield Piece(segment, series, replace(before, done=end), *reach)

    def tail(self, count: int = 1) -> Stepped:
        """Return the last rows with their steps, fewer if there are fewer."""
        rows = self.last_rows(count)
        return self.stepped(rows, 0 if self.axes.step else self._count() - len(rows))[-count:]

    def last_rows(self, count: int) -> list[Row]:
        """Return at least ``count`` rows from the end, all if there are fewer."""
        size, length = self.size(), WINDOW // 4
        while True:
            rows = parse(last_lines(self.path, length))[0]
            kept = rows if length >= size else self.sure(rows)
            if len(kept) >= count or length >= size:
                return kept
            length *= 4

    def clock_at(self, row: Row) -> float | None:
        """Return a row's time."""
        return clock_of(row.get(self.axes.clock)) if self.axes.clock else None

    def step_at(self, row: Row) -> float | None:
        """Return a row's step, ``None`` where it has none of its own."""
        return as_number(row.get(self.axes.step)) if self.axes.step else None

    def sure(self, rows: list[Row]) -> list[Row]:
        """Leave out the first rows if their step stands in a row before them."""
        if not self.axes.step:
            return rows
        own = (at for at, row in enumerate(rows) if as_number(row.get(self.axes.step)) is not None)
        return rows[next(own, len(rows)) :]

    def stepped(self, rows: list[Row], first: int = 0) -> Stepped:
        """Return rows with their steps; ``first`` counts the rows before them."""
        steps = steps_of(rows, self.axes, Position(rows=first))
        return list(zip(rows, steps, strict=True))

    def _count(self) -> int:
        return sum(len(parse(data)[0]) for data, _ in windows(self.path))

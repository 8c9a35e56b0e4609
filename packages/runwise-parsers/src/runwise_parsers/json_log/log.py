"""One JSON Lines file as a run's history: a whole pass in pieces, its ends, samples of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.axes import Axes, axes_of, clock_of
from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.json_log.columns import Columns
from runwise_parsers.json_log.piece import Piece, Place, pieces_of
from runwise_parsers.json_log.reader import Reader
from runwise_parsers.json_log.rows import Row, parse
from runwise_parsers.json_log.steps import Position, finite, steps_of
from runwise_parsers.lines import WINDOW, first_lines, last_lines, windows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

Stepped = list[tuple[Row, float]]
"""Rows with their steps."""


class JsonLog:
    """A JSON Lines file; it may still grow while it is read.

    ``unreadable`` counts lines that held no JSON object in the passes so far, ``torn`` says that
    the last line is not all there. Formats with rows of their own override ``rows`` and
    ``find_axes``.
    """

    plain = True
    """Rows are the lines as they stand, so that a few columns can be had without parsing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unreadable = 0
        self.torn = False
        self._axes: Axes | None = None

    @property
    def axes(self) -> Axes:
        """The keys of step and time, decided on the first rows."""
        if self._axes is None:
            rows = self.head()
            if not rows:
                return Axes()
            self._axes = self.find_axes(rows)
        return self._axes

    def find_axes(self, head: list[Row]) -> Axes:
        """Return the keys of step and time, given the first rows."""
        return axes_of(head)

    def rows(self, data: bytes) -> tuple[list[Row], int]:
        """Return the rows in whole lines, and how many lines held none."""
        return parse(data)

    def identity(self) -> list[object]:
        """Return what else the rows' steps and names depend on: with another, all is read anew."""
        return [self.axes.step, self.axes.clock]

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
        return self.rows(first_lines(self.path))[0]

    def pieces(
        self, names: Collection[str] | None, position: Position, offset: int = 0
    ) -> Iterator[Piece]:
        """Yield the rows from a line's start on; rows ``position`` says are done are left out."""
        known = self.unreadable if offset else 0
        self.torn = False
        reader, position = self._reader(names), replace(position)
        for data, reach in windows(self.path, offset):
            before = Place(replace(position), offset, reach)
            table = reader.table(data, position)
            if table is None:
                # The writer is at this line, or died in it: it is read again when it is whole.
                self.torn = True
                return
            self.unreadable = known + reader.unreadable
            yield from pieces_of(table, before, position)
            position.done = 0
            offset = reach

    def between(self, names: Collection[str] | None, begin: int, end: int) -> Iterator[Piece]:
        """Yield the rows from the line that starts at ``begin`` on, at least up to ``end``."""
        reader, position = self._reader(names), Position()
        for data, reach in windows(self.path, begin):
            before = Place(replace(position), begin, reach)
            table = reader.table(data, position)
            if table is not None:
                yield from pieces_of(table, before, position)
            begin = reach
            if table is None or reach >= end:
                return

    def _reader(self, names: Collection[str] | None) -> Reader:
        return Reader(self.rows, self.axes, names, plain=self.plain)

    def tail(self, count: int = 1) -> Stepped:
        """Return the last rows with their steps, fewer if there are fewer."""
        rows = self.last_rows(count)
        return self.stepped(rows, 0 if self.axes.step else self._count() - len(rows))[-count:]

    def last_rows(self, count: int) -> list[Row]:
        """Return at least ``count`` rows from the end, all if there are fewer."""
        size, length = self.size(), WINDOW // 4
        while True:
            rows = self.rows(last_lines(self.path, length))[0]
            kept = rows if length >= size else self.sure(rows)
            if len(kept) >= count or length >= size:
                return kept
            length *= 4

    def clock_at(self, row: Row) -> float | None:
        """Return a row's time."""
        return clock_of(row.get(self.axes.clock)) if self.axes.clock else None

    def step_at(self, row: Row) -> float | None:
        """Return a row's step, ``None`` where it has none of its own."""
        return finite(row.get(self.axes.step)) if self.axes.step else None

    def sure(self, rows: list[Row]) -> list[Row]:
        """Leave out the first rows if their step stands in a row before them."""
        if not self.axes.step:
            return rows
        own = (at for at, row in enumerate(rows) if self.step_at(row) is not None)
        return rows[next(own, len(rows)) :]

    def stepped(self, rows: list[Row], first: int = 0) -> Stepped:
        """Return rows with their steps; ``first`` counts the rows before them."""
        steps = steps_of(Columns(rows), self.axes, Position(rows=first))
        return list(zip(rows, steps, strict=True))

    def _count(self) -> int:
        return sum(len(self.rows(data)[0]) for data, _ in windows(self.path))

"""A piece of a log: rows in which the step does not fall, and where to go on behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runwise_parsers.stretches import stretches

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator

    from runwise_parsers.json_log.steps import Position
    from runwise_parsers.json_log.table import Table
    from runwise_parsers.series import Series


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: rows ``position`` says are done are left out of the window at ``offset``.

    ``seen`` is the offset read up to.
    """

    position: Position
    offset: int
    seen: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows ``begin`` to ``end`` of a window: one stretch of it, or a part of one."""

    segment: int
    table: Table
    begin: int
    end: int
    before: Place
    after: Place

    @property
    def steps(self) -> array[float]:
        """The rows' steps."""
        return self.table.steps[self.begin : self.end]

    @property
    def series(self) -> dict[str, Series]:
        """The metrics of these rows."""
        return self.table.cut(self.begin, self.end)

    @property
    def place(self) -> Place:
        """Where to go on behind these rows."""
        if self.end == len(self.table.steps):
            return self.after
        return replace(self.before, position=replace(self.before.position, done=self.end))

    def split(self, count: int) -> tuple[Piece, Piece]:
        """Return the first rows, and the others."""
        cut = self.begin + count
        return replace(self, end=cut), replace(self, begin=cut)


def pieces_of(table: Table, before: Place, position: Position) -> Iterator[Piece]:
    """Yield a window's rows, one piece for each stretch in which the step does not fall.

    ``position`` is what is remembered behind the window; its segment is counted on here.
    """
    start = before.position
    for begin, end, falls in stretches(table.steps, start.step):
        position.segment = start.segment + falls
        last = end == len(table.steps)
        if end <= start.done and not (last and end == 0):
            continue
        place = Place(replace(position, done=0), before.seen, before.seen)
        yield Piece(position.segment, table, max(begin, start.done), end, before, place)

"""A whole pass over a table, in pieces of constant size."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from runwise_parsers.csv_log.curves import Position, Strays, series_of, steps_of
from runwise_parsers.csv_log.records import records
from runwise_parsers.stretches import stretches

if TYPE_CHECKING:
    from array import array
    from collections.abc import Collection, Iterator

    from runwise_parsers.csv_log.block import Block
    from runwise_parsers.csv_log.layout import Layout
    from runwise_parsers.csv_log.log import CsvLog, Part
    from runwise_parsers.csv_log.split import Split
    from runwise_parsers.series import Series


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on from: an offset, the offset read up to, and what is remembered.

    ``mark`` is that of the layout in force, ``open`` says that the last row read lacked its end.
    """

    offset: int = 0
    seen: int = 0
    mark: int = 0
    open: bool = False
    position: Position = field(default_factory=Position)


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows in which the step does not fall, and where to go on from behind them."""

    layout: Layout
    block: Block
    steps: array[float]
    segment: int
    place: Place

    def series(self, names: Collection[str] | None, strays: Strays) -> dict[str, Series]:
        """Return the metrics of these rows."""
        return series_of(self.block, self.steps, self.layout, names, strays)


@dataclass(slots=True)
class Odd:
    """What a pass met that is no whole row of numbers; ``waiting`` and ``cut`` of its end."""

    short: int = 0
    long: int = 0
    left_out: int = 0
    strays: Strays = field(default_factory=Strays)
    waiting: bool = False
    cut: bool = False

    def add(self, parted: Split) -> None:
        """Count the rows of some lines."""
        self.short += parted.short
        self.long += parted.long
        self.left_out += parted.left_out


def passed(log: CsvLog, place: Place, odd: Odd) -> Iterator[Piece]:
    """Yield the rows behind a place, one piece for each stretch in which the step rises."""
    position = replace(place.position)
    layout = log.layout_at(position.header)
    offset = max(place.offset, log.begin)
    if not layout.names:
        return
    for window in records(log.path, offset, texts=bool(layout.texts)):
        data: bytes | None = window.data
        if not window.whole:
            data, odd.cut = log.last_line(window.data, window.end, layout)
        if data is None:
            odd.waiting = True  # it is read when it is whole
            return
        again = Place(offset, window.end, layout.mark, position=replace(position))
        parts = log.parts(data, offset, layout)
        layout = parts[-1].layout if parts else layout
        done = Place(window.end, window.end, layout.mark, not window.whole)
        yield from _window(parts, position, (again, done), odd)
        position.done = 0
        offset = window.end


def _window(
    parts: list[Part], position: Position, places: tuple[Place, Place], odd: Odd
) -> Iterator[Piece]:
    """Yield the rows of a window between two places.

    Inside a window, the place to go on from is its beginning and a number of rows done.
    """
    (again, done), first = places, 0
    for number, part in enumerate(parts, start=1):
        if part.opens:
            _open(position, part.header)
        parted = part.split()
        if first + parted.block.count > again.position.done:
            odd.add(parted)
        block, before, segment = parted.block, position.step, position.segment
        steps = steps_of(block, part.layout, position)
        for begin, end, falls in stretches(steps, before):
            position.segment = segment + falls
            behind, last = first + end, number == len(parts) and end == block.count
            if behind > again.position.done or (last and not behind):
                here = replace(again, position=replace(again.position, done=behind))
                if last:
                    here = replace(done, position=replace(position, done=0))
                rows = block.part(begin, end)
                yield Piece(part.layout, rows, steps[begin:end], position.segment, here)
        first += block.count


def _open(position: Position, header: int | None) -> None:
    """Begin a segment below a header: rows are counted anew, and no step is known yet."""
    position.segment += bool(position.rows)
    position.rows, position.step = 0, None
    position.header = position.header if header is None else header

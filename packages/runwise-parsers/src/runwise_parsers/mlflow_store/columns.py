"""The points of metrics as columns: cut into segments, thinned, and their newest rows."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import islice
from operator import le, lt
from typing import TYPE_CHECKING

from runwise_parsers.run import cut, gather
from runwise_parsers.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Columns = Mapping[str, "Column"]


def _numbers() -> array[float]:
    return array("d")


@dataclass(frozen=True, slots=True)
class Column:
    """The points of one metric: what orders them in the log, steps, values, Unix seconds.

    ``order`` rises. A clock that is none is NaN.
    """

    order: array[float] = field(default_factory=_numbers)
    steps: array[float] = field(default_factory=_numbers)
    values: array[float] = field(default_factory=_numbers)
    times: array[float] = field(default_factory=_numbers)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def all(self) -> tuple[array[float], ...]:
        """The four columns."""
        return self.order, self.steps, self.values, self.times

    @property
    def latest(self) -> float:
        """The value at the highest step, the one logged last of several; none may be empty."""
        highest = max(self.steps)
        place = next(at for at in range(len(self) - 1, -1, -1) if self.steps[at] == highest)
        return self.values[place]

    def part(self, begin: int, end: int) -> Column:
        """Return the points between two places."""
        if begin == 0 and end == len(self):
            return self
        return Column(*(one[begin:end] for one in self.all))

    def places(self, places: list[int]) -> Column:
        """Return the points at some places."""
        return Column(*(array("d", [one[place] for place in places]) for one in self.all))

    def ordered(self) -> Column:
        """Return the points in the order of the log."""
        known = self.order.tolist()
        if known == sorted(known):
            return self
        return self.places(sorted(range(len(known)), key=known.__getitem__))

    def once(self) -> Column:
        """Return the points in the order of the log, each once."""
        found = {order: place for place, order in enumerate(self.order)}
        return self.places([found[order] for order in sorted(found)])

    def series(self, name: str) -> Series:
        """Return the points as a curve; ``times`` only where all of them are known."""
        known = self.times if sum(self.times) == sum(self.times) else None  # NaN is not itself
        return Series(name, self.steps, self.values, known)

    def cuts(self, borders: list[float]) -> Iterator[tuple[int, Column]]:
        """Yield the parts between borders, and how many of these lie before each."""
        begin = 0
        while begin < len(self):
            passed = bisect_right(borders, self.order[begin])
            end = len(self)
            if passed < len(borders):
                end = bisect_left(self.order, borders[passed], begin)
            yield passed, self.part(begin, end)
            begin = end


@dataclass(frozen=True, slots=True)
class Piece:
    """Points of one segment: ``end`` is the order of the last one, ``begin`` the segment's."""

    segment: int
    begin: float
    end: float
    columns: dict[str, Column]

    def series(self) -> dict[str, Series]:
        """Return the points as curves."""
        return {name: one.series(name) for name, one in self.columns.items()}


@dataclass(slots=True)
class Splitter:
    """Cuts chunks of a log into segments, and remembers what it must between them.

    ``last`` holds the newest step of each metric within the segment, ``begin`` the order of the
    segment's first point.
    """

    segment: int = 0
    begin: float = 0.0
    last: dict[str, float] = field(default_factory=dict[str, float])

    def pieces(self, columns: Columns) -> Iterator[Piece]:
        """Yield the pieces of a chunk, in the order of the log."""
        borders = self._borders(columns)
        parts: dict[int, dict[str, Column]] = {}
        for name, column in columns.items():
            for passed, part in column.cuts(borders):
                parts.setdefault(passed, {})[name] = part
        first = self.segment
        for passed in range(len(borders) + 1):
            if passed:
                self.segment, self.begin, self.last = first + passed, borders[passed - 1], {}
            here = parts.get(passed)
            if here:
                self.last |= {name: one.steps[-1] for name, one in here.items()}
                end = max(one.order[-1] for one in here.values())
                yield Piece(self.segment, self.begin, end, here)

    def _borders(self, columns: Columns) -> list[float]:
        """Return the orders at which a metric falls below a step of the segment it is in."""
        met: list[tuple[float, float]] = []
        for name, one in columns.items():
            if len(one) and one.steps[0] < self.last.get(name, one.steps[0]):
                met.append((one.order[0], self.begin))
            met += [(one.order[at], one.order[at - 1]) for at in falls(one.steps)]
        borders: list[float] = []
        border = self.begin
        for order, before in sorted(met):
            if before >= border:
                borders.append(order)
                border = order
        return borders


def falls(column: array[float]) -> list[int]:
    """Return the places at which a number is lower than the one before."""
    if any(map(lt, islice(column, 1, None), column)):
        return [at for at in range(1, len(column)) if column[at] < column[at - 1]]
    return []


def rise(column: array[float]) -> bool:
    """Say whether each number is higher than the one before."""
    return not any(map(le, islice(column, 1, None), column))


def thinned(columns: Columns, rows: int) -> dict[str, Series]:
    """Return ``rows`` evenly spread points of each metric, first and last included."""
    count = max(2, rows)
    found: dict[str, Series] = {}
    for name, one in columns.items():
        places = [at * (len(one) - 1) // (count - 1) for at in range(count)]
        found[name] = (one.places(places) if len(one) > count else one).series(name)
    return found


def newest(columns: Columns, rows: int) -> dict[str, Series]:
    """Return the points of the newest rows: the last segment's highest steps, then back."""
    parts: list[dict[str, Series]] = []
    for piece in reversed(list(Splitter().pieces(columns))):
        steps = sorted({step for one in piece.columns.values() for step in one.steps})
        first = steps[max(0, len(steps) - rows)]
        rows -= len(steps)
        kept = {name: cut(one, first, steps[-1]) for name, one in piece.series().items()}
        parts.insert(0, {name: one for name, one in kept.items() if len(one)})
        if rows <= 0:
            break
    return gather(parts)


def all_series(columns: Columns) -> dict[str, Series]:
    """Return whole columns as curves."""
    return {name: one.series(name) for name, one in columns.items() if len(one)}


def joined(chunks: Iterable[Columns]) -> dict[str, Column]:
    """Return the points of several chunks, each point once."""
    parts: dict[str, list[Column]] = {}
    for chunk in chunks:
        for name, one in chunk.items():
            parts.setdefault(name, []).append(one)
    found: dict[str, Column] = {}
    for name, several in parts.items():
        whole = found[name] = Column()
        for one in several:
            for to, more in zip(whole.all, one.all, strict=True):
                to.extend(more)
    return {name: one.once() for name, one in found.items() if len(one)}

"""Runs whose history is small enough to be held as rows: whole files that are written anew.

For formats that rewrite a file on each save (``trainer_state.json``, a JSON of all metrics) or
spread one row over several files. A source gives ``HeldRun.read``; every question is answered
from what it returns.
"""

from __future__ import annotations

from abc import abstractmethod
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from zlib import crc32

from runwise_parsers.cursor import read_cursor, whole, write_cursor
from runwise_parsers.run import Run
from runwise_parsers.series import Batch, Series
from runwise_parsers.stretches import stretches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from runwise_parsers.gap import Gap
    from runwise_parsers.info import RunInfo

_BATCH = 4096
_MOST_POINTS = 64  # of the last row are told apart in a cursor, which stays under 2 KB

HeldRow = tuple[float, "float | None", Mapping[str, float]]
"""A row: step, Unix seconds where known, metrics."""


@dataclass(slots=True)
class Held:
    """What one reading of a run's files found.

    ``rows`` stand in the order of the log; a fall of the step opens a segment. ``summary`` adds
    to the last values of the metrics.
    """

    rows: list[HeldRow] = field(default_factory=list[HeldRow])
    config: dict[str, object] = field(default_factory=dict[str, object])
    summary: dict[str, object] = field(default_factory=dict[str, object])
    gaps: tuple[Gap, ...] = ()


class HeldRun(Run):
    """A run read as a whole. Give it ``read``."""

    def __init__(self, info: RunInfo) -> None:
        self._info = info
        self._known: Held | None = None

    @abstractmethod
    def read(self) -> Held:
        """Read the files anew. Never raises for what is in them: that is what gaps are for."""

    @property
    def info(self) -> RunInfo:
        """What the files say about the run."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        found = self._known.gaps if self._known else ()
        return tuple(dict.fromkeys((*self._info.gaps, *found)))

    def config(self) -> dict[str, object]:
        """Return the hyperparameters that stand beside the metrics."""
        return dict(self._held().config)

    def summary(self) -> dict[str, object]:
        """Return the last value of every metric, and what the run noted besides."""
        last: dict[str, object] = {}
        for _, _, values in self._held().rows:
            last |= values
        return last | self._held().summary

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics in the order of the log."""
        return tuple(dict.fromkeys(name for _, _, row in self._held().rows for name in row))

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield the rows behind those already seen; all again if these were changed.

        The last row seen may have grown since: then what is new in it comes first.
        """
        wanted = None if names is None else frozenset(names)
        state = None if cursor is None else read_cursor(cursor, self._info.source)
        self._known = self.read()
        rows = self._known.rows
        seen = (0, rows) if state is None else _unseen(rows, state)
        restart = seen is None
        done, shown = seen or (0, rows)
        if restart and not rows:
            yield Batch({}, 0, self._cursor(rows, 0, 0), restart)
        mark = marked = 0
        for segment, begin, end in _pieces(rows):
            mark, marked = _mark(rows[marked : end - 1], mark), end - 1
            if end > done:
                columns = columns_of(shown[max(begin, done) : end], wanted)
                yield Batch(columns, segment, self._cursor(rows, end, mark), restart)
                restart = False

    def told(self) -> dict[str, object]:
        """Return nothing: going on from a cursor reads everything anew."""
        return {}

    def overview(self, rows: int) -> dict[str, Series]:
        """Return ``rows`` evenly spread rows, first and last included."""
        held = self._held().rows
        count = max(2, rows)
        if len(held) > count:
            held = [held[place * (len(held) - 1) // (count - 1)] for place in range(count)]
        return columns_of(held)

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows."""
        return columns_of(self._held().rows[-rows:]) if rows > 0 else {}

    def _held(self) -> Held:
        if self._known is None:
            self._known = self.read()
        return self._known

    def _cursor(self, rows: list[HeldRow], done: int, mark: int) -> str:
        """Return where reading would go on; ``mark`` is that of all rows but the last one."""
        last = _points(rows[done - 1]) if done else []
        return write_cursor(self._info.source, rows=done, print=mark, last=last)


def columns_of(rows: Sequence[HeldRow], names: Collection[str] | None = None) -> dict[str, Series]:
    """Return rows as series; ``times`` only where every row of a metric has one."""
    steps: dict[str, array[float]] = {}
    values: dict[str, array[float]] = {}
    times: dict[str, array[float]] = {}
    for step, clock, row in rows:
        for name, value in row.items():
            if names is not None and name not in names:
                continue
            if name not in values:
                steps[name], values[name], times[name] = array("d"), array("d"), array("d")
            steps[name].append(step)
            values[name].append(value)
            if clock is not None:
                times[name].append(clock)
    return {
        name: Series(
            name, steps[name], column, times[name] if len(times[name]) == len(column) else None
        )
        for name, column in values.items()
    }


def _pieces(rows: list[HeldRow]) -> Iterator[tuple[int, int, int]]:
    """Yield ``(segment, begin, end)`` of bounded pieces in which the step does not fall."""
    steps = array("d", (step for step, _, _ in rows))
    for begin, end, segment in stretches(steps, None):
        for first in range(begin, end, _BATCH):
            yield segment, first, min(end, first + _BATCH)


def _unseen(rows: list[HeldRow], state: dict[str, object]) -> tuple[int, list[HeldRow]] | None:
    """Return how many rows are done with, and the rows to show from there on.

    ``None`` says that what a cursor's owner has seen is no longer there. A row is written point
    by point by some formats: where only the last one seen has got more, the rest of it is new.
    """
    done = whole(state, "rows")
    if done == 0:
        return 0, rows
    if not 0 < done <= len(rows) or _mark(rows[: done - 1]) != state.get("print"):
        return None
    step, clock, values = rows[done - 1]
    last, now = state.get("last"), _points(rows[done - 1])
    if last == now:
        return done, rows
    known = cast("list[object]", last) if isinstance(last, list) else None
    if known is None or any(one not in now for one in known) or len(now) != len(values):
        return None
    names = [name for name, point in zip(values, now, strict=True) if point not in known]
    grown = (step, clock, {name: values[name] for name in names})
    return done - 1, [*rows[: done - 1], grown, *rows[done:]]


def _mark(rows: Sequence[HeldRow], mark: int = 0) -> int:
    """Return a checksum of rows: of all their steps and values, NaN included."""
    for step, _, row in rows:
        mark = crc32(repr((step, *row.items())).encode("utf-8", "replace"), mark)
    return mark


def _points(row: HeldRow) -> list[int]:
    """Return a checksum of each point of a row, one of all where there are many of them."""
    step, _, values = row
    points = [crc32(repr((step, one)).encode("utf-8", "replace")) for one in values.items()]
    return points if len(points) <= _MOST_POINTS else [crc32(repr(points).encode())]

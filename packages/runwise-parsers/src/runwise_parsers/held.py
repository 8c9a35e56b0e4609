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
from typing import TYPE_CHECKING
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
        """Yield the rows behind those already seen; all again if these were changed."""
        wanted = None if names is None else frozenset(names)
        state = None if cursor is None else read_cursor(cursor, self._info.source)
        self._known = self.read()
        rows = self._known.rows
        done = 0 if state is None else whole(state, "rows")
        restart = state is not None and (
            not 0 <= done <= len(rows) or _mark(rows[:done]) != state.get("print")
        )
        done = 0 if restart else done
        if restart and not rows:
            yield Batch({}, 0, self._cursor(rows, 0), restart)
        for segment, begin, end in _pieces(rows):
            if end > done:
                columns = columns_of(rows[max(begin, done) : end], wanted)
                yield Batch(columns, segment, self._cursor(rows, end), restart)
                restart = False

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

    def _cursor(self, rows: list[HeldRow], done: int) -> str:
        return write_cursor(self._info.source, rows=done, print=_mark(rows[:done]))


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


def _mark(rows: Sequence[HeldRow]) -> int:
    """Return a checksum of rows: of all their steps and values, NaN included."""
    mark = 0
    for step, _, row in rows:
        mark = crc32(repr((step, *row.items())).encode("utf-8", "replace"), mark)
    return mark

"""One run written by several processes at once: W&B's shared mode, or one run id for all.

Each writer has a log of its own, with the metrics it logged. These stand side by side, each with
its writer's steps; what more than one writer logged is told apart as W&B does for what it
measures of their machines: ``loss`` is the primary writer's, ``loss/l:rank1`` another one's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, cast
from zlib import crc32

import orjson

from runwise_parsers.cursor import read_cursor, whole, write_cursor
from runwise_parsers.leveldb.blockfile import END
from runwise_parsers.run import Run, gather
from runwise_parsers.series import Batch, Series
from runwise_parsers.wandb_log.columns import Columns
from runwise_parsers.wandb_log.description import LABEL
from runwise_parsers.wandb_log.places import stretches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from runwise_parsers.alert import Alert
    from runwise_parsers.gap import Gap
    from runwise_parsers.info import RunInfo
    from runwise_parsers.wandb_log.logfile import LogFile
    from runwise_parsers.wandb_log.run import WandbRun

_LONGEST_CURSOR = 2000
"""Bytes of a cursor for all writers; with more of them, everything is read again each time."""
_PLACES = 128
_KEYS = ("segment", "at", "print", "step", "core", "rows", "laid")
"""What is kept of each writer's cursor."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A process that wrote part of a run."""

    label: str
    run: WandbRun
    logs: tuple[LogFile, ...]


class SharedRun(Run):
    """Reads the logs of several writers, the primary one first.

    ``telling`` is the place of the writer whose printed lines say how the run ended.
    """

    def __init__(self, info: RunInfo, writers: Sequence[Writer], telling: int = 0) -> None:
        self._info = info
        self._writers = writers
        self._telling = telling
        self._clashing: frozenset[str] | None = None

    @property
    def info(self) -> RunInfo:
        """What head and tail of the logs say about the run."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far, in the log of any writer."""
        found = (gap for writer in self._writers for gap in writer.run.gaps)
        return tuple(dict.fromkeys((*self._info.gaps, *found)))

    def config(self) -> dict[str, object]:
        """Return the hyperparameters; the primary writer's go before those of others."""
        return {k: v for one in reversed(self._writers) for k, v in one.run.config().items()}

    def early_config(self) -> dict[str, object]:
        """Return the hyperparameters as the heads of the logs tell them."""
        found: dict[str, object] = {}
        for writer in reversed(self._writers):
            found |= writer.run.early_config()
        return found

    def size(self) -> int:
        """Return the bytes of all logs."""
        return sum(writer.run.size() for writer in self._writers)

    def summary(self) -> dict[str, object]:
        """Return last values and what scripts put beside them, of all writers."""
        found: dict[str, object] = {}
        for place, writer in enumerate(self._writers):
            for name, value in writer.run.summary().items():
                found.setdefault(self._called(place, name), value)
        return found

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics; W&B's own come last among those of each writer."""
        names = (
            self._called(place, name)
            for place, writer in enumerate(self._writers)
            for name in writer.run.metrics()
        )
        return tuple(dict.fromkeys(names))

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was logged after ``cursor``, writer by writer.

        Each writer's batches are segments of their own.
        """
        wanted = None if names is None else list(names)
        states, restart = self._resume(cursor)
        news = [
            writer.run.since(states[place] or None, self._asked(place, wanted))
            for place, writer in enumerate(self._writers)
        ]
        heads = [list(islice(batches, 1)) for batches in news]
        if cursor is not None and any(one.restart for head in heads for one in head):
            states, restart = [""] * len(states), True
            news = [
                writer.run.since(None, self._asked(place, wanted))
                for place, writer in enumerate(self._writers)
            ]
            heads = [list[Batch]() for _ in news]
        for place, batches in enumerate(news):
            for batch in chain(heads[place], batches):
                states[place] = batch.cursor
                segment = place + len(news) * batch.segment
                columns = self._placed(place, batch.columns)
                yield Batch(columns, segment, self._cursor(states), restart)
                restart = False
        if restart:
            yield Batch({}, 0, self._cursor(states), restart)

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` exact rows, of all writers together."""
        share = max(2, -(-rows // len(self._writers)))
        return self._gathered((one.run.overview(share)) for one in self._writers)

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        """Return the points of all writers between two steps."""
        wanted = None if names is None else list(names)
        return self._gathered(
            one.run.window(self._asked(place, wanted), first_step, last_step)
            for place, one in enumerate(self._writers)
        )

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows of each writer."""
        return self._gathered(one.run.tail(rows) for one in self._writers)

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what W&B measured of the writers' machines."""
        wanted = None if names is None else frozenset(names)
        found: dict[str, Series] = {}
        for writer in self._writers:
            for name, one in writer.run.system().items():
                called = name if name not in found else f"{name}{LABEL}{writer.label}"
                if wanted is None or called in wanted:
                    found[called] = Series(called, one.steps, one.values, one.times)
        return found

    def alerts(self) -> list[Alert]:
        """Return the alerts of all writers, one writer after the other."""
        return [alert for one in self._writers for alert in one.run.alerts()]

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines of the writer that says how the run ended."""
        return self._writers[self._telling].run.console(last)

    def _called(self, place: int, name: str) -> str:
        """Return what a writer's metric is called in the run."""
        if place and name in self._clashes():
            return f"{name}{LABEL}{self._writers[place].label}"
        return name

    def _asked(self, place: int, wanted: Sequence[str] | None) -> list[str] | None:
        """Return what is asked of a writer, in its own words."""
        if wanted is None:
            return None
        mark = f"{LABEL}{self._writers[place].label}"
        own = {name.removesuffix(mark) for name in wanted if place and name.endswith(mark)}
        return sorted({name for name in wanted if self._called(place, name) == name} | own)

    def _placed(self, place: int, columns: Mapping[str, Series]) -> dict[str, Series]:
        return {
            called: Series(called, one.steps, one.values, one.times)
            for called, one in ((self._called(place, name), one) for name, one in columns.items())
        }

    def _gathered(self, pieces: Iterable[Mapping[str, Series]]) -> dict[str, Series]:
        return gather(self._placed(place, columns) for place, columns in enumerate(pieces))

    def _clashes(self) -> frozenset[str]:
        """Return the names that more than one writer logs, as far as samples of each show."""
        if self._clashing is None:
            met: set[str] = set()
            twice: set[str] = set()
            for writer in self._writers:
                names = {name for log in writer.logs for name in _names_in(log)}
                twice |= met & names
                met |= names
            self._clashing = frozenset(twice)
        return self._clashing

    def _mark(self) -> int:
        """Return a checksum of what the writers and their metrics are called."""
        return crc32(repr((self._info.parts, sorted(self._clashes()))).encode("utf-8", "replace"))

    def _resume(self, cursor: str | None) -> tuple[list[str], bool]:
        """Return each writer's cursor; empty ones, and said so, if other writers came."""
        empty = [""] * len(self._writers)
        if cursor is None:
            return empty, False
        state = read_cursor(cursor, self._info.source)
        at = state.get("writers")
        if whole(state, "mark") != self._mark() or not isinstance(at, list):
            return empty, True
        states = [_unpacked(one, self._info.source) for one in cast("list[object]", at)]
        return (states, False) if len(states) == len(empty) else (empty, True)

    def _cursor(self, states: Sequence[str]) -> str:
        """Return a cursor for all writers."""
        packed = [_packed(state, self._info.source) for state in states]
        if len(orjson.dumps(packed)) > _LONGEST_CURSOR:
            return write_cursor(self._info.source, mark=self._mark(), writers=None)
        return write_cursor(self._info.source, mark=self._mark(), writers=packed)


def _packed(state: str, source: str) -> list[object] | None:
    if not state:
        return None
    known = read_cursor(state, source)
    return [known.get(key) for key in _KEYS]


def _unpacked(state: object, source: str) -> str:
    values = cast("list[object]", state) if isinstance(state, list) else []
    known = dict(zip(_KEYS, values, strict=False))
    return write_cursor(source, **known) if known else ""


def _names_in(log: LogFile) -> set[str]:
    """Return the metrics in rows from all over a log: in all rows of one below 4 MB."""
    columns = Columns()
    end = log.between(log.end(END), log.size())[0]
    for rows in chain(stretches(log, _PLACES), [end]):
        columns.read(rows)
    return set(columns.metrics)

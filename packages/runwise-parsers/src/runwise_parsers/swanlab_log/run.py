"""A SwanLab run on this machine: one or several directories with a binary log each."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from runwise_parsers.cursor import fingerprint, read_cursor, real, whole, write_cursor
from runwise_parsers.gap import Gap, media_gap
from runwise_parsers.held import columns_of
from runwise_parsers.leveldb.laying import changes, dropped, mark_of, place
from runwise_parsers.leveldb.mending import HEADER_SIZE
from runwise_parsers.run import Run, gather
from runwise_parsers.series import Batch, Series
from runwise_parsers.swanlab_log.beside import Beside
from runwise_parsers.swanlab_log.entries import SYSTEM, Other, Point
from runwise_parsers.swanlab_log.objects import tree_of
from runwise_parsers.swanlab_log.places import last_lines, sampled
from runwise_parsers.swanlab_log.rows import Curves, metrics_in
from runwise_parsers.swanlab_log.segments import lay_out, newest_rows, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from runwise_parsers.held import HeldRow
    from runwise_parsers.info import RunInfo
    from runwise_parsers.swanlab_log.logfile import SwanFile
    from runwise_parsers.swanlab_log.segments import Part

_PLACES = 128
_FEWEST = 2
_Position = tuple[int, int, int]
"""Segment, offset in its log, and points behind that which were handed out already."""


class SwanlabRun(Run):
    """Reads the ``.swanlab`` logs of one run, oldest segment first."""

    def __init__(self, info: RunInfo, logs: list[SwanFile]) -> None:
        self._info = info
        self._logs = logs
        self._beside = Beside(logs[-1].path.parent)
        self._segments: list[Part] | None = None
        self._gaps: tuple[Gap, ...] = ()
        self._last: dict[str, object] | None = None
        self._recalled: dict[str, object] | None = None
        self._media: dict[str, str] = {}

    @property
    def info(self) -> RunInfo:
        """What head and tail of the newest log say about the run."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        return self._info.gaps + self._gaps

    def config(self) -> dict[str, object]:
        """Return the hyperparameters of ``config.yaml``, those of earlier segments below."""
        found: dict[str, object] = {}
        for log in self._logs:
            found |= Beside(log.path.parent).config()
        return found

    def summary(self) -> dict[str, object]:
        """Return the last value of every metric."""
        return dict(self._known())

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics in the order in which they were first logged."""
        return tuple(self._known())

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was logged after ``cursor``; a metric whose step falls opens a segment."""
        segments = self._laid_out()
        curves = Curves(None if names is None else frozenset(names))
        (begin, offset, done), restart = self._resume(cursor, segments, curves)
        recalled, self._recalled = self._recalled, None
        whole_run = cursor is None or restart
        last = dict(recalled or {}) if not whole_run else {}
        for number in range(begin, len(segments)):
            for batch in self._batches_of(number, (offset, done), curves):
                last |= {name: one.last for name, one in batch.columns.items()}
                yield Batch(batch.columns, batch.segment, batch.cursor, restart)
                restart = False
            offset, done = HEADER_SIZE, 0
            if number < len(segments) - 1:
                curves.begin()
        if restart:
            yield Batch({}, 0, self._cursor((0, HEADER_SIZE, 0), None, curves), restart)
        self._note_gaps(segments)
        if names is None and (whole_run or recalled is not None):
            self._last = last

    def told(self) -> dict[str, object] | None:
        """Return last values and what was met besides numbers; ``None`` where any is missing."""
        only_media = self._gaps == ((media_gap(self._media),) if self._media else ())
        return {"last": self._last, "media": self._media} if only_media and self._last else None

    def recall(self, told: Mapping[str, object]) -> None:
        """Take back what ``told`` returned."""
        self._recalled = tree_of(told.get("last"))
        self._media |= {key: str(kind) for key, kind in tree_of(told.get("media")).items()}

    def size(self) -> int:
        """Return the bytes of all logs."""
        return sum(log.size() for log in self._logs)

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` exact rows from blocks of the logs, spread by their sizes."""
        pieces: list[dict[str, Series]] = []
        sizes = [log.size() for log in self._logs]
        for segment, size in zip(self._laid_out(), sizes, strict=True):
            share = max(_FEWEST, -(-rows * size // max(1, sum(sizes))))
            stretches = list(sampled(segment.log, min(_PLACES, share)))
            each = -(-share // max(1, len(stretches)))
            kept = [row for one in stretches[:-1] for row in _thinned(one, each, last=False)]
            kept += [row for one in stretches[-1:] for row in _thinned(one, each, last=True)]
            pieces.append(columns_of(shown(kept, segment)))
        return gather(pieces)

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows, reading no more of the log than holds them."""
        kept: list[HeldRow] = []
        for segment in reversed(self._laid_out()):
            if len(kept) >= rows:
                break
            asked = rows - len(kept)
            kept = [*newest_rows(segment, asked), *kept]
        return columns_of(kept)

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what SwanLab measured of the machine: ``cpu.pct``, ``mem.pct``, ``gpu.0.pct``.

        ``steps`` are seconds since the run began, ``times`` Unix seconds.
        """
        wanted = None if names is None else frozenset(names)
        begun = self._info.created or 0.0
        columns: dict[str, Series] = {}
        for log in self._logs:
            for entries, _ in log.entries():
                for one in entries:
                    if isinstance(one, Point) and one.key.startswith(SYSTEM):
                        name = one.key.removeprefix(SYSTEM)
                        if (wanted is None or name in wanted) and one.time is not None:
                            _measured(columns, name, one, begun)
        return columns

    def console(self, last: int = 50) -> list[str]:
        """Return the last printed lines: of the log, or of ``console/``, which may hold more."""
        if last < 1:
            return []
        return max(last_lines(self._logs[-1], last), self._beside.console(last), key=len)

    def _known(self) -> dict[str, object]:
        """Return the last values that a pass over the logs met; the pass is made once."""
        if self._last is None:
            for _ in self.batches():
                pass
        return self._last or {}

    def _laid_out(self) -> list[Part]:
        if self._segments is None:
            self._segments = lay_out(self._logs)
        return self._segments

    def _batches_of(self, number: int, at: tuple[int, int], curves: Curves) -> Iterator[Batch]:
        """Yield the batches of one segment; those without points only move the cursor on."""
        segment = self._laid_out()[number]
        offset, done = at
        segment.dropped = 0 if offset == HEADER_SIZE else segment.dropped
        for entries, end in segment.log.entries(offset):
            self._media |= {one.key: one.kind for one in entries if isinstance(one, Other)}
            points = metrics_in(entries)
            segment.dropped += dropped((point.step for point in points[done:]), segment)
            for reached, columns in curves.take(points[done:]):
                whole_window = done + reached == len(points)
                where = (end, 0) if whole_window else (offset, done + reached)
                if where == (offset, done):
                    continue
                step = points[done + reached - 1].step + segment.shift if points else None
                cursor = self._cursor((number, where[0], where[1]), step, curves)
                yield Batch(place(segment, columns), curves.segment, cursor)
            offset, done = end, 0

    def _resume(
        self, cursor: str | None, segments: list[Part], curves: Curves
    ) -> tuple[_Position, bool]:
        """Return where to go on from; the beginning, and said so, if the log was replaced."""
        start = 0, HEADER_SIZE, 0
        if cursor is None:
            return start, False
        state = read_cursor(cursor, self._info.source)
        number, offset, done = whole(state, "segment"), whole(state, "at"), whole(state, "done")
        step = real(state, "step")
        if 0 <= number < len(segments) and offset >= HEADER_SIZE and done >= 0:
            segment = segments[number]
            same = fingerprint(segment.log.path, offset) == state.get("print")
            replayed = step is not None and step >= segment.limit
            replayed = replayed or state.get("laid") != mark_of(segments, number)
            if same and not replayed and segment.log.size() >= offset:
                curves.recall(state.get("curves"))
                return (number, offset, done), False
        return start, True

    def _cursor(self, position: _Position, step: float | None, curves: Curves) -> str:
        number, offset, done = position
        return write_cursor(
            self._info.source,
            segment=number,
            at=offset,
            done=done,
            print=fingerprint(self._logs[number].path, offset),
            step=step,
            laid=mark_of(self._laid_out(), number),
            curves=curves.state(),
        )

    def _note_gaps(self, segments: Sequence[Part]) -> None:
        found: list[Gap] = []
        for number, segment in enumerate(segments, start=1):
            log = segment.log
            found += changes(segments, number) + log.damage()
            if log.unknown:
                what = f"{log.unknown} record{'s' if log.unknown > 1 else ''} of {log.path.name}"
                found.append(Gap(what, "they cannot be understood", "All others were read."))
            if number < len(segments) or self._info.state != "running":
                found += log.unfinished()
        if self._media:
            found.append(media_gap(self._media))
        self._gaps = tuple(found)


def _thinned(rows: list[HeldRow], count: int, *, last: bool) -> list[HeldRow]:
    """Return evenly spread rows; of one row asked for, the first, or the last."""
    if len(rows) <= count:
        return rows
    if count == 1:
        return rows[-1:] if last else rows[:1]
    return [rows[at * (len(rows) - 1) // (count - 1)] for at in range(count)]


def _measured(columns: dict[str, Series], name: str, point: Point, begun: float) -> None:
    time = point.time or 0.0
    one = columns.get(name)
    if one is None:
        one = columns[name] = Series(name, times=array("d"))
    one.steps.append(time - begun)
    one.values.append(point.value)
    if one.times is not None:
        one.times.append(time)

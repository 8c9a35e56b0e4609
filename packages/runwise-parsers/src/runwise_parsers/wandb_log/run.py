"""A W&B run on this machine: one or several directories with a binary log each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.cursor import fingerprint, read_cursor, real, whole, write_cursor
from runwise_parsers.gap import Gap, media_gap
from runwise_parsers.leveldb.laying import dropped, mark_of, place
from runwise_parsers.leveldb.mending import HEADER_SIZE
from runwise_parsers.run import Run, cut, gather
from runwise_parsers.series import Batch, Series
from runwise_parsers.wandb_log.alerts import alerts_of
from runwise_parsers.wandb_log.columns import Columns
from runwise_parsers.wandb_log.console import lines_of
from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.memory import taken_back, written
from runwise_parsers.wandb_log.pieces import piece_of
from runwise_parsers.wandb_log.places import head, last_console, offset_of
from runwise_parsers.wandb_log.segments import (
    Part,
    lay_out,
    newest_rows,
    notes,
    thinned_rows,
)
from runwise_parsers.wandb_log.sidecar import Sidecar
from runwise_parsers.wandb_log.slicing import SlicedLogs
from runwise_parsers.wandb_log.summary import Summaries
from runwise_parsers.wandb_log.system import measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from runwise_parsers.alert import Alert
    from runwise_parsers.info import RunInfo
    from runwise_parsers.wandb_log.logfile import LogFile
    from runwise_parsers.wandb_log.slicing import Joined

_PLACES = 128
_FEWEST = 2


class WandbRun(Run):
    """Reads the ``.wandb`` logs of one run, oldest segment first."""

    def __init__(self, info: RunInfo, logs: list[LogFile]) -> None:
        self._info = info
        self._logs = logs
        self._beside = Sidecar(logs[-1].path.parent)
        self._segments: list[Part] | None = None
        self._gaps: tuple[Gap, ...] = ()
        self._described: Description | None = None
        self._summaries: Summaries | None = None
        self._media: dict[str, str] = {}
        self._recalled: tuple[Description, Summaries, dict[str, str]] | None = None

    @property
    def info(self) -> RunInfo:
        """What head and tail of the newest log say about the run."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        return self._info.gaps + self._gaps

    def config(self) -> dict[str, object]:
        """Return the hyperparameters with all updates, from ``config.yaml`` if none was logged."""
        logged = {key: value for key, value in self._told().config.items() if key != "_wandb"}
        return logged or self._beside.config()

    def early_config(self) -> dict[str, object]:
        """Return the hyperparameters as the heads of the logs tell them."""
        found = Description()
        for log in self._logs:
            head(log, found)
        logged = {key: value for key, value in found.config.items() if key != "_wandb"}
        return logged or self._beside.config()

    def summary(self) -> dict[str, object]:
        """Return last values, or what ``define_metric`` asked for, and what scripts wrote."""
        found = self._beside.summary() | self._told().earlier
        found |= self._tallied().values(self._told().aggregates)
        found |= self._told().summary
        return {key: value for key, value in found.items() if key != "_wandb"}

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics; W&B's own (``_step``, ``_runtime``) come last."""
        tallied = self._tallied()
        return (*tallied.last, *(name for name in tallied.internal if name not in tallied.last))

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was logged after ``cursor``, window by window."""
        wanted = None if names is None else list(names)
        segments = self._laid_out()
        begin, offset, seen, restart = self._resume(cursor, segments)
        whole_run = begin == 0 and offset == HEADER_SIZE
        recalled, self._recalled = (None if whole_run else self._recalled), None
        description, summaries, media = recalled or (Description(), Summaries(), {})
        self._media |= media
        for number in range(begin, len(segments)):
            columns = Columns(wanted)
            if number > begin or not recalled:
                description.next_segment()
            for batch in self._batches_of(number, (offset, seen), columns, description):
                summaries.take(batch.columns, description.aggregates)
                yield Batch(batch.columns, number, batch.cursor, restart)
                restart = False
            summaries.internal |= dict.fromkeys(columns.internal)
            self._media |= columns.media
            offset, seen = HEADER_SIZE, 0
        if restart:
            yield Batch({}, begin, self._cursor(begin, offset, seen, None), restart)
        self._note_gaps(segments)
        if whole_run or recalled:
            self._described = description
            self._summaries = summaries if wanted is None else self._summaries

    def slices(self, size: int) -> SlicedLogs | None:
        """Return all logs in slices, ``None`` where rows are counted from the beginning."""
        if any(log.lacks_steps() for log in self._logs):
            return None
        return SlicedLogs(self._laid_out(), size, self._joined)

    def _joined(self, found: Joined) -> str:
        """Take what all slices told together; return the cursor."""
        self._media |= found.media
        self._described, self._summaries = found.description, found.summaries
        self._note_gaps(self._laid_out())
        return self._cursor(*found.place) if found.place else ""

    def told(self) -> dict[str, object] | None:
        """Return what the records besides the history said; ``None`` where any is missing."""
        known = self._described is not None and self._summaries is not None
        only_media = self._gaps == ((media_gap(self._media),) if self._media else ())
        if not known or not only_media:
            return None
        return written(self._told(), self._tallied(), self._media)

    def recall(self, told: Mapping[str, object]) -> None:
        """Take back what ``told`` returned. Raises ``ValueError`` for anything else."""
        self._recalled = taken_back(told)

    def size(self) -> int:
        """Return the bytes of all logs."""
        return sum(log.size() for log in self._logs)

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` exact rows from blocks of the logs, spread by their sizes."""
        pieces: list[dict[str, Series]] = []
        sizes = [log.size() for log in self._logs]
        for segment, size in zip(self._laid_out(), sizes, strict=True):
            share = max(_FEWEST, -(-rows * size // max(1, sum(sizes))))
            columns = Columns()
            stretches = thinned_rows(segment.log, share, min(_PLACES, share))
            read = (piece_of(stretch, columns).columns for stretch in stretches)
            pieces += [place(segment, one) for one in read]
        return gather(pieces)

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        """Return the points between two steps, both included; the first is found by bisection."""
        wanted = None if names is None else list(names)
        pieces: list[dict[str, Series]] = []
        for segment in self._laid_out():
            columns = Columns(wanted)
            begin = offset_of(segment.log, first_step - segment.shift)
            for piece in segment.log.pieces(columns, offset=begin):
                if piece.steps and piece.steps[0] + segment.shift > last_step:
                    break
                placed = place(segment, piece.columns)
                cuts = {name: cut(one, first_step, last_step) for name, one in placed.items()}
                pieces.append({name: one for name, one in cuts.items() if len(one)})
        return gather(pieces)

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows, reading no more of the log than holds them."""
        pieces: list[dict[str, Series]] = []
        missing = rows
        for segment in reversed(self._laid_out()):
            if missing <= 0:
                break
            last = newest_rows(segment, missing)
            missing -= len(last)
            pieces.insert(0, place(segment, piece_of(last, Columns()).columns))
        return gather(pieces)

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what W&B measured of the machine, from the logs or from what stands beside them.

        ``steps`` are seconds since the run began, ``times`` Unix seconds.
        """
        return measured(self._logs, self._info, names)

    def alerts(self) -> list[Alert]:
        """Return the alerts the script raised, with the step of the row before each."""
        segments = self._laid_out()
        return [alert for one in segments for alert in alerts_of(one.log, one.shift)]

    def console(self, last: int = 50) -> list[str]:
        """Return the last printed lines: of the log or of ``output.log``, which holds more."""
        logged = lines_of(last_console(self._logs[-1], last))
        return max(logged[-last:], self._beside.console(last), key=len) if last > 0 else []

    def printed(self) -> tuple[Path, ...]:
        """Return the ``output.log`` of each segment that has one."""
        found = (Sidecar(log.path.parent).printed() for log in self._logs)
        return tuple(path for path in found if path is not None)

    def _told(self) -> Description:
        """Return what the records besides the history say, after a pass if there was none."""
        if self._described is None:
            for _ in self.batches(()):
                pass
        return self._described or Description()

    def _tallied(self) -> Summaries:
        """Return what the history adds up to, after a pass if there was none."""
        if self._summaries is None:
            for _ in self.batches():
                pass
        return self._summaries or Summaries()

    def _laid_out(self) -> list[Part]:
        if self._segments is None:
            self._segments = lay_out(self._logs)
        return self._segments

    def _batches_of(
        self, number: int, place_: tuple[int, int], columns: Columns, description: Description
    ) -> Iterator[Batch]:
        """Yield the batches of one segment; one without rows only moves the cursor on."""
        segment = self._laid_out()[number]
        offset, seen = place_
        segment.dropped = 0 if offset == HEADER_SIZE else segment.dropped
        for piece in segment.log.pieces(columns, description, offset, seen):
            if piece.offset == offset:
                continue
            offset = piece.offset
            segment.dropped += dropped(piece.steps, segment)
            end = piece.steps[-1] + segment.shift if piece.steps else None
            cursor = self._cursor(number, offset, piece.seen, end)
            yield Batch(place(segment, piece.columns), number, cursor)

    def _resume(self, cursor: str | None, segments: list[Part]) -> tuple[int, int, int, bool]:
        """Return segment, offset and rows before it to go on from.

        That is the beginning, and said so, if the log was replaced: a segment that came since
        then may replay rows that were already handed out.
        """
        if cursor is None:
            return 0, HEADER_SIZE, 0, False
        state = read_cursor(cursor, self._info.source)
        number, offset, end = whole(state, "segment"), whole(state, "at"), real(state, "step")
        if 0 <= number < len(segments) and offset >= HEADER_SIZE:
            segment = segments[number]
            same = fingerprint(segment.log.path, offset) == state.get("print")
            replayed = end is not None and end >= segment.limit
            replayed = replayed or state.get("laid", 0) != mark_of(segments, number)
            if same and not replayed and segment.log.size() >= offset:
                segment.log.by_core = bool(state.get("core"))
                return number, offset, int(real(state, "rows") or 0), False
        return 0, HEADER_SIZE, 0, True

    def _cursor(self, number: int, offset: int, seen: int, end: float | None) -> str:
        log = self._logs[number]
        return write_cursor(
            self._info.source,
            segment=number,
            at=offset,
            print=fingerprint(log.path, offset),
            step=end,
            core=log.by_core,
            rows=seen,
            laid=mark_of(self._laid_out(), number),
        )

    def _note_gaps(self, segments: list[Part]) -> None:
        found = notes(segments, running=self._info.state == "running")
        if self._media:
            found.append(media_gap(self._media))
        self._gaps = tuple(found)

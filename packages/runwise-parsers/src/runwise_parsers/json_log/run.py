"""A run whose history is one JSON Lines file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.cursor import fingerprint, read_cursor, real, whole, write_cursor
from runwise_parsers.gap import Gap
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.pieces import Position
from runwise_parsers.json_log.samples import as_series, sampled
from runwise_parsers.run import Run
from runwise_parsers.series import Batch, Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo


class JsonlRun(Run):
    """Reads a JSON Lines file: the one ``info`` was described from, or the one named.

    ``None`` stands for a run whose history is gone.
    """

    def __init__(self, info: RunInfo, history: Path | None) -> None:
        self._info = info
        self._log = JsonLog(history or info.path)
        self._readable = history is not None and self._log.trouble() is None
        self._gaps: tuple[Gap, ...] = ()
        self._passed: dict[str, object] | None = None

    @property
    def info(self) -> RunInfo:
        """What the first and last lines say about the run."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        return self._info.gaps + self._gaps

    def config(self) -> dict[str, object]:
        """Return nothing: a JSON Lines file has no place for hyperparameters."""
        return {}

    def summary(self) -> dict[str, object]:
        """Return the last value of every metric."""
        return dict(self._known())

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics; the keys of step and time are none."""
        return tuple(self._known())

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was logged after ``cursor``; a fall of the step opens a new segment."""
        wanted = None if names is None else frozenset(names)
        position, offset, restart = self._resume(cursor)
        last: dict[str, object] = {}
        pieces = self._log.pieces(wanted, position, offset) if self._readable else ()
        for piece in pieces:
            last |= {name: one.last for name, one in piece.series.items()}
            where = self._cursor(piece.offset, piece.seen, piece.position)
            yield Batch(piece.series, piece.segment, where, restart)
            restart = False
        if restart:
            yield Batch({}, 0, self._cursor(0, 0, Position()), restart)
        if self._readable:
            self._note_gaps()
        if cursor is None and wanted is None:
            self._passed = last

    def _known(self) -> dict[str, object]:
        """Return the last values that a pass over the whole log met; the pass is made once."""
        if self._passed is None:
            for _ in self.batches():
                pass
        return self._passed or {}

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` rows; where no key holds the step, the whole file is read."""
        return as_series(sampled(self._log, rows), self._log.axes) if self._readable else {}

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows; where no key holds the step, all are counted for it."""
        if not self._readable or rows < 1:
            return {}
        return as_series(self._log.tail(rows), self._log.axes)

    def _resume(self, cursor: str | None) -> tuple[Position, int, bool]:
        """Return where to go on; from the beginning, and said so, if the file was replaced."""
        if cursor is None:
            return Position(), 0, False
        state = read_cursor(cursor, self._info.source)
        offset, seen = whole(state, "at"), whole(state, "seen")
        same = self._readable and fingerprint(self._log.path, seen) == state.get("print")
        # With other keys for step and time, what was handed out would be called differently.
        axes = [self._log.axes.step, self._log.axes.clock] if same else []
        if not same or axes != state.get("axes") or self._log.size() < seen:
            return Position(), 0, True
        position = Position(
            whole(state, "rows"),
            real(state, "step"),
            whole(state, "segment"),
            whole(state, "done"),
        )
        return position, offset, False

    def _cursor(self, offset: int, seen: int, position: Position) -> str:
        return write_cursor(
            self._info.source,
            at=offset,
            seen=seen,
            print=fingerprint(self._log.path, seen),
            axes=[self._log.axes.step, self._log.axes.clock] if self._readable else [],
            rows=position.rows,
            step=position.step,
            segment=position.segment,
            done=position.done,
        )

    def _note_gaps(self) -> None:
        name, lines = self._log.path.name, self._log.unreadable
        gaps: list[Gap] = []
        if lines:
            what = f"{lines} line{'s' if lines > 1 else ''} of {name}"
            gaps.append(Gap(what, "no JSON object", "All other lines were read."))
        if self._log.torn and self._info.state != "running":
            gaps.append(
                Gap(f"the last line of {name}", "it is cut short", "The writer died writing it.")
            )
        self._gaps = tuple(gaps)

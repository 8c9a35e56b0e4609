"""A run whose history is one JSON Lines file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.cursor import fingerprint, read_cursor, real, whole, write_cursor
from runwise_parsers.gap import Gap
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.pieces import Position, pieces_of
from runwise_parsers.run import Run, gather
from runwise_parsers.series import Batch, Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.json_log.rows import Row


class JsonlRun(Run):
    """Reads a JSON Lines file: the one ``info`` was described from, or the one named.

    ``None`` stands for a run whose history is gone.
    """

    def __init__(self, info: RunInfo, history: Path | None) -> None:
        self._info = info
        self._log = JsonLog(history or info.path)
        self._readable = history is not None and not any(
            gap.missing == history.name for gap in info.gaps
        )
        self._gaps: tuple[Gap, ...] = ()

    @property
    def info(self) -> RunInfo:
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return self._info.gaps + self._gaps

    def config(self) -> dict[str, object]:
        return {}

    def summary(self) -> dict[str, object]:
        return {name: one.last for name, one in self.series().items() if len(one)}

    def metrics(self) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for batch in self.batches():
            names |= dict.fromkeys(batch.columns)
        return tuple(names)

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        wanted = None if names is None else frozenset(names)
        position, offset, restart = self._resume(cursor)
        if not self._readable:
            return
        for segment, columns, behind in self._log.pieces(wanted, position, offset):
            yield Batch(columns, segment, self._cursor(behind, position), restart)
            restart = False
        self._note_gaps()

    def overview(self, rows: int) -> dict[str, Series]:
        return {} if not self._readable else self._as_series(self._log.sampled(rows))

    def tail(self, rows: int) -> dict[str, Series]:
        return {} if not self._readable else self._as_series(self._log.tail(rows))

    def _as_series(self, rows: list[Row]) -> dict[str, Series]:
        pieces = pieces_of(rows, self._log.axes, Position(), None)
        return gather(series for _, series in pieces)

    def _resume(self, cursor: str | None) -> tuple[Position, int, bool]:
        """Return where to go on; from the beginning, and said so, if the file was replaced."""
        if cursor is None:
            return Position(), 0, False
        state = read_cursor(cursor, self._info.source)
        offset = whole(state, "at")
        if fingerprint(self._log.path, offset) != state.get("print") or (
            self._log.size() < offset
        ):
            return Position(), 0, True
        position = Position(whole(state, "rows"), real(state, "step"), whole(state, "segment"))
        return position, offset, False

    def _cursor(self, offset: int, position: Position) -> str:
        return write_cursor(
            self._info.source,
            at=offset,
            print=fingerprint(self._log.path, offset),
            rows=position.rows,
            step=position.step,
            segment=position.segment,
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

"""A JSON Lines log in slices: whole windows of a whole pass, so that their rows are the same.

A window ends behind a line. Where it ends is found without reading all of it, and a slice begins
with one whose first line holds a step of its own: rows without one belong to the row before.
Logs whose rows are counted are not cut, nor are formats whose lines depend on lines before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from runwise_parsers.json_log.cursors import START, cursor_at
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.piece import Place
from runwise_parsers.json_log.steps import Position
from runwise_parsers.lines import WINDOW
from runwise_parsers.series import Batch
from runwise_parsers.slices import Reading, Slice, Sliced, Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from io import FileIO
    from pathlib import Path

_GLANCE = 1 << 13
"""Bytes at the end of a window in which a line nearly always ends."""
_LINE = 1 << 16
"""Bytes of the first line of a slice; a window whose first line is longer begins none."""


@dataclass(frozen=True, slots=True)
class JsonSlice(Slice):
    """Some windows of a log."""

    path: Path
    begin: int
    end: int | None

    def read(self) -> Reading:
        """Return its rows, to be read once."""
        return _Reading(self, Position())


class _Reading(Reading):
    """Reads a slice; ``position`` is what is known of the rows before it."""

    def __init__(self, part: JsonSlice, position: Position) -> None:
        self._part = part
        self._place = Place(position, part.begin, part.begin)
        self._log = JsonLog(part.path)
        self._ends: list[float] = []
        self._last: dict[str, float] = {}

    def __iter__(self) -> Iterator[Batch]:
        """Yield the rows, a stretch of a window at a time."""
        log, part, first = self._log, self._part, self._place.position.segment
        for piece in log.pieces(None, self._place.position, part.begin):
            steps, series = piece.steps, piece.series
            if steps:
                self._ends = [*(self._ends[:1] or steps[:1].tolist()), steps[-1]]
            self._last |= {name: one.values[-1] for name, one in series.items()}
            self._place = piece.place
            yield Batch(series, piece.segment - first, "")
            if part.end is not None and piece.place.offset >= part.end:
                return

    @property
    def told(self) -> Told:
        """What the joined run has to know."""
        place = self._place
        return {
            "begin": self._part.begin,
            "end": place.offset,
            "seen": place.seen,
            "rows": place.position.rows,
            "segment": place.position.segment,
            "steps": self._ends,
            "last": self._last,
            "unreadable": self._log.unreadable,
            "torn": self._log.torn,
        }


class SlicedJson(Sliced):
    """A log in slices of about ``size`` bytes; ``passed`` is called with what was learned."""

    def __init__(
        self,
        log: JsonLog,
        size: int,
        source: str,
        passed: Callable[[Mapping[str, object]], None],
    ) -> None:
        self._log, self._source, self._passed = log, source, passed
        cuts = [0, *_cuts(log, size)]
        ends: list[int | None] = [*cuts[1:], None]
        self._slices = [JsonSlice(log.path, *ends) for ends in zip(cuts, ends, strict=True)]
        self._place = START
        self._last: dict[str, object] = {}
        self._lost = 0

    @property
    def slices(self) -> Sequence[Slice]:
        """All slices, in their order."""
        return self._slices

    def take(self, told: Told) -> int | None:
        """Take what the next slice told; the step may fall from the one before to it."""
        try:
            return self._take(told)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("this is not what a slice of a JSON Lines log told") from error

    def _take(self, told: Told) -> int | None:
        if told["begin"] != self._place.offset:
            return None
        before = self._place.position
        steps = cast("list[float]", told["steps"])
        fell = bool(steps) and before.step is not None and steps[0] < before.step
        base = before.segment + int(fell)
        position = Position(
            before.rows + cast("int", told["rows"]),
            steps[-1] if steps else before.step,
            base + cast("int", told["segment"]),
        )
        self._place = Place(position, cast("int", told["end"]), cast("int", told["seen"]))
        self._last |= cast("dict[str, object]", told["last"])
        self._lost += cast("int", told["unreadable"])
        self._log.torn = bool(told["torn"])
        return base

    def again(self) -> Reading:
        """Raise ``ValueError``: a slice that does not fit is one of a log that was replaced."""
        raise ValueError(f"{self._log.path.name} changed while it was read")

    def finish(self) -> tuple[int, str]:
        """Let the run answer as after a whole pass; return the last segment and the cursor."""
        self._log.unreadable = self._lost
        self._passed(self._last)
        return self._place.position.segment, cursor_at(self._place, self._source, self._log)


def _cuts(log: JsonLog, size: int) -> Iterator[int]:
    """Yield where slices begin, but for the first one."""
    before = 0
    for end in window_ends(log.path):
        if end - before >= size and _begins_anew(log, end):
            yield end
            before = end


def _begins_anew(log: JsonLog, offset: int) -> bool:
    """Say whether the line at an offset holds a step of its own."""
    with log.path.open("rb", buffering=0) as file:
        file.seek(offset)
        line, end, _ = file.read(_LINE).partition(b"\n")
    rows = log.rows(line)[0] if end else []
    return bool(rows) and log.step_at(rows[0]) is not None


def window_ends(path: Path) -> Iterator[int]:
    """Yield the ends of ``lines.windows``, reading little of them; not those near the end."""
    with path.open("rb", buffering=0) as file:
        total = path.stat().st_size
        offset = 0
        while offset + WINDOW < total:
            offset = _window_end(file, offset)
            if offset >= total:
                return
            yield offset


def _window_end(file: FileIO, offset: int) -> int:
    """Return where the last line ends that does within a window, or the first one behind it."""
    for begin in (offset + WINDOW - _GLANCE, offset):
        file.seek(begin)
        cut = file.read(offset + WINDOW - begin).rfind(b"\n") + 1
        if cut:
            return begin + cut
    at = offset + WINDOW
    while data := file.read(WINDOW):
        cut = data.find(b"\n") + 1
        at += cut or len(data)
        if cut:
            break
    return at

"""A run that is known by what it printed."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from typing import TYPE_CHECKING

from runwise_parsers.console_log.cursors import cursor_at, resumed
from runwise_parsers.console_log.places import start
from runwise_parsers.console_log.sample import plain
from runwise_parsers.gap import Gap
from runwise_parsers.json_log.run import JsonlRun
from runwise_parsers.lines import last_lines
from runwise_parsers.run import gather
from runwise_parsers.series import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runwise_parsers.console_log.log import ConsoleLog
    from runwise_parsers.info import RunInfo
    from runwise_parsers.json_log.piece import Piece
    from runwise_parsers.series import Series

_LINE = 1 << 10
_MOST = 1 << 24


class ConsoleRun(JsonlRun):
    """Reads a text log: metrics and printed lines."""

    def __init__(self, info: RunInfo, log: ConsoleLog) -> None:
        super().__init__(info, log)
        self._text = log

    def config(self) -> dict[str, object]:
        """Return nothing: settings are printed in too many ways."""
        return {}

    def series(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return exact columns of the named metrics, of all for ``None``."""
        wanted = None if names is None else frozenset(names)
        found = gather(piece.series for piece in self.pieces(wanted, start()))
        if wanted is None:
            self._passed = {name: one.last for name, one in found.items()}
        return found

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was printed after ``cursor``; a fall of the step opens a new segment."""
        wanted = None if names is None else frozenset(names)
        log = self._text if self._readable else None
        source = self._info.source
        place, restart = resumed(cursor, source, log)
        anew = cursor is None or restart
        last = {} if anew else dict(self._passed or {})
        for piece in self.pieces(wanted, place):
            series = piece.series
            last |= {name: one.last for name, one in series.items()}
            if series or restart:
                yield Batch(series, piece.segment, cursor_at(piece.place, source, log), restart)
                restart = False
        if restart:
            yield Batch({}, 0, cursor_at(start(), source, log), restart)
        if wanted is None and (anew or self._passed is not None):
            self._passed = last

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` rows; where lines do not say their step, all are read."""
        if not self._stands():
            return self._thinned(rows)
        return super().overview(rows)

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows; where lines do not say their step, all are read."""
        if rows < 1:
            return {}
        if not self._stands():
            return self._newest(rows)
        return super().tail(rows)

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines that were printed; of a bar, each draw is one."""
        if last < 1 or not self._readable:
            return []
        try:
            data = plain(last_lines(self._text.path, min(_MOST, last * _LINE)))
        except OSError:
            return []
        lines = data.decode("utf-8", "replace").split("\n")
        return [line for line in lines if line.strip()][-last:]

    def losses(self) -> tuple[Gap, ...]:
        """Return what the passes so far could not read."""
        name, gaps = self._text.view.name, list[Gap]()
        ranks = self._text.sampled.ranks
        if ranks.others:
            some = ", ".join(map(str, ranks.others[:8])) + ("..." if ranks.others[8:] else "")
            lead = f"those of {(ranks.lead or b'').decode()} are read"
            because = f"they say the same, {lead}" if ranks.alike else f"only {lead}"
            gaps.append(Gap(f"lines of ranks {some} in {name}", because, "See the log itself."))
        if self._text.torn and self._info.state != "running":
            because = "it has no end yet, so that its last number may be cut short"
            gaps.append(Gap(f"the last line of {name}", because, "It is read when it is whole."))
        return tuple(gaps)

    def _stands(self) -> bool:
        try:
            return not self._readable or bool(self._text.axes.step)
        except OSError:  # it was there a moment ago
            return True

    def _newest(self, rows: int) -> dict[str, Series]:
        kept: deque[Piece] = deque()
        count = 0
        for piece in self.pieces(None, start()):
            kept.append(piece)
            count += piece.end - piece.begin
            while count - (kept[0].end - kept[0].begin) >= rows:
                first = kept.popleft()
                count -= first.end - first.begin
        if kept and count > rows:
            kept[0] = kept[0].split(count - rows)[1]
        return gather(piece.series for piece in kept)

    def _thinned(self, rows: int) -> dict[str, Series]:
        """Return evenly spread rows: they are counted in a first pass."""
        count = sum(piece.end - piece.begin for piece in self.pieces(None, start()))
        most = max(2, rows)
        wanted = sorted({place * (count - 1) // (most - 1) for place in range(most)})
        shown = range(count) if count <= most else wanted
        return gather(_picked(self.pieces(None, start()), shown))


def _picked(pieces: Iterable[Piece], shown: Sequence[int]) -> Iterator[dict[str, Series]]:
    """Yield some rows of pieces; ``shown`` are their numbers in the whole log."""
    before = 0
    for piece in pieces:
        count = piece.end - piece.begin
        for place in shown[bisect_left(shown, before) : bisect_left(shown, before + count)]:
            at = piece.begin + place - before
            yield piece.table.cut(at, at + 1)
        before += count

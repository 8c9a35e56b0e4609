"""A run whose history is one table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.csv_log.beside import config_beside
from runwise_parsers.csv_log.curves import Position
from runwise_parsers.csv_log.gaps import gaps_of
from runwise_parsers.csv_log.log import CsvLog
from runwise_parsers.csv_log.passing import Odd, Place, passed
from runwise_parsers.csv_log.samples import as_series, sampled, seekable, tail
from runwise_parsers.csv_log.window import pieces_between
from runwise_parsers.cursor import read_cursor, real, whole, write_cursor
from runwise_parsers.run import Run, gather
from runwise_parsers.series import Batch, Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runwise_parsers.gap import Gap
    from runwise_parsers.info import RunInfo

_WORTH_SEEKING = 1 << 23
"""Bytes below which a whole pass costs no more than looking for a window."""


class CsvRun(Run):
    """Reads the table ``info`` was described from."""

    def __init__(self, info: RunInfo) -> None:
        self._info = info
        self._log = CsvLog(info.path)
        self._gaps: dict[Gap, None] = {}
        self._odd = Odd()
        self._passed: dict[str, object] | None = None

    @property
    def info(self) -> RunInfo:
        """What the first and last rows say about the run."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        odd = gaps_of(self._odd, self._log.path.name)
        return tuple(dict.fromkeys((*self._info.gaps, *self._gaps, *odd)))

    def config(self) -> dict[str, object]:
        """Return the hyperparameters that a tracker wrote into a file beside the table."""
        config, gaps = config_beside(self._info.path.parent)
        self._gaps |= dict.fromkeys(gaps)
        return config

    def summary(self) -> dict[str, object]:
        """Return the last value of every metric."""
        return dict(self._known())

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics in the order of the columns."""
        known = self._known()
        order = {name: at for at, (name, _) in enumerate(self._log.layout.metrics)}
        last = len(order)
        return tuple(
            sorted(known, key=lambda n: order.get(n, order.get(n.partition("/")[2], last)))
        )

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was logged after ``cursor``; a fall of the step opens a new segment."""
        wanted = None if names is None else frozenset(names)
        readable = self._looked_at()
        place, restart = self._resume(cursor, readable=readable)
        odd = self._odd = (
            Odd() if place.offset == 0 else replace(self._odd, waiting=False, cut=False)
        )
        last: dict[str, object] = {}
        for piece in passed(self._log, place, odd) if readable else ():
            series = piece.series(wanted, odd.strays)
            last |= {name: one.last for name, one in series.items()}
            yield Batch(series, piece.segment, self._cursor(piece.place), restart)
            restart = False
        if restart:
            yield Batch({}, 0, self._cursor(Place()), restart)
        if cursor is None and wanted is None:
            self._passed = last

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` rows; where no column holds the step, the whole file is read."""
        return as_series(sampled(self._log, rows)) if self._looked_at() else {}

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows; where no column holds the step, all are counted for it."""
        return as_series(tail(self._log, rows)) if self._looked_at() and rows > 0 else {}

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        """Return the points between two steps; in a long table, only what lies there is read."""
        wanted = None if names is None else frozenset(names)
        if self._looked_at() and self._log.size() > _WORTH_SEEKING and seekable(self._log):
            pieces = pieces_between(self._log, wanted, first_step, last_step)
            if pieces is not None:
                return gather(pieces)
        return super().window(wanted, first_step, last_step)

    def _looked_at(self) -> bool:
        """Say whether the table can be read, and forget what its columns were: it may be new."""
        self._log = CsvLog(self._info.path)
        trouble = self._log.trouble()
        if trouble is not None:
            self._gaps[trouble] = None
        return trouble is None

    def _known(self) -> dict[str, object]:
        """Return the last values that a pass over the whole table met; the pass is made once."""
        if self._passed is None:
            for _ in self.batches():
                pass
        return self._passed or {}

    def _resume(self, cursor: str | None, *, readable: bool) -> tuple[Place, bool]:
        """Return where to go on; from the beginning, and said so, if the file was replaced."""
        if cursor is None:
            return Place(), False
        state = read_cursor(cursor, self._info.source)
        position = Position(
            whole(state, "rows"),
            real(state, "step"),
            whole(state, "segment"),
            whole(state, "done"),
            whole(state, "header"),
        )
        at, seen, mark = whole(state, "at"), whole(state, "seen"), whole(state, "mark")
        log = self._log
        same = readable and log.print_of(seen) == state.get("print")
        # With other columns, what was handed out would be called differently.
        if not same or log.size() < seen or log.layout_at(position.header).mark != mark:
            return Place(), True
        if state.get("open") is True and not log.ends_at(seen):
            return Place(), True  # the last row handed out has got longer
        return Place(at, seen, mark, position=position), False

    def _cursor(self, place: Place) -> str:
        position = place.position
        return write_cursor(
            self._info.source,
            at=place.offset,
            seen=place.seen,
            print=self._log.print_of(place.seen),
            mark=place.mark,
            open=place.open,
            rows=position.rows,
            step=position.step,
            segment=position.segment,
            done=position.done,
            header=position.header,
        )

"""A run whose history is one JSON Lines file."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runwise_parsers.gap import Gap, unreadable
from runwise_parsers.json_log.cursors import START, cursor_at, resumed
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.reach import reach
from runwise_parsers.json_log.samples import as_series, sampled
from runwise_parsers.json_log.slicing import SlicedJson
from runwise_parsers.run import Run, cut, gather
from runwise_parsers.series import Batch, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.json_log.piece import Piece, Place


class JsonlRun(Run):
    """Reads a JSON Lines file: the one ``info`` was described from, or the one given.

    ``None`` stands for a run whose history is gone.
    """

    def __init__(self, info: RunInfo, history: JsonLog | Path | None) -> None:
        self._info = info
        self._log = history if isinstance(history, JsonLog) else JsonLog(history or info.path)
        trouble = None if history is None else self._log.trouble()
        self._readable = history is not None and trouble is None
        # It may have gone since it was described.
        self._gaps = () if trouble is None or trouble in info.gaps else (trouble,)
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

    def series(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return exact columns of the named metrics, of all for ``None``."""
        wanted = None if names is None else frozenset(names)
        found = gather(piece.series for piece in self.pieces(wanted, START))
        if wanted is None:
            self._passed = {name: one.last for name, one in found.items()}
        return found

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was logged after ``cursor``; a fall of the step opens a new segment."""
        wanted = None if names is None else frozenset(names)
        place, restart = resumed(cursor, self._info.source, self.log)
        anew = cursor is None or restart
        last = {} if anew else dict(self._passed or {})
        for piece in self.pieces(wanted, place):
            series = piece.series
            last |= {name: one.last for name, one in series.items()}
            where = cursor_at(piece.place, self._info.source, self.log)
            yield Batch(series, piece.segment, where, restart)
            restart = False
        if restart:
            yield Batch({}, 0, cursor_at(START, self._info.source, self.log), restart)
        if wanted is None and (anew or self._passed is not None):
            self._passed = last

    def pieces(self, names: frozenset[str] | None, place: Place) -> Iterator[Piece]:
        """Yield the log from a place on, and note what was lost of it."""
        if not self._readable:
            return
        try:
            yield from self._log.pieces(names, place.position, place.offset)
        except OSError as error:  # it was there a moment ago
            self._gaps = (unreadable(self._log.path.name, error),)
        else:
            self._gaps = self.losses()

    def slices(self, size: int) -> SlicedJson | None:
        """Return the log in slices, ``None`` where a row's step depends on the rows before."""
        if type(self._log) is not JsonLog or not self._readable or not self._log.axes.step:
            return None
        return SlicedJson(self._log, size, self._info.source, self._joined)

    def _joined(self, last: Mapping[str, object]) -> None:
        """Take what all slices told together."""
        self._passed = dict(last)
        self._gaps = self.losses()

    def told(self) -> dict[str, object] | None:
        """Return the last values, and how many lines were lost."""
        return {"last": self._known(), "unreadable": self._log.unreadable}

    def recall(self, told: Mapping[str, object]) -> None:
        """Take back what ``told`` returned."""
        last, lost = told.get("last"), told.get("unreadable")
        if isinstance(last, dict) and isinstance(lost, int):
            self._passed = dict(cast("dict[str, object]", last))
            self._log.unreadable = lost

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        """Return the points between two steps; found by bisection where steps rise."""
        wanted = None if names is None else frozenset(names)
        found = self._ask(lambda log: self._within(log, wanted, first_step, last_step))
        return super().window(wanted, first_step, last_step) if found is None else found

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` rows; where no key holds the step, the whole file is read."""
        return self._ask(lambda log: as_series(sampled(log, rows), log.axes)) or {}

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows; where no key holds the step, all are counted for it."""
        if rows < 1:
            return {}
        return self._ask(lambda log: as_series(log.tail(rows), log.axes)) or {}

    def _within(
        self, log: JsonLog, names: frozenset[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series] | None:
        """Return the points between two steps, ``None`` where all has to be read for them."""
        found = reach(log, first_step, last_step)
        if found is None:
            return None
        pieces = (
            {name: cut(one, first_step, last_step) for name, one in piece.series.items()}
            for piece in log.between(names, *found)
        )
        return {name: one for name, one in gather(pieces).items() if len(one)}

    def _ask(
        self, question: Callable[[JsonLog], dict[str, Series] | None]
    ) -> dict[str, Series] | None:
        """Return an answer of the log, ``None`` where it is gone."""
        if not self._readable:
            return None
        try:
            return question(self._log)
        except OSError as error:  # it was there a moment ago
            self._gaps = (unreadable(self._log.path.name, error),)
            return None

    @property
    def log(self) -> JsonLog | None:
        """The history, ``None`` where it cannot be read."""
        return self._log if self._readable else None

    def losses(self) -> tuple[Gap, ...]:
        """Return what the passes so far could not read."""
        name, lines = self._log.path.name, self._log.unreadable
        gaps: list[Gap] = []
        if lines:
            what = f"{lines} line{'s' if lines > 1 else ''} of {name}"
            gaps.append(Gap(what, "no JSON object", "All other lines were read."))
        if self._log.torn and self._info.state != "running":
            gaps.append(
                Gap(f"the last line of {name}", "it is cut short", "The writer died writing it.")
            )
        return tuple(gaps)

    def _known(self) -> dict[str, object]:
        """Return the last values that a pass over the whole log met; the pass is made once."""
        if self._passed is None:
            for _ in self.batches():
                pass
        return self._passed or {}

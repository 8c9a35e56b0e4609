"""A run whose metrics are read from what it printed, because its tracker recorded none of them.

Everything else (configuration, summary, machine, files) stays the tracker's. Metrics keep the
names they were printed under, unless the tracker's summary has one of that name and value.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers.console_log.opening import open_text
from runwise_parsers.cursor import read_cursor, whole, write_cursor
from runwise_parsers.gap import Gap
from runwise_parsers.run import Run, gather
from runwise_parsers.same_metric import same_metrics
from runwise_parsers.series import Batch, Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from runwise_parsers.alert import Alert
    from runwise_parsers.artifact import Artifact
    from runwise_parsers.info import RunInfo

SOURCE = "printed"
RECORDS = "console records"
MOST_LINES = 1_000_000
"""Lines in a tracker's own log that are read, the newest."""
FEWEST_LINES = 3
SMALL = 1 << 20
"""Bytes of text above which what was flushed is taken for nearly all there is."""
LAUNCH = 1_000_000
"""Segments a launch may have: those of the next are numbered behind them."""


def printed_run(told: Run) -> PrintedRun | None:
    """Return a run with the metrics it printed, ``None`` where it printed none that we know.

    A run that was killed may have more lines in its tracker's own log than in the text file.
    Then these are read, from a copy that is gone with the run.
    """
    paths = told.printed()
    opened = [(path, open_text(path, told.info)) for path in paths]
    logs = [(path, run) for path, run in opened if run is not None]
    if len(paths) <= 1 and sum(map(_size, paths)) < SMALL:
        lines = told.console(MOST_LINES)
        if len(lines) > sum(map(_lines, paths)) + FEWEST_LINES or not logs:
            recorded = _recorded(told, lines)
            if recorded is not None:
                return recorded
    return PrintedRun(told, [run for _, run in logs], [path for path, _ in logs]) if logs else None


def _recorded(told: Run, lines: Sequence[str]) -> PrintedRun | None:
    """Return a run with the metrics in printed lines, as a text file would give them."""
    if len(lines) < FEWEST_LINES:
        return None
    folder = Path(tempfile.mkdtemp(prefix="runwise-"))
    path = folder / RECORDS
    path.write_text("\n".join([*lines, ""]), encoding="utf-8", errors="replace")
    text = open_text(path, told.info)
    if text is None:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    run = PrintedRun(told, [text], [path])
    weakref.finalize(run, shutil.rmtree, folder, ignore_errors=True)
    return run


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _lines(path: Path) -> int:
    try:
        return path.read_bytes().count(b"\n")
    except OSError:
        return 0


class PrintedRun(Run):
    """Reads the logs of one run's launches, the oldest first.

    ``info`` has the logs as its ``segments``: they are what grows.
    """

    def __init__(self, told: Run, logs: Sequence[Run], paths: Sequence[Path]) -> None:
        self._told = told
        self._logs = logs
        self._info = replace(told.info, segments=tuple(paths))
        self._paths = paths

    @property
    def info(self) -> RunInfo:
        """What the tracker says of the run, and where its text is."""
        newest = self._newest
        return replace(self._info, last_step=newest if newest is not None else None)

    @cached_property
    def _newest(self) -> float | None:
        steps = [one.steps[-1] for one in self._logs[-1].tail(1).values() if len(one)]
        return max(steps, default=None)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What the tracker missed, what the text misses, and that it is a text."""
        names = ", ".join(dict.fromkeys(path.name for path in self._paths))
        said = Gap(
            "the history", f"metrics are those printed in {names}", "Digits are as printed."
        )
        beside = (gap for log in self._logs for gap in log.gaps)
        return tuple(dict.fromkeys((said, *self._told.gaps, *beside)))

    def config(self) -> dict[str, object]:
        """Return the tracker's hyperparameters."""
        return self._told.config()

    def early_config(self) -> dict[str, object]:
        """Return the tracker's hyperparameters, as they were at the beginning."""
        return self._told.early_config()

    def summary(self) -> dict[str, object]:
        """Return the tracker's summary, or the newest values that were printed."""
        return self._told.summary() or self._renamed(self._logs[-1].summary())

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics."""
        names = (self._called(name) for log in self._logs for name in log.metrics())
        return tuple(dict.fromkeys(names))

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was printed after ``cursor``, launch by launch."""
        begin, inner = self._place(cursor)
        wanted = None if names is None else [self._printed_as(name) for name in names]
        for number in range(begin, len(self._logs)):
            place = inner if number == begin else None
            for batch in self._logs[number].since(place, wanted):
                yield Batch(
                    self._curves(batch.columns),
                    number * LAUNCH + batch.segment,
                    write_cursor(SOURCE, launch=number, inner=batch.cursor),
                    batch.restart,
                )

    def overview(self, rows: int) -> dict[str, Series]:
        """Return rows from evenly spread places of each launch."""
        share = max(2, rows // len(self._logs))
        return gather(self._curves(log.overview(share)) for log in self._logs)

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows, of the newest launch."""
        return self._curves(self._logs[-1].tail(rows))

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        """Return the points between two steps, both included."""
        wanted = None if names is None else [self._printed_as(name) for name in names]
        return gather(
            self._curves(log.window(wanted, first_step, last_step)) for log in self._logs
        )

    def size(self) -> int:
        """Return the bytes of all texts."""
        return sum(log.size() for log in self._logs)

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what the tracker measured of the machine."""
        return self._told.system(names)

    def alerts(self) -> list[Alert]:
        """Return the alerts that were raised."""
        return self._told.alerts()

    def artifacts(self) -> list[Artifact]:
        """Return the files the run stored."""
        return self._told.artifacts()

    def read_artifact(self, name: str, limit: int = 65_536) -> bytes:
        """Return the first bytes of a stored file. Raises ``LookupError``."""
        return self._told.read_artifact(name, limit)

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines the run printed."""
        return self._told.console(last)

    def printed(self) -> tuple[Path, ...]:
        """Return the texts."""
        return self._told.printed()

    @cached_property
    def _names(self) -> Mapping[str, str]:
        newest = {name: one.values[-1] for name, one in self._logs[-1].tail(50).items()}
        return same_metrics(newest, self._told.summary())

    def _called(self, name: str) -> str:
        return self._names.get(name, name)

    def _printed_as(self, name: str) -> str:
        return next((printed for printed, own in self._names.items() if own == name), name)

    def _curves(self, series: Mapping[str, Series]) -> dict[str, Series]:
        return {
            self._called(name): Series(self._called(name), one.steps, one.values, one.times)
            for name, one in series.items()
        }

    def _renamed(self, values: Mapping[str, object]) -> dict[str, object]:
        return {self._called(name): value for name, value in values.items()}

    def _place(self, cursor: str | None) -> tuple[int, str | None]:
        if cursor is None:
            return 0, None
        state = read_cursor(cursor, SOURCE)
        number, inner = whole(state, "launch"), state.get("inner")
        if not 0 <= number < len(self._logs) or not isinstance(inner, str):
            raise ValueError("this cursor is of other texts")
        return number, inner

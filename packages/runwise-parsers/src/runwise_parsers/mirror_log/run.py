"""The run in a mirror: rows that were fetched, and what the server said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.axes import Axes
from runwise_parsers.json_log.beside import printed
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.run import JsonlRun
from runwise_parsers.mirror_log.head import Head, read_head
from runwise_parsers.mirror_log.layout import (
    CLOCK,
    CONSOLE,
    GLANCE,
    HISTORY,
    STEP,
    SYSTEM,
    TAIL,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runwise_parsers.gap import Gap
    from runwise_parsers.info import RunInfo
    from runwise_parsers.json_log.rows import Row
    from runwise_parsers.series import Series


class MirrorLog(JsonLog):
    """Rows of a mirror: they say which keys are step and time, whatever the metrics are called."""

    def find_axes(self, head: list[Row]) -> Axes:
        """Return the keys of step and time."""
        return Axes(STEP, CLOCK if any(CLOCK in row for row in head) else "")


class MirrorRun(JsonlRun):
    """Reads the directory of a mirror."""

    def __init__(self, info: RunInfo) -> None:
        self._folder = info.path
        rows = [self._folder / name for name in (HISTORY, GLANCE)]
        there = next((path for path in rows if path.exists()), None)
        super().__init__(info, MirrorLog(there) if there else None)

    def config(self) -> dict[str, object]:
        """Return the hyperparameters as the server has them."""
        return dict(self._head().config)

    def summary(self) -> dict[str, object]:
        """Return the last values, and what the server has for the run's summary."""
        return super().summary() | self._head().summary

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines the run printed, as far as they were fetched."""
        there = self.printed() or (self._folder / TAIL,)
        return printed(there[0], last)

    def printed(self) -> tuple[Path, ...]:
        """Return the file of all that was printed, nothing where only its end was fetched."""
        path = self._folder / CONSOLE
        return (path,) if path.is_file() else ()

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what was measured of the machine; ``steps`` are seconds since the start."""
        return _measures(self.info, self._folder / SYSTEM).series(names)

    def size(self) -> int:
        """Return the bytes of the rows."""
        try:
            return (self._folder / HISTORY).stat().st_size
        except OSError:
            return 0

    def losses(self) -> tuple[Gap, ...]:
        """Return what could not be read; a last line cut short is a fetch that goes on."""
        return tuple(gap for gap in super().losses() if not gap.missing.startswith("the last"))

    def _head(self) -> Head:
        try:
            return read_head(self._folder)
        except OSError:  # it was there a moment ago
            return Head()


def _measures(info: RunInfo, path: Path) -> JsonlRun:
    return JsonlRun(info, MirrorLog(path) if path.exists() else None)

"""Text files read for their metrics whatever they are called: what else is left of a run.

For a run whose tracker recorded no history but kept what it printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.console_log.describe import described
from runwise_parsers.console_log.log import ConsoleLog
from runwise_parsers.console_log.run import ConsoleRun
from runwise_parsers.console_log.view import View
from runwise_parsers.run import gather

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.series import Series


def open_text(path: Path, info: RunInfo | None = None) -> ConsoleRun | None:
    """Return what was printed into a file as a run, ``None`` where it is no training output.

    ``info`` is that of the run whose text it is; without one, the text describes itself.
    """
    log = ConsoleLog(View(path))
    try:
        if not log.template:
            return None
    except OSError:
        return None
    return ConsoleRun(info or described("console", log.view), log)


def series_of(paths: Iterable[Path], names: Iterable[str] | None = None) -> dict[str, Series]:
    """Return the metrics printed into files, one after the other: the launches of one run."""
    wanted = None if names is None else frozenset(names)
    pieces: list[Mapping[str, Series]] = []
    for path in paths:
        run = open_text(path)
        if run is not None:
            pieces.append(run.series(wanted))
    return gather(pieces)

"""Opening a SwanLab run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.swanlab_log.describe import log_in
from runwise_parsers.swanlab_log.local import LocalRun
from runwise_parsers.swanlab_log.logfile import SwanFile
from runwise_parsers.swanlab_log.run import SwanlabRun

if TYPE_CHECKING:
    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run


def opened(info: RunInfo) -> Run:
    """Return the run: of its binary logs, or of the points in ``logs``."""
    logs = [SwanFile(path) for path in map(log_in, info.segments) if path is not None]
    readable = [log for log in logs if log.trouble() is None]
    return SwanlabRun(info, readable) if readable else LocalRun(info)

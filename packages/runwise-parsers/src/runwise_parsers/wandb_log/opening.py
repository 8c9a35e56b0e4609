"""Opening a W&B run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.wandb_log.describe import ended
from runwise_parsers.wandb_log.logfile import LogFile
from runwise_parsers.wandb_log.run import WandbRun
from runwise_parsers.wandb_log.told import log_in, told_of
from runwise_parsers.wandb_log.writers import labels_of, writers_of

if TYPE_CHECKING:
    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run
    from runwise_parsers.wandb_log.shared import SharedRun


def opened(info: RunInfo) -> Run:
    """Return the run: of its binary logs, or of side files where no log can be read."""
    several = _shared(info) if info.parts else None
    if several is not None:
        return several
    logs = [LogFile(path) for path in map(log_in, info.segments) if path is not None]
    readable = [log for log in logs if log.trouble() is None]
    if readable:
        return WandbRun(info, readable)
    from runwise_parsers.wandb_log.legacy import LegacyRun  # noqa: PLC0415  few runs have no log

    return LegacyRun(info)


def _shared(info: RunInfo) -> SharedRun | None:
    """Return the run of several writers, ``None`` if none of their logs can be read."""
    from runwise_parsers.wandb_log.shared import (  # noqa: PLC0415  few runs have several
        SharedRun,
        Writer,
    )

    writers = writers_of(told_of(info.segments))
    telling, found = 0, list[Writer]()
    ending = ended(writers)[0]
    for label, parts in zip(labels_of(writers), writers, strict=True):
        logs = tuple(one.log for one in parts if one.log is not None and not one.lost)
        if parts[-1] is ending:
            telling = len(found)
        if logs:
            own = replace(info, segments=tuple(one.path for one in parts), gaps=())
            found.append(Writer(label, WandbRun(own, list(logs)), logs))
    return SharedRun(info, found, min(telling, len(found) - 1)) if found else None

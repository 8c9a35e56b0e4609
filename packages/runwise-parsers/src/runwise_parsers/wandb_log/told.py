"""What one run directory tells of itself: head and tail of its log, and its side files."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap, unreadable
from runwise_parsers.wandb_log.columns import CLOCK, Columns
from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.logfile import LogFile
from runwise_parsers.wandb_log.places import head, tail
from runwise_parsers.wandb_log.sidecar import Sidecar
from runwise_parsers.wandb_log.steps import step_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_STARTED = re.compile(r"run-(\d{8}_\d{6})-")


@dataclass(slots=True)
class Told:
    """One run directory and what was learned from it; ``lost`` if its log cannot be read.

    ``last_step`` and ``last_time`` are those of its last row, ``None`` where rows hold none.
    """

    path: Path
    log: LogFile | None
    description: Description = field(default_factory=Description)
    last_step: float | None = None
    last_time: float | None = None
    modified: float | None = None
    gap: Gap | None = None
    lost: bool = False

    @property
    def begun(self) -> float:
        """When this part of the run began, Unix seconds; 0 where nothing says it."""
        return self.description.created or _named_time(self.path) or 0.0

    @property
    def directory(self) -> Path:
        """The run directory, also where the log itself was named."""
        return self.path if self.path.is_dir() else self.path.parent

    @property
    def label(self) -> str:
        """What this writer of a shared run calls itself, empty where nothing says it."""
        if not self.description.shared:
            return ""
        return self.description.label or Sidecar(self.directory).label()


def told_of(paths: Iterable[Path]) -> list[Told]:
    """Return what directories tell, each part of the run once, oldest first."""
    return sorted(_distinct(map(_told, paths)), key=lambda one: one.begun)


def log_in(path: Path) -> Path | None:
    """Return the log of a run directory, or the path itself if it is one."""
    if not path.is_dir():
        return path
    return next(iter(sorted(path.glob("run-*.wandb"))), None)


def _told(path: Path) -> Told:
    """Read head and tail of the log in one directory."""
    where = log_in(path)
    if where is None:
        found = Told(path, None)
        _read_history(found)
        return found
    log = LogFile(where)
    found = Told(path, log)
    trouble = log.trouble()
    try:
        found.modified = where.stat().st_mtime
        found.gap = trouble or log.emptiness()
        if found.gap is None:
            _read_ends(found, log)
    except OSError as error:
        trouble = found.gap = trouble or unreadable(where.name, error)
    found.lost = trouble is not None
    if found.lost:
        _read_history(found)
    return found


def _read_history(found: Told) -> None:
    """Learn what clients kept beside the log, or instead of it."""
    from runwise_parsers.wandb_log.legacy import legacy_clock  # noqa: PLC0415  few runs have no log

    newest, found.last_step = legacy_clock(found.path)
    found.description.clock(newest)


def _read_ends(found: Told, log: LogFile) -> None:
    head(log, found.description)
    rows = tail(log, found.description)
    if rows:
        found.last_step = None if log.lacks_steps() else step_of(rows[-1])
        clock = Columns([CLOCK]).read(rows[-1:]).get(CLOCK)
        if clock is not None:
            found.last_time = clock.values[-1]
            found.description.clock(found.last_time)


def _distinct(told: Iterable[Told]) -> list[Told]:
    """Drop copies: directories of one writer that began at the same moment; the longest stays.

    One that does not say when it began is a copy of which nothing was written.
    """
    kept: dict[tuple[float, str], Told] = {}
    for one in told:
        key = one.begun, one.label
        known = kept.get(key)
        if known is None or _size(one) > _size(known):
            kept[key] = one
    if len(kept) > 1:
        kept.pop((0.0, ""), None)
    return list(kept.values())


def _size(one: Told) -> int:
    try:
        return one.log.size() if one.log is not None else 0
    except OSError:
        return 0


def _named_time(path: Path) -> float | None:
    """Return the start time in a directory's name, which is local time of some machine."""
    found = _STARTED.search((path if path.is_dir() else path.parent).resolve().name)
    if found is None:
        return None
    try:
        return time.mktime(time.strptime(found[1], "%Y%m%d_%H%M%S"))
    except (ValueError, OverflowError):
        return None

"""A SwanLab run's ``RunInfo``, from head and tail of its log and from its side files."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap, unreadable
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.swanlab_log.beside import Beside
from runwise_parsers.swanlab_log.entries import Begin, End, Line, Point
from runwise_parsers.swanlab_log.local import local_info
from runwise_parsers.swanlab_log.logfile import BUFFER, SwanFile
from runwise_parsers.swanlab_log.places import head, tail
from runwise_parsers.swanlab_log.rows import metrics_in
from runwise_parsers.swanlab_log.segments import lay_out, newest_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from runwise_parsers.source import Claim
    from runwise_parsers.swanlab_log.entries import Entry

_DIRECTORY = re.compile(r"run-(\d{8}_\d{6})-.+")
_INTERRUPTED = "KeyboardInterrupt by user"
_LONGEST_SILENCE = 3600.0


@dataclass(slots=True)
class Told:
    """One run directory and what was learned from it."""

    path: Path
    log: SwanFile | None
    texts: dict[str, str] = field(default_factory=dict[str, str])
    tags: tuple[str, ...] = ()
    created: float | None = None
    newest: float | None = None
    last_step: float | None = None
    end: End | None = None
    recorded: bool = False
    modified: float | None = None
    gap: Gap | None = None
    lost: bool = False

    @property
    def begun(self) -> float:
        """When this part of the run began, Unix seconds; 0 where nothing says it."""
        return self.created or _named_time(self.path) or 0.0


def described(claim: Claim) -> RunInfo:
    """Return what a claim's directories say about their run."""
    told = _told_of(claim.paths)
    if all(one.lost for one in told):
        known = _info_of(claim.key, told, None)
        return local_info(known.id, folder_of(told[-1].path), known)
    return _info_of(claim.key, told, _last_step(told))


def log_in(path: Path) -> Path | None:
    """Return the log in a run directory, or the path itself if it is one."""
    if not path.is_dir():
        return path
    return next(iter(sorted(path.glob("*.swanlab"))), None)


def folder_of(path: Path) -> Path:
    """Return the run directory, also where the log itself was named."""
    return path if path.is_dir() else path.parent


def _told_of(paths: Iterable[Path]) -> list[Told]:
    """Return what directories tell, oldest first."""
    return sorted(map(_told, paths), key=lambda one: one.begun)


def _info_of(key: str, told: Sequence[Told], last_step: float | None) -> RunInfo:
    """Return the description of a run whose directories told this."""
    newest = told[-1]
    texts: dict[str, str] = {}
    for one in told:
        texts |= {name: value for name, value in one.texts.items() if value}
    beside = Beside(folder_of(newest.path)).texts()
    updated = newest.newest if newest.newest is not None else newest.begun or None
    return RunInfo(
        "swanlab",
        texts.get("id") or key,
        name=texts.get("name", ""),
        state=_state(newest),
        created=next((one.begun for one in told if one.begun), None),
        updated=newest.modified if updated is None else updated,
        clocked=updated is not None,
        project=texts.get("project", ""),
        group=texts.get("group", ""),
        job_type=texts.get("job_type", ""),
        tags=next((one.tags for one in reversed(told) if one.tags), ()),
        notes=texts.get("notes", ""),
        commit=beside.get("commit", ""),
        command=beside.get("command", ""),
        host=beside.get("host", ""),
        segments=tuple(one.path for one in told),
        last_step=last_step,
        gaps=tuple(one.gap for one in told if one.gap is not None),
    )


def _last_step(told: Sequence[Told]) -> float | None:
    """Return the newest step of a run, ``None`` where no point is on disk."""
    logs = [one.log for one in told if one.log is not None and not one.lost]
    if len(logs) < 2:
        return next((one.last_step for one in told if not one.lost), None)
    try:
        return newest_step(lay_out(logs))
    except OSError:
        return None


def _named_time(path: Path) -> float | None:
    """Return the start time in a directory's name, which is local time of some machine."""
    found = _DIRECTORY.fullmatch(folder_of(path).resolve().name)
    if found is None:
        return None
    try:
        return time.mktime(time.strptime(found[1], "%Y%m%d_%H%M%S"))
    except (ValueError, OverflowError):
        return None


def _told(path: Path) -> Told:
    where = log_in(path)
    if where is None:
        return Told(path, None, lost=True)
    log = SwanFile(where)
    found = Told(path, log)
    trouble = log.trouble()
    try:
        found.modified = where.stat().st_mtime
        found.gap = trouble or log.emptiness()
        if found.gap is None:
            _take(found, [*head(log), *tail(log)])
    except OSError as error:
        trouble = found.gap = trouble or unreadable(where.name, error)
    found.lost = trouble is not None
    return found


def _take(found: Told, entries: Sequence[Entry]) -> None:
    """Learn from what stands at both ends."""
    clocks: list[float | None] = []
    interrupted = False
    for one in entries:
        if isinstance(one, Begin):
            found.texts |= {key: value for key, value in one.texts.items() if value}
            found.tags = one.tags or found.tags
            found.created = found.created or one.created
        elif isinstance(one, End):
            found.end = one
        elif isinstance(one, Line):
            interrupted = interrupted or _INTERRUPTED in one.text
        if isinstance(one, (Point, Line, End)):
            clocks.append(one.time)
    if found.end is not None and found.end.state == "failed" and interrupted:
        found.end = replace(found.end, state="killed")
    points = metrics_in(entries)
    found.last_step = points[-1].step if points else None
    known = [clock for clock in (found.created, *clocks) if clock is not None]
    found.newest = max(known, default=None)
    found.recorded = bool(entries)


def _state(newest: Told) -> str:
    """Return how a run stands.

    Its client writes a buffer at a time, so it may be silent for as long as one takes to fill.
    """
    if newest.end is not None and newest.end.state != "unknown":
        return newest.end.state
    silence = _silence(newest)
    now = time.time()
    clocks = [
        None if clock is None else min(now, clock + silence) if clock < now else clock
        for clock in (newest.newest, newest.modified)
    ]
    return judge_state(
        None, recorded=newest.recorded, newest=clocks[0], modified=clocks[1], now=now
    )


def _silence(told: Told) -> float:
    """Return the seconds that a buffer took to fill until now."""
    if told.log is None or told.newest is None or not told.created:
        return 0.0
    try:
        buffers = max(1.0, told.log.size() / BUFFER)
    except OSError:
        return 0.0
    return min(_LONGEST_SILENCE, max(0.0, told.newest - told.created) / buffers)

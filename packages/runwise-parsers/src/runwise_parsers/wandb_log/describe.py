"""A W&B run's ``RunInfo``, from head and tail of its logs and from its side files."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.axes import clock_of
from runwise_parsers.gap import Gap, unreadable
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.wandb_log.columns import CLOCK, Columns
from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.legacy import legacy_clock, legacy_state
from runwise_parsers.wandb_log.logfile import LogFile
from runwise_parsers.wandb_log.places import head, tail
from runwise_parsers.wandb_log.segments import lay_out
from runwise_parsers.wandb_log.sidecar import Sidecar
from runwise_parsers.wandb_log.steps import step_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runwise_parsers.source import Claim

_STARTED = re.compile(r"run-(\d{8}_\d{6})-")


@dataclass(slots=True)
class _Told:
    """One run directory and what was learned from it; ``lost`` if its log cannot be read."""

    path: Path
    log: LogFile | None
    description: Description = field(default_factory=Description)
    last_step: float | None = None
    modified: float | None = None
    gap: Gap | None = None
    lost: bool = False

    @property
    def begun(self) -> float:
        return self.description.created or _named_time(self.path) or 0.0


def described(claim: Claim) -> RunInfo:
    """Return what a claim's directories say about their run."""
    told = sorted(_distinct(map(_told, claim.paths)), key=lambda one: one.begun)
    newest = told[-1]
    known = newest.description
    texts: dict[str, str] = {}
    for one in told:
        texts |= {key: value for key, value in one.description.run.items() if value}
    beside = Sidecar(_directory(newest.path)) if _lacks(texts, known) else None
    if beside is not None:
        _complete(texts, known, beside)
    state, exit_code = _state(newest)
    # Without a clock in the log, the run's start: a copied file's own time says nothing.
    updated = known.newest if known.newest is not None else newest.begun or None
    last_step = newest.last_step
    if len(told) > 1 and last_step is not None:
        laid = lay_out([one.log for one in told if one.log is not None and not one.lost])
        last_step += laid[-1].shift if laid else 0.0
    return RunInfo(
        "wandb",
        texts.get("id") or claim.key,
        name=texts.get("name", ""),
        state=state,
        created=next((one.begun for one in told if one.begun), None),
        updated=newest.modified if updated is None else updated,
        clocked=updated is not None,
        project=texts.get("project", ""),
        group=texts.get("group", ""),
        job_type=texts.get("job_type", ""),
        tags=next((one.description.tags for one in reversed(told) if one.description.tags), ()),
        notes=texts.get("notes", ""),
        sweep=texts.get("sweep", ""),
        commit=texts.get("commit", ""),
        command=known.command or texts.get("command", ""),
        host=texts.get("host", ""),
        segments=tuple(one.path for one in told),
        exit_code=exit_code,
        last_step=last_step,
        gaps=tuple(one.gap for one in told if one.gap is not None),
    )


def log_in(path: Path) -> Path | None:
    """Return the log of a run directory, or the path itself if it is one."""
    if not path.is_dir():
        return path
    return next(iter(sorted(path.glob("run-*.wandb"))), None)


def _told(path: Path) -> _Told:
    """Read head and tail of the log in one directory."""
    where = log_in(path)
    if where is None:
        newest, step = legacy_clock(path)
        found = _Told(path, None, last_step=step)
        found.description.clock(newest)
        return found
    log = LogFile(where)
    found = _Told(path, log)
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
        newest, found.last_step = legacy_clock(path)
        found.description.clock(newest)
    return found


def _read_ends(found: _Told, log: LogFile) -> None:
    head(log, found.description)
    rows = tail(log, found.description)
    if rows:
        found.last_step = step_of(rows[-1])
        clock = Columns([CLOCK]).read(rows[-1:]).get(CLOCK)
        if clock is not None:
            found.description.clock(clock.values[-1])


def _distinct(told: Iterable[_Told]) -> list[_Told]:
    """Drop copies: directories of one run that began at the same moment; the longest stays.

    One that does not say when it began is a copy of which nothing was written.
    """
    kept: dict[float, _Told] = {}
    for one in told:
        known = kept.get(one.begun)
        if known is None or _size(one) > _size(known):
            kept[one.begun] = one
    if len(kept) > 1:
        kept.pop(0.0, None)
    return list(kept.values())


def _size(one: _Told) -> int:
    try:
        return one.log.size() if one.log is not None else 0
    except OSError:
        return 0


def _state(newest: _Told) -> tuple[str, int | None]:
    known = newest.description
    if known.exit_code is None and (newest.log is None or newest.gap is not None):
        return legacy_state(_directory(newest.path))
    state = judge_state(
        known.exit_code,
        recorded=known.recorded,
        newest=known.newest,
        modified=newest.modified,
        now=time.time(),
    )
    return state, known.exit_code


def _lacks(texts: dict[str, str], known: Description) -> bool:
    return not (texts.get("host") and known.command and known.created)


def _complete(texts: dict[str, str], known: Description, beside: Sidecar) -> None:
    """Add what the log lacks from ``wandb-metadata.json``."""
    metadata = beside.metadata()
    for key in ("host", "program", "project", "displayName", "notes"):
        value = metadata.get(key)
        if isinstance(value, str):
            texts.setdefault("name" if key == "displayName" else key, value)
    git = metadata.get("git")
    commit = git.get("commit") if isinstance(git, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(commit, str):
        texts.setdefault("commit", commit)
    args = metadata.get("args")
    words = [str(word) for word in args] if isinstance(args, list) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    texts["command"] = " ".join([texts.get("program", ""), *words]).strip()
    known.created = known.created or clock_of(metadata.get("startedAt"))


def _directory(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _named_time(path: Path) -> float | None:
    """Return the start time in a directory's name, which is local time of some machine."""
    found = _STARTED.search(_directory(path).resolve().name)
    if found is None:
        return None
    try:
        return time.mktime(time.strptime(found[1], "%Y%m%d_%H%M%S"))
    except (ValueError, OverflowError):
        return None

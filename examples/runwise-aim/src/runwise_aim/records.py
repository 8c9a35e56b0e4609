"""The list of runs, from ``run_metadata.sqlite`` and the names of a few files beside it."""

from __future__ import annotations

import os
import re
import time
from contextlib import closing
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from runwise_parsers import Gap, RunInfo
from runwise_parsers.info import judge_state
from runwise_parsers.sqlite_file import Database

if TYPE_CHECKING:
    from pathlib import Path

    Row = tuple[object, ...]

_RUNS = """
SELECT run.hash, run.name, run.description, run.is_archived, run.created_at, run.updated_at,
    {finalized}, experiment.name,
    (SELECT group_concat(tag.name, char(10)) FROM run_tag JOIN tag ON tag.id = run_tag.tag_id
     WHERE run_tag.run_id = run.id)
FROM run LEFT JOIN experiment ON experiment.id = run.experiment_id ORDER BY run.id
"""
_CHECK_IN = re.compile(r"([0-9a-f]+)-\d+-[a-z]+-(\d+(?:\.\d+)?)-\d+")


def described(repository: Path) -> list[RunInfo]:
    """Return the runs of a repository; one that says why, where its list cannot be read."""
    with closing(Database(repository / "run_metadata.sqlite")) as database:
        finalized = "run.finalized_at" if database.has("run", "finalized_at") else "NULL"
        rows = database.rows(_RUNS.format(finalized=finalized))
        gaps = tuple(database.gaps)
    if gaps and not rows:
        return [RunInfo("aim", "", segments=(repository,), gaps=gaps)]
    open_runs, clocks = _names(repository / "meta/progress"), _check_ins(repository)
    return [_info(row, repository, open_runs, clocks, gaps) for row in rows]


def _info(
    row: Row,
    repository: Path,
    open_runs: set[str],
    clocks: dict[str, float],
    gaps: tuple[Gap, ...],
) -> RunInfo:
    called, name, notes, archived, created, updated, finalized, experiment, tags = row
    run_id = _text(called)
    newest = max(filter(None, (clocks.get(run_id), _seconds(updated))), default=None)
    ended = finalized is not None or run_id not in open_runs
    title = _text(name)
    return RunInfo(
        "aim",
        run_id,
        name="" if title == f"Run: {run_id}" else title,
        state=_state(repository, run_id, newest, ended=ended),
        created=_seconds(created),
        updated=newest,
        project=_text(experiment),
        tags=tuple(_text(tags).split("\n")) if tags else (),
        notes=_text(notes),
        segments=(repository,),
        deleted=bool(archived),
        gaps=gaps,
    )


def _state(repository: Path, run_id: str, newest: float | None, *, ended: bool) -> str:
    return judge_state(
        0 if ended else None,
        recorded=True,
        newest=newest,
        modified=_modified(repository / "seqs/chunks" / run_id),
        now=time.time(),
    )


def _modified(folder: Path) -> float | None:
    """Return when anything in a directory was last written to."""
    try:
        with os.scandir(folder) as entries:
            return max((entry.stat().st_mtime for entry in entries), default=None)
    except OSError:
        return None


def _names(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))  # noqa: PTH208  names are all we need
    except OSError:
        return set()


def _check_ins(repository: Path) -> dict[str, float]:
    """Return the newest clock in the names of a run's check-ins."""
    newest: dict[str, float] = {}
    for name in _names(repository / "check_ins"):
        found = _CHECK_IN.fullmatch(name)
        if found:
            newest[found[1]] = max(newest.get(found[1], 0.0), float(found[2]))
    return newest


def _seconds(written: object) -> float | None:
    """Return Unix seconds of a time as SQLite has it, in UTC."""
    try:
        return datetime.fromisoformat(str(written)).replace(tzinfo=timezone.utc).timestamp()
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    return "" if value is None else str(value)

"""The tables of a Trackio database: one project, all its runs.

    metrics          id, run_id, run_name, timestamp (ISO 8601), step, metrics (JSON): every row
    configs          run_id, run_name, config (JSON), created_at
    system_metrics   id, run_id, run_name, timestamp, metrics (JSON)
    alerts           id, run_id, run_name, timestamp, title, text, level, step

JSON is a text or a blob. In a config ``_Created``, ``_Group`` and ``_Username`` are Trackio's own.
Before 0.24 there was no ``run_id``: the name was the run. How a run ended is not recorded.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from runwise_parsers.axes import clock_of
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.values import as_number, loads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.gap import Gap
    from runwise_parsers.sqlite_file import Database

SOURCE = "trackio"
_MARK = re.compile(rb"CREATE TABLE \W?metrics\W[^;]{0,200}?run_name", re.DOTALL)
_OWN = "_"


@dataclass(frozen=True, slots=True)
class Record:
    """A run; clocks in Unix seconds."""

    id: str
    name: str = ""
    first: float | None = None
    newest: float | None = None
    last_step: float | None = None
    config: dict[str, object] = field(default_factory=dict[str, object])


def is_trackio(schema: bytes) -> bool:
    """Say whether a schema holds the table that only Trackio has."""
    return _MARK.search(schema) is not None


def key_of(db: Database, table: str) -> str:
    """Return the column that tells runs apart, empty where the table is not there."""
    for key in ("run_id", "run_name"):
        if db.has(table, key):
            return key
    return ""


def records(db: Database) -> Iterator[Record]:
    """Yield all runs, the oldest first; one that logged nothing yet has a config only."""
    key = key_of(db, "metrics")
    if not db.has("metrics", "id", "run_name", "timestamp", "step", "metrics"):
        return
    configs = _configs(db)
    newest = (
        f"SELECT (SELECT run_name FROM metrics WHERE {key} = ?1 LIMIT 1), "  # noqa: S608  ours
        f"(SELECT timestamp FROM metrics WHERE {key} = ?1 ORDER BY timestamp LIMIT 1), "
        f"(SELECT timestamp FROM metrics WHERE {key} = ?1 ORDER BY timestamp DESC LIMIT 1), "
        f"(SELECT step FROM metrics WHERE {key} = ?1 ORDER BY step DESC LIMIT 1)"
    )
    found: list[Record] = []
    for run in _runs(db, key):
        for name, first, last, step in db.rows(newest, run):
            _, config = configs.pop(run, ("", {}))
            clocks = clock_of(first), clock_of(last)
            found.append(Record(run, _text(name), *clocks, as_number(step), config))
    found += [Record(run, name, config=config) for run, (name, config) in configs.items()]
    yield from sorted(found, key=lambda one: one.first or float("inf"))


def _runs(db: Database, key: str) -> list[str]:
    """Return the runs that logged something; by an index one after the other, if there is one."""
    sql = f"SELECT DISTINCT {key} FROM metrics"  # noqa: S608  our own name
    indexed = (
        "SELECT 1 FROM sqlite_master WHERE type = 'index' AND tbl_name = 'metrics' AND sql LIKE ?"
    )
    if db.rows(indexed, f"%({key},%"):
        sql = (
            f"WITH RECURSIVE r(run) AS (SELECT min({key}) FROM metrics UNION ALL "  # noqa: S608
            f"SELECT (SELECT min({key}) FROM metrics WHERE {key} > run) FROM r "
            "WHERE run IS NOT NULL) SELECT run FROM r"
        )
    return [run for (run,) in db.rows(sql) if isinstance(run, str) and run]


def _configs(db: Database) -> dict[str, tuple[str, dict[str, object]]]:
    """Return name and config of every run that has one."""
    key = key_of(db, "configs")
    if not key or not db.has("configs", "run_name", "config"):
        return {}
    found = db.rows(f"SELECT {key}, run_name, config FROM configs ORDER BY rowid")  # noqa: S608
    return {
        run: (_text(name), parsed(config) or {})
        for run, name, config in found
        if isinstance(run, str) and run
    }


def parsed(cell: object) -> dict[str, object] | None:
    """Return the JSON object in a cell, ``None`` where there is none."""
    data = cell.encode("utf-8", "replace") if isinstance(cell, str) else cell
    if not isinstance(data, bytes):
        return None
    try:
        found = loads(data)
    except ValueError:
        return None
    return cast("dict[str, object]", found) if isinstance(found, dict) else None


def own_config(db: Database, run: str) -> dict[str, object]:
    """Return the hyperparameters of a run, without what Trackio adds."""
    key = key_of(db, "configs")
    if not key or not db.has("configs", "config"):
        return {}
    sql = f"SELECT config FROM configs WHERE {key} = ? ORDER BY rowid DESC LIMIT 1"  # noqa: S608
    found = [parsed(config) or {} for (config,) in db.rows(sql, run)]
    known = found[0] if found else {}
    return {name: value for name, value in known.items() if not name.startswith(_OWN)}


def info_of(
    record: Record, path: Path, modified: float | None, gaps: tuple[Gap, ...] = ()
) -> RunInfo:
    """Return what a record says, in the words of all sources."""
    begun = record.newest is not None or record.last_step is not None
    created = clock_of(record.config.get("_Created")) or record.first
    updated = record.newest or created
    group = record.config.get("_Group")
    state = judge_state(
        None,
        recorded=begun,
        newest=updated,
        modified=modified,
        now=time.time(),
        ends_are_recorded=False,
    )
    return RunInfo(
        SOURCE,
        record.id,
        name=record.name,
        state=state,
        created=created,
        updated=modified if updated is None else updated,
        clocked=updated is not None,
        project=path.stem,
        group=group if isinstance(group, str) else "",
        segments=(path,),
        last_step=record.last_step,
        gaps=gaps,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

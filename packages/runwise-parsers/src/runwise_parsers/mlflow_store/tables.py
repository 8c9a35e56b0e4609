"""The tables of an MLflow database: runs and what is said of them.

    experiments     experiment_id, name, lifecycle_stage
    runs            run_uuid, name, status, start_time, end_time (ms), lifecycle_stage,
                    artifact_uri, experiment_id
    params, tags    run_uuid, key, value (texts)
    metrics         run_uuid, key, value, timestamp (ms), step, is_nan: every point
    latest_metrics  the same: the point with the highest step of every metric

NaN is stored as 0 with ``is_nan`` 1, an infinity as the largest number there is. Databases of
older versions lack columns (``step`` and ``is_nan`` before 1.0) or tables (``latest_metrics``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.mlflow_store.records import (
    DELETED,
    KNOWN_TAGS,
    PARENT,
    RUN_NAME,
    SYSTEM,
    Record,
    seconds,
    setting,
)
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.sqlite_file import Database

_LARGEST = "1.7976931348623157e308"
_RUN = (
    "run_uuid", "name", "status", "start_time", "end_time", "lifecycle_stage", "experiment_id",
    "source_name", "entry_point_name",
)  # fmt: skip
_MARKS = (b"latest_metric", b"metric_pk", b"experiment_pk", b"run_pk", b"index_params_run_uuid")


def is_mlflow(schema: bytes) -> bool:
    """Say whether the names of tables are those MLflow gives its own."""
    return any(mark in schema for mark in _MARKS)


def value_of(db: Database, table: str) -> str:
    """Return the expression for a value: a number, or the text of one that is not finite."""
    nan = "WHEN is_nan THEN 'NaN' " if db.has(table, "is_nan") else ""
    return (
        f"CASE {nan}WHEN value BETWEEN {_LARGEST} AND 9e999 THEN 'Infinity' "
        f"WHEN value BETWEEN -9e999 AND -{_LARGEST} THEN '-Infinity' ELSE value END"
    )


def records(db: Database) -> Iterator[Record]:
    """Yield all runs, deleted ones included, the oldest first."""
    if not db.has("runs", "run_uuid"):
        return
    known = db.columns_of("runs")
    columns = ", ".join(one if one in known else "NULL" for one in _RUN)
    projects, newest, tags = _experiments(db), _newest(db), _tags(db)
    runs = db.rows(f"SELECT {columns} FROM runs ORDER BY rowid")  # noqa: S608  our own names
    names = {str(run[0]): _text(run[1]) for run in runs}
    for run in runs:
        run_id, name, status, start, end, stage, experiment, script, entry = run
        if not isinstance(run_id, str) or not run_id:
            continue
        own = tags.get(run_id, {})
        project, gone = projects.get(experiment, (_text(experiment), False))
        step, clock = newest.get(run_id, (None, None))
        parent = own.get(PARENT, "")
        above = tags.get(parent, {}).get(RUN_NAME) or names.get(parent) or parent
        yield Record(
            run_id, _text(status), _text(name), project, seconds(start), seconds(end), clock, step,
            deleted=gone or stage == DELETED, group=above, script=_text(script),
            entry=_text(entry), tags=own,
        )  # fmt: skip


def _experiments(db: Database) -> dict[object, tuple[str, bool]]:
    """Return the name of every experiment, and whether it was deleted."""
    if not db.has("experiments", "experiment_id", "name"):
        return {}
    stage = "lifecycle_stage" if db.has("experiments", "lifecycle_stage") else "NULL"
    found = db.rows(f"SELECT experiment_id, name, {stage} FROM experiments")  # noqa: S608  ours
    return {key: (_text(name), stage == DELETED) for key, name, stage in found}


def _newest(db: Database) -> dict[object, tuple[float | None, float | None]]:
    """Return the highest step and the newest clock of every run."""
    table = "latest_metrics" if db.has("latest_metrics", "key", "timestamp") else "metrics"
    if not db.has(table, "run_uuid", "key", "timestamp"):
        return {}
    points = f"SELECT run_uuid, key, step, timestamp FROM {table}"  # noqa: S608  our own names
    if not db.has(table, "step"):
        points = (
            "SELECT run_uuid, key, count(*) - 1 AS step, max(timestamp) AS timestamp "  # noqa: S608
            f"FROM {table} GROUP BY run_uuid, key"
        )
    found = db.rows(
        "SELECT run_uuid, max(CASE WHEN substr(key, 1, ?) <> ? THEN step END), max(timestamp) "  # noqa: S608
        f"FROM ({points}) GROUP BY run_uuid",
        len(SYSTEM),
        SYSTEM,
    )
    return {run: (as_number(step), seconds(clock)) for run, step, clock in found}


def _tags(db: Database) -> dict[str, dict[str, str]]:
    """Return the tags of every run that are shown or say what is."""
    if not db.has("tags", "run_uuid", "key", "value"):
        return {}
    marks = ", ".join("?" * len(KNOWN_TAGS))
    found: dict[str, dict[str, str]] = {}
    for run, key, value in db.rows(
        "SELECT run_uuid, key, value FROM tags "  # noqa: S608  question marks alone are put in
        f"WHERE substr(key, 1, 7) <> 'mlflow.' OR key IN ({marks}) ORDER BY rowid",
        *KNOWN_TAGS,
    ):
        found.setdefault(_text(run), {})[_text(key)] = _text(value)
    return found


def params(db: Database, run_id: str) -> dict[str, object]:
    """Return the parameters of a run."""
    if not db.has("params", "run_uuid", "key", "value"):
        return {}
    found = db.rows("SELECT key, value FROM params WHERE run_uuid = ? ORDER BY rowid", run_id)
    return {_text(key): setting(_text(value)) for key, value in found}


def latest(db: Database, run_id: str) -> dict[str, float]:
    """Return the newest value of every metric as MLflow means it: that of its highest step."""
    if not db.has("latest_metrics", "run_uuid", "key", "value"):
        return {}
    value = value_of(db, "latest_metrics")
    found = db.rows(
        f'SELECT "key", {value} FROM latest_metrics WHERE run_uuid = ? ORDER BY rowid',  # noqa: S608
        run_id,
    )
    numbers = ((_text(key), as_number(value)) for key, value in found)
    return {key: number for key, number in numbers if number is not None}


def artifact_place(db: Database, run_id: str) -> tuple[str, str]:
    """Return where a run's artifacts are said to be, and the id of its experiment."""
    if not db.has("runs", "run_uuid", "artifact_uri", "experiment_id"):
        return "", ""
    found = db.rows("SELECT artifact_uri, experiment_id FROM runs WHERE run_uuid = ?", run_id)
    return (_text(found[0][0]), _text(found[0][1])) if found else ("", "")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)

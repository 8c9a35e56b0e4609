"""What SwanLab's dashboard knows of a run: ``runs.swanlab``, a SQLite database beside it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.axes import clock_of

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "runs.swanlab"
_STATES = {0: "running", 1: "finished", -1: "failed"}
"""SwanLab says "crashed" where a script raised an error."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A run as the dashboard lists it; ``names`` are those of its metrics, by their numbers."""

    name: str = ""
    project: str = ""
    notes: str = ""
    state: str = "unknown"
    created: float | None = None
    finished: float | None = None
    names: dict[str, str] = field(default_factory=dict[str, str])


def listed(folder: Path) -> Listed:
    """Return what is known of the run in a directory; nothing where no database knows it."""
    from runwise_parsers.sqlite_file import Database  # noqa: PLC0415  sqlite3 for few runs only

    path = folder.parent / TABLE
    if not path.is_file():
        return Listed()
    with closing(Database(path)) as database:
        if not (
            database.has("experiment", "id", "run_id", "name", "status", "create_time")
            and database.has("tag", "experiment_id", "name", "folder")
        ):
            return Listed()
        rows = database.rows(
            "SELECT e.id, e.name, e.description, e.status, e.create_time, e.finish_time, p.name "
            "FROM experiment AS e LEFT JOIN project AS p ON p.id = e.project_id "
            "WHERE e.run_id = ?",
            folder.name,
        )
        if not rows:
            return Listed()
        number, name, notes, status, created, finished, project = rows[0]
        tags = database.rows("SELECT folder, name FROM tag WHERE experiment_id = ?", number)
    return Listed(
        _text(name),
        _text(project),
        _text(notes),
        _STATES.get(status, "unknown") if isinstance(status, int) else "unknown",
        clock_of(created),
        clock_of(finished),
        {_text(kid): _text(tag) for kid, tag in tags if _text(kid)},
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

"""MLflow: a database of all runs, a store of files, or both side by side.

    mlflow.db                       runs, params, tags, metrics (see mlflow_store/tables)
    mlruns/<experiment>/<run>/      the same as files (see mlflow_store/files), or artifacts only

Either holds many runs, each with an id of its own. Where a database and a file store lie in one
directory, a run that is in both is told once, as the database has it.
"""

from __future__ import annotations

import os
import re
from contextlib import closing
from typing import TYPE_CHECKING

from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer
from runwise_parsers.info import RunInfo
from runwise_parsers.mlflow_store.names import META, METRICS, PARAMS, RUN_ID, TAGS, TRASH
from runwise_parsers.source import Claim, Folder, Source
from runwise_parsers.sqlite_head import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.run import Run

STORE, DATABASE = "mlruns", "mlflow.db"
_SUFFIXES = (".db", ".sqlite", ".sqlite3")
_MODEL = re.compile(r"m-[0-9a-f]{32}")
_EXPERIMENT = re.compile(r"\d+")
_NO_RUNS = frozenset({"models", "datasets", "traces", "prompts"})
"""Folders of a store or of an experiment that hold files like a run's, and no run."""


class Mlflow(Source):
    """MLflow's databases and file stores."""

    name = "mlflow"
    order = 20
    looks_for = r".*\.(?:db|sqlite3?)|mlruns/|meta\.yaml|metrics/|params/|\.trash/"
    reads = "mlflow.db (sqlite) and mlruns/ file stores"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take databases and the store beside them; or a run directory somewhere else."""
        places = [folder.take(name) for name in sorted(folder.files) if _is_ours(folder, name)]
        if STORE in folder.folders and (places or _runs_in(folder.path / STORE)):
            places.append(folder.take(STORE))
        if places:
            # A store may be reached by a link, too, and is the same one then.
            where = folder.path if places[0].name != STORE else places[0].resolve().parent
            yield Claim(self.name, places[0].name, where, tuple(places))
        if TRASH in folder.folders and any(map(_EXPERIMENT.fullmatch, folder.folders)):
            for run in _runs_in(folder.path / TRASH):
                yield Claim(self.name, run.name, run.parent, (run,), whole=True)
        yield from self._claim_run(folder)

    def _claim_run(self, folder: Folder) -> Iterator[Claim]:
        """Take a directory that is a run; of one of another kind, leave out what holds none."""
        described = META in folder.files
        parts = {METRICS, PARAMS, TAGS} & folder.folders.keys()
        name = folder.path.name
        named = RUN_ID.fullmatch(name) is not None
        if described and _MODEL.fullmatch(name):
            folder.folders.clear()
        elif (named and (described or parts)) or (described and len(parts) > 1):
            folder.files.clear()
            folder.folders.clear()
            yield Claim(self.name, name, folder.path.parent, (folder.path,), whole=True)
        elif described and _EXPERIMENT.fullmatch(name):
            for other in (*_NO_RUNS, TAGS):
                folder.folders.pop(other, None)

    def describe(self, claim: Claim) -> RunInfo:
        """Return the first run, or why there is none."""
        return next(self.runs(claim), RunInfo(self.name, "", segments=claim.paths[:1]))

    def runs(self, claim: Claim) -> Iterator[RunInfo]:
        """Yield every run once, by its own id."""
        known: set[str] = set()
        for path in claim.paths:
            runs = _in_store(path) if path.is_dir() else _in_database(path)
            for info in runs:
                if not info.id or info.id not in known:
                    known.add(info.id)
                    yield info

    def open(self, info: RunInfo) -> Run:
        """Return the run of this id: of a run directory, or of a database."""
        # Every source is loaded for every question, but few have a run to read.
        from runwise_parsers.mlflow_store.file_run import FileRun  # noqa: PLC0415  as said
        from runwise_parsers.mlflow_store.sql_run import SqlRun  # noqa: PLC0415  as said

        return FileRun(info) if info.path.is_dir() else SqlRun(info)


def _is_ours(folder: Folder, name: str) -> bool:
    """Say whether a file is MLflow's: by its name, or by the names of its tables."""
    if not (folder.asked or name.lower().endswith(_SUFFIXES)):
        return False
    from runwise_parsers.mlflow_store.tables import is_mlflow  # noqa: PLC0415  see ``open``

    if not name.lower().endswith(_SUFFIXES):
        return is_mlflow(schema_text(folder.path / name))
    path = folder.path / name
    if name == DATABASE:
        return path.is_file() and path.stat().st_size > 0
    return is_mlflow(schema_text(path))


def _in_database(path: Path) -> Iterator[RunInfo]:
    """Yield the runs of a database; one without an id where it cannot be read at all."""
    from runwise_parsers.mlflow_store.records import info_of  # noqa: PLC0415  see ``open``
    from runwise_parsers.mlflow_store.tables import records  # noqa: PLC0415  see ``open``
    from runwise_parsers.sqlite_file import Database, modified  # noqa: PLC0415  see ``open``

    with closing(Database(path)) as db:
        found = list(records(db))
        gaps = tuple(db.gaps)
    written = modified(path)
    for record in found:
        yield info_of(record, path, written, gaps)
    if gaps and not found:
        yield RunInfo(Mlflow.name, "", segments=(path,), gaps=_pointer(path) or gaps)


def _pointer(path: Path) -> tuple[Gap, ...]:
    try:
        with path.open("rb") as file:
            known = file.read(len(LFS_POINTER)) == LFS_POINTER
    except OSError:
        return ()
    return (lfs_pointer(path.name),) if known else ()


def _in_store(path: Path) -> Iterator[RunInfo]:
    """Yield the runs below a store, or the one whose directory this is."""
    from runwise_parsers.mlflow_store.files import record_of  # noqa: PLC0415  see ``open``
    from runwise_parsers.mlflow_store.records import info_of  # noqa: PLC0415  see ``open``

    own = _is_run(path) and path.name != STORE
    for run in [path] if own else [*_runs_in(path), *_runs_in(path / TRASH)]:
        record = record_of(run)
        yield info_of(record, run, _modified(run), _missing(run))


def _missing(run: Path) -> tuple[Gap, ...]:
    """Return the gap of a run whose description is not there."""
    if (run / META).is_file():
        return ()
    return (Gap(f"{META} of {run.name}", "it is not there", "State and times are not known."),)


def _modified(run: Path) -> float | None:
    """Return when a metric of a run, or the run itself, was last written to."""
    times: list[float] = []
    for name in (META, METRICS, "."):
        try:
            times.append((run / name).stat().st_mtime)
        except OSError:
            continue
    try:
        with os.scandir(run / METRICS) as entries:
            times += [entry.stat().st_mtime for entry in entries]
    except OSError:
        pass
    return max(times, default=None)


def _runs_in(store: Path) -> list[Path]:
    """Return the run directories of all experiments of a store."""
    experiments = [name for name in _folders(store) if name not in _NO_RUNS and name != TRASH]
    found = (
        store / experiment / name
        for experiment in experiments
        for name in _folders(store / experiment)
        if RUN_ID.fullmatch(name)
    )
    return [run for run in found if _is_run(run)]


def _is_run(folder: Path) -> bool:
    """Say whether this is more than a place for artifacts."""
    try:
        names = set(os.listdir(folder))  # noqa: PTH208  names are all we need
    except OSError:
        return False
    return bool(names & {META, METRICS, PARAMS})


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:
        return []

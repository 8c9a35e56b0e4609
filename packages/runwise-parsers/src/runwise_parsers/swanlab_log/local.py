"""A SwanLab run without a binary log: mode "local" of clients up to 0.5, or a log that was lost.

    run-<time>-<id>/logs/<number>/1000.log, 2000.log ...      a metric each, 1000 points a file
        {"index": 3, "data": 0.25, "create_time": "2026-11-20T11:52:54.783011+00:00"}
    run-<time>-<id>/logs/<number>/_summary.json
    runs.swanlab                          beside the run directories: a SQLite database
        project(id, name)
        experiment(id, project_id, run_id, name, description, status, create_time, finish_time)
        tag(experiment_id, name, folder)                      which metric has which number

``index`` is the step. Without the database metrics are called by their numbers. Directories
called like a metric, with its slashes as ``%2F``, are older still.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from runwise_parsers.axes import clock_of
from runwise_parsers.gap import Gap, media_gap, unreadable
from runwise_parsers.held import Held, HeldRun
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.lines import last_lines, windows
from runwise_parsers.series import Series
from runwise_parsers.swanlab_log.beside import Beside
from runwise_parsers.swanlab_log.entries import SYSTEM
from runwise_parsers.swanlab_log.objects import number_of, tree_of
from runwise_parsers.swanlab_log.table import Listed, listed
from runwise_parsers.values import as_number, loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LOOKED_AT = 64
"""Metrics whose ends say how far a run is."""
_LINE = 4096
Points = list[tuple[float, "float | None", float]]


def local_info(key: str, folder: Path, known: RunInfo) -> RunInfo:
    """Return what a run's directory and the dashboard's database say of it."""
    table = listed(folder)
    step, clock = _newest(folder)
    created = table.created or known.created
    updated = max((when for when in (clock, table.finished) if when is not None), default=None)
    state = table.state
    if state in ("running", "unknown"):
        recorded = state == "running" and step is not None
        state = judge_state(None, recorded=recorded, newest=clock, modified=clock, now=time.time())
    return replace(
        known,
        id=key,
        name=table.name,
        state=state,
        created=created,
        updated=updated if updated is not None else created or known.updated,
        clocked=updated is not None or created is not None,
        project=table.project,
        notes=table.notes,
        last_step=step,
    )


def _newest(folder: Path) -> tuple[float | None, float | None]:
    """Return the newest step and the newest time at the ends of some metrics."""
    steps: list[float] = []
    clocks: list[float] = []
    try:
        metrics = sorted((folder / "logs").iterdir())[:_LOOKED_AT]
        for metric in metrics:
            files = sorted(metric.glob("*.log"), key=_number)
            for line in last_lines(files[-1], _LINE).splitlines()[-2:] if files else ():
                entry = _entry(line)
                step, clock = as_number(entry.get("index")), clock_of(entry.get("create_time"))
                steps += [] if step is None or number_of(entry.get("data")) is None else [step]
                clocks += [] if clock is None else [clock]
    except OSError:
        pass
    return max(steps, default=None), max(clocks, default=None)


def _entry(line: bytes) -> dict[str, object]:
    try:
        return tree_of(loads(line))
    except ValueError:
        return {}


def _number(path: Path) -> tuple[int, str]:
    return len(path.stem), path.stem


class LocalRun(HeldRun):
    """Reads the files of points of one run directory."""

    def __init__(self, info: RunInfo) -> None:
        super().__init__(info)
        self._folder = info.path if info.path.is_dir() else info.path.parent
        self._unreadable = 0
        self._media: dict[str, str] = {}
        self._broken: list[Gap] = []

    def read(self) -> Held:
        """Read all points; those of one step are a row."""
        table = listed(self._folder)
        self._unreadable, self._media, self._broken = 0, {}, []
        rows: dict[float, tuple[float | None, dict[str, float]]] = {}
        for name, folder in self._metrics(table):
            for step, clock, value in self._points(folder, name):
                if not name.startswith(SYSTEM):
                    rows.setdefault(step, (clock, {}))[1][name] = value
        held = Held(config=Beside(self._folder).config())
        held.rows = [(step, clock, row) for step, (clock, row) in sorted(rows.items())]
        held.gaps = (*self._broken, *self._found_missing(table, nothing=not rows))
        return held

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what SwanLab measured; ``steps`` are seconds since the run began."""
        begun = self._info.created or 0.0
        wanted = None if names is None else frozenset(names)
        found: dict[str, Series] = {}
        for key, folder in self._metrics(listed(self._folder)):
            name = key.removeprefix(SYSTEM)
            if key == name or (wanted is not None and name not in wanted):
                continue
            one = Series(name)
            for _, clock, value in self._points(folder, key):
                if clock is not None:
                    one.steps.append(clock - begun)
                    one.values.append(value)
            if len(one):
                found[name] = one
        return found

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines of ``console/``."""
        return Beside(self._folder).console(last) if last > 0 else []

    def _metrics(self, table: Listed) -> Iterator[tuple[str, Path]]:
        """Yield the name of each metric and the directory of its points."""
        try:
            folders = [path for path in (self._folder / "logs").iterdir() if path.is_dir()]
        except OSError:
            return
        for folder in sorted(folders, key=_number):
            yield table.names.get(folder.name) or unquote(folder.name), folder

    def _points(self, folder: Path, name: str) -> Points:
        """Return the points of a metric in the order of its files."""
        points: Points = []
        try:
            for file in sorted(folder.glob("*.log"), key=_number):
                for data, _ in windows(file):
                    for line in data.splitlines():
                        self._take(line, name, points)
        except OSError as error:
            self._broken.append(unreadable(f"{folder.name} of logs", error))
        return points

    def _take(self, line: bytes, name: str, points: Points) -> None:
        entry = _entry(line)
        step, value = as_number(entry.get("index")), number_of(entry.get("data"))
        if step is not None and value is not None:
            points.append((step, clock_of(entry.get("create_time")), value))
        elif step is not None and "data" in entry:
            self._media[name] = "media"
        else:
            self._unreadable += 1

    def _found_missing(self, table: Listed, *, nothing: bool) -> list[Gap]:
        found: list[Gap] = []
        if nothing and not self._media:
            because = "the run keeps no points on this machine"
            found.append(Gap("the history", because, "Look for it where SwanLab sent it."))
        elif not table.names:
            remedy = "Copy it too: they are called by their numbers."
            found.append(Gap("the names of the metrics", "there is no runs.swanlab", remedy))
        if self._unreadable:
            lines = f"{self._unreadable} line{'s' if self._unreadable > 1 else ''} in logs"
            found.append(Gap(lines, "no JSON object", "All other lines were read."))
        if self._media:
            found.append(media_gap(self._media))
        return found

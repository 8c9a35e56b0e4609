"""The runs of a project, the newest first, a line each."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import TELLING_ROLES, Curve, is_internal, study
from runwise.errors import NoSuchMetric, short
from runwise.history import no_metric, pick
from runwise.reference import short_ids
from runwise.reports import parts
from runwise_format import Column, Document, Table, Trend
from runwise_parsers import Gap, RunInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.workspace import Workspace
    from runwise_format.cells import Cell
    from runwise_parsers import Run

SHOWN = 15
NAME_LENGTH = 24
ROWS = 64
"""Rows of each run that are looked at: enough for a trend of ten levels."""
JUDGED = 1 << 20
"""Bytes of history up to which a run is read whole for its health: some milliseconds."""
NEWEST = 16
"""Rows at its end: not every row holds every metric, and the last value must be the last."""


@dataclass(frozen=True, slots=True)
class _Glance:
    """A run and what a list has room for: one curve, or last values of those asked for."""

    info: RunInfo
    name: str = ""
    last: float | None = None
    trend: Trend | None = None
    health: int | None = None
    asked: Mapping[str, float] = field(default_factory=dict[str, float])
    names: Sequence[str] = ()
    gaps: tuple[Gap, ...] = ()


def list_runs(
    workspace: Workspace,
    *,
    limit: int = SHOWN,
    keys: Sequence[str] = (),
    deleted: bool = False,
    now: float | None = None,
) -> Document:
    """Return the newest runs, with their loss or the metrics that ``keys`` name.

    ``deleted`` adds those their tracker no longer shows, behind the others.

    Raises ``NoRuns`` where there are none, ``NoSuchMetric`` where no run shown has one.
    """
    now = time.time() if now is None else now
    gone = workspace.deleted if deleted else ()
    runs = (*workspace.runs, *gone) or workspace.some_runs()
    shown = [_glance(workspace, info, keys) for info in runs[:limit]]
    columns = list(dict.fromkeys(name for one in shown for name in one.asked))
    if keys and not columns:
        raise no_metric(keys[0], list(dict.fromkeys(name for one in shown for name in one.names)))
    states = Counter(run.state for run in runs)
    said = ", ".join(f"{number} {state}" for state, number in states.most_common())
    gaps = dict.fromkeys(gap for one in shown for gap in one.gaps if not one.names)
    ids = short_ids(runs)
    left = len(runs) - len(shown)
    return Document(
        kind="list",
        title=workspace.settings.project,
        verdict=f"{words.count(len(runs), 'run')}: {said}",
        blocks=[_table(shown, ids, columns, now), parts.notes(gaps, _hidden(workspace, gone))],
        more=workspace.command("run", workspace.handle(runs[0], ids[runs[0].id])),
        dropped=[words.count(left, "older run")] if left else [],
    )


def _hidden(workspace: Workspace, shown: Sequence[RunInfo]) -> str:
    """Return a remark on deleted runs that are not shown, empty where there are none."""
    left = len(workspace.deleted) - len(shown)
    are = "is" if left == 1 else "are"
    return f"{words.count(left, 'deleted run')} {are} not shown (list --all)" if left else ""


def _glance(workspace: Workspace, info: RunInfo, keys: Sequence[str]) -> _Glance:
    """Look at a run; one that cannot be read is listed nevertheless."""
    try:
        run = workspace.open(info)
        return _asked(run, keys) if keys else _primary(workspace, run)
    except OSError as error:
        gap = Gap(short(str(info.path)), str(error.strerror or error).lower(), "May it be read?")
        return _Glance(info, gaps=(gap,))


def _asked(run: Run, keys: Sequence[str]) -> _Glance:
    """Return exact last values of the metrics asked for, as far as this run has them."""
    names = [name for name in run.overview(ROWS) if not is_internal(name)]
    wanted: dict[str, None] = {}
    for key in keys:
        try:
            wanted |= dict.fromkeys(pick([key], names))
        except NoSuchMetric:
            wanted[key] = None  # it may be too rare for a glance
    series = run.series(list(wanted))
    last = {name: series[name].values[-1] for name in wanted if name in series}
    return _Glance(run.info, asked=last, names=[*names, *last], gaps=run.gaps)


def _primary(workspace: Workspace, run: Run) -> _Glance:
    """Return the metric that says most about a run: the one in the settings, or its loss."""
    rows = {name: one for name, one in run.overview(ROWS).items() if not is_internal(name)}
    known = study(rows, workspace.settings.roles)
    named = known.curves.get(workspace.settings.primary)
    curve: Curve | None = next(
        iter(([named] if named else []) + known.with_role(*TELLING_ROLES)), None
    )
    if curve is None:
        return _Glance(run.info, names=list(rows), gaps=run.gaps)
    newest = run.tail(NEWEST).get(curve.name)
    last = newest.values[-1] if newest is not None and len(newest) else curve.last
    health = _health(workspace, run)
    return _Glance(
        run.info, curve.name, last, curve.trend(), health, names=list(rows), gaps=run.gaps
    )


def _health(workspace: Workspace, run: Run) -> int | None:
    """Return the health of a run that is short; a long one is not read for a line of a list."""
    if run.size() > JUDGED:
        return None
    kept = workspace.catalogue.study(run.info, workspace.open, workspace.settings)
    return kept.learned.diagnosis().health


def _table(
    shown: Sequence[_Glance], ids: Mapping[str, str], asked: Sequence[str], now: float
) -> Table:
    """Return the runs; the metric's name is the column's where all runs show the same one."""
    metrics = {one.name for one in shown if one.name}
    common = next(iter(metrics)) if len(metrics) == 1 else ""
    named = any(one.info.name and one.info.name != one.info.id for one in shown)
    columns = [Column("id", role="name", quiet=True), Column("ref", "id", role="name")]
    columns += [Column("name", role="name")] if named else []
    columns += [Column("state", role="state")]
    columns += [Column("deleted", role="text")] if any(one.info.deleted for one in shown) else []
    columns += [Column("step", role="step")]
    columns += [Column("age", role="age")]
    judged = any(one.health is not None for one in shown)
    columns += [Column("health")] if judged else []
    columns += [Column("metric", role="name", quiet=bool(common))] if metrics else []
    columns += [Column("last", common, role="number")] if metrics else []
    columns += [Column("trend", role="trend")] if metrics else []
    rows: list[list[Cell]] = []
    for one in shown:
        cells: dict[str, Cell] = {
            "id": one.info.id,
            "ref": short(ids[one.info.id]),
            "name": short(one.info.name, NAME_LENGTH),
            "state": one.info.state,
            "deleted": "deleted" if one.info.deleted else None,
            "step": one.info.last_step,
            "age": None if one.info.updated is None else now - one.info.updated,
            "health": one.health,
            "metric": one.name or None,
            "last": one.last,
            "trend": one.trend,
        }
        known = [cells[column.key] for column in columns]
        rows.append([*known, *(one.asked.get(name) for name in asked)])
    columns += [Column(name, role="number") for name in asked]
    return Table("runs", columns, rows, importance=80)

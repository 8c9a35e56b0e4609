"""The runs of a project, the newest first, a line each."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import Curve, is_internal, study
from runwise.errors import short
from runwise.reference import short_ids
from runwise.reports import parts
from runwise_format import Column, Document, Table
from runwise_parsers import Gap, RunInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.workspace import Workspace
    from runwise_format.cells import Cell

SHOWN = 15
NAME_LENGTH = 24
ROWS = 64
"""Rows of each run that are looked at: enough for a trend of ten levels."""
PRIMARY = ("train_loss", "val_loss", "score", "reward", "error", "loss")


@dataclass(frozen=True, slots=True)
class _Glance:
    """A run and the one curve a list has room for."""

    info: RunInfo
    curve: Curve | None
    gaps: tuple[Gap, ...]


def list_runs(
    workspace: Workspace, *, limit: int = SHOWN, keys: Sequence[str] = (), now: float | None = None
) -> Document:
    """Return the newest runs. Raises ``NoRuns`` where there are none."""
    now = time.time() if now is None else now
    runs = workspace.some_runs()
    shown = [_glance(workspace, info, keys) for info in runs[:limit]]
    states = Counter(run.state for run in runs)
    said = ", ".join(f"{number} {state}" for state, number in states.most_common())
    gaps = [gap for one in shown for gap in one.gaps if one.curve is None]
    left = len(runs) - len(shown)
    return Document(
        kind="list",
        title=workspace.settings.project,
        verdict=f"{words.count(len(runs), 'run')}: {said}",
        blocks=[_table(shown, short_ids(runs), now), parts.notes(gaps)],
        more=f"runwise run {short_ids(runs)[runs[0].id]}",
        dropped=[f"{left} older runs"] if left else [],
    )


def _glance(workspace: Workspace, info: RunInfo, keys: Sequence[str]) -> _Glance:
    """Look at a run; one that cannot be read is listed nevertheless."""
    try:
        run = workspace.open(info)
        series = run.overview(ROWS)
    except OSError as error:
        gap = Gap(str(info.path), str(error.strerror or error).lower(), "Check its permissions.")
        return _Glance(info, None, (gap,))
    known = study(
        {name: one for name, one in series.items() if not is_internal(name) or name in keys},
        workspace.settings.roles,
    )
    wanted = [*keys, workspace.settings.primary]
    named = [known.curves[name] for name in wanted if name in known.curves]
    ranked = named or known.with_role(*PRIMARY)
    return _Glance(info, ranked[0] if ranked else None, run.gaps)


def _table(shown: Sequence[_Glance], ids: dict[str, str], now: float) -> Table:
    """Return the runs; the metric's name is the column's where all runs show the same one."""
    metrics = {one.curve.name for one in shown if one.curve is not None}
    common = next(iter(metrics)) if len(metrics) == 1 else ""
    named = any(one.info.name and one.info.name != one.info.id for one in shown)
    columns = [
        Column("id", role="name"),
        *([Column("name", role="name")] if named else []),
        Column("state", role="state"),
        Column("step", role="step"),
        Column("age", role="age"),
        *([] if common or not metrics else [Column("metric", role="name")]),
        *(
            [Column("last", common, role="number"), Column("trend", role="trend")]
            if metrics
            else []
        ),
    ]
    rows: list[list[Cell]] = []
    for one in shown:
        row: list[Cell] = [ids[one.info.id]]
        if named:
            row.append(short(one.info.name, NAME_LENGTH))
        updated = one.info.updated
        row += [one.info.state, one.info.last_step, None if updated is None else now - updated]
        if metrics and not common:
            row.append(one.curve.name if one.curve else None)
        if metrics:
            row += [one.curve.last, one.curve.trend()] if one.curve else [None, None]
        rows.append(row)
    return Table("runs", columns, rows, importance=80)

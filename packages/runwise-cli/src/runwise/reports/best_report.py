"""Which run reached the best value of a metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from runwise import words
from runwise.curves import Curve
from runwise.errors import short
from runwise.history import no_metric
from runwise.reference import short_ids
from runwise.reports import parts
from runwise_detect import roles
from runwise_format import Column, Document, Table
from runwise_format.cells import At
from runwise_parsers import Gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.errors import NoSuchMetric
    from runwise.workspace import Workspace
    from runwise_parsers import RunInfo

SHOWN = 10
ROWS = 64
Direction = Literal["min", "max"]


@dataclass(frozen=True, slots=True)
class _Entry:
    info: RunInfo
    best: At
    last: float


def best(
    workspace: Workspace, metric: str, *, direction: Direction | None = None, limit: int = SHOWN
) -> Document:
    """Return the runs by their best value of a metric, over all of each curve, not its end.

    Without a ``direction`` the metric's name tells which end is better; where nobody knows
    that, low is taken for better and a note says so.

    Raises ``NoRuns``, and ``NoSuchMetric`` where no run logged it.
    """
    known = roles.better(metric)
    end: Direction = direction or ("max" if known == "max" else "min")
    entries, without, empty, gaps = _entries(workspace, metric, end)
    if not entries and not empty:
        raise _nowhere(workspace, metric)
    entries.sort(key=lambda one: (one.best.value or 0.0) * (1 if end == "min" else -1))
    shown = entries[:limit]
    left = len(entries) - len(shown)
    guess = (
        ""
        if direction or known
        else f"which end of {metric} is better nobody knows: low was taken, see --max"
    )
    return Document(
        kind="best",
        title=metric,
        verdict=_verdict(metric, end, entries, without, empty),
        blocks=[_table(shown, short_ids(workspace.runs)), parts.notes(gaps, guess)],
        more=workspace.command("run", workspace.handle(shown[0].info)) if shown else "",
        dropped=[words.count(left, "run")] if left else [],
    )


def _entries(
    workspace: Workspace, metric: str, end: Direction
) -> tuple[list[_Entry], int, int, list[Gap]]:
    """Return what each run reached, how many lack the metric, and how many lack a number."""
    entries: list[_Entry] = []
    gaps: list[Gap] = []
    without = empty = 0
    for info in workspace.some_runs():
        try:
            run = workspace.open(info)
            series = run.series([metric]).get(metric)
            gaps += () if series is not None or run.overview(ROWS) else run.gaps
        except OSError as error:
            reason = str(error.strerror or error).lower()
            gaps.append(Gap(short(str(info.path)), reason, "May it be read?"))
            series = None
        if series is None or not len(series):
            without += 1
            continue
        curve = Curve(series)
        if not curve.stats.count:
            empty += 1
            continue
        entries.append(_Entry(info, At(*curve.stats.best(end)), curve.last))
    return entries, without, empty, gaps


def _nowhere(workspace: Workspace, metric: str) -> NoSuchMetric:
    names = {name: None for info in workspace.runs for name in workspace.open(info).overview(ROWS)}
    return no_metric(metric, list(names))


def _verdict(
    metric: str, end: Direction, entries: Sequence[_Entry], without: int, empty: int
) -> str:
    which = "lowest" if end == "min" else "highest"
    said = [f"{which} {metric} of {words.count(len(entries), 'run')}"]
    if entries:
        said = [f"{parts.label(entries[0].info)} has the {said[0]}"]
    said += [f"{without} without it"] if without else []
    said += [f"{empty} without a finite value"] if empty else []
    return ", ".join(said)


def _table(shown: Sequence[_Entry], ids: dict[str, str]) -> Table:
    named = any(one.info.name and one.info.name != one.info.id for one in shown)
    columns = [Column("id", role="name", quiet=True), Column("ref", "id", role="name")]
    columns += [Column("name", role="name")] if named else []
    columns += [Column("state", role="state"), Column("best", "best@step"), Column("last")]
    rows = [
        [
            one.info.id,
            ids[one.info.id],
            *([one.info.name] if named else []),
            one.info.state,
            one.best,
            one.last,
        ]
        for one in shown
    ]
    return Table("runs", columns, rows, importance=80)

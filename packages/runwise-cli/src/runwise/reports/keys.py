"""The names of a run's metrics, and how many points each has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import is_internal, pick
from runwise.reports import parts
from runwise_format import Document, Fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.workspace import Workspace
    from runwise_parsers import Series


def keys(
    workspace: Workspace,
    ref: str = "latest",
    *,
    patterns: Sequence[str] = (),
    internal: bool = False,
) -> Document:
    """Return the metrics of a run; internal ones only if they are asked for.

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``.
    """
    info, _, remark = workspace.resolve(ref)
    run = workspace.open(info)
    series = dict(run.series())
    if internal:
        hidden = [name for name in run.metrics() if name not in series]
        series |= run.series(hidden) if hidden else {}
    names = [name for name in series if internal or not is_internal(name)]
    if patterns:
        names = pick(patterns, names)
    points = {name: len(series[name]) for name in sorted(names)}
    return Document(
        kind="keys",
        title=parts.label(info),
        verdict=f"{parts.label(info)}: {words.count(len(points), 'metric')}{_rows(series)}",
        blocks=[
            Fields("keys", points, importance=80),
            parts.notes(run.gaps if not points else (), remark),
        ],
        more=f"runwise run {info.id} -k NAME",
    )


def _rows(series: dict[str, Series]) -> str:
    most = max(map(len, series.values()), default=0)
    return f", up to {words.count(most, 'point')}" if most else ""

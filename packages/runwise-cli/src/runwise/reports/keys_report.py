"""The names of a run's metrics, and how many points each has."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import is_internal, up_to
from runwise.history import pick
from runwise.reports import parts
from runwise.reports.reading import place
from runwise_format import Document, Fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.workspace import Workspace
    from runwise_parsers import Run, Series

SHARED = 4
"""Metrics of equally many points from which saying the number once is shorter."""


def keys(
    workspace: Workspace,
    ref: str = "latest",
    *,
    patterns: Sequence[str] = (),
    internal: bool = False,
    system: bool = False,
) -> Document:
    """Return the metrics of a run, up to a point for ``REF@POINT``.

    Internal ones are there only if they are asked for; with ``system``, those of the machine
    in place of the training's. Raises ``NoRuns``, ``NoSuchRun`` and
    ``NoSuchMetric``.
    """
    info, point, remark = workspace.resolve(ref)
    run = workspace.open(info)
    series = run.system() if system else _all(run) if internal else run.series()
    at, beyond = place(point, series, info)
    if at is not None:
        series = up_to(series, at)
    names = [name for name in series if internal or not is_internal(name)]
    if patterns:
        names = pick(patterns, names)
    points = {name: len(series[name]) for name in sorted(names)}
    until = "" if at is None else f" up to step {words.step(at)}"
    verdict = f"{parts.label(info)}: {words.count(len(points), 'metric')}{until}{_rows(points)}"
    return Document(
        kind="keys",
        title=parts.label(info),
        verdict=verdict,
        blocks=[
            _named(points),
            parts.notes(() if points else run.gaps, remark, beyond),
        ],
        more=workspace.command("run", workspace.handle(info)) if points else "",
    )


def _all(run: Run) -> dict[str, Series]:
    series = dict(run.series())
    hidden = [name for name in run.metrics() if name not in series]
    return series | (run.series(hidden) if hidden else {})


def _named(points: Mapping[str, int]) -> Fields:
    """Return the names; the number of points that most metrics have is said once."""
    usual, times = Counter(points.values()).most_common(1)[0] if points else (0, 0)
    if times < SHARED:
        return Fields("keys", points, importance=80)
    each = f"{words.count(usual, 'point')} each unless said"
    return Fields("keys", points, importance=80, title=each, usual=usual)


def _rows(points: Mapping[str, int]) -> str:
    most = max(points.values(), default=0)
    return f", up to {words.count(most, 'point')} each" if most else ""

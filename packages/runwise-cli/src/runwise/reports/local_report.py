"""A log as runwise 0.5's ``local`` showed it: rows some steps apart, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import ordered
from runwise.reports import parts
from runwise.reports.reading import look
from runwise_format import Column, Document, Fields, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.curves import Curve
    from runwise.workspace import Workspace
    from runwise_format.cells import Cell

METRICS = 4
ROWS = 40
"""Rows at most: where there would be more, they are further apart."""


def local(workspace: Workspace, ref: str) -> Document:
    """Return the rows of a log at each multiple of ``downsample_interval`` steps, and the newest.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    seen = look(workspace, ref)
    main, others = ordered(seen.known)
    curves = [*main, *others][:METRICS]
    interval, rows = _rows(curves, workspace.settings.interval)
    columns = [Column("step", role="step"), *(Column(one.name, role="number") for one in curves)]
    latest: dict[str, Cell] = {one.name: one.last for one in [*main, *others]}
    count = words.count(len(rows), "row")
    return Document(
        kind="local",
        title=parts.label(seen.info),
        verdict=f"{parts.label(seen.info)}: {count}, each {words.step(interval)} steps",
        blocks=[
            Table("curve", columns, rows, importance=70),
            Fields("latest", latest, importance=80, title="latest"),
            parts.notes(seen.gaps, *seen.remarks),
        ],
        more=workspace.command("history", workspace.handle(seen.info)),
    )


def _rows(curves: Sequence[Curve], interval: int) -> tuple[int, list[list[Cell]]]:
    """Return rows at multiples of an interval, which grows until they are few enough."""
    columns = [dict(zip(one.series.steps, one.series.values, strict=True)) for one in curves]
    steps = sorted({step for column in columns for step in column})
    while len(places := [step for step in steps if step % interval == 0]) > ROWS:
        interval *= 2
    if steps and steps[-1] not in places:
        places.append(steps[-1])
    return interval, [[step, *(column.get(step) for column in columns)] for step in places]

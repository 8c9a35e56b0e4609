"""The segments of a resumed SwanLab run (see leveldb/laying)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.leveldb.laying import Extent, Segment, laid
from runwise_parsers.swanlab_log.logfile import SwanFile
from runwise_parsers.swanlab_log.places import first_point, last_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runwise_parsers.held import HeldRow

Part = Segment[SwanFile]


def lay_out(logs: Sequence[SwanFile]) -> list[Part]:
    """Return the segments of a run, oldest first, each with its place among the others."""
    if len(logs) == 1:
        return [Segment(logs[0])]
    return laid((log, _extent(log)) for log in logs)


def _extent(log: SwanFile) -> Extent:
    first, last = first_point(log), last_rows(log, 1)
    return Extent(None if first is None else first.step, last[-1][0] if last else None)


def shown(rows: Iterable[HeldRow], segment: Part) -> list[HeldRow]:
    """Return the rows that no later segment supersedes, with their steps in the whole run."""
    moved = ((step + segment.shift, time, values) for step, time, values in rows)
    return [row for row in moved if row[0] < segment.limit]


def newest_rows(segment: Part, count: int) -> list[HeldRow]:
    """Return the last rows of a segment that no later one supersedes, moved."""
    asked = count
    while True:
        rows = last_rows(segment.log, asked)
        kept = shown(rows, segment)
        if len(kept) >= count or len(rows) < asked:
            return kept[-count:]
        asked *= 4


def newest_step(segments: Sequence[Part]) -> float | None:
    """Return the step of the newest row that is shown, ``None`` where there is none."""
    for segment in reversed(segments):
        rows = newest_rows(segment, 1)
        if rows:
            return rows[-1][0]
    return None

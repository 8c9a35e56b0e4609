"""The segments of a resumed W&B run (see leveldb/laying), and the rows each of them shows."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap
from runwise_parsers.leveldb.laying import Extent, Segment, changes, laid
from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.logfile import LogFile
from runwise_parsers.wandb_log.places import first_step, head, last_rows, last_step, sampled
from runwise_parsers.wandb_log.steps import step_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise_parsers.wandb_log.logfile import Rows

Part = Segment[LogFile]


def lay_out(logs: Sequence[LogFile]) -> list[Part]:
    """Return the segments of a run, oldest first, each with its place among the others."""
    if len(logs) == 1:
        return [Segment(logs[0])]
    return laid((log, Extent(first_step(log), last_step(log), _rewound(log))) for log in logs)


def _rewound(log: LogFile) -> float | None:
    """Return the step to which a log rewinds its run, ``None`` if it does not."""
    description = Description()
    head(log, description)
    return description.rewound


def newest_rows(segment: Part, count: int) -> Rows:
    """Return the last rows of a segment that no later one supersedes."""
    asked = count
    while True:
        rows = last_rows(segment.log, asked)
        limit = segment.limit - segment.shift
        kept = rows if limit == inf else [row for row in rows if step_of(row) < limit]
        if len(kept) >= count or len(rows) < asked:
            return kept[-count:]
        asked *= 4


def newest_step(segments: Sequence[Part]) -> float | None:
    """Return the step of the newest row that is shown, ``None`` where there is none."""
    for segment in reversed(segments):
        rows = newest_rows(segment, 1)
        if rows:
            return step_of(rows[-1]) + segment.shift
    return None


def thinned_rows(log: LogFile, count: int, places: int) -> Iterator[list[bytes]]:
    """Yield about ``count`` rows of a log in stretches, the first and the last row included."""
    stretches = [list(rows) for rows in sampled(log, places)]
    share = -(-count // max(1, len(stretches)))
    for place, rows in enumerate(stretches):
        if len(rows) <= share:
            yield rows
        elif share == 1:
            yield rows[-1:] if place == len(stretches) - 1 else rows[:1]
        else:
            yield [rows[at * (len(rows) - 1) // (share - 1)] for at in range(share)]


def notes(segments: Sequence[Part], *, running: bool) -> list[Gap]:
    """Return what laying out changed and what the logs lack.

    A last record that is not all there is no news where the run is still writing it, or where
    a later segment goes on from there.
    """
    found: list[Gap] = []
    if any(segment.log.unstepped for segment in segments):
        found.append(_counted())
    for number, segment in enumerate(segments, start=1):
        found += changes(segments, number) + segment.log.damage()
        last = number == len(segments)
        if running if last else segment.limit < inf:
            continue
        found += segment.log.unfinished()
    return found


def _counted() -> Gap:
    return Gap(
        "the steps of the history",
        "in shared mode only the server numbers the rows",
        "They are counted from 0, for each writer by itself.",
    )

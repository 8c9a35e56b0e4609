"""The segments of a resumed run, laid behind one another.

A run that is resumed writes a new directory each time. Online, the server gives out the next
step; where a later segment goes back, it replays rows the run had lost, so the older ones are
dropped from there on. Offline, W&B counts from 0 again, so the segment is shifted behind the
one before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap
from runwise_parsers.run import cut
from runwise_parsers.series import Series
from runwise_parsers.wandb_log.places import first_step, last_rows, last_step, sampled
from runwise_parsers.wandb_log.steps import step_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runwise_parsers.wandb_log.logfile import LogFile, Rows


@dataclass(slots=True)
class Segment:
    """One log of a run.

    Steps are moved by ``shift``; rows from ``limit`` on are replayed later, and ``dropped``
    counts them.
    """

    log: LogFile
    shift: float = 0.0
    limit: float = inf
    dropped: int = 0


def lay_out(logs: Sequence[LogFile]) -> list[Segment]:
    """Return the segments of a run, oldest first, each with its place among the others."""
    if len(logs) == 1:
        return [Segment(logs[0])]
    laid: list[Segment] = []
    end = -inf
    shift = 0.0
    for log in logs:
        first, last = first_step(log), last_step(log)
        segment = Segment(log, shift)
        if first is not None and last is not None:
            if laid and first <= 1 and end >= first:
                segment.shift = shift = end + 1 - first
            else:
                for earlier in laid:
                    earlier.limit = min(earlier.limit, first + shift)
            end = last + shift
        laid.append(segment)
    return laid


def dropped(steps: Iterable[float], segment: Segment) -> int:
    """Count the rows that a later segment replays."""
    if segment.limit == inf:
        return 0
    return sum(step + segment.shift >= segment.limit for step in steps)


def newest_rows(segment: Segment, count: int) -> Rows:
    """Return the last rows of a segment that no later one replays."""
    asked = count
    while True:
        rows = last_rows(segment.log, asked)
        limit = segment.limit - segment.shift
        kept = rows if limit == inf else [row for row in rows if step_of(row) < limit]
        if len(kept) >= count or len(rows) < asked:
            return kept[-count:]
        asked *= 4


def thinned_rows(log: LogFile, count: int, places: int) -> Iterator[list[bytes]]:
    """Yield about ``count`` rows of a log in stretches, the first and the last row included."""
    stretches = [list(rows) for rows in sampled(log, places)]
    share = -(-count // max(1, len(stretches)))
    for place_, rows in enumerate(stretches):
        if len(rows) <= share:
            yield rows
        elif share == 1:
            yield rows[-1:] if place_ == len(stretches) - 1 else rows[:1]
        else:
            yield [rows[at * (len(rows) - 1) // (share - 1)] for at in range(share)]


def place(segment: Segment, columns: dict[str, Series]) -> dict[str, Series]:
    """Return series of a segment as part of the whole run."""
    if not segment.shift and segment.limit == inf:
        return columns
    shifted: dict[int, Series] = {}
    placed: dict[str, Series] = {}
    for name, one in columns.items():
        moved = _moved(one, segment.shift, shifted)
        kept = cut(moved, -inf, _before(segment.limit))
        if len(kept):
            placed[name] = kept
    return placed


def _moved(one: Series, shift: float, shifted: dict[int, Series]) -> Series:
    if not shift:
        return one
    known = shifted.get(id(one.steps))
    if known is None:
        steps = type(one.steps)("d", [step + shift for step in one.steps])
        known = shifted[id(one.steps)] = Series(one.name, steps)
    return Series(one.name, known.steps, one.values, one.times)


def _before(limit: float) -> float:
    return inf if limit == inf else limit - 1e-9 * max(1.0, abs(limit))


def notes(segments: Sequence[Segment], *, running: bool) -> list[Gap]:
    """Return what laying out changed and what the logs lack.

    A last record that is not all there is no news where the run is still writing it, or where
    a later segment goes on from there.
    """
    found: list[Gap] = []
    for number, segment in enumerate(segments, start=1):
        if segment.shift and segment.shift != segments[number - 2].shift:
            found.append(_shifted(number, segment))
        if segment.dropped:
            found.append(_replayed(number, segment))
        found += segment.log.damage()
        last = number == len(segments)
        if running if last else segment.limit < inf:
            continue
        found += segment.log.unfinished()
    return found


def _shifted(number: int, segment: Segment) -> Gap:
    return Gap(
        f"the step count of segment {number}",
        "the resumed run began to count again",
        f"Its steps are shown {segment.shift:.0f} higher.",
    )


def _replayed(number: int, segment: Segment) -> Gap:
    return Gap(
        f"{segment.dropped} rows of segment {number}",
        "the resumed run replayed their steps",
        "The replayed rows are shown.",
    )

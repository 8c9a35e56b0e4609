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

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_parsers.wandb_log.logfile import LogFile


@dataclass(slots=True)
class Segment:
    """One log of a run: steps are moved by ``shift``; rows from ``limit`` on are replayed later."""

    log: LogFile
    shift: float = 0.0
    limit: float = inf
    dropped: int = 0


def lay_out(logs: Iterable[LogFile]) -> list[Segment]:
    """Return the segments of a run, oldest first, each with its place among the others."""
    laid: list[Segment] = []
    end = -inf
    shift = 0.0
    for log in logs:
        first, last = log.first_step(), log.last_step()
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


def notes(segments: list[Segment]) -> list[Gap]:
    """Return what laying out changed."""
    found: list[Gap] = []
    for number, segment in enumerate(segments, start=1):
        if segment.shift and segment.shift != segments[number - 2].shift:
            found.append(
                Gap(
                    f"the step count of segment {number}",
                    "the resumed run began to count again",
                    f"Its steps are shown {segment.shift:.0f} higher.",
                )
            )
        if segment.dropped:
            found.append(
                Gap(
                    f"{segment.dropped} rows of segment {number}",
                    "the resumed run replayed their steps",
                    "The replayed rows are shown.",
                )
            )
    return found

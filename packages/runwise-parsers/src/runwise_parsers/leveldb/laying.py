"""The logs of a resumed run, laid behind one another.

A run that is resumed writes a new log each time. Online, the server gives out the next step;
where a later log goes back, it replays rows the run had lost, so the older ones are dropped from
there on. Offline, steps are counted from 0 again, so the log is shifted behind the one before it.
A log that rewinds the run says behind which step it begins: what earlier ones hold behind that is
superseded, whether or not it has come as far.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Generic, TypeVar
from zlib import crc32

from runwise_parsers.gap import Gap
from runwise_parsers.run import cut
from runwise_parsers.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Log = TypeVar("Log")


@dataclass(slots=True)
class Segment(Generic[Log]):
    """One log of a run.

    Steps are moved by ``shift``; rows from ``limit`` on are superseded by a later segment, for
    the reason it ``gave``, and ``dropped`` counts them. ``last`` is its last step, moved.
    """

    log: Log
    shift: float = 0.0
    limit: float = inf
    dropped: int = 0
    last: float | None = None
    gave: str = ""


@dataclass(frozen=True, slots=True)
class Extent:
    """First and last step of a log, ``None`` without rows, and the step it goes back to."""

    first: float | None
    last: float | None
    rewound: float | None = None


def laid(logs: Iterable[tuple[Log, Extent]]) -> list[Segment[Log]]:
    """Return the segments of a run, oldest first, each with its place among the others."""
    segments: list[Segment[Log]] = []
    shift = 0.0
    for log, extent in logs:
        first, last, end = extent.first, extent.last, _reached(segments)
        if extent.rewound is not None:
            shift = 0.0
            because = f"the run was rewound to step {extent.rewound:.16g}"
            _supersede(segments, extent.rewound + 1, because)
        elif first is not None and end is not None and first <= 1 and end >= first:
            shift = end + 1 - first
        elif first is not None:
            _supersede(segments, first + shift, "the resumed run replayed their steps")
        segments.append(Segment(log, shift, last=None if last is None else last + shift))
    return segments


def _reached(segments: Iterable[Segment[Log]]) -> float | None:
    """Return a step that no segment shows rows behind, ``None`` where they hold no row."""
    lasts = [min(one.last, one.limit - 1) for one in segments if one.last is not None]
    return max(lasts, default=None)


def _supersede(earlier: Iterable[Segment[Log]], limit: float, because: str) -> None:
    for segment in earlier:
        if limit < segment.limit:
            segment.limit, segment.gave = limit, because


def dropped(steps: Iterable[float], segment: Segment[Log]) -> int:
    """Count the rows that a later segment supersedes."""
    if segment.limit == inf:
        return 0
    return sum(step + segment.shift >= segment.limit for step in steps)


def mark_of(segments: Sequence[Segment[Log]], number: int) -> int:
    """Return a checksum of what is shown of the segments before one, and where that begins.

    0 for the first one. It changes when a segment that came later supersedes rows of them.
    """
    if number == 0:
        return 0
    shown = [
        (one.shift, None if one.last is None else min(one.last + 1, one.limit))
        for one in segments[:number]
    ]
    return crc32(repr((shown, segments[number].shift)).encode())


def place(segment: Segment[Log], columns: dict[str, Series]) -> dict[str, Series]:
    """Return series of a segment as part of the whole run; in each, steps must not fall."""
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


def changes(segments: Sequence[Segment[Log]], number: int) -> list[Gap]:
    """Return what laying out changed of one segment, ``number`` counting from 1."""
    segment, before = segments[number - 1], segments[number - 2]
    found: list[Gap] = []
    if segment.shift and segment.shift != before.shift:
        found.append(
            Gap(
                f"the step count of segment {number}",
                "the resumed run began to count again",
                f"Its steps are shown {segment.shift:.0f} higher.",
            )
        )
    if segment.dropped:
        rows = f"{segment.dropped} row{'s' if segment.dropped > 1 else ''}"
        remedy = "The rows logged in their place are shown."
        found.append(Gap(f"{rows} of segment {number}", segment.gave, remedy))
    return found

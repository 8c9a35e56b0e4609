"""The newest rows of a run. A row is what was logged at one step, by whichever writer."""

from __future__ import annotations

from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from runwise_parsers.run import gather
from runwise_parsers.tensorboard_log.samples import newest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise_parsers.series import Series
    from runwise_parsers.tensorboard_log.launches import Part
    from runwise_parsers.tensorboard_log.points import Points

_Curve = tuple["Part", str, int, "Points"]
"""Points of a tag in one segment; segments are counted from the end of a file."""


def newest_rows(parts: Sequence[Part], rows: int) -> dict[str, Series]:
    """Return the last rows, reading no more of the files than holds them."""
    found: list[dict[str, Series]] = []
    for _, group in groupby(reversed(parts), key=lambda part: part.launch):
        if rows <= 0:
            break
        curves = [curve for part in group for curve in _ends(part, rows)]
        kept = _newest(curves, rows)
        rows -= len(kept)
        found.insert(0, gather(_picked(curves, kept)))
    return gather(found)


def _ends(part: Part, rows: int) -> Iterator[_Curve]:
    """Yield what stands at the end of a file, less what a later one replays."""
    pieces = newest(part.file, rows)
    falls = list(accumulate(piece.fell for piece in pieces))
    for piece, fallen in zip(pieces, falls, strict=True):
        for tag, points in piece.points.items():
            kept = part.placed(tag, points)
            if len(kept):
                yield part, tag, fallen - falls[-1], kept


def _newest(curves: Sequence[_Curve], rows: int) -> set[tuple[int, float]]:
    """Return the newest rows, by segment and step: those that were logged last."""
    clocks: dict[tuple[int, float], float] = {}
    for part, _, segment, points in curves:
        for step, time in zip(points.steps, points.times, strict=True):
            row = segment, step + part.shift
            if not clocks.get(row, time) > time:
                clocks[row] = time
    return set(sorted(clocks, key=lambda row: (row[0], clocks[row], row[1]))[-rows:])


def _picked(curves: Sequence[_Curve], rows: set[tuple[int, float]]) -> Iterator[dict[str, Series]]:
    for part, tag, segment, points in curves:
        steps = enumerate(points.steps)
        kept = [at for at, step in steps if (segment, step + part.shift) in rows]
        if kept:
            name = part.name_of(tag)
            yield {name: part.series(name, points.picked(kept), {})}

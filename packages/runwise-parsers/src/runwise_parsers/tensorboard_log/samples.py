"""Samples of an event file: points from evenly spread places, and the newest ones.

Files are not in blocks, but records are found anywhere by the checksum of their length.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.points import Points

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_parsers.tensorboard_log.eventfile import EventFile
    from runwise_parsers.tensorboard_log.pieces import Piece

_PLACES = 48
_SAMPLE = 1 << 16
_FEWEST = 2
_CUT = 8
"""Rows of which the first records may lie before those that were read."""
Curves = dict[str, Points]


def sampled(file: EventFile, count: int) -> Curves:
    """Return about ``count`` points of each tag, first and last included.

    A tag that is rare in a large file may be in none of the places that are looked at.
    """
    size = file.size()
    if size <= _PLACES * _SAMPLE:
        whole = _curves(file.pieces_from(0))
        return {tag: _thinned(one, count) for tag, one in whole.items()}
    places = max(_FEWEST, min(_PLACES, count))
    share = -(-count // places)
    pieces: dict[str, list[Points]] = {}
    for place in range(places):
        begin = (size - _SAMPLE) * place // (places - 1)
        for tag, one in _curves(file.stretch(begin, begin + _SAMPLE)).items():
            pieces.setdefault(tag, []).append(_thinned(one, share, last=place == places - 1))
    return {tag: _behind_another(some) for tag, some in pieces.items()}


def newest(file: EventFile, rows: int) -> list[Piece]:
    """Return pieces from the end of a file that hold at least so many rows, all if it has fewer.

    A row is what was logged at one step.
    """
    total, size = file.size(), _SAMPLE
    while True:
        pieces = file.stretch(max(0, total - size), total)
        if size >= total or sum(len(steps_in(piece)) for piece in pieces) >= rows + _CUT:
            return pieces
        size *= 4


def steps_in(piece: Piece) -> set[float]:
    """Return the steps of a piece."""
    return set(chain.from_iterable(one.steps for one in piece.points.values()))


def newest_step(pieces: Iterable[Piece]) -> float | None:
    """Return the step a log has come to.

    Where tags count different things (iterations, samples, seconds), it is that of most tags.
    """
    last: dict[str, float] = {}
    mixed = False
    newest_one: float | None = None
    for piece in pieces:
        steps = piece.steps_in_order()
        mixed = mixed or steps != sorted(steps)
        newest_one = steps[-1] if steps else newest_one
        last |= {tag: one.steps[-1] for tag, one in piece.points.items()}
    if not mixed:
        return newest_one
    shared = list(last.values())
    most = max(map(shared.count, shared))
    return min(step for step in shared if shared.count(step) == most)


def _curves(pieces: Iterable[Piece]) -> Curves:
    """Return pieces as one curve of each tag."""
    parts: dict[str, list[Points]] = {}
    for piece in pieces:
        for tag, one in piece.points.items():
            parts.setdefault(tag, []).append(one)
    return {tag: _behind_another(some) for tag, some in parts.items()}


def _behind_another(pieces: list[Points]) -> Points:
    """Return points that follow one another; their places then mean nothing."""
    if len(pieces) == 1:
        return pieces[0]
    whole = Points()
    for one in pieces:
        whole.extend(one)
    return whole


def _thinned(points: Points, count: int, *, last: bool = False) -> Points:
    """Return ``count`` evenly spread points, first and last included; one is the first or last."""
    total = len(points)
    if total <= count:
        return points
    if count == 1:
        return points.picked([total - 1 if last else 0])
    return points.picked([place * (total - 1) // (count - 1) for place in range(count)])

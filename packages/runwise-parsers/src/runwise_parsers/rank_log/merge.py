"""Logs of several ranks as one: row by row, in the order of their steps.

Each rank's log is read in pieces, and of all pieces what lies at or before the step that all have
reached is handed out together. Ranks restart together: what one logged after a fall of its step
waits until the others are there.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise_parsers.json_log.piece import Piece


def merged(logs: Sequence[Iterator[Piece]]) -> Iterator[tuple[int, dict[int, Piece]]]:
    """Yield a segment and, by the place of the log, rows of it: steps rise through a segment."""
    heads: dict[int, Piece] = {}
    for at, log in enumerate(logs):
        _advance(heads, at, log)
    while heads:
        segment = min(piece.segment for piece in heads.values())
        mine = {at: piece for at, piece in heads.items() if piece.segment == segment}
        reached = min((one.table.steps[one.end - 1] for one in mine.values() if _has_rows(one)),
                      default=0.0)  # fmt: skip
        found: dict[int, Piece] = {}
        for at, piece in mine.items():
            cut = bisect_right(piece.table.steps, reached, piece.begin, piece.end)
            first, rest = piece.split(cut - piece.begin)
            if cut > piece.begin or not _has_rows(piece):
                found[at] = first
            heads[at] = rest
            if not _has_rows(rest):
                _advance(heads, at, logs[at])
        yield segment, found


def _advance(heads: dict[int, Piece], at: int, log: Iterator[Piece]) -> None:
    heads.pop(at, None)
    piece = next(log, None)
    if piece is not None:
        heads[at] = piece


def _has_rows(piece: Piece) -> bool:
    return piece.end > piece.begin

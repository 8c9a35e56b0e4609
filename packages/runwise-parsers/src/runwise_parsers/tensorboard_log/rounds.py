"""Writers that ran side by side, brought together by their clocks.

One file is read window by window. Where several belong to one launch, each round holds what all
of them logged up to some time, so that ``train`` and ``validation`` are read hand in hand, in
bounded memory.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.points import between

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise_parsers.tensorboard_log.launches import Part
    from runwise_parsers.tensorboard_log.pieces import Piece

Round = list[tuple["Part", "Piece"]]
_END = 1 << 62


def rounds(parts: Sequence[Part], streams: Sequence[Iterator[Piece]]) -> Iterator[Round]:
    """Yield pieces of several files, those together that cover the same time."""
    going = dict(enumerate(streams))
    waiting: dict[int, Piece] = {}
    while True:
        for number in [one for one in going if one not in waiting]:
            piece = next(going[number], None)
            if piece is None:
                del going[number]
            else:
                waiting[number] = piece
        if not waiting:
            return
        horizon = min(piece.newest for piece in waiting.values())
        taken: Round = []
        for number, piece in list(waiting.items()):
            first, rest = _split(piece, horizon)
            if first is not None:
                taken.append((parts[number], first))
            if rest is None:
                del waiting[number]
            else:
                waiting[number] = rest
        yield taken


def _split(piece: Piece, horizon: float) -> tuple[Piece | None, Piece | None]:
    """Cut a piece before the first record behind a time; what is no scalar goes with the first."""
    if piece.newest <= horizon:
        return piece, None
    place = min(
        one.places[next(at for at, time in enumerate(one.times) if time > horizon)]
        for one in piece.points.values()
        if one.times[-1] > horizon
    )
    first = between(piece.points, 0, place)
    if not first:
        return None, piece
    rest = between(piece.points, place, _END)
    return (
        replace(piece, points=first, end=piece.base + place),
        replace(piece, points=rest, events=[], fell=False),
    )

"""First, lowest, highest and last point of every piece: a line chart without an error.

Drawn as wide as there are pieces, the chosen points light the same pixels as all of them
(Jugel et al., "M4", VLDB 2014).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_sampling.methods.minmax import ends

if TYPE_CHECKING:
    from runwise_sampling.curve import Curve


def pick(curve: Curve, count: int) -> list[int]:
    """Return up to four positions for each of ``count // 4`` pieces."""
    pieces = count // 4
    if not pieces:
        return []
    bounds = zip(curve.pieces(pieces), curve.extremes(pieces), strict=True)
    return [at for (start, stop), piece in bounds for at in _four(start, stop - 1, ends(piece))]


def _four(first: int, last: int, between: list[int]) -> list[int]:
    return sorted({first, *between, last})

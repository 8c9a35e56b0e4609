"""The course of a curve in a few places: what one row of a chart says to an agent.

All curves of a chart share the places, so digits that stand under each other belong to the
same steps. Each curve has its own scale, which its lowest and highest value tell.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from runwise_format.cells import At
from runwise_format.scale import scale_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_format.document import Line

PLACES = 40
NOTHING, ODD = "_", "x"


@dataclass(frozen=True, slots=True)
class Ends:
    """What a drawing does not tell exactly: the last value, the extremes, what is not finite."""

    last: float | None
    low: At | None
    high: At | None
    odd: int


def ends(line: Line) -> Ends:
    """Return the last value of a curve and its extremes with their steps, the first of equals."""
    finite = [at for at, value in enumerate(line.values) if math.isfinite(value)]
    odd = len(line.values) - len(finite)
    last = line.values[-1] if len(line.values) else None
    if not finite:
        return Ends(last, None, None, odd)
    low = min(finite, key=lambda at: line.values[at])
    high = max(finite, key=lambda at: line.values[at])
    return Ends(
        last, At(line.values[low], line.steps[low]), At(line.values[high], line.steps[high]), odd
    )


def span(lines: Sequence[Line]) -> tuple[float, float]:
    """Return the first and the last finite step of all curves, 0 and 0 where there is none."""
    steps = [float(step) for line in lines for step in line.steps if math.isfinite(step)]
    return (min(steps), max(steps)) if steps else (0.0, 0.0)


def digits(line: Line, first: float, last: float, *, log: bool = False) -> str:
    """Return at most forty digits for the places from step ``first`` to step ``last``.

    ``0`` is the lowest mean of a place and ``9`` the highest, ``x`` is a place where a value
    was not finite (or not positive on a logarithmic scale), ``_`` one before or behind the
    curve. A place without points inside a curve carries the level before it.
    """
    found = _levels(line, first, last, min(PLACES, _distinct(line, first, last)), log=log)
    scale = scale_of((one for one in found if one is not None), log=log)
    known = {one for one in found if one is not None and not math.isnan(one)}
    if len(known) < 2:
        return "".join(_sign(one) or "5" for one in found)
    return "".join(_sign(one) or str(round(9 * scale.at(one or 0.0))) for one in found)


def _sign(level: float | None) -> str:
    return NOTHING if level is None else ODD if math.isnan(level) else ""


def _distinct(line: Line, first: float, last: float) -> int:
    """Return how many places are worth drawing: a curve of ten points is ten digits."""
    own = span([line])
    share = (own[1] - own[0]) / (last - first) if last > first else 1.0
    return max(1, round(len(line.values) / share)) if share > 0 else PLACES


def _levels(
    line: Line, first: float, last: float, places: int, *, log: bool
) -> list[float | None]:
    """Return the mean of each place, NaN where a value has none, None where nothing is."""
    edges = _edges(line, first, last, places)
    ended = bisect_left(edges, len(line.values))
    found: list[float | None] = []
    for place, (begin, end) in enumerate(pairwise(edges)):
        if end > begin:
            found.append(_mean(line.values[begin:end], log=log))
        else:
            found.append(found[-1] if found and place < ended else None)
    return found


def _edges(line: Line, first: float, last: float, places: int) -> list[int]:
    width = (last - first) / places
    if not first + width > first:
        return [0, len(line.values)] + [len(line.values)] * (places - 1)
    inner = [bisect_left(line.steps, first + place * width) for place in range(1, places)]
    return [0, *inner, len(line.values)]


def _mean(values: Sequence[float], *, log: bool) -> float:
    if not all(math.isfinite(value) and (value > 0 or not log) for value in values):
        return math.nan
    return math.fsum(value / len(values) for value in values)

"""Fewer points of a chart, for outputs that list them all.

A point that is kept is a point of the data. First and last stay, and so do the extremes and
the first value that is not finite, whatever else goes.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_format.document import Chart, Document, Line

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (1000, 500, 200, 100, 50, 24, 12, 6)
"""Points of a curve at most, from the first step of thinning to the last."""


def points(document: Document) -> int:
    """Return how many points all charts have."""
    charts = (block for block in document.blocks if isinstance(block, Chart))
    return sum(len(line.values) for chart in charts for line in chart.curves)


def thinned(document: Document, level: int) -> Document:
    """Return ``document`` after ``level`` steps of thinning; what went is counted as dropped."""
    if not level:
        return document
    blocks = [
        replace(block, curves=[_line(line, SIZES[level - 1]) for line in block.curves])
        if isinstance(block, Chart)
        else block
        for block in document.blocks
    ]
    thin = replace(document, blocks=blocks)
    lost = points(document) - points(thin)
    return replace(thin, dropped=[*document.dropped, f"{lost} points"]) if lost else document


def _line(line: Line, size: int) -> Line:
    if len(line.values) <= size:
        return line
    kept = _kept(line.values, size)
    columns = (line.steps, line.values, line.low, line.high)
    steps, values, low, high = ([one[at] for at in kept] if len(one) else () for one in columns)
    return replace(line, steps=steps, values=values, low=low, high=high)


def _kept(values: Sequence[float], size: int) -> list[int]:
    last = len(values) - 1
    finite = [at for at, value in enumerate(values) if math.isfinite(value)]
    odd = next((at for at, value in enumerate(values) if not math.isfinite(value)), None)
    telling = {0, last}
    if finite:
        telling |= {min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)}
    if odd is not None:
        telling.add(odd)
    spread = {round(place * last / (size - 1)) for place in range(size)}
    spare = sorted(spread - telling)
    excess = len(spare) + len(telling) - size
    for turn in range(excess):
        spare.pop((turn * 7919) % len(spare))  # from here and there, and always the same ones
    return sorted({*spare, *telling})

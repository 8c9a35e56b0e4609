"""Which way a curve goes, in one word.

The rule, with every number relative to the curve itself, so that its scale does not matter:

1. Up to 64 finite points are taken as they are; of more, the means of 64 equal spans of
   steps.
2. ``change`` is the median of the last third less that of the first third. ``wiggle`` is the
   median distance of neighbours. Medians, because one spike must not turn a verdict.
3. "up" or "down" if the change exceeds 1 % of the curve's size (the median distance from
   zero) and 5 / sqrt(points in a third) wiggles. For white noise that is 2.7 of its own
   standard deviations. Short curves need less than a straight line would show.
4. Otherwise "flat", if the middle 80 % of the points span no more than 5 % of the size.
5. Otherwise a curve that goes smoothly somewhere and back (its span is more than
   8 wiggles) is judged by its second half: what counts is where it is going now.
6. Otherwise "noisy".
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

from runwise_sampling.columns import Numbers, paired, plain
from runwise_sampling.levels import mean, spans

Verdict = Literal["up", "down", "flat", "noisy", ""]

CELLS = 64
SMALL = 0.01  # of the size: less is no change
STEADY = 0.05  # of the size: a span within it is flat
SMOOTH = 8.0  # wiggles: a wider span is not noise


def trend(steps: Numbers, values: Numbers) -> Verdict:
    """Return "up", "down", "flat" or "noisy", or "" below three finite points.

    The rule is in this module's docstring. A direction is not a judgement: a loss that goes
    "up" is bad news, an accuracy is good news.

    >>> trend(range(100), [100 / (1 + step) for step in range(100)])
    'down'

    Args:
        steps: rising.
        values: as many as steps; NaN and infinities are left out.

    Raises:
        ValueError: the columns differ in length.
    """
    return _verdict(_cells(steps, values))


def _cells(steps: Numbers, values: Numbers) -> list[float]:
    if paired(steps, values) <= CELLS:
        return [float(value) for value in plain(values) if math.isfinite(value)]
    return [cell for span in spans(steps, values, CELLS) if math.isfinite(cell := mean(span))]


def _verdict(cells: list[float]) -> Verdict:
    count, third = len(cells), math.ceil(len(cells) / 3)
    if count < 3:
        return ""
    change = _median(cells[-third:]) - _median(cells[:third])
    wiggle = _median([abs(after - before) for before, after in pairwise(cells)])
    size = _median([abs(cell) for cell in cells])
    if abs(change) > max(SMALL * size, _needed(count, third) * wiggle):
        return "up" if change > 0 else "down"
    span = _middle_span(cells)
    if span <= STEADY * size:
        return "flat"
    if span > SMOOTH * wiggle and count >= 8:
        return _verdict(cells[count // 2 :])
    return "noisy"


def _needed(count: int, third: int) -> float:
    """Return how many wiggles a change must exceed; a straight line shows ``count - third``."""
    return min(5 / math.sqrt(third), 0.9 * (count - third))


def _middle_span(cells: list[float]) -> float:
    ordered = sorted(cells)
    edge = math.ceil(len(ordered) / 10) if len(ordered) >= 5 else 0  # of few, each one counts
    return ordered[-1 - edge] - ordered[edge]


def _median(numbers: list[float]) -> float:
    ordered, half = sorted(numbers), len(numbers) // 2
    return ordered[half] if len(numbers) % 2 else ordered[half - 1] / 2 + ordered[half] / 2

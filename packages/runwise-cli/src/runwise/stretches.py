"""Stretches: between one restart of a run and the next, steps only rise."""

from __future__ import annotations

from itertools import pairwise
from math import inf, nextafter
from typing import TYPE_CHECKING

from runwise_parsers import Series
from runwise_parsers.run import cut, gather

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Stretch = dict[str, Series]


def stretches(
    series: Mapping[str, Series], resumed: Sequence[Mapping[str, int]]
) -> list[dict[str, Series]]:
    """Return curves between one interruption and the next, the oldest first.

    ``resumed`` holds, for every time the run was resumed, how many points each curve had.
    """
    whole = {name: len(one) for name, one in series.items()}
    found = [
        {
            name: piece
            for name, one in series.items()
            if len(piece := between_places(one, begins.get(name, 0), ends.get(name, 0)))
        }
        for begins, ends in pairwise([{}, *resumed, whole])
    ]
    return [one for one in found if one]


def between_places(series: Series, begin: int, end: int) -> Series:
    """Return the points of a curve from one place to another, itself where that is all."""
    if begin == 0 and end >= len(series):
        return series
    times = None if series.times is None else series.times[begin:end]
    return Series(series.name, series.steps[begin:end], series.values[begin:end], times)


def between(whole: Sequence[Stretch], first: float, last: float) -> list[Stretch]:
    """Return the points with ``first <= step <= last``."""
    if first == -inf and last == inf:
        return list(whole)
    found = [
        {name: piece for name, one in stretch.items() if len(piece := cut(one, first, last))}
        for stretch in whole
    ]
    return [one for one in found if one]


def newest(whole: Sequence[Stretch]) -> tuple[Stretch, int]:
    """Return one rising curve per metric, and how many points were logged again later.

    Where a run went back to a step, what was logged last stands for it.
    """
    kept: list[Stretch] = []
    hidden = 0
    begin = inf
    for stretch in reversed(whole):
        earlier = {name: cut(one, -inf, below(begin)) for name, one in stretch.items()}
        hidden += sum(len(one) - len(earlier[name]) for name, one in stretch.items())
        kept.insert(0, {name: one for name, one in earlier.items() if len(one)})
        begin = min([begin, *(one.steps[0] for one in stretch.values())])
    return gather(kept), hidden


def below(step: float) -> float:
    """Return the largest number below a step."""
    return step if step == inf else nextafter(step, -inf)


def logged_steps(whole: Sequence[Stretch]) -> list[float]:
    """Return the steps at which any metric was logged, rising, each once."""
    return sorted({step for stretch in whole for one in stretch.values() for step in one.steps})

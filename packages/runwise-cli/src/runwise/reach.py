"""How soon one curve came to the level at which another one ended."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import isfinite
from typing import TYPE_CHECKING

from runwise_sampling.levels import mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers import Series

SHARE = 20
"""A level is the mean of a 20th of a curve: enough not to be one lucky batch."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The step at which a level was reached, and the seconds since the run began to log."""

    step: float
    seconds: float | None


def last_level(series: Series) -> float:
    """Return the mean of the newest 20th of a curve; NaN where nothing in it is finite."""
    return mean(list(series.values[-_width(series) :]))


def reached(series: Series, level: float, better: str) -> Reached | None:
    """Return where the mean of a 20th of the curve first was at least as good as a level."""
    sign = 1 if better == "min" else -1
    for place, value in _smooth(series):
        if sign * value <= sign * level:
            times = series.times
            seconds = times[place] - times[0] if times is not None else None
            return Reached(series.steps[place], seconds)
    return None


def _width(series: Series) -> int:
    return max(1, len(series) // SHARE)


def _smooth(series: Series) -> Iterator[tuple[int, float]]:
    """Yield place and mean of every window; windows that are not all finite are passed over."""
    width = _width(series)
    finite = [value if isfinite(value) else 0.0 for value in series.values]
    bad = [0, *accumulate(not isfinite(value) for value in series.values)]
    sums = [0.0, *accumulate(finite)]
    for end in range(width, len(finite) + 1):
        if bad[end] == bad[end - width]:
            yield end - 1, (sums[end] - sums[end - width]) / width

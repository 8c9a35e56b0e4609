"""A sheet: several curves as rows, one for each place on the axis.

Two ways to make one. ``exact`` keeps points of the data: each metric is downsampled on its own
places, and the rows are the union of these. ``means`` is a regular grid: each row the mean of
what was logged from there to the next.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from runwise_sampling import downsample
from runwise_sampling.levels import mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runwise.stretches import Stretch
    from runwise_parsers import Series

LEAST = 8
LOOKED_AT = 1000
"""Steps from which a stride is guessed; a wrong guess only makes rows uneven."""

Value = float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """``places`` on the axis and, for each metric, a value or nothing at each of them.

    ``width`` is how much of the axis a row is the mean of, 0 where rows are points of the data.
    """

    places: list[float] = field(default_factory=list[float])
    columns: Mapping[str, Sequence[Value]] = field(default_factory=dict[str, "Sequence[Value]"])
    width: float = 0.0

    def rows(self) -> list[tuple[Value, ...]]:
        """Return the rows, the place first."""
        return list(zip(self.places, *self.columns.values(), strict=True))


def exact(
    whole: Sequence[Stretch], names: Sequence[str], n: int, method: str = "minmax-lttb"
) -> Sheet:
    """Return at most ``n`` points of each metric, as rows in the order of the log.

    A restart keeps at least eight of each stretch.

    A row holds what every metric logged at its place, so a metric may have a few points more.
    With the method ``mean`` the points are made, and rows hold just those.

    Raises ``ValueError`` for a method nobody knows.
    """
    places: list[float] = []
    columns: dict[str, list[Value]] = {name: [] for name in names}
    for stretch, share in zip(whole, _shares(whole, n), strict=True):
        chosen = {
            name: downsample(one.steps, one.values, min(share[name], len(one)), method=method)
            if share[name] < len(one)
            else (one.steps, one.values)
            for name, one in stretch.items()
        }
        for place in sorted({place for steps, _ in chosen.values() for place in steps}):
            made = method == "mean"
            found = {
                name: _at(*(chosen[name] if made else (one.steps, one.values)), place)
                for name, one in stretch.items()
            }
            for turn in range(max(map(len, found.values()))):
                places.append(place)
                for name in names:
                    there = found.get(name, ())
                    columns[name].append(there[turn] if turn < len(there) else None)
    return Sheet(places, columns)


def _shares(whole: Sequence[Stretch], n: int) -> Iterator[dict[str, int]]:
    """Yield how many points of each metric a stretch may show: as its share of all of them.

    Eight is enough for the ends, the extremes and the first NaN of any stretch.
    """
    total: dict[str, int] = {}
    for stretch in whole:
        for name, one in stretch.items():
            total[name] = total.get(name, 0) + len(one)
    for stretch in whole:
        yield {
            name: len(one) if total[name] <= n else max(LEAST, n * len(one) // total[name])
            for name, one in stretch.items()
        }


def _at(steps: Sequence[float], values: Sequence[float], place: float) -> Sequence[float]:
    """Return the values at a place, all of them where it repeats."""
    return values[bisect_left(steps, place) : bisect_right(steps, place)]


def means(curves: Stretch, names: Sequence[str], n: int) -> Sheet:
    """Return curves that rise on a regular grid of at most ``n`` rows, exactly where they fit.

    A row without a finite value is NaN where one was logged, and empty where none was.
    """
    shown = [one for one in curves.values() if len(one)]
    if not shown:
        return Sheet(columns={name: [] for name in names})
    if max(map(len, shown)) <= n:
        sheet = exact([curves], names, n)
        if len(sheet.places) <= n:
            return sheet
    low = min(one.steps[0] for one in shown)
    high = max(one.steps[-1] for one in shown)
    start, width = _grid(shown, low, high, n)
    count = int((high - start) / width) + 1
    places = [float(f"{start + row * width:.12g}") for row in range(count)]
    columns = {
        name: _means(curves[name], places) if name in curves else [None] * count for name in names
    }
    return Sheet(places, columns, width)


def _grid(shown: Sequence[Series], low: float, high: float, n: int) -> tuple[float, float]:
    """Return first place and width: a multiple of the usual stride, or a round fraction."""
    stride = _stride(shown)
    if stride:
        return low, stride * math.ceil(((high - low) / stride + 1) / n)
    least = (high - low) / max(1, n - 1)
    ten = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
    width = next(ten * size for size in (1, 2, 5, 10) if ten * size >= least)
    return math.floor(low / width) * width, width


def _stride(shown: Sequence[Series]) -> int:
    """Return the largest whole number all places lie apart by, 0 for places between these."""
    found = 0
    for one in shown:
        places = [one.steps[-1], *one.steps[:LOOKED_AT]]
        if not all(place == int(place) for place in places):
            return 0
        apart = (int(after - before) for before, after in pairwise(places[1:]))
        found = math.gcd(found, *apart, int(one.steps[0] - shown[0].steps[0]))
    return found


def _means(one: Series, places: Sequence[float]) -> list[Value]:
    edges = [bisect_left(one.steps, place) for place in places] + [len(one)]
    return [
        mean(list(one.values[begin:end])) if end > begin else None
        for begin, end in pairwise(edges)
    ]

"""What a sketch keeps of a curve that is too long to keep: statistics, histogram, buckets."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from runwise_sampling.bucket import Bucket, bucket_of
from runwise_sampling.bucket_columns import bucket_columns
from runwise_sampling.columns import rank
from runwise_sampling.grid import FINEST, Grid
from runwise_sampling.histogram import Histogram
from runwise_sampling.stats import Stats

if TYPE_CHECKING:
    from runwise_sampling.rising_steps import RisingSteps


class Summary:
    """Exact statistics, a grid of buckets over the steps and, if wanted, a histogram of values."""

    __slots__ = ("grid", "histogram", "stats")

    def __init__(self, limit: int, exponent: int = FINEST, *, quantiles: bool = True) -> None:
        self.grid = Grid(limit, exponent)
        self.stats = Stats()
        self.histogram = Histogram() if quantiles else None

    @property
    def width(self) -> float:
        """How many steps a bucket spans."""
        return self.grid.width

    @property
    def error(self) -> float:
        """How far a quantile may be off, as a share of it."""
        return self.histogram.error if self.histogram else math.inf

    def buckets(self) -> list[Bucket]:
        """Return the buckets in the order of their steps."""
        return self.grid.buckets()

    def add(self, steps: RisingSteps, values: list[float]) -> None:
        """Add points; ``fold`` is due after the last of them."""
        if not len(steps):
            return
        begins = self.grid.cut(steps)
        fast = bucket_columns(steps.steps, values, begins) if steps.strict else None
        if fast is None:
            self._add_any(steps.steps, values, begins)
            return
        self.grid.append(fast)
        self.stats.add_finite(fast, values)
        if self.histogram is not None:
            self.histogram.extend(values, min(fast.min), max(fast.max))

    def _add_any(self, steps: list[float], values: list[float], begins: list[int]) -> None:
        """Add points of which some are not finite, or share a step."""
        cells = pairwise([*begins, len(steps)])
        buckets = [bucket_of(steps[start:stop], values[start:stop]) for start, stop in cells]
        self.grid.add(buckets)
        self.stats.add(steps, values, buckets)
        if self.histogram is None:
            return
        if any(bucket.marks for bucket in buckets):
            values = list(filter(math.isfinite, values))
        if values:
            low = min(bucket.min for bucket in buckets if bucket.finite)
            high = max(bucket.max for bucket in buckets if bucket.finite)
            self.histogram.extend(values, low, high)

    def fold(self) -> None:
        """Bring what was counted to where it belongs, once for many blocks."""
        if self.histogram is not None:
            self.histogram.fold()

    def merge(self, other: Summary) -> None:
        """Add all that ``other`` has seen."""
        self.grid.coarsen(other.grid.exponent)
        self.grid.add(other.grid.buckets())
        self.stats.merge(other.stats)
        if self.histogram is not None and other.histogram is not None:
            self.histogram.merge(other.histogram)

    def quantile(self, place: int) -> float:
        """Return about the finite value with ``place`` others below it."""
        if place in (0, self.stats.count - 1):
            return self.stats.max if place else self.stats.min
        if self.histogram is None:
            return math.nan
        return min(max(self.histogram.at(place), self.stats.min), self.stats.max)

    def points(self) -> tuple[list[float], list[float]]:
        """Return all points that are known as they were logged, in the order of their steps."""
        firsts = (
            (self.stats.nan_step, math.nan),
            (self.stats.inf_step, math.inf),
            (self.stats.neg_inf_step, -math.inf),
        )
        known = {order(step, value): value for step, value in firsts if step is not None}
        for bucket in self.grid.buckets():
            known.update((order(step, value), value) for step, value in bucket.points())
        ordered = sorted(known)
        return [step for step, _, _ in ordered], [known[key] for key in ordered]


def order(step: float, value: float) -> tuple[float, bool, float]:
    """Return a key that orders points by step, then value, and by which NaN equals NaN."""
    is_nan, number = rank(value)
    return float(step), is_nan, 0.0 if is_nan else number

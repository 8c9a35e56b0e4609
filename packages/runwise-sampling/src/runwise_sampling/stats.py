"""Exact statistics of one curve in constant memory, streamed and merged."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from operator import mul
from typing import TYPE_CHECKING, Literal

from runwise_sampling.bucket import Bucket, bucket_of
from runwise_sampling.columns import BLOCK, Numbers, paired, plain, rank, rising
from runwise_sampling.moments import Moments

if TYPE_CHECKING:
    from runwise_sampling.bucket_columns import BucketColumns


@dataclass(slots=True)
class Stats:
    """What is known exactly about a curve, however long it is.

    Points may arrive in any order and in any pieces; ``merge`` adds what another process saw.
    ``count``, ``min``, ``max``, ``mean`` and the variances speak of finite values only, and a
    tie between extremes goes to the earliest step. ``first`` and ``last`` are the values at
    the lowest and the highest step as they were logged, NaN included: a curve that ends in
    NaN must say so. Where such a step repeats, the lower value is the first and the higher the
    last, NaN above all, so that the order of arrival never matters. Where nothing was seen a
    value is NaN and a step is None.

    >>> stats = Stats()
    >>> stats.extend(range(5), [3.0, 1.0, 1.0, 3.0, float("nan")])
    >>> stats.count, stats.min, stats.min_step, stats.mean, stats.variance, stats.nan_step
    (4, 1.0, 1, 2.0, 1.0, 4)
    """

    min: float = math.nan
    min_step: float | None = None
    max: float = math.nan
    max_step: float | None = None
    first: float = math.nan
    first_step: float | None = None
    last: float = math.nan
    last_step: float | None = None
    nan_count: int = 0
    nan_step: float | None = None
    inf_count: int = 0
    inf_step: float | None = None
    neg_inf_count: int = 0
    neg_inf_step: float | None = None
    moments: Moments = field(default_factory=Moments, repr=False)

    @property
    def count(self) -> int:
        """The number of finite values."""
        return self.moments.count

    @property
    def total(self) -> int:
        """The number of points, finite or not."""
        return self.count + self.nan_count + self.inf_count + self.neg_inf_count

    @property
    def mean(self) -> float:
        """The mean of the finite values."""
        if not self.count:
            return math.nan
        # Rounding must not carry it out of the range.
        return min(max(self.moments.mean, self.min), self.max)

    @property
    def variance(self) -> float:
        """The population variance: squared deviations divided by ``count``."""
        return self.moments.squares / self.count if self.count else math.nan

    @property
    def sample_variance(self) -> float:
        """The sample variance: squared deviations divided by ``count - 1``."""
        return self.moments.squares / (self.count - 1) if self.count > 1 else math.nan

    @property
    def std(self) -> float:
        """The population standard deviation, in the unit of the values."""
        return math.sqrt(self.variance)

    def best(self, direction: Literal["min", "max"]) -> tuple[float, float | None]:
        """Return the best value and its step, the earliest step where several are as good.

        Raises:
            ValueError: ``direction`` is neither "min" nor "max".
        """
        if direction == "min":
            return self.min, self.min_step
        if direction == "max":
            return self.max, self.max_step
        raise ValueError(f'direction must be "min" or "max", not {direction!r}')

    def update(self, step: float, value: float) -> None:
        """Add one point."""
        self._add_ends(step, value, step, value)
        if math.isfinite(value):
            self._add_finite(step, float(value))
        else:
            self._add_non_finite(step, value, 1)

    def extend(self, steps: Numbers, values: Numbers) -> None:
        """Add many points: the same as ``update`` on each, about four times faster.

        Raises:
            ValueError: the columns differ in length.
        """
        for start in range(0, paired(steps, values), BLOCK):
            block = plain(values[start : start + BLOCK])
            ordered, block = rising(plain(steps[start : start + BLOCK]), block)
            self.add(ordered, block, [bucket_of(ordered, block)])

    def merge(self, other: Stats) -> None:
        """Add all that ``other`` has seen."""
        if other.first_step is None or other.last_step is None:
            return
        self._add_ends(other.first_step, other.first, other.last_step, other.last)
        self._add_non_finite(other.nan_step, math.nan, other.nan_count)
        self._add_non_finite(other.inf_step, math.inf, other.inf_count)
        self._add_non_finite(other.neg_inf_step, -math.inf, other.neg_inf_count)
        self.moments.merge(other.moments)
        if other.min_step is not None and other.max_step is not None:
            self._add_extremes(other.min_step, other.min, other.max_step, other.max)

    def add(self, steps: list[float], values: list[float], buckets: list[Bucket]) -> None:
        """Add points whose steps rise and of which all ``buckets`` are known already."""
        for one in buckets:
            self._add_ends(one.first_step, one.first, one.last_step, one.last)
            if one.finite:
                self._add_extremes(one.min_step, one.min, one.max_step, one.max)
        known = Moments()
        for one in buckets:
            known.merge(Moments(one.finite, one.mean))
        finite = values
        if any(one.marks for one in buckets):
            finite = self._without_non_finite(steps, values)
        if finite:
            self.moments.extend(finite, known.mean)

    def add_finite(self, buckets: BucketColumns, values: list[float]) -> None:
        """Add finite points whose steps rise, and all buckets of them."""
        firsts, lasts = buckets.first_step, buckets.last_step
        self._add_ends(firsts[0], buckets.first[0], lasts[-1], buckets.last[-1])
        low, high = min(buckets.min), max(buckets.max)
        low_step = buckets.min_step[buckets.min.index(low)]
        high_step = buckets.max_step[buckets.max.index(high)]
        self._add_extremes(low_step, low, high_step, high)
        shares = map(mul, buckets.mean, buckets.finite)
        self.moments.extend(values, math.fsum(shares) / len(values))

    def _without_non_finite(self, steps: list[float], values: list[float]) -> list[float]:
        for step, value in zip(steps, values, strict=True):
            if not math.isfinite(value):
                self._add_non_finite(step, value, 1)
        return [value for value in values if math.isfinite(value)]

    def _add_finite(self, step: float, value: float) -> None:
        self._add_extremes(step, value, step, value)
        self.moments.update(value)

    def _add_extremes(self, low_step: float, low: float, high_step: float, high: float) -> None:
        if self.min_step is None or (low, low_step) < (self.min, self.min_step):
            self.min, self.min_step = float(low), low_step
        if self.max_step is None or (-high, high_step) < (-self.max, self.max_step):
            self.max, self.max_step = float(high), high_step

    def _add_ends(self, begin: float, first: float, end: float, last: float) -> None:
        if self.first_step is None or (begin, rank(first)) < (self.first_step, rank(self.first)):
            self.first, self.first_step = _number(first), begin
        if self.last_step is None or (end, rank(last)) > (self.last_step, rank(self.last)):
            self.last, self.last_step = _number(last), end

    def _add_non_finite(self, step: float | None, value: float, count: int) -> None:
        if step is None or not count:
            return
        if math.isnan(value):
            self.nan_count += count
            self.nan_step = _earlier(self.nan_step, step)
        elif value > 0:
            self.inf_count += count
            self.inf_step = _earlier(self.inf_step, step)
        else:
            self.neg_inf_count += count
            self.neg_inf_step = _earlier(self.neg_inf_step, step)


def _earlier(known: float | None, step: float) -> float:
    return step if known is None or step < known else known


def _number(value: float) -> float:
    return float(value) if value == value else math.nan  # noqa: PLR0124 - NaN alone differs

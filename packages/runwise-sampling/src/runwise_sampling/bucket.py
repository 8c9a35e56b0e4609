"""A bucket: what is kept of the points that fall into one span of steps.

Joining buckets loses nothing that a bucket keeps, and the order of joining does not matter
(the mean apart, which rounds). Where a step repeats, the lower value counts as the first and
the higher as the last, NaN above all: never the order of arrival.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from runwise_sampling.columns import rank
from runwise_sampling.extremes import Extremes, extremes
from runwise_sampling.levels import mean

NAN, INF, NEG_INF = 1, 2, 4


class Bucket(NamedTuple):
    """Points of neighbouring steps: the first, the last, the lowest, the highest, the mean.

    ``first`` and ``last`` are as logged, NaN included. The others speak of the finite values,
    ``finite`` in number, and are NaN where there is none. ``marks`` is the sum of 1 if there
    was a NaN, 2 if there was a +Inf, 4 if there was a -Inf.
    """

    first_step: float
    first: float
    last_step: float
    last: float
    min_step: float
    min: float
    max_step: float
    max: float
    mean: float
    finite: int
    marks: int

    def followed_by(self, later: Bucket) -> Bucket:
        """Return the two as one; all steps of ``later`` are above all of ours."""
        low = self if self.min <= later.min or not later.finite else later
        high = self if self.max >= later.max or not later.finite else later
        count = self.finite + later.finite
        return Bucket(
            self.first_step,
            self.first,
            later.last_step,
            later.last,
            low.min_step,
            low.min,
            high.max_step,
            high.max,
            _joint_mean(self, later, low.min, high.max),
            count,
            self.marks | later.marks,
        )

    def joined(self, other: Bucket) -> Bucket:
        """Return the two as one, whatever their steps."""
        if self.last_step < other.first_step:
            return self.followed_by(other)
        both = (self, other)
        begin = min(both, key=lambda one: (one.first_step, *rank(one.first)))
        end = max(both, key=lambda one: (one.last_step, *rank(one.last)))
        filled = [one for one in both if one.finite] or [self]
        low = min(filled, key=lambda one: (one.min, one.min_step))
        high = min(filled, key=lambda one: (-one.max, one.max_step))
        return Bucket(
            begin.first_step,
            begin.first,
            end.last_step,
            end.last,
            low.min_step,
            low.min,
            high.max_step,
            high.max,
            _joint_mean(self, other, low.min, high.max),
            self.finite + other.finite,
            self.marks | other.marks,
        )

    def points(self) -> set[tuple[float, float]]:
        """Return the points of the data that the bucket keeps, at most four."""
        kept = {(self.first_step, self.first), (self.last_step, self.last)}
        if self.finite:
            kept |= {(self.min_step, self.min), (self.max_step, self.max)}
        return kept


def bucket_of(steps: list[float], values: list[float]) -> Bucket:
    """Return the bucket of one or more points whose steps rise."""
    total = sum(values)
    found = extremes(values, 0, total)
    level = total / len(values) if math.isfinite(total) else mean(values)
    first = values[0]
    if len(steps) > 1 and steps[1] == steps[0]:
        first = min(values[: bisect_right(steps, steps[0])], key=rank)
    last = values[-1]
    if len(steps) > 1 and steps[-2] == steps[-1]:
        last = max(values[bisect_left(steps, steps[-1]) :], key=rank)
    marks = _marks(found)
    if found.low is None or found.high is None:
        low = high = low_step = high_step = math.nan
    else:
        low, low_step = values[found.low], steps[found.low]
        high, high_step = values[found.high], steps[found.high]
    return Bucket(
        steps[0],
        first,
        steps[-1],
        last,
        low_step,
        low,
        high_step,
        high,
        min(max(level, low), high),  # rounding must not carry it out of the range
        sum(map(math.isfinite, values)) if marks else len(values),
        marks,
    )


def _marks(found: Extremes) -> int:
    nan, inf, neg_inf = (place is not None for place in found[2:])
    return NAN * nan + INF * inf + NEG_INF * neg_inf


def _joint_mean(one: Bucket, other: Bucket, low: float, high: float) -> float:
    if not one.finite or not other.finite:
        return one.mean if one.finite else other.mean
    share = other.finite / (one.finite + other.finite)
    return min(max(one.mean * (1 - share) + other.mean * share, low), high)

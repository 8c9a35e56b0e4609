"""Curves of which only buckets are left: the records that detectors can judge.

A bucket stands for the values of some neighbouring steps. Up to four of them can be told again
nearly as they were. Beyond that a level is told by the first value, the mean and the last, and
a jump by the highest value, which stands among the highest of other buckets: two kinds of
records, for two kinds of detectors.

Buckets are plain data, and whoever makes them need not know this package:
``runwise_sampling.Bucket`` fits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeGuard, cast, runtime_checkable

_RETOLD = 4  # values of a bucket that can be told again
NAN, INF, NEG_INF = 1, 2, 4

Points = list[tuple[float, float]]
Columns = tuple[list[float], list[float]]


class Bucket(Protocol):
    """What is known of the values of neighbouring steps.

    `first` and `last` are as logged; the others speak of the finite values, `finite` in number.
    `marks` is the sum of 1 if there was a NaN, 2 for +Inf, 4 for -Inf.
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


@runtime_checkable
class Sketch(Protocol):
    """A curve, or a stretch of one in which steps rise, as buckets in their order."""

    @property
    def buckets(self) -> Sequence[Any]:
        """Its buckets (`Bucket`), in the order of their steps."""
        ...


Sketched = Sketch | Sequence[Sketch]


def is_sketched(curve: Any) -> TypeGuard[Sketched]:
    """Whether a curve is a sketch, or one for each stretch of it."""
    if isinstance(curve, Sketch):
        return True
    parts = cast("Sequence[object]", curve)
    return isinstance(curve, list | tuple) and bool(parts) and isinstance(parts[0], Sketch)


def buckets_of(curve: Sketched) -> list[Bucket]:
    """Return the buckets of all stretches, in order."""
    parts = [curve] if isinstance(curve, Sketch) else curve
    return [bucket for part in parts for bucket in part.buckets]


def levels(curve: Sketched) -> Columns:
    """Return the records that tell the level of a curve, and every kind of bad value once."""
    points: Points = []
    for bucket in buckets_of(curve):
        points += _told(bucket, peaks=False)
    return [step for step, _ in points], [value for _, value in points]


def peaks(curve: Sketched) -> Columns:
    """Return the records that tell how high a curve jumps."""
    points: Points = []
    for bucket in buckets_of(curve):
        points += _told(bucket, peaks=True)
    return [step for step, _ in points], [value for _, value in points]


def size(curve: Sketched) -> int:
    """Return how many finite values there were, and at least one for each kind of bad value."""
    return sum(one.finite + one.marks.bit_count() for one in buckets_of(curve))


def is_lossless(curve: Sketched) -> bool:
    """Whether every bucket holds one value."""
    return all(one.finite + one.marks.bit_count() <= 1 for one in buckets_of(curve))


def bucket_at(curve: Sketched, step: float) -> Bucket | None:
    """Return the last bucket in which a step lies."""
    inside = [one for one in buckets_of(curve) if one.first_step <= step <= one.last_step]
    return inside[-1] if inside else None


def _told(bucket: Bucket, *, peaks: bool) -> Points:
    points: Points = []
    if bucket.finite > _RETOLD:
        if peaks:
            points = [(bucket.max_step, bucket.max)]
        else:
            middle = (bucket.first_step + bucket.last_step) / 2
            ends = _finite([(bucket.first_step, bucket.first), (bucket.last_step, bucket.last)])
            is_flat = bucket.min == bucket.max
            points = ends if is_flat else sorted([*ends, (middle, bucket.mean)])
    elif bucket.finite:
        points = _retold(bucket)
    return sorted([*points, *_bad(bucket)], key=lambda point: point[0])


def _retold(bucket: Bucket) -> Points:
    """Return up to four values: the known ones, and others that have the same sum.

    Of two that are not known, one is put above their mean and one below: two equal ones would
    be one value logged twice.
    """
    known = sorted(
        set(
            _finite(
                [
                    (bucket.first_step, bucket.first),
                    (bucket.min_step, bucket.min),
                    (bucket.max_step, bucket.max),
                    (bucket.last_step, bucket.last),
                ]
            )
        )
    )
    lacking = bucket.finite - len(known)
    if lacking <= 0:
        return known
    total = bucket.finite * bucket.mean - sum(value for _, value in known)
    middle = min(max(total / lacking, bucket.min), bucket.max)
    apart = min((bucket.max - bucket.min) / 6, bucket.max - middle, middle - bucket.min)
    for sign in (0,) if lacking == 1 else (1, -1):
        known.append((_widest_gap(known, bucket), middle + sign * apart))
        known.sort()
    return known


def _widest_gap(points: Points, bucket: Bucket) -> float:
    """Return the middle of the widest gap between steps; a whole number between such."""
    steps = sorted({bucket.first_step, *(step for step, _ in points), bucket.last_step})
    gaps = [(after - before, before) for before, after in pairwise(steps)]
    width, before = max(gaps, default=(0.0, bucket.first_step))
    middle = before + width / 2
    return float(math.floor(middle)) if before == int(before) and width > 1.0 else middle


def _bad(bucket: Bucket) -> Points:
    """Return each kind of bad value once, where it was or somewhere in the bucket."""
    bad: Points = []
    for mark, value in ((NAN, math.nan), (INF, math.inf), (NEG_INF, -math.inf)):
        if not bucket.marks & mark:
            continue
        at = next(
            (
                step
                for step, seen in (
                    (bucket.first_step, bucket.first),
                    (bucket.last_step, bucket.last),
                )
                if repr(seen) == repr(value)
            ),
            (bucket.first_step + bucket.last_step) / 2,
        )
        bad.append((at, value))
    return bad


def _finite(points: Points) -> Points:
    return [point for point in points if math.isfinite(point[1])]

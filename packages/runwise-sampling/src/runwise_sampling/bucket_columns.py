"""The buckets of many well-behaved points, made column by column: a third of the cost.

What ``bucket_of`` says of each piece, where no value is NaN or infinite and no step repeats.
"""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple

from runwise_sampling.bucket import Bucket

if TYPE_CHECKING:
    from collections.abc import Sequence

SANE = 1e290  # a sum of values below it, however many, does not overflow


class BucketColumns(NamedTuple):
    """The fields of buckets, in the order of their steps; see ``Bucket``."""

    first_step: Sequence[float]
    first: Sequence[float]
    last_step: Sequence[float]
    last: Sequence[float]
    min_step: Sequence[float]
    min: Sequence[float]
    max_step: Sequence[float]
    max: Sequence[float]
    mean: Sequence[float]
    finite: Sequence[int]
    marks: Sequence[int]

    def buckets(self, most: int | None = None) -> list[Bucket]:
        """Return them one by one, all or the first so many."""
        fields: list[Any] = [field[:most] for field in self]
        return list(starmap(Bucket, zip(*fields, strict=True)))


def bucket_columns(
    steps: list[float], values: list[float], begins: list[int]
) -> BucketColumns | None:
    """Return a bucket for each piece; ``None`` where one of the values is not finite, or huge.

    Args:
        steps: rising, none twice.
        values: as many.
        begins: where the pieces begin, the first at 0.
    """
    total = sum(values)
    if total - total != 0.0:
        return None
    ends = [*begins[1:], len(steps)]
    pieces = [values[begin:end] for begin, end in zip(begins, ends, strict=True)]
    lows, highs = list(map(min, pieces)), list(map(max, pieces))
    if not -SANE < min(lows) <= max(highs) < SANE:
        return None
    counts = list(map(len, pieces))
    means = [
        min(max(total / count, low), high)  # rounding must not carry it out of the range
        for total, count, low, high in zip(map(sum, pieces), counts, lows, highs, strict=True)
    ]
    return BucketColumns(
        [steps[begin] for begin in begins],
        [values[begin] for begin in begins],
        [steps[end - 1] for end in ends],
        [values[end - 1] for end in ends],
        _places(steps, begins, pieces, lows),
        lows,
        _places(steps, begins, pieces, highs),
        highs,
        means,
        counts,
        [0] * len(begins),
    )


def _places(
    steps: list[float], begins: list[int], pieces: list[list[float]], wanted: list[float]
) -> list[float]:
    found = zip(begins, pieces, wanted, strict=True)
    return [steps[begin + piece.index(value)] for begin, piece, value in found]

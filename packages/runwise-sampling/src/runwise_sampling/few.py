"""The points themselves: what a sketch keeps as long as there are few."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from runwise_sampling.bucket import Bucket, bucket_of
from runwise_sampling.stats import Stats

if TYPE_CHECKING:
    from array import array


class Few:
    """Answers exactly what ``Summary`` answers for many points."""

    __slots__ = ("_steps", "_values")

    def __init__(self, steps: array[float], values: array[float]) -> None:
        self._steps = steps
        self._values = values

    @property
    def width(self) -> float:
        """Nothing was put together."""
        return 0.0

    @property
    def error(self) -> float:
        """Nothing was rounded."""
        return 0.0

    @property
    def stats(self) -> Stats:
        """The statistics of all points."""
        stats = Stats()
        stats.extend(self._steps, self._values)
        return stats

    def buckets(self) -> list[Bucket]:
        """Return a bucket for each point."""
        points = zip(self._steps, self._values, strict=True)
        return [bucket_of([step], [value]) for step, value in points]

    def points(self) -> tuple[list[float], list[float]]:
        """Return all points."""
        return self._steps.tolist(), self._values.tolist()

    def quantile(self, place: int) -> float:
        """Return the finite value with ``place`` others below it."""
        return sorted(filter(math.isfinite, self._values))[place]

"""Count, mean and squared deviations of a stream of finite numbers.

Welford (1962) number by number, and Chan, Golub and LeVeque (1979) block by block: with
counts ``m, n``, means ``a, b`` and sums of squared deviations ``M, N``,

    delta   = b - a
    mean    = a + delta * n / (m + n)
    squares = M + N + delta**2 * m * n / (m + n)

Both stay accurate where the textbook ``sum(x**2) - n * mean**2`` cancels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Moments:
    """How many numbers there were, their mean, and the sum of their squared deviations."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def update(self, value: float) -> None:
        """Add one finite number."""
        self.count += 1
        delta = value - self.mean
        self.mean += value / self.count - self.mean / self.count  # delta itself may overflow
        self.squares += delta * (value - self.mean)

    def extend(self, values: list[float], mean: float) -> None:
        """Add finite numbers, at least one, whose mean is known."""
        distance = math.dist(values, [mean] * len(values))
        self.merge(Moments(len(values), mean, distance * distance))

    def merge(self, other: Moments) -> None:
        """Add all that ``other`` has seen."""
        if not self.count or not other.count:
            self.mean = self.mean if self.count else other.mean
        else:
            self._shift(other)
        self.squares += other.squares
        self.count += other.count

    def _shift(self, other: Moments) -> None:
        share = other.count / (self.count + other.count)
        delta = other.mean - self.mean
        self.squares += delta * delta * share * self.count
        if math.isfinite(delta):
            self.mean += delta * share
        else:
            self.mean += other.mean * share - self.mean * share

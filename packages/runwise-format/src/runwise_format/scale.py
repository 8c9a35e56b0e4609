"""An axis: where a value stands between its ends, and the round numbers to write beside it.

Ends come from the finite values alone. A logarithmic axis has no place for what is not
positive, a curve that never moves gets some room above and below, and spans that overflow a
float are halved before they are compared.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_format.numbers import decimal, telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOM = 0.05
"""Of a value that never changes: how far the axis reaches beyond it."""
LARGEST, LEAST = sys.float_info.max, 5e-324
MOST_DIGITS = 9
_THOUSANDS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high``; ``log`` where equal ratios are equally far apart."""

    low: float
    high: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return where a value stands, 0 at ``low`` and 1 at ``high``; NaN where it has no place.

        >>> Scale(1, 100, log=True).at(10)
        0.5
        """
        if not math.isfinite(value) or (self.log and value <= 0):
            return math.nan
        if self.log:
            low, high, here = math.log10(self.low), math.log10(self.high), math.log10(value)
            return (here - low) / (high - low)
        span = self.high / 2 - self.low / 2
        return (value / 2 - self.low / 2) / span if span > 0 else 0.5

    def ticks(self, most: int) -> list[float]:
        """Return at most ``most`` (2 or more) round numbers on the axis, rising.

        >>> Scale(0, 4980).ticks(4), Scale(0.1, 1000, log=True).ticks(6)
        ([0.0, 2000.0, 4000.0], [0.1, 1.0, 10.0, 100.0, 1000.0])
        """
        found = self._decades(most) if self.log else []
        if len(found) < 2:
            found = [tick for tick in self._round(most) if tick > 0 or not self.log]
        return found if len(found) >= 2 else [self.low, self.high]

    def _decades(self, most: int) -> list[float]:
        """Return powers of ten, and where these are few, their double and their half tenfold."""
        first = math.floor(math.log10(self.low))
        last = math.floor(math.log10(self.high) + 1e-9)
        for sizes in ((1, 2, 5), (1, 3), (1,)):
            found = [
                float(f"{size}e{power}") for power in range(first, last + 1) for size in sizes
            ]
            inside = [tick for tick in found if self.low <= tick <= self.high]
            if len(inside) <= most:
                return inside
        return inside[:: -(-len(inside) // most)]

    def _round(self, most: int) -> list[float]:
        least = (self.high / most - self.low / most) if most > 1 else math.inf
        if not 0 < least < LARGEST / 100:
            return []
        ten = 10.0 ** math.floor(math.log10(least))
        for size in (1, 2, 5, 10, 20):
            width = size * ten
            if not width > 0:
                return []
            first = math.ceil(self.low / width - 1e-9)
            last = math.floor(self.high / width + 1e-9)
            if last - first + 1 <= most:
                return [float(f"{place * width:.12g}") for place in range(first, last + 1)]
        return []


def scale_of(values: Iterable[float], *, log: bool = False) -> Scale:
    """Return the axis that holds all finite values, from 0 to 1 where there are none.

    Of a logarithmic one, all positive values; where there are none, it is not logarithmic.
    """
    known = [value for value in map(float, values) if math.isfinite(value)]
    positive = [value for value in known if value > 0]
    known, log = (positive, True) if log and positive else (known, False)
    if not known:
        return Scale(0.0, 1.0)
    low, high = min(known), max(known)
    if log:
        ends = (low, high) if low < high else (max(LEAST, low / 2), min(LARGEST, 2 * high))
        return Scale(*ends, log=True)
    if high / 2 - low / 2 > 0:
        return Scale(low, high)
    room = abs(low) * ROOM or 1.0
    return Scale(max(-LARGEST, low - room), min(LARGEST, high + room))


def tick_words(ticks: Sequence[float]) -> list[str]:
    """Return numbers for an axis, with as many digits as it takes to tell them apart.

    >>> tick_words([0.0, 5000.0, 10000.0]), tick_words([0.30, 0.35])
    (['0', '5k', '10k'], ['0.3', '0.35'])
    """
    largest = max(map(abs, ticks), default=0.0)
    for size, sign in _THOUSANDS:
        if size <= largest < 1e15 and largest >= 1e4:
            shares = telling([tick / size for tick in ticks], 3, MOST_DIGITS, decimal)
            return [share if share == "0" else f"{share}{sign}" for share in shares]
    return telling(list(ticks), 3, MOST_DIGITS, decimal)

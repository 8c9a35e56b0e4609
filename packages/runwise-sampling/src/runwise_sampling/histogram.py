"""How many values lie where: a histogram whose bins are a fixed share of the value wide.

A bin is what the upper half of a 32-bit float tells apart: sign, exponent and 7 bits, that is
128 bins from any number to its double. When more than ``BINS`` of them are filled, each two
neighbours become one, for all of them and as often as needed: DDSketch (Masson, Rim and Lee,
VLDB 2019) with the uniform collapse of UDDSketch (Epicoco et al., 2020) and the bins of a float
in place of a logarithm. The level of collapse depends on the data and not on the order in
which they came, so histograms merge exactly. ``bins.py`` counts a block at the speed of C.

Between zero and 1e-38 all is one bin, and so is all beyond 3.4e38.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

from runwise_sampling.bins import key_of, tally

if TYPE_CHECKING:
    from collections.abc import Iterable

BINS = 512

_ROUNDING = 1e-7  # of a value that becomes a 32-bit float


class Histogram:
    """Counts of finite values by bin; ``level`` says how often bins were joined in pairs."""

    __slots__ = ("_tallies", "counts", "keys", "level")

    def __init__(self) -> None:
        self.level = 0
        self.keys = array("h")
        self.counts: Any = array("I")
        self._tallies: Counter[int] = Counter()  # of this level, and not yet among the counts

    @property
    def error(self) -> float:
        """The largest relative error of a value that a bin stands for."""
        ratio = 1 + 2.0 ** (self.level - 7) if self.level <= 7 else 2.0**2 ** (self.level - 7)
        return (ratio - 1) / (ratio + 1) + _ROUNDING

    def extend(self, values: list[float], low: float, high: float) -> None:
        """Count finite values between ``low`` and ``high``; ``fold`` is due after the last."""
        reach = max(abs(key_of(low)), abs(key_of(high)))
        tally(self._tallies, values, reach >> self.level, self.level)
        if len(self._tallies) > BINS:
            self.fold()

    def fold(self) -> None:
        """Bring what was counted to where it belongs: once for many blocks, as it takes time."""
        tallies, self._tallies = self._tallies, Counter()
        self._add(tallies.items())

    def merge(self, other: Histogram) -> None:
        """Add all that ``other`` has counted; both are folded."""
        if other.level > self.level:
            bins = _joined(
                dict(zip(self.keys, self.counts, strict=True)), other.level - self.level
            )
            self.level = other.level
            self._keep(bins)
        keys = (key >> (self.level - other.level) for key in other.keys)
        self._add(zip(keys, other.counts, strict=True))

    def at(self, rank: int) -> float:
        """Return about the value with ``rank`` others below it."""
        reached = 0
        for key, count in zip(self.keys, self.counts, strict=True):
            reached += count
            if reached > rank:
                return _value(key, self.level)
        raise IndexError(f"rank {rank} is beyond the {sum(self.counts)} values")

    def _add(self, counted: Iterable[tuple[int, int]]) -> None:
        bins = dict(zip(self.keys, self.counts, strict=True))
        for key, count in counted:
            bins[key] = bins.get(key, 0) + count
        while len(bins) > BINS:
            bins = _joined(bins, 1)
            self.level += 1
        self._keep(bins)

    def _keep(self, bins: dict[int, int]) -> None:
        self.keys = array("h", sorted(bins))
        counts = [bins[key] for key in self.keys]
        try:
            self.counts = array("I", counts)
        except OverflowError:  # a count beyond four thousand million
            self.counts = array("Q", counts)


def _joined(bins: dict[int, int], shift: int) -> dict[int, int]:
    joined: dict[int, int] = {}
    for key, count in bins.items():
        joined[key >> shift] = joined.get(key >> shift, 0) + count
    return joined


def _value(key: int, level: int) -> float:
    """Return the number with the same relative distance from both ends of its bin."""
    if key < 0:
        return -_value(~key, level)
    low, high = _edge(key << level), _edge((key + 1) << level)
    return 2 * low * (high / (low + high)) if math.isfinite(high) else low


def _edge(bits: int) -> float:
    if bits >= 0x7F80:
        return math.inf
    edge: float = struct.unpack(">f", struct.pack(">HH", bits, 0))[0]
    return edge

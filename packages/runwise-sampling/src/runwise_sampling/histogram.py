"""How many values lie where: a histogram whose bins are a fixed share of the value wide.

A bin is what the upper half of a 32-bit float tells apart: sign, exponent and 7 bits, that is
128 bins from any number to its double. When more than ``BINS`` of them are filled, each two
neighbours become one, for all of them and as often as needed: DDSketch (Masson, Rim and Lee,
VLDB 2019) with the uniform collapse of UDDSketch (Epicoco et al., 2020) and the bins of a float
in place of a logarithm. The level of collapse depends on the data and not on the order in
which they came, so histograms merge exactly. The bins of a block are counted in C.

Between zero and 1e-38 all is one bin, and so is all beyond 3.4e38.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from typing import Any

BINS = 512

_LITTLE = sys.byteorder == "little"
_UPPER = slice(1 if _LITTLE else 0, None, 2)
_LOWEST = slice(2 if _LITTLE else 1, None, 4)  # the lower byte of the upper half
_ROUNDING = 1e-7  # of a value that becomes a 32-bit float


class Histogram:
    """Counts of finite values by bin; ``level`` says how often bins were joined in pairs."""

    __slots__ = ("counts", "keys", "level")

    def __init__(self) -> None:
        self.level = 0
        self.keys = array("h")
        self.counts: Any = array("I")

    @property
    def error(self) -> float:
        """The largest relative error of a value that a bin stands for."""
        ratio = 1 + 2.0 ** (self.level - 7) if self.level <= 7 else 2.0 ** 2 ** (self.level - 7)
        return (ratio - 1) / (ratio + 1) + _ROUNDING

    def add(self, tallies: Counter[int]) -> None:
        """Add what ``tally`` has counted."""
        self._add((_key(bits) >> self.level, count) for bits, count in tallies.items())

    def merge(self, other: Histogram) -> None:
        """Add all that ``other`` has counted."""
        shift = max(other.level - self.level, 0)
        if shift:
            bins = _joined(dict(zip(self.keys, self.counts, strict=True)), shift)
            self.level = other.level
            self._keep(bins)
        keys = (key >> (self.level - other.level) for key in other.keys)
        self._add(zip(keys, other.counts, strict=True))

    def at(self, rank: int) -> float:
        """Return about the value with ``rank`` others below it."""
        for key, reached in zip(self.keys, accumulate(self.counts), strict=True):
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


def tally(tallies: Counter[int], values: list[float], low: float, high: float) -> None:
    """Count finite values between ``low`` and ``high`` by the upper half of their bits."""
    bits = array("f", values).tobytes()
    first, last = sorted((_bits(low), _bits(high)))
    if last - first >= 256:
        tallies.update(array("H", bits)[_UPPER])
        return
    # The lowest byte tells these bins apart, and bytes are counted twice as fast.
    for byte, count in Counter(bits[_LOWEST]).items():
        tallies[first + (byte - first) % 256] += count


def _bits(value: float) -> int:
    upper: int = array("H", array("f", [value]).tobytes())[_UPPER][0]
    return upper


def _key(bits: int) -> int:
    """Return a number that rises with the value and halves with ``>> 1``, also below zero."""
    return ~(bits & 0x7FFF) if bits & 0x8000 else bits


def _value(key: int, level: int) -> float:
    """Return the number with the same relative distance from both ends of its bin."""
    if key < 0:
        return -_value(~key, level)
    low, high = _edge(key << level), _edge((key + 1) << level)
    return 2 * low * (high / (low + high)) if math.isfinite(high) else low


def _edge(bits: int) -> float:
    if bits > 0x7F80:
        return math.inf
    edge: float = struct.unpack(">f", struct.pack(">HH", bits, 0))[0]
    return edge

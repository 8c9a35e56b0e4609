"""Counting values by bin in C, without looking at one of them in Python.

The bin of a value is the upper half of its bits as a 32-bit float: a sign and 15 bits of size
(exponent, then mantissa). Its key is the size, or ``~size`` below zero: keys rise with the
values, and ``key >> level`` is the bin after ``level`` joinings in pairs.

Counting bytes is twice as fast as counting larger numbers, so the bins are brought into a byte:
all floats of a block, as one long integer, are shifted and masked at once. A byte holds the
sign and the lower 7 bits of the bin. That tells 128 neighbouring sizes apart, those up to the
largest of the block; the few values that are smaller are put right one by one.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections import Counter

SIZES = 128
MOST_SMALL = 16  # one in so many may lie below the sizes that a byte can tell apart
HIGHEST = 8  # level at which 7 bits of the size are left

_LITTLE = sys.byteorder == "little"
_UPPER = slice(1 if _LITTLE else 0, None, 2)  # of the halves of 32-bit floats


def key_of(value: float) -> int:
    """Return the key of a finite value."""
    bits: int = array("I", struct.pack("f", value))[0]
    return _key(bits >> 16)


def tally(tallies: Counter[int], values: list[float], largest: int, level: int) -> None:
    """Count finite values by ``key >> level``; none has a size above ``largest`` there."""
    count, packed = len(values), struct.pack(f"{len(values)}f", *values)
    floats, ones = int.from_bytes(packed, sys.byteorder), _ones(count)
    least = max(largest - SIZES + 1, 0)
    small = _places_below(floats, ones, least << (16 + level), count)
    if len(small) * MOST_SMALL > count or level > HIGHEST:
        for bits, many in Counter(array("H", packed)[_UPPER]).items():
            tallies[_key(bits) >> level] += many
        return
    codes = floats >> (16 + level) & ones * 0x7F | floats >> 24 & ones * 0x80
    counted = Counter(codes.to_bytes(4 * count, "little")[::4])
    each = array("I", packed)
    for bits in (each[place if _LITTLE else ~place] for place in small):
        counted[bits >> (16 + level) & 0x7F | bits >> 24 & 0x80] -= 1
        tallies[_key(bits >> 16) >> level] += 1
    for code, many in counted.items():
        if many:
            size = least + ((code & 0x7F) - least) % SIZES
            tallies[~size if code & 0x80 else size] += many


def _ones(count: int) -> int:
    """Return an integer with a 1 at the bottom of each of ``count`` times 32 bits."""
    return int.from_bytes(b"\1\0\0\0" * count, "little")


def _places_below(floats: int, ones: int, least: int, count: int) -> list[int]:
    """Return which of the floats have a size, as 31 bits, below ``least``."""
    if not least:
        return []
    top = ones << 31
    # The topmost bit is set, and survives the subtraction unless the size is the smaller one.
    small = ((floats | top) - ones * least & top) ^ top
    if not small:
        return []
    flags = small.to_bytes(4 * count, "little")[3::4]
    places: list[int] = []
    place = flags.find(0x80)
    while place >= 0:
        places.append(place)
        place = flags.find(0x80, place + 1)
    return places


def _key(bits: int) -> int:
    return ~(bits & 0x7FFF) if bits & 0x8000 else bits

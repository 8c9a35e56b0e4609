"""Records of one size laid under one another, read by columns of bytes.

A column is a strided slice, and what Python does to bytes as a whole costs about a nanosecond
each: so numbers are put together from columns, and so is the checksum. A CRC is linear over
exclusive or: that of a record is the sum, without carry, of what each byte adds, which depends
on the byte and on how many stand behind it.

    crc(record) = crc(record with zeros for the numbers) ^ XOR over their bytes of T[behind][byte]

``T`` is a table for ``bytes.translate``, one for each byte of the sum, and a column of N bytes
is an integer of N digits.
"""

from __future__ import annotations

import sys
from array import array
from functools import cache
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.crc import DELTA, TABLE, rotated
from runwise_parsers.tensorboard_log.framing import TAIL
from runwise_parsers.tensorboard_log.shapes import WIDTHS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_parsers.tensorboard_log.shapes import Shape

_LANE = 8
_HIGH_BITS = bytes(byte & 128 for byte in range(256))
_LOW_BITS = bytes(byte & 127 for byte in range(256))
_DELTA = DELTA.to_bytes(_LANE, "little")


@cache
def _behind(count: int) -> tuple[int, ...]:
    """Return what each bit of a byte adds to a checksum if so many bytes stand behind it."""
    if not count:
        return tuple(TABLE[1 << bit] for bit in range(8))
    return tuple(crc >> 8 ^ TABLE[crc & 255] for crc in _behind(count - 1))


@cache
def _tables(count: int) -> tuple[bytes, ...]:
    """Return what each byte adds, rotated, as one table to translate with for each byte of it."""
    for nearer in range(0, count, 64):  # lest the recursion be deep
        _behind(nearer)
    added = [0]
    for crc in _behind(count):
        added += [rotated(crc) ^ lower for lower in added]
    return tuple(bytes(crc >> shift & 255 for crc in added) for shift in (0, 8, 16, 24))


class Matrix:
    """Records of one shape; rows are records."""

    def __init__(self, data: bytes, shape: Shape, places: Sequence[int]) -> None:
        self.shape = shape
        self.rows = len(places)
        self._size = size = shape.size
        self._joined = b"".join([data[at : at + size] for at in places])
        self._columns = {at: self._joined[at::size] for at in (*shape.free, *range(*shape.step))}

    def row(self, number: int) -> bytes:
        """Return a record."""
        return self._joined[number * self._size : (number + 1) * self._size]

    def skeletons(self) -> list[bytes]:
        """Return the rows without their numbers: one for each, or a single one if all are equal.

        Zeros stand for numbers, and the highest bits for the bytes of a step: they say how long
        it is.
        """
        bare, size, zeros = bytearray(self._joined), self._size, bytes(self.rows)
        for at in (*self.shape.free, *range(size - TAIL, size)):
            bare[at::size] = zeros
        for at in range(*self.shape.step):
            bare[at::size] = self._columns[at].translate(_HIGH_BITS)
        whole = bytes(bare)
        first = whole[:size]
        if whole == first * self.rows:
            return [first]
        return [whole[at : at + size] for at in range(0, len(whole), size)]

    def wrong(self, bases: bytes) -> list[int]:
        """Return the rows whose checksum is not that of what they hold.

        ``bases`` holds four bytes for each row: the checksum of its form.
        """
        sums = [int.from_bytes(bases[byte::4], "little") for byte in range(4)]
        end = self._size - TAIL
        for at, column in self._columns.items():
            one = column[:1]
            same = column == one * self.rows  # as the first bytes of a clock are
            for byte, table in enumerate(_tables(end - 1 - at)):
                added = one.translate(table) * self.rows if same else column.translate(table)
                sums[byte] ^= int.from_bytes(added, "little")
        told = self._masked(sums)
        stored = [self._joined[end + byte :: self._size] for byte in range(4)]
        if told == stored:
            return []
        pairs = zip(zip(*told, strict=True), zip(*stored, strict=True), strict=True)
        return [row for row, (mine, theirs) in enumerate(pairs) if mine != theirs]

    def _masked(self, sums: list[int]) -> list[bytes]:
        """Return checksums with the mask's constant added, by bytes as they came."""
        lanes = bytearray(_LANE * self.rows)
        for byte, column in enumerate(sums):
            lanes[byte::_LANE] = column.to_bytes(self.rows, "little")
        total = int.from_bytes(lanes, "little") + int.from_bytes(_DELTA * self.rows, "little")
        masked = total.to_bytes(_LANE * self.rows, "little")
        return [masked[byte::_LANE] for byte in range(4)]

    def numbers(self, at: int, code: str) -> array[float]:
        """Return the numbers of one kind that lie at an offset."""
        width = WIDTHS[code]
        raw = bytearray(width * self.rows)
        for byte in range(width):
            raw[byte::width] = self._columns[at + byte]
        return _array(code, bytes(raw))

    def times(self) -> array[float]:
        """Return the rows' clocks, Unix seconds."""
        return self.numbers(self.shape.wall, "d")

    def step_bytes(self) -> bytes:
        """Return the bytes of all steps: rows that share them share their steps."""
        return b"".join([self._columns[at] for at in range(*self.shape.step)])

    def steps(self) -> array[float]:
        """Return the rows' steps."""
        total = 0
        for place, at in enumerate(range(*self.shape.step)):
            lanes = bytearray(_LANE * self.rows)
            lanes[::_LANE] = self._columns[at].translate(_LOW_BITS)
            total |= int.from_bytes(lanes, "little") << 7 * place
        return _array("q", total.to_bytes(_LANE * self.rows, "little"))


def _array(code: str, raw: bytes) -> array[float]:
    column: array[float] = array(code, raw)  # pyright: ignore[reportAssignmentType]  "q" too
    if sys.byteorder == "big":
        column.byteswap()
    return array("d", column) if code != "d" else column

"""A sketch as bytes: ``RWSK``, a version byte, a CRC-32 of the rest, and the rest.

All numbers are little-endian; a column is its length (u32) and its numbers. The rest is limit
(u32, its highest bit set where there is no histogram), missing (u64), the columns of steps and
values, and a byte that says whether a summary follows: exponent (i16), level (u8), eleven
columns of buckets, two of the histogram (keys, counts), and the statistics. Zero is never
negative and NaN is always the same, so equal sketches have equal bytes.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from runwise_sampling.grid import COARSEST, CODES, FINEST
from runwise_sampling.histogram import Histogram
from runwise_sampling.moments import Moments
from runwise_sampling.stats import Stats
from runwise_sampling.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC, VERSION = b"RWSK", 1

_BARE = 1 << 31
"""Added to the limit of a sketch without a histogram."""
_WIDE = {"I": "Q"}  # counts are written wide, however they are kept
_VALUES = ("min", "max", "first", "last")
_KINDS = ("nan", "inf", "neg_inf")
_STEPS = tuple(f"{name}_step" for name in (*_VALUES, *_KINDS))
_COUNTS = tuple(f"{name}_count" for name in _KINDS)
_NUMBERS = struct.Struct(f"<{len(_VALUES) + len(_STEPS) + 2}d{len(_COUNTS) + 1}Q")


class Parts(NamedTuple):
    """What a sketch is made of."""

    limit: int
    quantiles: bool
    missing: int
    steps: array[float]
    values: array[float]
    summary: Summary | None


def pack(parts: Parts) -> bytes:
    """Return the bytes."""
    body = b"".join(_body(parts))
    return MAGIC + struct.pack("<BI", VERSION, crc32(body)) + body


def unpack(data: bytes) -> Parts:
    """Return the parts that ``pack`` was given.

    Raises:
        ValueError: ``data`` is anything else, or of a version yet to come.
    """
    if data[:4] != MAGIC or len(data) < 9:
        raise ValueError("data is not a sketch")
    version, checksum = struct.unpack("<BI", data[4:9])
    if version != VERSION:
        raise ValueError(f"data is a sketch of version {version}, and this reads {VERSION}")
    if crc32(data[9:]) != checksum:
        raise ValueError("data is a damaged sketch: its checksum differs")
    return _Reader(data[9:]).parts()


def _body(parts: Parts) -> Iterator[bytes]:
    bare = 0 if parts.quantiles else _BARE
    yield struct.pack("<IQ", parts.limit | bare, parts.missing)
    yield _column(parts.steps)
    yield _column(parts.values)
    yield struct.pack("<B", parts.summary is not None)
    if parts.summary is not None:
        histogram = parts.summary.histogram or Histogram()
        yield struct.pack("<hB", parts.summary.grid.exponent, histogram.level)
        yield from map(_column, parts.summary.grid.columns)
        yield _column(histogram.keys)
        yield _column(histogram.counts)
        yield _statistics(parts.summary.stats)


def _column(column: Any) -> bytes:
    code: str = _WIDE.get(column.typecode) or column.typecode
    packed: Any = array(code, map(_plain, column) if code == "d" else column)
    if sys.byteorder == "big":
        packed.byteswap()
    return struct.pack("<I", len(packed)) + packed.tobytes()


def _plain(number: float) -> float:
    return number + 0.0 if number == number else math.nan  # noqa: PLR0124 - NaN alone differs


def _statistics(stats: Stats) -> bytes:
    steps = [getattr(stats, name) for name in _STEPS]
    floats = [
        *(getattr(stats, name) for name in _VALUES),
        *(math.nan if step is None else step for step in steps),
        stats.moments.mean,
        stats.moments.squares,
    ]
    counts = (getattr(stats, name) for name in _COUNTS)
    return _NUMBERS.pack(*map(_plain, floats), *counts, stats.moments.count)


class _Reader:
    """Takes bytes from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def parts(self) -> Parts:
        limit, missing = self._numbers("<IQ")
        quantiles = not limit & _BARE
        limit &= ~_BARE
        steps, values = self._column("d"), self._column("d")
        (summarised,) = self._numbers("<B")
        summary = self._summary(limit, quantiles=quantiles) if summarised else None
        if self._at != len(self._data) or limit < 8:
            raise ValueError("data is a damaged sketch")
        return Parts(limit, quantiles, missing, steps, values, summary)

    def _summary(self, limit: int, *, quantiles: bool) -> Summary:
        exponent, level = self._numbers("<hB")
        if not FINEST <= exponent <= COARSEST:
            raise ValueError(f"data is a damaged sketch: exponent {exponent}")
        summary = Summary(limit, exponent, quantiles=quantiles)
        summary.grid.columns = [self._column(code) for code in CODES]
        histogram = summary.histogram or Histogram()  # the columns of none are empty
        histogram.level = level
        histogram.keys = self._column("h")
        histogram.counts = self._column("I")
        summary.stats = self._statistics()
        return summary

    def _statistics(self) -> Stats:
        numbers = self._numbers(_NUMBERS.format)
        floats, counts = numbers[: -len(_COUNTS) - 1], numbers[-len(_COUNTS) - 1 :]
        mean, squares = floats[-2:]
        stats = Stats(moments=Moments(counts[-1], mean, squares))
        for name, number in zip((*_VALUES, *_STEPS), floats[:-2], strict=True):
            absent = name.endswith("_step") and math.isnan(number)
            setattr(stats, name, None if absent else number)
        for name, count in zip(_COUNTS, counts[:-1], strict=True):
            setattr(stats, name, count)
        return stats

    def _column(self, code: str) -> Any:
        (count,) = self._numbers("<I")
        column: Any = array(_WIDE.get(code, code), b"")
        column.frombytes(self._take(count * column.itemsize))
        if sys.byteorder == "big":
            column.byteswap()
        if column.typecode == code or max(column, default=0) >= 2**32:
            return column
        return array(code, column)

    def _numbers(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(layout, self._take(struct.calcsize(layout)))

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise ValueError("data is a damaged sketch: it ends too early")
        self._at += size
        return taken

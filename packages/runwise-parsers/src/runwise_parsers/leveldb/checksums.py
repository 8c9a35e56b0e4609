"""Checksums of chunks: zlib's CRC-32 over type and data, before which they stand."""

from __future__ import annotations

import sys
from array import array
from typing import TYPE_CHECKING
from zlib import crc32

from runwise_parsers.leveldb.mending import BLOCK, CHUNK_HEADER

if TYPE_CHECKING:
    from collections.abc import Iterable


def intact(data: bytes, at: int, end: int) -> bool:
    """Say whether the chunk between two offsets has the checksum it says it has."""
    return crc32(data[at + 6 : end]) == int.from_bytes(data[at : at + 4], "little")


def all_intact(data: bytes, at: int, size: int, base: int) -> bool:
    """Say whether all chunks from ``at`` to ``size`` are whole and right.

    ``at`` is a chunk's start, and ``base`` the offset of the data in the file.
    """
    while at + CHUNK_HEADER <= size:
        room = BLOCK - (base + at) % BLOCK
        if room < CHUNK_HEADER:
            at += room
            continue
        end = at + CHUNK_HEADER + (data[at + 4] | data[at + 5] << 8)
        if end > size or not intact(data, at, end):
            return False
        at = end
    return True


def checksums(rows: Iterable[bytes]) -> bytes:
    """Return the checksums of rows as the file keeps them, four little-endian bytes each."""
    sums = array("I", map(crc32, rows))
    if sys.byteorder == "big":
        sums.byteswap()
    return sums.tobytes()

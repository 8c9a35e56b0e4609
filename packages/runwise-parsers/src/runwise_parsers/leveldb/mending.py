"""LevelDB's log format, and reading on after damage: every chunk checked, the next good one found.

    log     := header block*            header := 4 letters, 2 bytes of magic, version   (7 bytes)
    block   := chunk* zeros             32,768 bytes, aligned to the start of the file
    chunk   := crc(u32le) length(u16le) type(u8) data
    type    := 1 FULL | 2 FIRST | 3 MIDDLE | 4 LAST    one record, or a part of it
    crc     := zlib CRC-32 of type and data (LevelDB's own is a masked CRC-32C)

Fewer than seven bytes left in a block are zeros. Every multiple of 32 KiB is a chunk's start, so
a reader can begin at any of them. A killed writer leaves an unfinished chunk or a FIRST without
its LAST. Files of 0 and 7 bytes are legal: nothing was flushed yet.

``mend`` is slower than a reader's common path by some times, and used only for windows in which
that met something impossible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

BLOCK = 32_768
CHUNK_HEADER = 7
HEADER_SIZE = 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


@dataclass(slots=True)
class Mended:
    """What a damaged window still holds.

    ``records`` are whole; ``parts`` belong to one that goes on behind the window, which began
    at ``start``; ``end`` is the first byte not read; ``lost`` are damaged stretches.
    """

    records: list[bytes] = field(default_factory=list[bytes])
    parts: list[bytes] = field(default_factory=list[bytes])
    start: int = 0
    end: int = 0
    lost: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])


def mend(data: bytes, base: int, parts: list[bytes], start: int) -> Mended:
    """Read ``data``, which stands at file offset ``base``, past whatever is broken in it.

    ``parts`` is an unfinished record from before, begun at ``start``.
    """
    found = Mended(parts=list(parts), start=start)
    at, size = 0, len(data)
    while True:
        room = BLOCK - (base + at) % BLOCK
        if room < CHUNK_HEADER:
            at += room
            continue
        if at + CHUNK_HEADER > size:
            break
        limit = min(at + room, size)
        end = _chunk_end(data, at, limit)
        if end < 0:
            end = _next_chunk(data, at, limit)
            if end == size and _is_unfinished(data, at, at + room):
                break
            found.lost.append((found.start if found.parts else base + at, base + end))
            found.parts = []
        else:
            _take(found, data[at + CHUNK_HEADER : end], data[at + 6], base + at)
        at = end
    found.end = base + min(at, size)
    if not found.parts:
        found.start = found.end
    return found


def _is_unfinished(data: bytes, at: int, block_end: int) -> bool:
    """Say whether the file simply ends here: inside its last chunk, or in zeros."""
    promised = at + CHUNK_HEADER + (data[at + 4] | data[at + 5] << 8)
    inside = len(data) < promised <= block_end and FULL <= data[at + 6] <= LAST
    return len(data) < block_end and (inside or not any(data[at:]))


def _chunk_end(data: bytes, at: int, limit: int) -> int:
    """Return the end of the chunk at ``at``, -1 if it is no good one."""
    end = at + CHUNK_HEADER + (data[at + 4] | data[at + 5] << 8)
    if end > limit or not FULL <= data[at + 6] <= LAST:
        return -1
    stored = int.from_bytes(data[at : at + 4], "little")
    return end if crc32(data[at + 6 : end]) == stored else -1


def _next_chunk(data: bytes, at: int, limit: int) -> int:
    """Return the offset of the next good chunk in this block, or the block's end."""
    for candidate in range(at + 1, limit - CHUNK_HEADER + 1):
        if FULL <= data[candidate + 6] <= LAST and _chunk_end(data, candidate, limit) >= 0:
            return candidate
    return limit


def _take(found: Mended, piece: bytes, kind: int, offset: int) -> None:
    """Add a good chunk; a record whose other parts are gone is counted as lost."""
    if kind in (FULL, FIRST):
        if found.parts:
            found.lost.append((found.start, offset))
        found.parts, found.start = [piece], offset
    elif found.parts:
        found.parts.append(piece)
    if kind in (FULL, LAST) and found.parts:
        found.records.append(b"".join(found.parts))
        found.parts = []

"""The records of a log in LevelDB's frames, whole and in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

from runwise_parsers.leveldb.mending import (
    BLOCK,
    CHUNK_HEADER,
    FIRST,
    FULL,
    HEADER_SIZE,
    LAST,
    MIDDLE,
    mend,
)


@dataclass(slots=True)
class Records:
    """Walks one log, window after window.

    Reading can be taken up again at ``start``, the first byte of the first unfinished record.
    ``lost`` lists damaged stretches as ``(first byte, end)``.
    """

    offset: int = HEADER_SIZE
    start: int = HEADER_SIZE
    lost: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    _parts: list[bytes] = field(default_factory=list[bytes])

    def walk(self, data: bytes) -> list[bytes]:
        """Take the bytes from ``offset`` on; return the records that end in them.

        ``data`` must reach to the end of a block or of the file. An unfinished record at the
        end of a file stays unread.
        """
        parts, start = list(self._parts), self.start
        records: list[bytes] = []
        end = self._walk_whole(data, records)
        if end < 0:
            mended = mend(data, self.offset, parts, start)
            records, end = mended.records, mended.end
            self.start, self._parts = mended.start, mended.parts
            self.lost += mended.lost
        self.offset = end
        if not self._parts:
            self.start = end
        return records

    def _walk_whole(self, data: bytes, records: list[bytes]) -> int:
        """Walk a window in which nothing is wrong; return the offset reached, -1 if something is.

        One loop on purpose: it runs once per record.
        """
        base, size, at = self.offset, len(data), 0
        limit = BLOCK - base % BLOCK
        if limit < CHUNK_HEADER:
            at, limit = limit, limit + BLOCK
        while at + CHUNK_HEADER <= size:
            end = at + CHUNK_HEADER + (data[at + 4] | data[at + 5] << 8)
            stored = int.from_bytes(data[at : at + 4], "little")
            if end > limit or end > size or crc32(data[at + 6 : end]) != stored:
                return -1
            kind = data[at + 6]
            if kind == FULL and not self._parts:
                records.append(data[at + CHUNK_HEADER : end])
            elif not self._join(kind, data[at + CHUNK_HEADER : end], base + at, records):
                return -1
            at = end
            if limit - at < CHUNK_HEADER:
                at, limit = limit, limit + BLOCK
        return base + min(at, size)

    def _join(self, kind: int, piece: bytes, offset: int, records: list[bytes]) -> bool:
        """Take a part of a record; say whether it may stand there."""
        if kind == FIRST and not self._parts:
            self._parts, self.start = [piece], offset
        elif kind in (MIDDLE, LAST) and self._parts:
            self._parts.append(piece)
            if kind == LAST:
                records.append(b"".join(self._parts))
                self._parts = []
        else:
            return False
        return True

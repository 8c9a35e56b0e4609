"""The frames of a W&B log: LevelDB's log format (see leveldb/mending) with a header of its own.

    header  := ":W&B" E1 BE version     (7 bytes)
    record  := [08 number] tag ...      a wandb_internal.Record; `number` rises by one a record

The common path checks the checksum of every record it hands out and counts the ones it skips: a
hole in the record numbers, an impossible chunk or a wrong checksum sends the window through
``mending``, which checks every chunk and finds the next good one after damage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.leveldb.checksums import all_intact, checksums, intact
from runwise_parsers.leveldb.mending import (
    BLOCK,
    CHUNK_HEADER,
    FIRST,
    FULL,
    HEADER_SIZE,
    LAST,
    mend,
)
from runwise_parsers.wandb_log.kinds import DESCRIPTION, HISTORY, SUMMARY, message, number_of

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = b":W&B\xe1\xbe"
_NEAR = 24
"""Bytes within which a chunk's tag stands: header, ten bytes of number, and the tag."""
_CORE_RECORDS = 3
"""Records of one step as the core writes them: two summaries and a row."""

Record = tuple[int, bytes]
"""Kind of a record and the message in it."""


@dataclass(slots=True)
class Frames:
    """Walks the records of one log, window after window.

    ``keep`` names the kinds of records that are handed out besides history. Reading can be
    taken up again at ``start``, the first byte of the first unfinished record. ``lost`` lists
    damaged stretches as ``(first byte, end)``; ``holes`` counts records missing from the
    numbering there, as far as the writer numbered them, and ``leaps`` those missing before
    anything was lost.

    W&B's core writes two summary records a step, which repeat the history. Once the writer is
    known to be the core (``by_core``), only summaries that a script wrote are handed out: those
    carry the stream's id before their tag.
    """

    keep: frozenset[int] = DESCRIPTION
    offset: int = HEADER_SIZE
    start: int = HEADER_SIZE
    by_core: bool = False
    lost: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    holes: int = 0
    leaps: int = 0
    _parts: list[bytes] = field(default_factory=list[bytes])
    _number: int = 0
    _row: int = 0

    def walk(self, data: bytes) -> tuple[list[bytes], list[Record]]:
        """Take the bytes from ``offset`` on; return the history messages and kept records.

        ``data`` must reach to the end of a block or of the file. An unfinished record at the
        end of a file stays unread.
        """
        parts, start = list(self._parts), self.start
        rows: list[bytes] = []
        kept: list[Record] = []
        end = self._walk_whole(data, rows, kept)
        if end < 0:
            self._parts, self.start = parts, start
            rows, kept = [], []
            end = self._walk_broken(data, rows, kept)
        self.offset = end
        if not self._parts:
            self.start = end
        return rows, kept

    def mark(self) -> list[int]:
        """Return what walking on depends on: two walks that come to the same are one."""
        held = sum(map(len, self._parts))
        return [self.offset, self.start, held, self._number, self._row, int(self.by_core)]

    def begin_here(self, number: int = -1, row: int = -1) -> None:
        """Forget what was lost so far; take up a count of records and rows from elsewhere."""
        self.lost, self.holes, self.leaps = [], 0, 0
        self._number = self._number if number < 0 else number
        self._row = self._row if row < 0 else row

    def ahead(self) -> Callable[[bytes], list[bytes]]:
        """Return a way to see the records of the next window whole and in their order."""
        offset, parts, start = self.offset, list(self._parts), self.start
        return lambda data: mend(data, offset, parts, start).records

    def _walk_whole(self, data: bytes, rows: list[bytes], kept: list[Record]) -> int:
        """Walk a window without damage; return the offset reached, -1 if there is damage.

        One long loop on purpose: it runs once per record, and a call would double its cost.
        Checksums of history are compared in one go at the end.
        """
        base, size = self.offset, len(data)
        at = tag = end = count = number = 0
        newest = skip = row = -1
        limit, crcs, take = BLOCK - base % BLOCK, bytearray(), rows.append
        if limit < CHUNK_HEADER:
            at, limit = limit, limit + BLOCK
        near = -1
        while at + 7 <= size:
            kind = data[at + tag]
            end = at + 7 + (data[at + 4] | data[at + 5] << 8)
            if kind == skip:
                newest = at
                count += 1
            elif kind == row and data[at + 6] == 1 and data[at + 7] == 8 and end <= limit:
                take(data[at + 6 : end])
                crcs += data[at : at + 4]
                newest = at
                count += 1
            else:
                if end > limit or end > size:
                    return -1
                record = self._join(data, at, end)
                if record is None:
                    return -1
                if record:
                    self._route(record, rows, kept)
                    crcs += checksums(rows[len(crcs) // 4 :])
                    number, newest, count = number_of(record), -1, count + 1
                near = min(limit, size) - _NEAR
                tag, skip, row = self._expect(number)
            at = end
            if at > near:
                if at > limit:
                    return -1
                if limit - at < CHUNK_HEADER:
                    at, limit = limit, limit + BLOCK
                # A tag may stand in the next block, or behind the end; and what opens a block
                # may be the rest of a record. Both are for the general path.
                tag, skip, row = 0, -1, -1
        if end > size or checksums(rows) != bytes(crcs):
            return -1
        if newest >= 0:
            number = number_of(data[newest + 7 : newest + 19])
        return base + min(at, size) if self._adds_up(data, rows, newest, number, count) else -1

    def _adds_up(
        self, data: bytes, rows: list[bytes], newest: int, number: int, count: int
    ) -> bool:
        """Say whether the numbers of a window's records show no hole; remember the last one.

        ``newest`` is the last chunk that was taken or skipped at a glance, -1 if there is none.
        """
        if self._number and number and number - self._number != count:
            return False
        if self.by_core and not self._skipped_well(data, len(data), rows):
            return False
        if newest >= 0 and data[newest + 6] == FIRST and _end_of(data, newest) == len(data):
            self.start, self._parts = self.offset + newest, [data[newest + CHUNK_HEADER :]]
            number -= 1
        self._number = number or self._number
        return True

    def _skipped_well(self, data: bytes, size: int, rows: list[bytes]) -> bool:
        """Say whether no row hides among the records that were skipped by their tag.

        One wrong bit makes a row look like a summary. Where every row's number is three
        higher than that of the row before, none is missing, and only what stands behind the
        last one is checked.
        """
        number = number_of(rows[-1][1:]) if rows and rows[-1][:1] == b"\x01" else 0
        regular = number and self._row and number - self._row == _CORE_RECORDS * len(rows)
        self._row = number
        begin = data.rfind(rows[-1]) - CHUNK_HEADER + 1 if regular else 0
        return all_intact(data, begin, size, self.offset)

    def _expect(self, number: int) -> tuple[int, int, int]:
        """Return where in a chunk the next tag stands, which kind to skip and which to take.

        Only the core's records are regular enough for that: ``chunk 08 number tag``. Kinds of
        -1 send every chunk through the general path.
        """
        if not self.by_core or self._parts or not number:
            return 0, -1, -1
        width = max(1, ((number + 1).bit_length() + 6) // 7)
        return 8 + width, SUMMARY, HISTORY

    def _join(self, data: bytes, at: int, end: int) -> bytes | None:
        """Take a chunk that is not a numbered whole record.

        Returns the record it completes, empty if it completes none, ``None`` if it is damaged.
        """
        kind, piece = data[at + 6], data[at + CHUNK_HEADER : end]
        if not intact(data, at, end):
            return None
        if kind in (FULL, FIRST):
            if self._parts or kind == FULL:
                return None if self._parts else piece
            self.start = self.offset + at
            self._parts = [piece]
        elif self._parts:
            self._parts.append(piece)
            if kind == LAST:
                record = b"".join(self._parts)
                self._parts = []
                return record
        return b""

    def _walk_broken(self, data: bytes, rows: list[bytes], kept: list[Record]) -> int:
        """Walk a window with damage: everything readable is read, the rest goes to ``lost``."""
        mended = mend(data, self.offset, self._parts, self.start)
        for record in mended.records:
            self._route(record, rows, kept)
        self.start, self._parts, self._row = mended.start, mended.parts, 0
        self.lost += mended.lost
        if mended.records:
            number, first = number_of(mended.records[-1]), number_of(mended.records[0])
            before = self._number or first - 1
            missing = max(0, number - before - len(mended.records)) if number else 0
            self.holes += missing if self.lost else 0
            self.leaps += 0 if self.lost else missing
            self._number = number or self._number
        return mended.end

    def _route(self, record: bytes, rows: list[bytes], kept: list[Record]) -> None:
        """Put a whole record where it belongs."""
        aside, kind, body = message(record)
        self.by_core = self.by_core or aside
        if kind == HISTORY:
            rows.append(body)
        elif kind in self.keep and (aside or kind != SUMMARY or not self.by_core):
            kept.append((kind, body))


def _end_of(data: bytes, at: int) -> int:
    """Return the end of the chunk at an offset."""
    return at + CHUNK_HEADER + (data[at + 4] | data[at + 5] << 8)

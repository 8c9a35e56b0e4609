"""One SwanLab log file: a whole pass in pieces, and stretches of it.

    header := ":SWL" D6 E1 version      (7 bytes; then LevelDB's frames, see leveldb/mending)

Versions 0 and 1 (``backup.swanlab`` of SwanLab 0.6 and 0.7) hold JSON, version 2
(``run-<id>.swanlab`` of 0.8 to 0.10) Protocol Buffers. A client writes when a buffer of 8 KiB is
full and at the end, so the log of a killed run ends inside a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from runwise_parsers.leveldb.blockfile import WINDOW, BlockFile
from runwise_parsers.leveldb.mending import HEADER_SIZE
from runwise_parsers.leveldb.records import Records
from runwise_parsers.swanlab_log import messages, objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runwise_parsers.swanlab_log.entries import Entry

HEADER = b":SWL\xd6\xe1"
BUFFER = 8192
"""Bytes that a client holds back."""


@dataclass(slots=True)
class SwanFile(BlockFile):
    """A SwanLab log on disk, which may still grow while it is read.

    ``unknown`` counts records in the passes so far that are none of SwanLab's.
    """

    header: ClassVar[bytes] = HEADER
    writer: ClassVar[str] = "a SwanLab"

    unknown: int = 0

    def entries(self, offset: int = HEADER_SIZE) -> Iterator[tuple[list[Entry], int]]:
        """Yield what stands from ``offset`` on, a window at a time, and where to go on from."""
        if offset == HEADER_SIZE:
            self.unknown = 0
        records = Records(offset, offset)
        reached = offset
        with self.path.open("rb", buffering=0) as file:
            file.seek(offset)
            while data := file.read(WINDOW - records.offset % WINDOW):
                reached = records.offset + len(data)
                yield self._read(records.walk(data)), records.start
                if records.offset < reached:
                    break
        first = offset == HEADER_SIZE
        self.note(records.lost, 0, torn=records.start < reached, first=first)

    def between(self, begin: int, end: int) -> list[Entry]:
        """Return what one stretch says; ``begin`` is a chunk's offset."""
        begin = max(HEADER_SIZE, begin)
        with self.path.open("rb", buffering=0) as file:
            file.seek(begin)
            data = file.read(max(0, end - begin))
        return self._read(Records(begin, begin).walk(data))

    def _read(self, records: Iterable[bytes]) -> list[Entry]:
        found: list[Entry] = []
        for record in records:
            try:
                is_object = record[:1] == b"{"
                entry = objects.entry_of(record) if is_object else messages.entry_of(record)
            except ValueError:
                self.unknown += 1
                continue
            if entry is not None:
                found.append(entry)
        return found

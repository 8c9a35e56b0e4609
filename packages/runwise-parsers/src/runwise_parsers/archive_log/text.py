"""A text of lines, in a file that grows or in an archive: the same questions to both."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from runwise_parsers.archive_log.archive import STORED
from runwise_parsers.archive_log.unpack import Unpacking
from runwise_parsers.cursor import fingerprint
from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer
from runwise_parsers.lines import TOO_LONG, windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.archive_log.archive import Member

_LONGEST = 1 << 24
"""Bytes of a line in an archive."""


class Text(ABC):
    """Lines and where they stand. All methods raise ``OSError`` where the file is gone."""

    name: str
    grows = False
    """It can be read from any offset that was handed out."""

    @abstractmethod
    def blocks(self, start: int = 0) -> Iterator[tuple[bytes, int]]:
        """Yield whole lines and the offset behind them; the last one may lack its end."""

    @abstractmethod
    def mark(self, offset: int) -> int:
        """Return a checksum of what stands before ``offset``; -1 if there is less."""

    @abstractmethod
    def ends(self, size: int) -> tuple[bytes, bytes]:
        """Return the first and the last ``size`` bytes; all of them twice if there are fewer."""

    @property
    def gap(self) -> Gap | None:
        """What was wrong with it in the last pass."""
        return None


class PlainText(Text):
    """A file of its own."""

    grows = True

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self._pointer = False

    def blocks(self, start: int = 0) -> Iterator[tuple[bytes, int]]:
        """Yield whole lines; a git-LFS pointer has none."""
        for data, end in windows(self._path, start):
            if end == len(data) and data.startswith(LFS_POINTER):
                self._pointer = True
                return
            yield data, end

    def mark(self, offset: int) -> int:
        """Return a checksum of the file's beginning and of what stands right before a place."""
        return fingerprint(self._path, offset) if self._path.stat().st_size >= offset else -1

    def ends(self, size: int) -> tuple[bytes, bytes]:
        """Return the bytes at both ends."""
        with self._path.open("rb") as file:
            head = file.read(size)
            file.seek(max(0, file.seek(0, 2) - size))
            return head, file.read(size)

    @property
    def gap(self) -> Gap | None:
        """That only the pointer of the file is here."""
        return lfs_pointer(self.name) if self._pointer else None


class PackedText(Text):
    """A member of an archive, which was written as a whole."""

    def __init__(self, path: Path, member: Member) -> None:
        self.name = member.name
        self._path = path
        self._member = member
        self._passing = Unpacking(path, member)
        self._marks: dict[int, int] = {}

    def blocks(self, start: int = 0) -> Iterator[tuple[bytes, int]]:
        """Yield whole lines, of which one that is too long is said to be none."""
        del start  # it is only unpacked from its beginning
        self._passing = Unpacking(self._path, self._member)
        at = crc = 0
        self._marks = {0: 0}
        for data, length in _lines(self._passing):
            at, crc = at + length, zlib.crc32(data, crc)
            self._marks = {**dict(list(self._marks.items())[-1:]), at: crc}
            yield data, at

    def mark(self, offset: int) -> int:
        """Return the checksum of all that stands before a place."""
        if offset in self._marks:
            return self._marks[offset]
        at = crc = 0
        for data in Unpacking(self._path, self._member):
            piece = data[: offset - at]
            at, crc = at + len(piece), zlib.crc32(piece, crc)
            if at == offset:
                return crc
        return -1

    def ends(self, size: int) -> tuple[bytes, bytes]:
        """Return both ends; all of it is unpacked for the last, unless it is not packed."""
        member = self._member
        if member.method == STORED and member.packed is not None:
            with self._path.open("rb") as file:
                file.seek(member.begin)
                head = file.read(min(size, member.packed))
                file.seek(member.begin + max(0, member.packed - size))
                return head, file.read(min(size, member.packed))
        head = tail = b""
        for data in Unpacking(self._path, member):
            head = head if len(head) >= size else head + data
            tail = (tail + data)[-size:]
        return head[:size], tail

    @property
    def gap(self) -> Gap | None:
        """What was wrong with the member."""
        return self._passing.gap


def _lines(pieces: Iterator[bytes] | Unpacking) -> Iterator[tuple[bytes, int]]:
    """Yield whole lines and how many bytes they are; the last one may lack its end."""
    kept: list[bytes] = []
    length = 0
    for piece in pieces:
        cut = piece.rfind(b"\n") + 1
        if cut:
            data = b"".join([*kept, piece[:cut]]) if length <= _LONGEST else TOO_LONG
            yield data, length + cut
            kept, length = [piece[cut:]], len(piece) - cut
        else:
            length += len(piece)
            kept = [*kept, piece] if length <= _LONGEST else []
    if length:
        yield (b"".join(kept) if length <= _LONGEST else TOO_LONG), length

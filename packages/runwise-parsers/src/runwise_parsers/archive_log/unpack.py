"""The bytes of one member of a zip archive, as a stream in bounded memory.

A few kilobytes can be made to unpack to gigabytes. Logs of JSON shrink to a twentieth, so
whatever is far more than that is not read to its end.
"""

from __future__ import annotations

import zlib
from typing import IO, TYPE_CHECKING

from runwise_parsers.archive_log.archive import DEFLATED, STORED
from runwise_parsers.gap import Gap
from runwise_parsers.lines import WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.archive_log.archive import Member

ALWAYS, MOST = 1 << 26, 200
"""Bytes that are always unpacked, and how many times its size a member may be beyond them."""


class Unpacking:
    """One pass over a member; ``gap`` says afterwards what was wrong with it."""

    def __init__(self, path: Path, member: Member) -> None:
        self._path = path
        self._member = member
        self._taken = 0
        self.gap: Gap | None = None

    def __iter__(self) -> Iterator[bytes]:
        member = self._member
        if member.method not in (STORED, DEFLATED):
            self._found("it is packed by another method than deflate", "Pack it anew.")
            return
        crc = given = 0
        with self._path.open("rb") as file:
            file.seek(member.begin)
            pieces = self._packed(file) if member.method == STORED else self._inflated(file)
            for piece in pieces:
                crc, given = zlib.crc32(piece, crc), given + len(piece)
                yield piece
                if given > ALWAYS and given > MOST * self._taken:
                    self._found(f"it unpacks to more than {MOST} times its size", "Is it a log?")
                    return
        if self.gap is None and member.crc not in (None, crc):
            self._found(
                "its checksum does not fit", "What could be read was read; a number may be wrong."
            )

    def _packed(self, file: IO[bytes]) -> Iterator[bytes]:
        left = self._member.packed
        while left is None or left > 0:
            data = file.read(WINDOW if left is None else min(left, WINDOW))
            if not data:
                break
            self._taken += len(data)
            left = None if left is None else left - len(data)
            yield data
        if left:
            self._cut()

    def _inflated(self, file: IO[bytes]) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-15)
        for piece in self._packed(file):
            left, full = piece, True
            while left or full:
                try:
                    out = inflate.decompress(left, WINDOW)
                except zlib.error:
                    self._found("it is damaged", "What stands before that was read.")
                    return
                left, full = inflate.unconsumed_tail, len(out) == WINDOW
                if out:
                    yield out
                if inflate.eof:
                    return
        self._cut()

    def _cut(self) -> None:
        self._found("the archive is cut short", "What stands before that was read.")

    def _found(self, because: str, remedy: str) -> None:
        if self.gap is None:
            self.gap = Gap(f"part of {self._member.name}", because, remedy)


def unpacked_head(path: Path, member: Member, size: int) -> bytes:
    """Return the first ``size`` bytes of a member. Raises ``OSError``."""
    data = b""
    for piece in Unpacking(path, member):
        data += piece
        if len(data) >= size:
            break
    return data[:size]

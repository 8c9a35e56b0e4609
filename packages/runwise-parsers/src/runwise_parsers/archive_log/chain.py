"""Texts one behind the other, as if they were one: a run that was resumed, or saved in parts."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from runwise_parsers.archive_log.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise_parsers.gap import Gap


class Chain(Text):
    """Several texts; an offset counts what stands in those before."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.name = texts[-1].name
        self._texts = texts
        self._marks: dict[int, int] = {}

    def blocks(self, start: int = 0) -> Iterator[tuple[bytes, int]]:
        """Yield the lines of one text after the other, from the first."""
        del start
        base = crc = 0
        self._marks = {0: 0}
        for text in self._texts:
            end = base
            for data, offset in text.blocks():
                end, crc = base + offset, zlib.crc32(data, crc)
                self._marks = {**dict(list(self._marks.items())[-1:]), end: crc}
                yield data, end
            base = end

    def mark(self, offset: int) -> int:
        """Return the checksum of all that stands before a place."""
        if offset in self._marks:
            return self._marks[offset]
        at = crc = 0
        for data, _ in self.blocks():
            piece = data[: offset - at]
            at, crc = at + len(piece), zlib.crc32(piece, crc)
            if at == offset:
                return crc
        return -1

    def ends(self, size: int) -> tuple[bytes, bytes]:
        """Return the beginning of the first text and the end of the last."""
        return self._texts[0].ends(size)[0], self._texts[-1].ends(size)[1]

    @property
    def gap(self) -> Gap | None:
        """What was wrong with the first text with which something was."""
        return next((text.gap for text in self._texts if text.gap is not None), None)

r"""A log's file as lines that end in ``\n``, byte for byte as long as the file.

Bars are drawn anew behind a carriage return or over backspaces: both end a line here. Files in
UTF-16 (what PowerShell's ``>`` writes) are seen with one byte for two, ``?`` for what is beyond
Latin-1. So an offset in a view is an offset in its file, and a place can be sought.

Of a file with several runs, each is a view of a part.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from io import FileIO
    from os import stat_result
    from pathlib import Path

_ENDS = bytes.maketrans(b"\r\x08\x0b\x0c", b"\n\n\n\n")
_MARKS = {b"\xff\xfe": 0, b"\xfe\xff": 1}
"""Marks of UTF-16, and which of two bytes is the lower one."""
WINDOW = 1 << 18
LONGEST = 1 << 20
"""Bytes of a line beyond which it is passed over."""
_RULE = re.compile(rb"\n+[ \t]*[-=+]{3,}[ \t]*(?=\n)")


@dataclass(frozen=True, slots=True)
class View:
    """A file, or the part of it from ``begin`` to ``end``, as lines."""

    path: Path
    begin: int = 0
    end: int | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def stat(self) -> Status:
        """Return size and time; raises ``OSError`` as a path does."""
        with self.path.open("rb", buffering=0) as file:
            lower = _MARKS.get(file.read(2))
        status = self.path.stat()
        return Status(self._length(status, lower), status.st_mtime)

    def _length(self, status: stat_result, lower: int | None) -> int:
        size = (status.st_size - 2) // 2 if lower is not None else status.st_size
        return max(0, (size if self.end is None else min(self.end, size)) - self.begin)

    @contextmanager
    def open(self, mode: str = "rb", buffering: int = 0) -> Generator[Reading]:
        """Open the file to be read, as ``Path.open`` does."""
        del mode
        with self.path.open("rb", buffering=max(0, buffering)) as file:
            lower = _MARKS.get(file.read(2))
            reading = Reading(file, lower, self.begin, self.end)  # pyright: ignore[reportArgumentType]  unbuffered
            reading.seek(0)
            yield reading


@dataclass(frozen=True, slots=True)
class Status:
    """What is asked of a file's status."""

    st_size: int
    st_mtime: float


class Reading:
    """An open view."""

    def __init__(self, file: FileIO, lower: int | None, begin: int, end: int | None) -> None:
        self._file = file
        self._lower = lower
        self._begin = begin
        self._end = end
        self._at = 0

    def seek(self, offset: int) -> None:
        """Go to an offset of the view."""
        self._at = offset
        place = self._begin + offset
        self._file.seek(place if self._lower is None else 2 + 2 * place)

    def read(self, size: int) -> bytes:
        """Return the next bytes, nothing at the end."""
        if self._end is not None:
            size = max(0, min(size, self._end - self._begin - self._at))
        if self._lower is None:
            data = self._file.read(size) or b""
        else:
            data = _narrow(self._file.read(2 * size) or b"", self._lower)
        self._at += len(data)
        return data.translate(_ENDS)


def _narrow(data: bytes, lower: int) -> bytes:
    """Return UTF-16 with one byte for each two."""
    data = data[: len(data) // 2 * 2]
    low, high = data[lower::2], data[1 - lower :: 2]
    if not any(high):
        return low
    return bytes(one if not above else 63 for one, above in zip(low, high, strict=True))


def beginning(view: View, size: int) -> bytes:
    """Return the first bytes, more of them where not even the first line ends there."""
    with view.open() as file:
        data = file.read(size)
        if b"\n" not in data and len(data) == size:
            data += file.read(LONGEST)
    return data


def windows(view: View, offset: int = 0, *, blocks: bool = False) -> Iterator[tuple[bytes, int]]:
    """Yield ``(bytes of whole lines, offset behind them)`` from a line's start on.

    A last line without its end is yielded by itself. Lines of more than 1 MB are passed over.
    ``blocks`` cuts behind a rule, so that a table is not torn.
    """
    with view.open() as file:
        size = WINDOW
        file.seek(offset)
        while data := file.read(size):
            cut = _cut(data, blocks=blocks and size <= LONGEST)
            if not cut and len(data) < size:
                # Of a table that has no end yet, no line is whole.
                yield data.rstrip(b"\n") if blocks else data, offset + len(data)
                return
            if not cut and size <= LONGEST:
                size *= 4
                file.seek(offset)
                continue
            if cut:
                offset += cut
                yield data[:cut], offset
            else:
                offset = _behind_line(file, offset + len(data))
            size = WINDOW
            file.seek(offset)


def _cut(data: bytes, *, blocks: bool) -> int:
    """Return how much of some bytes is whole lines, and whole tables where these are asked for."""
    end = data.rfind(b"\n") + 1
    if not blocks or b"|\n" not in data:
        return end
    bar = data.rfind(b"|\n", 0, end)
    while bar >= 0:
        rule = _RULE.match(data, bar + 1)
        if rule is not None:
            return rule.end() + 1
        bar = data.rfind(b"|\n", 0, bar)
    return 0


def _behind_line(file: Reading, offset: int) -> int:
    """Return the offset behind the line in which an offset lies; that of the end for the last."""
    file.seek(offset)
    while data := file.read(WINDOW):
        end = data.find(b"\n") + 1
        if end:
            return offset + end
        offset += len(data)
    return offset

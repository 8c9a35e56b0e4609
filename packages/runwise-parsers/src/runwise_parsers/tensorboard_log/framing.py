"""The frame of event files: records one behind the other, without blocks or an index.

    record := length(u64) crc(length) data[length] crc(data)

Both checksums are ``crc.masked``. Lengths stand behind a checksum of their own, so that a place
from which on records follow one another can be found anywhere in a file: nothing else looks
like a length and its checksum. Few lengths occur, and each is checked once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.crc import masked

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD, TAIL = 12, 4
FRAME = HEAD + TAIL
_MANY = 4096
_ZEROS = re.compile(rb"\0{4,}")
"""The upper half of a length below 4 GB, and what zeros stand beside it."""
_EVENT = 9
"""The tag with which events begin."""
_sizes: dict[bytes, int] = {}


def size_of(head: bytes) -> int:
    """Return the bytes of a whole record that begins like this, 0 if nothing does."""
    size = _sizes.get(head)
    if size is None:
        good = len(head) == HEAD and masked(head[:8]) == head[8:]
        size = int.from_bytes(head[:8], "little") + FRAME if good else 0
        if len(_sizes) > _MANY:
            _sizes.clear()
        _sizes[head] = size
    return size


class _BrokenError(ValueError):
    """There is no record here."""


class Places(dict[bytes, "tuple[int, Callable[[int], None]]"]):
    """How a record begins -> its size, and where to put its place."""

    def __init__(self) -> None:
        self.by_size: dict[int, list[int]] = {}

    def __missing__(self, head: bytes) -> tuple[int, Callable[[int], None]]:
        size = size_of(head)
        if not size:
            raise _BrokenError
        places = self.by_size[size] = []
        self[head] = size, places.append
        return self[head]

    def forget(self, size: int) -> None:
        """Take back the last place of a record of this size."""
        self.by_size[size].pop()


@dataclass(slots=True)
class Walk:
    """How far records were found one behind the other.

    ``end`` is behind the last one, ``last`` where that begins (-1 for none); ``broken`` says
    that no record begins at ``end`` although there are bytes enough.
    """

    end: int
    last: int
    broken: bool = False


def walk(data: bytes, at: int, found: Places) -> Walk:
    """Find the whole records from the beginning of one on, and put their places to the others."""
    last, end = -1, len(data) - FRAME
    try:
        while at <= end:
            size, put = found[data[at : at + HEAD]]
            put(at)
            last, at = at, at + size
    except _BrokenError:
        return Walk(at, last, broken=True)
    if at > len(data):
        found.forget(at - last)
        return Walk(last, -1)
    return Walk(at, last)


def sync(data: bytes, at: int) -> int:
    """Return where the first record at or behind ``at`` begins, -1 if none does.

    The tag of its event is the first byte behind the zeros of its length that can be none, so
    only heads near the end of a run of zeros are looked at.
    """
    last = len(data) - HEAD
    for zeros in _ZEROS.finditer(data, at + 4):
        begin, end = zeros.span()
        for place in range(max(begin - 4, end - HEAD), min(end - 7, last)):
            if data[place + HEAD] == _EVENT and size_of(data[place : place + HEAD]):
                return place
    return -1

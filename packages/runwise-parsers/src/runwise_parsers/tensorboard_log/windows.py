"""An event file in bounded windows of whole records, past whatever is damaged.

Where no record begins although one should, reading goes on at the next place that looks like
one and has the checksum of one; what lies between is lost, and counted. A record that is not
all there ends the file: the writer is at it, or was killed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.framing import HEAD, Places, Walk, size_of, sync, walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO

WINDOW = 1 << 20
LARGEST = 1 << 24
"""Bytes of a record beyond which it is passed over: only graphs and media are as large."""


@dataclass(frozen=True, slots=True)
class Window:
    """Whole records: their bytes, the offset of these in the file, places of records by size.

    ``end`` is the offset behind what was read, damage included.
    """

    data: bytes
    base: int
    places: dict[int, list[int]]
    end: int


@dataclass(slots=True)
class Losses:
    """What is not there: bytes that are no records, records too large or damaged inside.

    ``torn`` counts the bytes of a record that is not all there, at the file's end; ``failed``
    is the system's word on why reading ended early.
    """

    lost: int = 0
    large: int = 0
    broken: int = 0
    torn: int = 0
    failed: str = ""


def windows(
    file: FileIO, offset: int, losses: Losses, *, synced: bool = True, step: int = WINDOW
) -> Iterator[Window]:
    """Yield the records of an open file from an offset on.

    A record begins there, unless it is not ``synced``: then what comes before the first one is
    passed over.
    """
    file.seek(offset)
    base, rest = offset, b""
    while fresh := file.read(max(step, _missing(rest) if synced else 0)):
        data = rest + fresh
        places = Places()
        end, synced = _read(data, places, losses, synced=synced)
        base, rest = base + end, data[end:]
        if end:
            some = {size: found for size, found in places.by_size.items() if found}
            yield Window(data, base - end, some, base)
        size = _size(rest) if synced else 0
        if size > LARGEST and base + size <= os.fstat(file.fileno()).st_size:
            losses.large += 1
            base, rest = base + size, b""
            file.seek(base)
        elif size > LARGEST:
            break
    if synced:
        losses.torn = len(rest)
    else:
        losses.lost += len(rest)


def _size(rest: bytes) -> int:
    """Return the size of the record that begins here, 0 if that is not known."""
    return size_of(rest[:HEAD]) if len(rest) >= HEAD else 0


def _missing(rest: bytes) -> int:
    return max(0, _size(rest) - len(rest))


def _read(data: bytes, places: Places, losses: Losses, *, synced: bool) -> tuple[int, bool]:
    """Find the records in some bytes; return where they end and whether one begins there."""
    at = search = 0
    walked: Walk | None = None
    while True:
        if not synced:
            place = sync(data, search)
            if walked is not None and 0 <= place < at:  # what was taken for a record is none
                places.forget(at - walked.last)
                at = walked.last
            behind = place if place >= 0 else max(at, len(data) - HEAD)
            losses.lost += behind - at
            at = behind
            if place < 0:
                return at, False
        walked = walk(data, at, places)
        at = walked.end
        if not walked.broken:
            return at, True
        search = walked.last + HEAD if walked.last >= 0 else at + 1
        synced = False

"""Where reading a run stopped: an offset in each of its files, as a cursor.

A run may have more files than a cursor has room for; the oldest are then taken as read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, cast
from zlib import crc32

from runwise_parsers.cursor import read_cursor, whole, write_cursor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_parsers.tensorboard_log.launches import Part

_MOST = 64
_MARK = 1 << 9
"""Bytes from either end of what was read that tell it from another log: some ten records."""


@dataclass(slots=True)
class Place:
    """Offsets by part, the segment last handed out and the launch it belonged to (-1: none)."""

    offsets: dict[int, int] = field(default_factory=dict[int, int])
    segment: int = 0
    launch: int = -1

    def of(self, part: Part) -> int:
        """Return where reading goes on in a part."""
        return self.offsets.get(part.key, 0)

    def written(self, source: str, parts: Sequence[Part]) -> str:
        """Return this place as a cursor."""
        begun = [part for part in parts if self.of(part)]
        kept = begun[-_MOST:]
        return write_cursor(
            source,
            at=[[part.key, self.of(part)] for part in kept],
            older=len(begun) - len(kept),
            print=_mark(kept, [self.of(part) for part in kept]),
            segment=self.segment,
            launch=self.launch,
        )


def read_place(cursor: str, source: str, parts: Sequence[Part]) -> Place | None:
    """Return the place in a cursor, ``None`` where what was read by then is no longer so.

    Raises ``ValueError`` for a cursor that is not one of ours.
    """
    state = read_cursor(cursor, source)
    place = Place(_offsets(state), whole(state, "segment"), whole(state, "launch"))
    older = whole(state, "older")
    kept = [part for part in parts if part.key in place.offsets]
    offsets = [place.of(part) for part in kept]
    if len(kept) != len(place.offsets) or _mark(kept, offsets) != state.get("print"):
        return None
    if any(part.file.size() < place.of(part) for part in kept):
        return None
    if older and kept:
        place.offsets |= {part.key: part.file.size() for part in parts[: parts.index(kept[0])]}
    return place


def _offsets(state: dict[str, object]) -> dict[int, int]:
    pairs = state.get("at")
    found: dict[int, int] = {}
    for pair in cast("list[object]", pairs) if isinstance(pairs, list) else ():
        match pair:
            case [int(key), int(offset)] if offset >= 0:
                found[key] = offset
            case _:
                raise ValueError("this cursor has no offsets")
    return found


def _mark(parts: Sequence[Part], offsets: Sequence[int]) -> int:
    """Return a checksum of what was handed out: bytes of the files, and how they were laid out."""
    mark = 0
    for part, offset in zip(parts, offsets, strict=True):
        replayed = sorted(
            (tag, limit)
            for tag, limit in part.limits.items()
            if part.ends.get(tag, -inf) + part.shift >= limit
        )
        said = repr((part.shift, part.limit, replayed))
        mark = crc32(said.encode("utf-8", "replace"), mark)
        for data in part.file.bytes_at((0, min(_MARK, offset)), (max(0, offset - _MARK), offset)):
            mark = crc32(data, mark)
    return mark

"""Where reading stopped in each of many logs, in a text of less than 2 KB.

    place := offset, bytes seen beyond it, segment, done, rows * 2      numbers, 7 bits a byte
           | offset, bytes seen beyond it, segment, done, 1, step       the step in eight bytes

Rows are counted where no key holds the step. 64 ranks take 1,600 characters at most; of more,
only what tells whether anything changed is kept, and all is read anew.
"""

from __future__ import annotations

import struct
from base64 import b85decode, b85encode
from typing import TYPE_CHECKING

from runwise_parsers.json_log.piece import Place
from runwise_parsers.json_log.steps import Position

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_RANKS = 64
_STEP = struct.Struct("<d")


def packed(places: Sequence[Place]) -> str:
    """Return places as text."""
    return b85encode(b"".join(map(_packed, places))).decode()


def unpacked(text: str, count: int) -> list[Place]:
    """Return the places in a text.

    Raises ``ValueError`` where they are not as many, or no places.
    """
    reader = _Reader(b85decode(text))
    try:
        places = [reader.place() for _ in range(count)]
    except (IndexError, struct.error) as error:
        raise ValueError("this cursor is cut short") from error
    if reader.rest():
        raise ValueError("this cursor is too long")
    return places


def _packed(place: Place) -> bytes:
    position = place.position
    numbers = [place.offset, place.seen - place.offset, position.segment, position.done]
    if position.step is None:
        return b"".join(map(_varint, [*numbers, position.rows << 1]))
    return b"".join(map(_varint, [*numbers, 1])) + _STEP.pack(position.step)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def place(self) -> Place:
        offset, beyond, segment, done, rows = (self._number() for _ in range(5))
        step: float | None = None
        if rows & 1:
            (step,) = _STEP.unpack_from(self._data, self._at)
            self._at += _STEP.size
        return Place(Position(rows >> 1, step, segment, done), offset, offset + beyond)

    def rest(self) -> int:
        return len(self._data) - self._at

    def _number(self) -> int:
        number = shift = 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            number |= (byte & 127) << shift
            if byte < 128:
                return number
            shift += 7

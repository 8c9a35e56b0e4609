"""Protocol Buffers' wire format, with the places of what is found.

    message := (tag value)*      tag := varint(field << 3 | type)
    type 0 := varint   1 := 8 bytes   2 := varint(length) bytes   5 := 4 bytes

A message lies in a part of a record, and what is found in it is told by its offsets there: they
are the same in the next record of this kind. What is no message raises ``ValueError``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_WIDTHS = {FIXED64: 8, FIXED32: 4}


class Field(NamedTuple):
    """A field of a message: its value lies between two offsets."""

    number: int
    kind: int
    begin: int
    end: int


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return the unsigned number at ``at`` and the offset behind it."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & (1 << 64) - 1, at
        shift += 7
    raise ValueError(f"no number ends before byte {end}")


def fields(data: bytes, begin: int, end: int) -> Iterator[Field]:
    """Yield the fields of the message between two offsets."""
    at = begin
    while at < end:
        tag = data[at]
        at += 1
        if tag > 127:
            tag, at = varint(data, at - 1, end)
        kind = tag & 7
        if kind == BYTES:
            size, at = varint(data, at, end)
            behind = at + size
        elif kind == VARINT:
            behind = varint(data, at, end)[1]
        elif kind in _WIDTHS:
            behind = at + _WIDTHS[kind]
        else:
            raise ValueError(f"wire type {kind} does not exist")
        if behind > end:
            raise ValueError(f"field {tag >> 3} runs past the end of its message")
        yield Field(tag >> 3, kind, at, behind)
        at = behind


def whole(data: bytes, field: Field) -> int:
    """Return a varint's number."""
    return varint(data, field.begin, field.end)[0]


def signed(number: int) -> int:
    """Return an ``int32`` or ``int64``, which the wire keeps as two's complement.

    >>> signed((1 << 64) - 1)
    -1
    """
    return number - (1 << 64) if number >= 1 << 63 else number


def text(data: bytes, field: Field) -> str:
    """Return a string, bad UTF-8 replaced."""
    return data[field.begin : field.end].decode("utf-8", "replace")

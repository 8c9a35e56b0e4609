"""Protocol Buffers' wire format, as much of it as these logs need.

    message := (tag value)*      tag := varint(field << 3 | type)
    type 0 := varint   1 := 8 bytes   2 := varint(length) bytes   5 := 4 bytes

Unknown fields are yielded like known ones, so a newer writer breaks nothing. A message that
ends inside a field, or whose bytes are no wire format at all, raises ``ValueError``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VARINT, BYTES = 0, 2
_FIXED = {1: 8, 5: 4}


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the unsigned number at ``at`` and the offset behind it."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError(f"no varint ends within {len(data)} bytes")
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def to_varint(number: int) -> bytes:
    """Return an unsigned number as the wire holds it."""
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield ``(field number, value)`` in order; a value is an int or the bytes of a field."""
    at, end = 0, len(data)
    while at < end:
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = varint(data, at)
            yield tag >> 3, value
            continue
        if kind == BYTES:
            size, at = varint(data, at)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise ValueError(f"wire type {kind} does not exist")
        if at + size > end:
            raise ValueError(f"field {tag >> 3} runs past the end of its message")
        yield tag >> 3, data[at : at + size]
        at += size


def first(data: bytes, number: int) -> bytes:
    """Return the bytes of the first field ``number``, empty if there is none."""
    for field, value in fields(data):
        if field == number and isinstance(value, bytes):
            return value
    return b""


def text(value: int | bytes) -> str:
    """Return a string field, bad UTF-8 replaced."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def seconds(value: int | bytes) -> float | None:
    """Return a ``google.protobuf.Timestamp`` as Unix seconds."""
    if not isinstance(value, bytes):
        return None
    parts = {number: part for number, part in fields(value) if isinstance(part, int)}
    return parts.get(1, 0) + parts.get(2, 0) / 1e9 if parts else None


def signed(value: int | bytes) -> int:
    """Return an ``int32``/``int64`` field, which the wire keeps as two's complement."""
    if not isinstance(value, int):
        return 0
    return value - (1 << 64) if value >= 1 << 63 else value

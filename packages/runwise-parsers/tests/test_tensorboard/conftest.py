"""An independent writer of TensorBoard's event files, from nothing but the format's description.

It shares no code with the readers: frame, checksums and Protocol Buffers are written by hand, in
the forms that TensorFlow 1, TensorFlow 2 and PyTorch write scalars in.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import TYPE_CHECKING

import pytest

from runwise_parsers import open_run
from runwise_parsers.sources.tensorboard import Tensorboard

if TYPE_CHECKING:
    from pathlib import Path

CLOCK = 1_700_000_000.5
NAME = "events.out.tfevents.1700000000.demo.7.0"


@cache
def remainder(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0x82F63B78 * (byte & 1)
    return byte


def checksum(data: bytes) -> bytes:
    """CRC-32C, rotated and offset as TensorFlow does it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = remainder((crc ^ byte) & 255) ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) % (1 << 32))


def framed(data: bytes) -> bytes:
    """One record."""
    length = struct.pack("<Q", len(data))
    return length + checksum(length) + data + checksum(data)


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def part(number: int, value: bytes | str | int) -> bytes:
    """One field of a message; whole numbers are varints, the rest is bytes."""
    if isinstance(value, (bytes, str)):
        data = value.encode() if isinstance(value, str) else value
        return varint(number << 3 | 2) + varint(len(data)) + data
    return varint(number << 3) + varint(value)


def fixed(number: int, code: str, value: float) -> bytes:
    return varint(number << 3 | (1 if code == "d" else 5)) + struct.pack(f"<{code}", value)


def plugin(name: str, content: bytes = b"") -> bytes:
    """The metadata of a value."""
    return part(9, part(1, part(1, name) + (part(2, content) if content else b"")))


def tensor(kind: int, values: bytes, shape: tuple[int, ...] = ()) -> bytes:
    dims = b"".join(part(2, part(1, size)) for size in shape)
    return part(8, part(1, kind) + part(2, dims) + values)


def simple(value: float) -> bytes:
    """TensorFlow 1, PyTorch, tensorboardX: a float."""
    return fixed(2, "f", value)


def double(value: float) -> bytes:
    """TensorFlow 2: a tensor of doubles, packed."""
    return tensor(2, part(6, struct.pack("<d", value))) + plugin("scalars")


def unpacked(value: float) -> bytes:
    return tensor(2, fixed(6, "d", value)) + plugin("scalars")


def content(value: float) -> bytes:
    """TensorFlow's own writer: the bytes of the machine."""
    return tensor(2, part(4, struct.pack("<d", value)))


FORMS = {"double": double, "unpacked": unpacked, "content": content}


class EventLog:
    """Collects records; ``data()`` is the file."""

    def __init__(self, clock: float = CLOCK) -> None:
        self.records = [framed(fixed(1, "d", clock) + part(3, "brain.Event:2"))]

    def event(self, step: int, fields: bytes, clock: float | None = None) -> EventLog:
        wall = CLOCK + step if clock is None else clock
        number = part(2, step) if step else b""
        self.records.append(framed(fixed(1, "d", wall) + number + fields))
        return self

    def values(self, step: int, values: dict[str, bytes], clock: float | None = None) -> EventLog:
        """One event with several values."""
        some = b"".join(part(1, part(1, tag) + value) for tag, value in values.items())
        return self.event(step, part(5, some), clock)

    def scalar(
        self, step: int, tag: str, value: float, *, form=simple, clock: float | None = None
    ) -> EventLog:
        return self.values(step, {tag: form(value)}, clock)

    def rows(self, rows, form=double) -> EventLog:
        """One event for each cell."""
        for step, row in rows:
            for tag, value in row.items():
                self.scalar(step, tag, value, form=form)
        return self

    def curve(self, tag: str, steps, *, form=simple, clock: float = CLOCK) -> EventLog:
        """A metric that is its own step, a second apart."""
        for at, step in enumerate(steps):
            self.scalar(step, tag, float(step), form=form, clock=clock + at)
        return self

    def text(self, step: int, tag: str, *said: str, clock: float | None = None) -> EventLog:
        strings = b"".join(part(8, one) for one in said)
        return self.values(step, {tag: tensor(7, strings, (len(said),)) + plugin("text")}, clock)

    def data(self) -> bytes:
        return b"".join(self.records)

    def save(self, folder: Path, name: str = NAME) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(self.data())
        return path


@pytest.fixture
def log():
    """Make a log to write into."""
    return EventLog


@pytest.fixture
def forms():
    """Return the ways in which scalars are written, exactly, by name."""
    return FORMS


@pytest.fixture
def wire():
    """Return what is needed to write values of one's own."""
    tools = (checksum, framed, part, fixed, plugin, tensor, simple, varint)
    return {one.__name__: one for one in tools}


@pytest.fixture
def opened():
    """Open a path with this source alone."""
    return lambda path: open_run(path, sources=[Tensorboard()])


@pytest.fixture
def points():
    """Return series as ``(step, value)`` pairs; NaN equals NaN."""
    return lambda series: {
        name: list(zip(one.steps, map(repr, one.values), strict=True))
        for name, one in series.items()
    }

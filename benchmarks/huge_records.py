"""Logs of any size, valid to the last byte: records of one length, of which a few bytes vary.

    python benchmarks/huge_records.py jsonl|wandb|tfevents FILE BYTES

    JSON Lines    line of 400 bytes
    .wandb        chunk of 512 bytes, 64 in a block of 32 KiB; checksum zlib.crc32
    tfevents      record of 51 bytes; masked CRC-32C

A checksum of so many records cannot be computed one by one, and need not: CRCs are linear. That
of a record is that of the template with zeros in the places that vary, XORed with what each byte
at each place adds, which is looked up. numpy does it for tens of thousands of records at once.
"""

from __future__ import annotations

import struct
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Bytes = np.ndarray
    Count = np.ndarray

FIRST = 1_000_000_000
"""The first step, so that all have as many digits and as many bytes."""
AT_ONCE = 1 << 16
BLOCK = 32_768
CHUNK = 512
MASK_DELTA = 0xA282EAD8


@dataclass(frozen=True)
class Layout:
    """A record: its bytes, and what fills which of them, given the numbers of records."""

    template: bytes
    parts: list[tuple[int, Callable[[Count], Bytes]]]

    def records(self, numbers: Count) -> Bytes:
        """Return one row of bytes for each record."""
        rows = np.tile(np.frombuffer(self.template, np.uint8), (len(numbers), 1))
        for place, make in self.parts:
            columns = make(numbers)
            rows[:, place : place + columns.shape[1]] = columns
        return rows


class Checksums:
    """CRCs of bytes ``begin`` to ``end`` of all records of a layout."""

    def __init__(self, layout: Layout, begin: int, end: int, crc: Callable[[bytes], int]) -> None:
        self._begin = begin
        sample = layout.records(np.arange(AT_ONCE, dtype=np.int64))
        varying = [int(at) for at in np.flatnonzero((sample != sample[0]).any(axis=0))]
        varying += [place + at for place, make in layout.parts
                    for at in range(make(np.zeros(1, np.int64)).shape[1])]  # fmt: skip
        self._places = sorted({at for at in varying if begin <= at < end})
        size = end - begin
        zero = crc(bytes(size))
        base = bytearray(layout.template[begin:end])
        for at in self._places:
            base[at - begin] = 0
        self._base = crc(bytes(base))
        self._tables = [
            np.array([crc(_only(size, at - begin, byte)) ^ zero for byte in range(256)], np.uint32)
            for at in self._places
        ]

    def of(self, rows: Bytes) -> np.ndarray:
        """Return the checksum of every row."""
        found = np.full(len(rows), self._base, np.uint32)
        for at, table in zip(self._places, self._tables, strict=True):
            found ^= table[rows[:, at]]
        return found


def _only(size: int, at: int, byte: int) -> bytes:
    data = bytearray(size)
    data[at] = byte
    return bytes(data)


def digits(count: int, first: int = 0) -> Callable[[Count], Bytes]:
    """Return what writes numbers in decimal, the last ``count`` digits of them."""
    powers = 10 ** np.arange(count - 1, -1, -1, dtype=np.int64)
    return lambda numbers: ((numbers[:, None] + first) // powers % 10 + 48).astype(np.uint8)


def noise(count: int, salt: int) -> Callable[[Count], Bytes]:
    """Return what writes digits that look like chance, the same for the same record."""
    write = digits(count)
    return lambda numbers: write((numbers + salt) * 7_919_017 % 1_000_003)


def varint(first: int = 0) -> Callable[[Count], Bytes]:
    """Return what writes numbers from 2**28 on as five bytes of 7 bits."""
    shifts = np.arange(0, 35, 7, dtype=np.int64)
    more = np.array([128, 128, 128, 128, 0], np.uint8)
    return lambda numbers: ((numbers[:, None] + first) >> shifts & 127).astype(np.uint8) | more


def write_jsonl(path: Path, size: int) -> None:
    """Write a JSON Lines log: a step, a clock, 12 metrics."""
    names = ["train/loss", "val/loss", "lr", "grad_norm", *(f"layer{n}/scale" for n in range(8))]
    cells = "".join(f', "{name}": 0.######' for name in names)
    line = f'{{"step": **********, "time": **********.25{cells}}}\n'.encode()
    at = _places(line, b"*" * 10)
    parts = [(place, digits(10, FIRST)) for place in at]
    parts += [(place, noise(6, place)) for place in _places(line, b"######")[:3]]
    layout = Layout(line.replace(b"#", b"5"), parts)
    with path.open("wb") as file:
        for numbers in _numbers(size // len(line)):
            file.write(layout.records(numbers).tobytes())


def write_wandb(path: Path, size: int) -> None:
    """Write a W&B log: header, run record, whole blocks of history, exit record."""
    run = _record(1, 17, _field(1, b"huge0001") + _field(3, b"bench"))
    with path.open("wb") as file:
        first = b":W&B\xe1\xbe\x00" + _chunk(run)
        rest = BLOCK - len(first) - 7
        file.write(first + _chunk(_filler(rest)))
        layout = _history()
        sums = Checksums(layout, 6, CHUNK, zlib.crc32)
        for numbers in _numbers(max(1, size // BLOCK) * (BLOCK // CHUNK)):
            rows = layout.records(numbers)
            rows[:, :4] = sums.of(rows).astype("<u4")[:, None].view(np.uint8)
            file.write(rows.tobytes())
        file.write(_chunk(_record(2, 18, b"\x10\x3c")))


def _history() -> Layout:
    """Return a chunk with the row of a step, filled up by a text to 512 bytes."""

    def item(name: bytes, value: bytes) -> bytes:
        return _field(1, _field(2, name) + b"\x82\x01" + _length(len(value)) + value)

    names = [b"train/loss", b"val/loss", b"lr", b"grad_norm", b"layer/scale"]
    items = b"".join(item(name, b"0.######") for name in names)
    items += item(b"_step", b"*" * 10) + item(b"_timestamp", b"*" * 10 + b".25")
    step = _field(2, b"\x08" + b"~" * 5)
    chunk = next(
        chunk
        for room in range(CHUNK)
        if len(chunk := _chunk(_record(1 << 28, 2, items + _note(room) + step))) == CHUNK
    )
    parts = [(place, digits(10, FIRST)) for place in _places(chunk, b"*" * 10)]
    parts += [(place, noise(6, place)) for place in _places(chunk, b"######")[:3]]
    parts += [(place, varint(FIRST)) for place in _places(chunk, b"~" * 5)]
    parts.append((8, varint(1 << 28)))  # the record's number, behind its tag
    return Layout(chunk.replace(b"#", b"5"), parts)


def _note(room: int) -> bytes:
    """Return an item that is a text of so many letters."""
    text = b'"' + b"x" * room + b'"'
    return _field(1, _field(2, b"note") + b"\x82\x01" + _length(len(text)) + text)


def write_tfevents(path: Path, size: int) -> None:
    """Write an event file: a version, and three scalars for each step."""
    crc = crc32c()
    tag = b"train/****"
    value = _field(1, tag) + b"\x15" + struct.pack("<f", 0.5)
    event = b"\x09" + bytes(8) + b"\x10" + b"~" * 5 + _field(5, _field(1, value))
    head = struct.pack("<Q", len(event))
    record = head + struct.pack("<I", _masked(crc(head))) + event + bytes(4)
    tags = np.frombuffer(b"lossaccurate", np.uint8).reshape(3, 4)
    layout = Layout(record, [
        (13, lambda numbers: (1.7e9 + numbers / 1000)[:, None].view(np.uint8)),
        (record.index(b"~" * 5), lambda numbers: varint(FIRST)(numbers // 3)),
        (record.index(b"****"), lambda numbers: tags[numbers % 3]),
    ])  # fmt: skip
    sums = Checksums(layout, 12, len(record) - 4, crc)
    version = b"\x09" + struct.pack("<d", 1.7e9) + _field(3, b"brain.Event:2")
    start = struct.pack("<Q", len(version))
    with path.open("wb") as file:
        file.write(start + struct.pack("<I", _masked(crc(start))))
        file.write(version + struct.pack("<I", _masked(crc(version))))
        for numbers in _numbers(size // len(record)):
            rows = layout.records(numbers)
            found = sums.of(rows).astype(np.uint64)
            masked = ((found >> 15 | found << 17) + MASK_DELTA & 0xFFFFFFFF).astype("<u4")
            rows[:, -4:] = masked[:, None].view(np.uint8)
            file.write(rows.tobytes())


def crc32c() -> Callable[[bytes], int]:
    """Return the Castagnoli checksum, by a table."""
    table = list(range(256))
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table[byte] = value

    def crc(data: bytes) -> int:
        value = 0xFFFFFFFF
        for byte in data:
            value = value >> 8 ^ table[value & 255 ^ byte]
        return value ^ 0xFFFFFFFF

    return crc


def _masked(crc: int) -> int:
    return ((crc >> 15 | crc << 17) & 0xFFFFFFFF) + MASK_DELTA & 0xFFFFFFFF


def _numbers(count: int) -> Iterator[Count]:
    for first in range(0, count, AT_ONCE):
        yield np.arange(first, min(count, first + AT_ONCE), dtype=np.int64)


def _places(data: bytes, mark: bytes) -> list[int]:
    found = [data.find(mark)]
    while found[-1] >= 0:
        found.append(data.find(mark, found[-1] + len(mark)))
    return found[:-1]


def _length(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])


def _field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _length(len(data)) + data


def _record(number: int, kind: int, message: bytes) -> bytes:
    tag = _length(kind << 3 | 2)
    shown = bytes(varint(1 << 28)(np.array([number], np.int64))[0])
    return b"\x08" + shown + tag + _length(len(message)) + message


def _filler(size: int) -> bytes:
    """Return a record of a kind that no reader knows."""
    head = b"\x08" + bytes(varint(1 << 28)(np.zeros(1, np.int64))[0]) + _length(500 << 3 | 2)
    rest = size - len(head)
    lengths = bytes([rest - 3 & 127 | 128, (rest - 3) >> 7 & 127 | 128, (rest - 3) >> 14])
    return head + lengths + bytes(rest - 3)


def _chunk(record: bytes) -> bytes:
    body = b"\x01" + record
    return struct.pack("<IH", zlib.crc32(body), len(record)) + body


if __name__ == "__main__":
    WRITERS = {"jsonl": write_jsonl, "wandb": write_wandb, "tfevents": write_tfevents}
    WRITERS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))

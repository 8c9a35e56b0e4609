"""An independent writer of W&B logs, from nothing but the format's description.

It shares no code with the readers: framing and Protocol Buffers are written by hand, in the
layout of W&B's core (``nested_key``, items in any order, two summaries a step, control fields
first) and in that of the older Python clients (``key``, dicts as JSON, control fields last).
"""

from __future__ import annotations

import json
import random
import struct
import zlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 32_768
HEADER = b":W&B\xe1\xbe\x00"


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def part(number: int, value: bytes | str | float) -> bytes:
    """One field of a message; whole numbers are varints, the rest is bytes."""
    if isinstance(value, (bytes, str)):
        data = value.encode() if isinstance(value, str) else value
        return varint(number << 3 | 2) + varint(len(data)) + data
    return varint(number << 3) + varint(int(value))


def timestamp(seconds: float) -> bytes:
    return part(1, int(seconds)) + part(2, int(seconds % 1 * 1e9))


def framed(records: list[bytes]) -> bytes:
    """Records in LevelDB's blocks, behind W&B's header."""
    out = bytearray(HEADER)
    for record in records:
        at, first, last = 0, True, False
        while not last:
            room = BLOCK - len(out) % BLOCK
            if room < 7:
                out += bytes(room)
                room = BLOCK
            piece = record[at : at + room - 7]
            at += len(piece)
            last = at == len(record)
            body = bytes([(1 if first else 4) if last else (2 if first else 3)]) + piece
            out += struct.pack("<IH", zlib.crc32(body), len(piece)) + body
            first = False
    return bytes(out)


def flat(tree: dict, above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    leaves = []
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            leaves += flat(value, (*above, key))
        else:
            leaves.append(((*above, key), value))
    return leaves


class LogWriter:
    """Collects records; ``data()`` is the file."""

    def __init__(self, layout: str = "core", *, seed: int = 0, numbered: bool = True) -> None:
        self.core = layout == "core"
        self.numbered = numbered
        self.records: list[bytes] = []
        self._random = random.Random(seed)

    def record(self, number: int, message: bytes, *, aside: bool = False) -> LogWriter:
        """Add a record; ``aside`` puts control and stream id before it, as the core does."""
        count = part(1, len(self.records) + 1) if self.numbered else b""
        stream = part(16, part(1, 1)) + part(200, part(1, "stream"))
        before, behind = (stream, b"") if aside else (b"", b"" if self.core else stream)
        self.records.append(count + before + part(number, message) + behind)
        return self

    def start(
        self, run_id: str = "abc12345", *, created: float = 1_700_000_000.0, **texts: object
    ) -> LogWriter:
        numbers = {
            "project": 3,
            "group": 6,
            "job_type": 7,
            "name": 8,
            "notes": 9,
            "sweep": 12,
            "host": 13,
        }
        message = part(1, run_id) + b"".join(
            part(numbers[key], str(value)) for key, value in texts.items() if key in numbers
        )
        if "config" in texts:
            message += part(4, self._items(1, texts["config"]))
        message += b"".join(part(10, tag) for tag in texts.get("tags", ()))
        message += part(17, timestamp(created))
        if texts.get("shared"):
            message += part(19, part(3, part(67, 1)))
        if "commit" in texts:
            message += part(21, part(2, str(texts["commit"])))
        if "branch" in texts:
            parent, step = texts["branch"]
            point = part(1, parent) + b"\x11" + struct.pack("<d", step) + part(3, "_step")
            message += part(23, point)
        return self.record(17, message, aside=self.core)

    def config(self, tree: dict, *, removed: dict | None = None) -> LogWriter:
        message = self._items(1, tree) + self._items(2, removed or {})
        return self.record(5, message, aside=self.core)

    def row(
        self, step: int | None, values: dict, *, item: bool = True, clock: float | None = None
    ) -> LogWriter:
        """Log one row; the core writes two summaries before it. In shared mode it has no step."""
        row = dict(values)
        if clock is not None:
            row["_timestamp"] = clock
        if item and step is not None:
            row["_step"] = step
        if self.core:
            self.record(3, self._items(1, {"_wandb": {"runtime": step or 0}}))
            self.record(3, self._items(1, row))
        beside = b"" if step is None else part(2, part(1, step) if step else b"")
        return self.record(2, self._items(1, row) + beside)

    def rows(
        self, count: int, metric: str = "loss", *, first: int = 0, clock: float | None = None
    ) -> LogWriter:
        for step in range(first, first + count):
            when = None if clock is None else clock + step
            self.row(step, {metric: round(1 / (step + 1), 4), "lr": 0.5}, clock=when)
        return self

    def summary(self, tree: dict) -> LogWriter:
        """What a script itself writes into the summary."""
        return self.record(3, self._items(1, tree), aside=self.core)

    def metric(self, name: str, *parts: int, glob: bool = False, goal: int = 0) -> LogWriter:
        chosen = b"".join(part(number, 1) for number in parts)
        message = part(2 if glob else 1, name) + part(7, chosen)
        return self.record(12, message + (part(8, goal) if goal else b""))

    def stats(self, when: float, values: dict) -> LogWriter:
        """What the client measured of the machine; its keys are flat in every client."""
        items = (part(1, key) + part(16, json.dumps(value)) for key, value in values.items())
        return self.record(7, part(2, timestamp(when)) + b"".join(part(3, one) for one in items))

    def alert(self, title: str, text: str, level: str) -> LogWriter:
        message = part(1, title) + part(2, text) + part(3, level) + part(4, 60_000)
        return self.record(10, message, aside=self.core)

    def printed(self, text: str, *, stream: int = 1, when: float = 1_700_000_000.0) -> LogWriter:
        return self.record(13, part(1, stream) + part(2, timestamp(when)) + part(3, text))

    def end(self, code: int = 0) -> LogWriter:
        return self.record(18, (part(1, code) if code else b"") + part(2, 60))

    def data(self) -> bytes:
        return framed(self.records)

    def _items(self, number: int, tree: dict) -> bytes:
        pairs = flat(tree) if self.core else [((key,), value) for key, value in tree.items()]
        if self.core:
            self._random.shuffle(pairs)
        return b"".join(part(number, self._item(path, value)) for path, value in pairs)

    def _item(self, path: tuple[str, ...], value: object) -> bytes:
        if isinstance(value, float) and self.core and value.is_integer() and 0 < abs(value) < 1e15:
            value = int(value)
        names = [part(2, level) for level in path] if self.core else [part(1, path[0])]
        return b"".join(names) + part(16, json.dumps(value, ensure_ascii=not self.core))


@pytest.fixture(scope="session")
def writer():
    """Make a writer: ``writer()`` for the core's layout, ``writer("old")`` for the older one."""
    return LogWriter


@pytest.fixture(params=["core", "old"])
def layout(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def frame():
    """Frame records given as bytes."""
    return framed


@pytest.fixture
def save(tmp_path):
    """Write a log into a run directory and return that."""

    def save(
        data: bytes | LogWriter,
        run_id: str = "abc12345",
        *,
        name: str | None = None,
        root: Path = tmp_path,
    ) -> Path:
        folder = root / "wandb" / (name or f"offline-run-20260102_030405-{run_id}")
        folder.mkdir(parents=True, exist_ok=True)
        log = data.data() if isinstance(data, LogWriter) else data
        (folder / f"run-{run_id}.wandb").write_bytes(log)
        return folder

    return save


@pytest.fixture(scope="session")
def points():
    """A curve as (step, value) pairs; values as text, because NaN equals nothing."""

    def points(series) -> list[tuple[float, str]]:
        return [
            (step, repr(value)) for step, value in zip(series.steps, series.values, strict=True)
        ]

    return points


@pytest.fixture
def jsonl(tmp_path):
    """Write a JSON Lines file: bytes as they are, or one line for each row."""

    def jsonl(rows, name: str = "metrics.jsonl") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(rows, bytes):
            rows = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        path.write_bytes(rows)
        return path

    return jsonl

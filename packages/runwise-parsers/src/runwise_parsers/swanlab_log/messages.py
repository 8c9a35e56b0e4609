r"""Records of SwanLab 0.8 to 0.10: Protocol Buffers.

    record := 1 num  2 timestamp  10 start | 11 finish | 12 column | 13 scalar | 14 media
              | 16 log | 20 save
    start  := 1 project  2 workspace  4 name  5 description  6 tag*  7 group  8 job_type  10 id
              12 started_at
    finish := 1 state(1 finished, 2 crashed, 3 aborted)  2 error  3 finished_at
    column := 1 class(2: of the system)  2 type  3 key  4 name ...
    scalar := 1 key  2 step  3 type  4 timestamp  5 value{1 double}
    media  := 1 key  2 step  3 type  4 timestamp  5 value{1 item*{1 filename ...}}
    log    := 1 line  2 level  3 timestamp  4 number of the line

Zeros are not written: a scalar without a step is one of step 0, an empty value is 0.0. ``num``
counts records from 1; start, finish and files have negative ones.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from typing import TYPE_CHECKING

from runwise_parsers.leveldb.wire import fields, first, seconds, signed, text, varint
from runwise_parsers.swanlab_log.entries import Begin, End, Line, Other, Point

if TYPE_CHECKING:
    from runwise_parsers.swanlab_log.entries import Entry

START, FINISH, COLUMN, SCALAR, MEDIA, LOG = 10, 11, 12, 13, 14, 16
STATES = {1: "finished", 2: "failed", 3: "killed"}
"""SwanLab says "crashed" where a script raised an error, "aborted" after an interrupt."""
TYPES = {
    1: "scalar", 2: "image", 3: "audio", 4: "text", 5: "video", 6: "chart", 7: "3D object",
    8: "molecule", 9: "html",
}  # fmt: skip
_TEXTS = {1: "project", 2: "workspace", 4: "name", 5: "notes", 7: "group", 8: "job_type", 10: "id"}
_NUMBER = rb"([\x80-\xff]*[\x00-\x7f])"
_BEHIND_KEY = re.compile(
    rb"(?:\x10" + _NUMBER + rb")?(?:\x18.)?"
    rb"(?:\x22.(?:\x08" + _NUMBER + rb")?(?:\x10" + _NUMBER + rb")?)?"
    rb"(?:\x2a(?:\x00|\x09\x09(.{8})))",
    re.DOTALL,
)
"""A scalar behind its key, as all clients write it."""
_DOUBLE = struct.Struct("<d")
_SCALAR_TAG = SCALAR << 3 | 2


def entry_of(record: bytes) -> Entry | None:
    """Return what a record says, ``None`` if that is nothing for us.

    Raises ``ValueError`` where the bytes are no record.
    """
    quick = _quick_point(record)
    if quick is not None:
        return quick
    for number, value in fields(record):
        if number in _READERS and isinstance(value, bytes):
            return _READERS[number](value)
    return None


def _quick_point(record: bytes) -> Point | None:
    """Return the point in an ordinary scalar record, ``None`` if it is none.

    Nine of ten records are these: they are read without taking every field apart.
    """
    size = len(record)
    at = 1
    while at < size and record[at] > 127:
        at += 1
    at += 1
    if record[:1] != b"\x08" or at + 1 >= size or record[at] != 0x12:
        return None
    at += 2 + record[at + 1]
    if at + 3 >= size or record[at] != _SCALAR_TAG:
        return None
    at += 2 if record[at + 1] < 128 else 3
    length = record[at + 1] if at + 1 < size else 128
    if length > 127 or record[at] != 0x0A:
        return None
    begin = at + 2
    match = _BEHIND_KEY.fullmatch(record, begin + length)
    if match is None:
        return None
    step, whole, nanos, value = match.groups()
    return Point(
        _name(record[begin : begin + length]),
        _step(step) if step else 0.0,
        _time(whole, nanos) if whole else None,
        _DOUBLE.unpack(value)[0] if value else 0.0,
    )


# What is logged together shares its step and its time, and names come again and again.


@lru_cache(maxsize=1 << 14)
def _name(data: bytes) -> str:
    return data.decode("utf-8", "replace")


@lru_cache(maxsize=64)
def _step(data: bytes) -> float:
    return float(signed(varint(data, 0)[0]))


@lru_cache(maxsize=64)
def _time(whole: bytes, nanos: bytes | None) -> float:
    return varint(whole, 0)[0] + (varint(nanos, 0)[0] / 1e9 if nanos else 0.0)


def _scalar(body: bytes) -> Point:
    key, step, time, value = "", 0.0, None, 0.0
    for number, part in fields(body):
        if number == 1:
            key = text(part)
        elif number == 2:
            step = float(signed(part))
        elif number == 4:
            time = seconds(part)
        elif number == 5 and isinstance(part, bytes):
            double = first(part, 1)
            value = _DOUBLE.unpack(double)[0] if len(double) == _DOUBLE.size else 0.0
    return Point(key, step, time, value)


def _start(body: bytes) -> Begin:
    texts: dict[str, str] = {}
    tags: list[str] = []
    created: float | None = None
    for number, part in fields(body):
        if number in _TEXTS:
            texts[_TEXTS[number]] = text(part)
        elif number == 6:
            tags.append(text(part))
        elif number == 12:
            created = seconds(part)
    return Begin(texts, tuple(tags), created)


def _finish(body: bytes) -> End:
    state, error, time = "unknown", "", None
    for number, part in fields(body):
        if number == 1 and isinstance(part, int):
            state = STATES.get(part, state)
        elif number == 2:
            error = text(part)
        elif number == 3:
            time = seconds(part)
    return End(state, error, time)


def _other(body: bytes) -> Other:
    key, kind = "", ""
    for number, part in fields(body):
        if number == 1:
            key = text(part)
        elif number == 3 and isinstance(part, int):
            kind = TYPES.get(part, "media")
    return Other(key, kind or "media")


def _log(body: bytes) -> Line:
    line, time = "", None
    for number, part in fields(body):
        if number == 1:
            line = text(part)
        elif number == 3:
            time = seconds(part)
    return Line(line, time)


_READERS = {START: _start, FINISH: _finish, SCALAR: _scalar, MEDIA: _other, LOG: _log}

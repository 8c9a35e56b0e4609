"""What the plugin "hparams" writes: hyperparameters, and how a session ended.

    HParamsPluginData := experiment(2) | session_start(3) | session_end(4)
    session_start := hparam(1){key(1) value(2)}*
    value := null(1) | number(2) | string(3) | bool(4) | struct(5) | list(6)
    session_end := status(1) end_time(2)

All numbers are doubles: whole ones were whole numbers.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.wire import BYTES, FIXED64, VARINT, fields, text, whole

if TYPE_CHECKING:
    from runwise_parsers.tensorboard_log.wire import Field

ENDED = {1: "finished", 2: "failed"}
"""A session's status -> the state of its run."""
_EXACT = 2.0**53
_TOO_DEEP = 16


def read_hparams(content: bytes) -> tuple[dict[str, object], str]:
    """Return hyperparameters, and the state a session ended in: empty where there is none.

    Raises ``ValueError`` for what is no such message.
    """
    found: dict[str, object] = {}
    state = ""
    for one in fields(content, 0, len(content)):
        if one.kind != BYTES or one.number not in (3, 4):
            continue
        for each in fields(content, one.begin, one.end):
            if each.number == 1 and one.number == 3 and each.kind == BYTES:
                key, value = _pair(content, each, 0)
                found[key] = value
            elif each.number == 1 and one.number == 4 and each.kind == VARINT:
                state = ENDED.get(whole(content, each), "")
    return found, state


def _pair(content: bytes, within: Field, depth: int) -> tuple[str, object]:
    key, value = "", None
    for one in fields(content, within.begin, within.end):
        if one.number == 1 and one.kind == BYTES:
            key = text(content, one)
        elif one.number == 2 and one.kind == BYTES:
            value = _value(content, one, depth)
    return key, value


def _value(content: bytes, within: Field, depth: int) -> object:
    if depth > _TOO_DEEP:
        raise ValueError("nested too deep")
    value: object = None
    for one in fields(content, within.begin, within.end):
        if one.number == 2 and one.kind == FIXED64:
            (number,) = struct.unpack_from("<d", content, one.begin)
            value = int(number) if number % 1 == 0 and abs(number) < _EXACT else number
        elif one.number == 3 and one.kind == BYTES:
            value = text(content, one)
        elif one.number == 4 and one.kind == VARINT:
            value = bool(whole(content, one))
        elif one.number in (5, 6) and one.kind == BYTES:
            inner = [each for each in fields(content, one.begin, one.end)
                     if each.number == 1 and each.kind == BYTES]  # fmt: skip
            if one.number == 5:
                value = dict(_pair(content, each, depth + 1) for each in inner)
            else:
                value = [_value(content, each, depth + 1) for each in inner]
    return value

"""The kinds of records in a W&B log, by the first byte of their tag.

A ``wandb_internal.Record`` is ``[08 number] [82 01 control] [c2 0c _info] tag message``: one byte
tells its kind. Writers before 0.17 put ``control`` and ``_info`` last.
"""

from __future__ import annotations

from runwise_parsers.leveldb.wire import varint

HISTORY, SUMMARY, OUTPUT, CONFIG, STATS = 0x12, 0x1A, 0x22, 0x2A, 0x3A
ALERT, METRIC, OUTPUT_RAW, CONTROL = 0x52, 0x62, 0x6A, 0x82
RUN, EXIT, ENVIRONMENT, OUTPUT_LOGGER = 0x8A, 0x92, 0xD2, 0xDA

DESCRIPTION = frozenset({RUN, EXIT, CONFIG, METRIC, ENVIRONMENT, SUMMARY})
CONSOLE = frozenset({OUTPUT, OUTPUT_RAW, OUTPUT_LOGGER})


ASIDE = frozenset({0x82, 0x9A, 0xC2})
"""Fields that stand beside the message: control, uuid, _info (all have two-byte tags)."""
_ASIDE_TAGS = frozenset({b"\x82\x01", b"\x9a\x01", b"\xc2\x0c"})


def message(record: bytes) -> tuple[bool, int, bytes]:
    """Return ``(something stands beside and before the message, its kind, the message)``.

    The kind is 0 where the bytes are no record.
    """
    aside = False
    try:
        at = varint(record, 1)[1] if record[:1] == b"\x08" else 0
        while record[at : at + 2] in _ASIDE_TAGS:
            size, at = varint(record, at + 2)
            at, aside = at + size, True
        if at >= len(record):
            return aside, 0, b""
        size, begin = varint(record, at + (2 if record[at] > 127 else 1))
    except ValueError:
        return aside, 0, b""
    body = record[begin : begin + size]
    return (aside, record[at], body) if len(body) == size else (aside, 0, b"")


def number_of(record: bytes) -> int:
    """Return a record's number, 0 if it carries none."""
    try:
        return varint(record, 1)[0] if record[:1] == b"\x08" else 0
    except ValueError:
        return 0

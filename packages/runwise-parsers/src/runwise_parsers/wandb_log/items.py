"""One key of a W&B history: where its values stand in the bytes of many rows.

    history := (0a length item)* [12 length step]
    item    := key 82 01 length value_json
    key     := 0a length name            clients up to 0.16 (a dict is one JSON value)
             | (12 length name)+         the core: a dict is flattened, one name per level

A compiled pattern starts with the literal key, which the regular expression engine finds at the
speed of a byte search; a look-behind then makes sure that an item begins there, so that ``loss``
is not found at the end of the nested key ``train, loss``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from runwise_parsers.wandb_log.kinds import message
from runwise_parsers.wandb_log.wire import fields, first, signed, text

VALUE_TAG = b"\x82\x01"
VALUE_FIELD = 16
_NUMBER = rb"([-0-9NItf][-+.0-9eEaNnfityrusl]*)"
_ONE_BYTE = 128
Path = tuple[str, ...]


@dataclass(slots=True)
class Item:
    """A key of the history: ``path`` holds its levels, ``name`` is what the run calls it.

    ``mixed`` says that not every value of it is a number. ``hidden`` keys are counted, so that
    they need no second look, but are no metrics: parts of media objects (an image's width) and
    W&B's own.
    """

    path: Path
    name: str
    mixed: bool = False
    hidden: bool = False
    numbers: re.Pattern[bytes] = field(init=False, repr=False)
    anything: re.Pattern[bytes] = field(init=False, repr=False)
    literal: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        levels = [level.encode("utf-8", "surrogateescape") for level in self.path]
        key = b"\x12".join(_varint(len(level)) + level for level in levels)
        self.literal = key + VALUE_TAG
        literal = re.escape(self.literal)
        begins = _item_begins(len(key))
        self.anything = re.compile(literal + begins)
        self.numbers = re.compile(literal + begins + rb"[\x01-\x7f]" + _NUMBER)


def _item_begins(key: int) -> bytes:
    """Return a look-behind: before the key stand a key tag and the item's own tag and length."""
    behind = key + len(VALUE_TAG)
    short = rb"(?s:(?<=\n.[\n\x12].{%d}))" % behind
    if key + 6 + 25 < _ONE_BYTE:  # a number has at most 25 digits
        return short
    long = rb"(?s:(?<=\n.[\x00-\x7f][\n\x12].{%d}))" % behind
    return rb"(?:" + short + rb"|" + long + rb")"


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number >= _ONE_BYTE:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def parse_row(row: bytes) -> list[tuple[Path, bytes]]:
    """Return the ``(key, JSON text)`` pairs of one row, exactly but slowly.

    Raises ``ValueError`` where the bytes are no history message.
    """
    return [
        parse_item(part)
        for number, part in fields(body_of(row))
        if number == 1 and isinstance(part, bytes)
    ]


def parse_item(item: bytes) -> tuple[Path, bytes]:
    """Return key and JSON text of one item of a history, summary or config record."""
    path: list[str] = []
    value = b""
    for number, part in fields(item):
        if number in (1, 2):
            path.append(text(part))
        elif number == VALUE_FIELD and isinstance(part, bytes):
            value = part
    return tuple(path), value


def step_field(row: bytes) -> float:
    """Return the step that stands beside a row's items; zero is not written."""
    step = first(body_of(row), 2)
    numbers = [part for number, part in fields(step) if number == 1]
    return float(signed(numbers[0])) if numbers else 0.0


def body_of(row: bytes) -> bytes:
    """Return a row's history message; the common path leaves the record's prefix on it."""
    return message(row[1:])[2] if row[:1] == b"\x01" else row

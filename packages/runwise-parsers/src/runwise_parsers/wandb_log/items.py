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
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from runwise_parsers.leveldb.wire import fields, text, to_varint, varint
from runwise_parsers.wandb_log.kinds import message

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUE_TAG = b"\x82\x01"
VALUE_FIELD = 16
NUMBER_BEGINS = b"-0123456789NItf"
_NUMBER = rb"([-0-9NItf][-+.0-9eEaNnfityruslI]*)"
_LONGEST_NUMBER = 25
_ANY_LENGTH = 1 << 27
_ITEM_TAGS = 8
"""Bytes of an item besides key and value: tags and lengths."""
_ITEM = 10
_DEEPEST = 4
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
    longest: int = _LONGEST_NUMBER
    _numbers: re.Pattern[bytes] | None = field(default=None, repr=False)
    _anything: re.Pattern[bytes] | None = field(default=None, repr=False)

    @property
    def numbers(self) -> re.Pattern[bytes]:
        """The pattern of an item whose value is a number, which it captures."""
        if self._numbers is None:
            self._numbers = self._pattern(self.longest, rb"[\x01-\x7f]" + _NUMBER)
        return self._numbers

    def meet(self, value: bytes) -> None:
        """Learn from a value."""
        if value[:1] not in NUMBER_BEGINS:
            self.mixed = True
        elif len(value) > self.longest:  # an integer beyond all that a float can tell apart
            self.longest, self._numbers = _ANY_LENGTH, None

    @property
    def anything(self) -> re.Pattern[bytes]:
        """The pattern of an item of any value, up to its tag; the value's length comes next."""
        if self._anything is None:
            self._anything = self._pattern(_ANY_LENGTH, b"")
        return self._anything

    @property
    def literal(self) -> bytes:
        """The bytes of the key behind its first tag, and the tag of the value."""
        levels = [level.encode("utf-8", "surrogateescape") for level in self.path]
        return b"\x12".join(to_varint(len(level)) + level for level in levels) + VALUE_TAG

    def _pattern(self, longest: int, value: bytes) -> re.Pattern[bytes]:
        """Look behind the key for its tag, and the tag and length of an item."""
        literal = self.literal
        lengths = [rb"[\x00-\x7f]"]
        while len(lengths) < len(to_varint(len(literal) + longest + _ITEM_TAGS)):
            lengths.append(rb"[\x80-\xff]" * len(lengths) + rb"[\x00-\x7f]")
        begins = [rb"(?<=\n%b[\n\x12].{%d})" % (length, len(literal)) for length in lengths]
        begin = rb"(?s:%b)" % b"|".join(begins)
        return re.compile(re.escape(literal) + begin + value)


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


def raw_items(row: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield ``(bytes of the key, JSON text)`` of a row; quick where its items come first.

    Raises ``ValueError`` where the bytes are no history message.
    """
    body = body_of(row)
    at, end = 0, len(body)
    while at < end and body[at] == _ITEM:
        size, begin = varint(body, at + 1)
        at = begin + size
        item = body[begin:at]
        cut = item.find(VALUE_TAG)
        if 0 < cut < size - 3 and item[cut + 2] == size - cut - 3 < 128:
            yield item[:cut], item[cut + 3 :]
        else:  # a long value, or a key with a level of 130 bytes, whose length reads like the tag
            path, value = parse_item(item)
            yield key_bytes(path), value
    for number, part in fields(body[at:]):
        if number == 1 and isinstance(part, bytes):
            path, value = parse_item(part)
            yield key_bytes(path), value


def key_bytes(path: Path) -> bytes:
    """Return a key as the core writes it."""
    levels = [level.encode("utf-8", "replace") for level in path]
    return b"".join(b"\x12" + to_varint(len(level)) + level for level in levels)


def path_of(key: bytes) -> Path:
    """Return the levels in the bytes of a key."""
    return parse_item(key)[0]


def paths_of(name: str) -> Iterator[Path]:
    """Yield the keys a name can stand for: every split at its dots, or the extremes of many."""
    levels = name.split(".")
    depths = range(len(levels)) if len(levels) <= _DEEPEST else (0, len(levels) - 1)
    for depth in depths:
        for cuts in combinations(range(1, len(levels)), depth):
            edges = pairwise((0, *cuts, len(levels)))
            yield tuple(".".join(levels[begin:end]) for begin, end in edges)


def roots_of(name: str) -> Iterator[str]:
    """Yield the names of the dicts in which a metric of a dotted name may stand."""
    levels = name.split(".")
    for depth in range(1, len(levels)):
        yield ".".join(levels[:depth])


def body_of(row: bytes) -> bytes:
    """Return a row's history message; the common path leaves the record's prefix on it."""
    return message(row[1:])[2] if row[:1] == b"\x01" else row

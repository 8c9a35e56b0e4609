r"""A few columns of a window of lines, without parsing the lines.

A log's lines are few sentences said again and again, with other numbers in them:

    {"step": 40, "loss": 0.25}      skeleton  {"stp": , "loss": }
    {"step": 50, "loss": 1e-3}      skeleton  {"stp": , "loss": }

What is left of a line when every byte a number can hold is taken out of it (digits, signs, the
point, ``e`` and ``E``) is its skeleton. All lines of a skeleton have the same strings, braces and
commas, so one of them, parsed, speaks for all: a key that stands in it at the top, holds a plain
number, and is the only one with its letters, is found in every such line by a regular expression
for ``"key": number``, once and nowhere else. As many numbers must be found as lines have the
skeleton, and all must be JSON. Where any of this does not hold, the window is parsed:
backslashes, NaN, texts, truths, ``null``, nested or repeated keys and broken lines all end there.

What this cannot see is a line broken in nothing but the digits of another number (``1.2.3``):
first and last line of each window are parsed for that. Such a line is taken for whole.
"""

from __future__ import annotations

import re
import struct
from array import array
from typing import TYPE_CHECKING, cast

import orjson

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from runwise_parsers.json_log.columns import Cells

MOST_KEYS = 4
"""Beyond, parsing all of the window costs less."""
_IN_NUMBERS = b"0123456789.+-eE"
_NUMBER = rb'": ?([-+.0-9eE]+)'
_UNFIT = re.compile(r'[\x00-\x1f"\\:,{}\[\].]')
_MOST_KINDS = 64
_MOST_MISSES = 4


class Skim:
    """Reads some keys of a log's windows; it learns kinds of lines as it meets them."""

    def __init__(self, keys: Collection[str]) -> None:
        self.keys = keys
        self._slots = {key: _slot(key) for key in keys}
        self._kinds: dict[bytes, frozenset[str] | None] = {}
        self._patterns: dict[str, re.Pattern[bytes]] = {}
        self._shortest = 1 << 16
        self._misses = 0

    @staticmethod
    def fits(keys: Collection[str]) -> bool:
        """Say whether keys are few and plain enough."""
        return 0 < len(keys) <= MOST_KEYS and not any(
            _UNFIT.search(key) or not _is_text(key) for key in keys
        )

    def cells(self, data: bytes) -> tuple[int, dict[str, Cells]] | None:
        """Return the number of lines and the columns of keys; ``None`` says: parse this.

        ``data`` are whole lines. A key that no line has is absent.
        """
        if self._misses >= _MOST_MISSES:
            return None
        found = self._cells(data)
        self._misses = 0 if found else self._misses + 1
        return found

    def _cells(self, data: bytes) -> tuple[int, dict[str, Cells]] | None:
        last = data[data.rfind(b"\n", 0, -1) + 1 :]
        if _row(data[: data.find(b"\n")]) is None or _row(last) is None:
            return None
        lines = _skeletons(data)
        kinds = set(lines)
        if not self._learned(data, lines, kinds):
            return None
        found: dict[str, Cells] = {}
        for key in self.keys:
            places = self._places(key, lines, kinds)
            if places is None or len(places):
                values = self._numbers(key, data, len(lines) if places is None else len(places))
                if values is None:
                    return None
                found[key] = values, places
        return len(lines), found

    def _learned(self, data: bytes, lines: Sequence[bytes], kinds: set[bytes]) -> bool:
        """Look at one line of each new kind; say whether all kinds can be read."""
        new = kinds - self._kinds.keys()
        if len(self._kinds) + len(new) > _MOST_KINDS:
            return False
        if new:
            texts = data.split(b"\n")
            for kind in new:
                text = texts[lines.index(kind)]
                self._kinds[kind] = self._held(text, kind)
                self._shortest = min(self._shortest, len(text))
                self._patterns.clear()
        return all(self._kinds[kind] is not None for kind in kinds)

    def _held(self, text: bytes, kind: bytes) -> frozenset[str] | None:
        """Return which keys stand in lines of a kind, ``None`` if that cannot be told."""
        row = _row(text)
        if row is None or b"\\" in text:
            return None
        held: set[str] = set()
        for key, slot in self._slots.items():
            slots = kind.count(slot)
            if not slots and key not in row:
                continue
            if slots != 1 or type(row.get(key)) not in (int, float):
                return None
            held.add(key)
        return frozenset(held)

    def _places(self, key: str, lines: Sequence[bytes], kinds: set[bytes]) -> list[int] | None:
        """Return the lines that have a key, ``None`` for all."""
        having = {kind for kind in kinds if key in (self._kinds[kind] or ())}
        if len(having) == len(kinds):
            return None
        return [place for place, kind in enumerate(lines) if kind in having]

    def _numbers(self, key: str, data: bytes, count: int) -> array[float] | None:
        texts = self._pattern(key).findall(data)
        if len(texts) != count:
            # Lines may have become so short that one was jumped over.
            texts = _pattern(key, 0).findall(data)
        if len(texts) != count:
            return None
        try:
            numbers: list[float] = orjson.loads(b"[" + b",".join(texts) + b"]")
        except orjson.JSONDecodeError:
            return None
        return array("d", struct.pack(f"{count}d", *numbers))

    def _pattern(self, key: str) -> re.Pattern[bytes]:
        if key not in self._patterns:
            self._patterns[key] = _pattern(key, self._shortest * 3 // 4 - len(key) - 32)
        return self._patterns[key]


def _skeletons(data: bytes) -> list[bytes]:
    """Return the skeleton of every line; in most windows all are one object."""
    skeleton = data.translate(None, _IN_NUMBERS)
    first = skeleton[: skeleton.find(b"\n") + 1]
    count = len(skeleton) // len(first)
    if skeleton == first * count:
        return [first[:-1]] * count
    return skeleton.split(b"\n")[:-1]


def _slot(key: str) -> bytes:
    return b'"' + key.encode("utf-8", "replace").translate(None, _IN_NUMBERS) + b'":'


def _pattern(key: str, jump: int) -> re.Pattern[bytes]:
    """Return a pattern for a key's number; most of the rest of the line is jumped over."""
    behind = rb"(?s:.{0,%d})" % jump if jump > 0 else b""
    return re.compile(b'"' + re.escape(key.encode()) + _NUMBER + behind)


def _is_text(key: str) -> bool:
    try:
        return bool(key.encode())
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def _row(line: bytes) -> dict[str, object] | None:
    try:
        row: object = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return cast("dict[str, object]", row) if isinstance(row, dict) else None

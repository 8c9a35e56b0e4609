"""Columns out of the history rows of a W&B log.

For every key one compiled pattern runs over the joined bytes of a window of rows. Where it
matches once a row, its values are a column as they are; where it matches less often, the
matches' places tell the rows. Every value in the bytes is accounted for: as long as the keys
known explain all of them, no row is looked at by itself.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from runwise_parsers.values import as_number, leaves, loads, numbers
from runwise_parsers.wandb_log.items import (
    VALUE_TAG,
    Item,
    Path,
    parse_row,
    step_field,
)
from runwise_parsers.wandb_log.wire import varint

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Sequence

STEP, CLOCK = "_step", "_timestamp"
_STEP = Item((STEP,), STEP)
_PROBES = 8
PREFIX = 10
"""No value stands in the first bytes of a row that still has its record's prefix."""


@dataclass(frozen=True, slots=True)
class Column:
    """Values of one metric in a window; ``rows`` are their row numbers, ``None`` for every row."""

    values: array[float]
    rows: Sequence[int] | None


class Columns:
    """Reads windows of rows; knows the keys it has met.

    ``names=None`` finds keys as they come; otherwise only the named metrics are read.
    ``finds`` says which; ``media`` collects what was met besides numbers: histograms, images, tables.
    """

    def __init__(self, names: Iterable[str] | None = None) -> None:
        self.media: dict[str, str] = {}
        self.finds = names is None
        self._items: dict[Path, Item] = {}
        self._objects: dict[Path, Item] = {}
        for name in names or ():
            self._want(name)

    def read(self, rows: Sequence[bytes]) -> dict[str, Column]:
        """Return the columns of a window of rows, in the order in which keys were first met."""
        data = b"".join(rows)
        found = self._find(data, self._items)
        if self.finds and not self._explains(data, rows, found):
            known = set(self._items)
            self._learn(rows)
            found |= self._find(data, self._items.keys() - known)
        starts: list[int] = []
        columns: dict[str, Column] = {}
        for path, item in self._items.items():
            texts = found.get(path)
            if not texts or item.hidden:
                continue
            places = None
            if len(texts) != len(rows):
                starts = starts or _starts(rows)
                places = _places(item.numbers, data, starts)
            columns[item.name] = Column(array("d", numbers(texts)), places)
        for item in self._objects.values():
            starts = starts or _starts(rows)
            self._read_objects(item, data, starts, columns)
        return columns

    def _find(self, data: bytes, paths: Iterable[Path]) -> dict[Path, list[bytes]]:
        """Return the numbers of each key that is a metric."""
        items = ((path, self._items[path]) for path in paths)
        return {path: item.numbers.findall(data) for path, item in items if not item.hidden}

    def _want(self, name: str) -> None:
        """Look for a metric under every path its name can stand for: ``a.b`` may be nested."""
        levels = name.split(".")
        paths = [tuple(levels)] if len(levels) > 1 else []
        for path in [(name,), *paths]:
            self._items[path] = Item(path, name)
        for depth in range(1, len(levels)):
            root = ".".join(levels[:depth])
            self._objects[(root,)] = Item((root,), root)

    def _explains(
        self, data: bytes, rows: Sequence[bytes], found: dict[Path, list[bytes]]
    ) -> bool:
        """Say whether the keys known account for every value in the bytes."""
        known = 0
        for path, item in self._items.items():
            if item.mixed:
                known += len(item.anything.findall(data))
            else:
                known += data.count(item.literal) if item.hidden else len(found[path])
        # A row's prefix may hold the two bytes by chance, so a difference is looked at again.
        return known == data.count(VALUE_TAG) or known == sum(
            row.count(VALUE_TAG, PREFIX if row[:1] == b"\x01" else 0) for row in rows
        )

    def _learn(self, rows: Iterable[bytes]) -> None:
        """Meet the keys of every row."""
        for row in rows:
            try:
                pairs = parse_row(row)
            except ValueError:
                continue
            for path, value in pairs:
                self._meet(path, value)

    def _meet(self, path: Path, value: bytes) -> None:
        item = self._items.get(path)
        if item is None:
            if not path:
                return
            item = self._items[path] = Item(path, ".".join(path))
            item.hidden = _is_internal(path) or any(
                item.name.startswith(f"{parent}.") for parent in self.media
            )
        if path[-1] == "_type" and len(path) > 1:
            self._hide(".".join(path[:-1]), value)
        if value[:1] not in b"-0123456789NItf":
            item.mixed = True
            if value[:1] == b"{":
                self._objects[path] = item

    def _hide(self, parent: str, kind: bytes) -> None:
        """Take the keys of a media object out of the metrics."""
        self.media[parent] = kind.strip(b'"').decode("utf-8", "replace")
        for item in self._items.values():
            item.hidden = item.hidden or item.name.startswith(f"{parent}.")

    def _read_objects(
        self, item: Item, data: bytes, starts: list[int], columns: dict[str, Column]
    ) -> None:
        """Read dicts that older clients logged as one JSON value."""
        for match in item.anything.finditer(data):
            size, begin = varint(data, match.end())
            if data[begin : begin + 1] != b"{":
                continue
            try:
                value = loads(data[begin : begin + size])
            except ValueError:
                continue
            kind = value.get("_type") if isinstance(value, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if isinstance(kind, str):
                self.media[item.name] = kind
                continue
            row = bisect_right(starts, match.start()) - 1
            for name, leaf in leaves(value, item.name):
                number = as_number(leaf)
                if number is not None and self._wanted(name):
                    _append(columns, name, row, number)

    def _wanted(self, name: str) -> bool:
        return self.finds or (name,) in self._items


def _append(columns: dict[str, Column], name: str, row: int, number: float) -> None:
    column = columns.get(name)
    if column is None:
        column = columns[name] = Column(array("d"), [])
    if isinstance(column.rows, list):
        column.values.append(number)
        column.rows.append(row)


def _is_internal(path: Path) -> bool:
    """Say whether a key is W&B's own; its clock is read, as the times of all others."""
    return path[0].startswith("_") and path != (CLOCK,)


def _places(pattern: re.Pattern[bytes], data: bytes, starts: list[int]) -> list[int]:
    """Return the rows in which a pattern matches, once for each match."""
    return [bisect_right(starts, match.start()) - 1 for match in pattern.finditer(data)]


def _starts(rows: Sequence[bytes]) -> list[int]:
    """Return the offset at which each row begins in the joined bytes."""
    return [0, *accumulate(map(len, rows))][: len(rows)]


def steps_of(rows: Sequence[bytes]) -> array[float]:
    """Return the step of every row.

    W&B's steps only rise. Where first and last step of a window lie as far apart as there are
    rows, all between are known; a few are looked at nevertheless.
    """
    count = len(rows)
    begin = step_of(rows[0])
    probes = {count * number // _PROBES for number in range(_PROBES)} | {count - 1}
    if all(step_of(rows[row]) == begin + row for row in probes):
        return array("d", range(int(begin), int(begin) + count))
    texts = _STEP.numbers.findall(b"".join(rows))
    if len(texts) == count:
        return array("d", numbers(texts))
    return array("d", map(step_of, rows))


def step_of(row: bytes) -> float:
    """Return the step of one row, NaN where it has none."""
    match = _STEP.numbers.search(row)
    if match:
        return float(numbers([match[1]])[0])
    try:
        return step_field(row)
    except ValueError:
        return float("nan")

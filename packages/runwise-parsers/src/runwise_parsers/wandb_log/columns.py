"""Columns out of the history rows of a W&B log.

For every key one compiled pattern runs over the joined bytes of a window of rows. Where it
matches once a row, its values are a column as they are; where it matches less often, the
matches' places tell the rows. Every value in the bytes is accounted for: as long as the keys
known explain all of them, no row is looked at by itself. Where there are so many keys that this
does not pay, rows are read one by one.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from runwise_parsers.values import numbers
from runwise_parsers.wandb_log.cells import Column, places_of, put, read_objects, starts_of
from runwise_parsers.wandb_log.items import (
    NUMBER_BEGINS,
    VALUE_TAG,
    Item,
    Path,
    parse_row,
    path_of,
    paths_of,
    raw_items,
    roots_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CLOCK = "_timestamp"
_MANY = 64
"""Keys from which on rows are read one by one: each pattern looks at all bytes."""
_PREFIX = 10
"""No value stands in the first bytes of a row that still has its record's prefix."""
_Texts = dict[Path, tuple[list[bytes], "list[int] | None"]]


class Columns:
    """Reads windows of rows; knows the keys it has met.

    ``names=None`` finds keys as they come (``finds``); otherwise only the named metrics are
    read. ``media`` collects what was met besides numbers: histograms, images, tables.
    """

    def __init__(self, names: Iterable[str] | None = None) -> None:
        self.media: dict[str, str] = {}
        self.finds = names is None
        self._items: dict[Path, Item] = {}
        self._objects: dict[Path, Item] = {}
        self._raw: dict[bytes, Item | None] = {}
        for name in names or ():
            self._want(name)

    @property
    def internal(self) -> tuple[str, ...]:
        """The keys of W&B's own that were met."""
        return tuple(path[0] for path in self._items if len(path) == 1 and path[0][:1] == "_")

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the metrics that were met, those within objects of old clients not."""
        items = self._items.values()
        return tuple(one.name for one in items if not one.hidden and one.path != (CLOCK,))

    def read(self, rows: Sequence[bytes]) -> dict[str, Column]:
        """Return the columns of a window of rows, in the order in which keys were first met."""
        data = b"".join(rows)
        found = self._texts(rows, data)
        columns: dict[str, Column] = {}
        for path, item in self._items.items():
            texts, places = found.get(path, ((), None))
            if texts and not item.hidden:
                put(columns, item.name, Column(array("d", numbers(texts)), places))
        starts = starts_of(rows) if self._objects else []
        for item in self._objects.values():
            wanted = None if self.finds else self._items
            kind = read_objects(item, data, starts, columns, wanted)
            if kind:
                self.media[item.name] = kind
        return columns

    def _texts(self, rows: Sequence[bytes], data: bytes) -> _Texts:
        """Return the numbers of each key, and the rows they stand in where these are not all."""
        if len(self._items) > _MANY:
            return self._one_by_one(rows)
        found = self._find(data, self._items)
        if self.finds and not self._explains(data, rows, found):
            self._learn(rows)
            if len(self._items) > _MANY:
                return self._one_by_one(rows)
            found = self._find(data, self._items)
        sparse = [path for path, texts in found.items() if texts and len(texts) != len(rows)]
        starts = starts_of(rows) if sparse else []
        places = {path: places_of(self._items[path].numbers, data, starts) for path in sparse}
        return {path: (texts, places.get(path)) for path, texts in found.items()}

    def _find(self, data: bytes, paths: Iterable[Path]) -> dict[Path, list[bytes]]:
        """Return the numbers of each key that is a metric."""
        items = ((path, self._items[path]) for path in paths)
        return {path: item.numbers.findall(data) for path, item in items if not item.hidden}

    def _one_by_one(self, rows: Sequence[bytes]) -> _Texts:
        """Return the numbers of each key and their rows; new keys are met on the way."""
        told: dict[Path, tuple[list[bytes], list[int]]] = {}
        for place, row in enumerate(rows):
            try:
                for key, value in raw_items(row):
                    item = self._item_of(key, value)
                    if item is not None and value[:1] in NUMBER_BEGINS:
                        texts, places = told.setdefault(item.path, ([], []))
                        texts.append(value)
                        places.append(place)
            except ValueError:
                continue
        full = len(rows)
        return {
            path: (texts, None if len(texts) == full else places)
            for path, (texts, places) in told.items()
        }

    def _item_of(self, key: bytes, value: bytes) -> Item | None:
        """Return the item of a key's bytes, ``None`` if it is no metric that is wanted."""
        if key not in self._raw or (value[:1] not in NUMBER_BEGINS and self.finds):
            path = path_of(key)
            if self.finds:
                self._meet(path, value)
            self._raw[key] = self._items.get(path)
        return self._raw[key]

    def _want(self, name: str) -> None:
        """Look for a metric under every path its name can stand for: ``a.b`` may be nested."""
        for path in paths_of(name):
            self._items[path] = Item(path, name)
        for root in roots_of(name):
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
            row.count(VALUE_TAG, _PREFIX if row[:1] == b"\x01" else 0) for row in rows
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
        item.meet(value)
        if value[:1] == b"{":
            self._objects[path] = item

    def _hide(self, parent: str, kind: bytes) -> None:
        """Take the keys of a media object out of the metrics."""
        if parent not in self.media:
            self.media[parent] = kind.strip(b'"').decode("utf-8", "replace")
            for item in self._items.values():
                item.hidden = item.hidden or item.name.startswith(f"{parent}.")


def _is_internal(path: Path) -> bool:
    """Say whether a key is W&B's own; its clock is read, as the times of all others."""
    return path[0].startswith("_") and path != (CLOCK,)

"""Rows of a Trackio table as curves.

    {"train/loss": 1.0, "nested": {"a": 0}, "nan": "NaN", "inf": "-Infinity", "text": "no metric",
     "samples": {"_type": "trackio.table", "_value": [...]}}

Numbers are metrics, nested ones under dotted names. What has a ``_type`` is media.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from itertools import chain
from math import isfinite, nan
from typing import TYPE_CHECKING, cast

import orjson

from runwise_parsers.axes import clock_of
from runwise_parsers.series import Series
from runwise_parsers.trackio_store.tables import parsed
from runwise_parsers.values import as_number, leaves

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    Cells = dict[int, float]

_TYPE = b'"_type"'
_DEEPEST = 32
_PLAIN = frozenset({int, float})


def _numbers() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Rows:
    """Rows of a run in the order of the log, and what in them is no number.

    ``clocks`` are Unix seconds, NaN where there is none. ``lost`` counts rows that hold no JSON
    object or no step, ``media`` names what else there is.
    """

    ids: list[int] = field(default_factory=list[int])
    steps: array[float] = field(default_factory=_numbers)
    clocks: array[float] = field(default_factory=_numbers)
    values: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    lost: int = 0
    media: dict[str, str] = field(default_factory=dict[str, str])

    def part(self, begin: int, end: int) -> Rows:
        """Return the rows between two places."""
        if begin == 0 and end == len(self.ids):
            return self
        columns = (self.ids, self.steps, self.clocks, self.values)
        return Rows(*(one[begin:end] for one in columns))  # type: ignore[arg-type]  each as it was

    def series(self, names: Collection[str] | None = None) -> dict[str, Series]:
        """Return the rows as curves; ``times`` only where all rows of a curve have one."""
        times = self.clocks if sum(self.clocks) == sum(self.clocks) else None  # no NaN in it
        found: dict[str, Series] = {}
        mixed: dict[str, Cells] = {}
        for key, column in self._columns(names):
            if set(map(type, column)) <= _PLAIN:
                found[key] = Series(key, self.steps, _floats(column), times)
                continue
            for name, place, number in _below(key, column):
                if names is None or name in names:
                    mixed.setdefault(name, {})[place] = number
        for name, cells in mixed.items():
            if name in found:  # ``a.b`` stands beside ``b`` in ``a``
                cells = {**dict(enumerate(found[name].values)), **cells}  # noqa: PLW2901
            found[name] = self._sparse(name, dict(sorted(cells.items())))
        return found

    def _columns(self, names: Collection[str] | None) -> Iterator[tuple[str, list[object]]]:
        for key in dict.fromkeys(chain.from_iterable(self.values)):
            above = f"{key}."
            if names is None or key in names or any(name.startswith(above) for name in names):
                yield key, [row.get(key) for row in self.values]

    def _sparse(self, name: str, cells: Cells) -> Series:
        steps, clocks = (
            array("d", [column[place] for place in cells]) for column in (self.steps, self.clocks)
        )
        times = clocks if sum(clocks) == sum(clocks) else None
        return Series(name, steps, array("d", cells.values()), times)


def rows_of(cells: Sequence[tuple[object, ...]]) -> Rows:
    """Return rows of ``id, step, timestamp, metrics``."""
    found = Rows()
    values = _objects([one[3] for one in cells])
    for (row, step, when, data), metrics in zip(cells, values, strict=True):
        number = as_number(step)
        known = metrics is not None and number is not None and isfinite(number)
        if metrics is None or number is None or not known or not isinstance(row, int):
            found.lost += 1
            continue
        if isinstance(data, bytes) and _TYPE in data:
            metrics = cast("dict[str, object]", _without_media(metrics, found.media, ""))  # noqa: PLW2901
        clock = clock_of(when)
        found.ids.append(row)
        found.steps.append(number)
        found.clocks.append(nan if clock is None else clock)
        found.values.append(metrics)
    return found


def _objects(cells: list[object]) -> list[dict[str, object] | None]:
    """Return the JSON object of each cell, all at once where none of them is odd."""
    texts = [cell for cell in cells if isinstance(cell, bytes)]
    if len(texts) == len(cells):
        try:
            found: list[object] = orjson.loads(b"[" + b",".join(texts) + b"]")
        except orjson.JSONDecodeError:
            found = []
        if len(found) == len(cells) and all(isinstance(one, dict) for one in found):
            return cast("list[dict[str, object] | None]", found)
    return [parsed(cell) for cell in cells]


def _floats(column: list[object]) -> array[float]:
    try:
        return array("d", cast("list[float]", column))
    except OverflowError:  # an integer beyond all floats
        return array("d", (as_number(value) or 0.0 for value in column))


def _below(key: str, column: list[object]) -> Iterator[tuple[str, int, float]]:
    """Yield name, place and value of the numbers at and below one key of the rows."""
    for place, value in enumerate(column):
        if value is not None:
            for name, leaf in leaves(value, key):
                number = as_number(leaf)
                if number is not None:
                    yield name, place, number


def _without_media(value: object, media: dict[str, str], name: str, depth: int = 0) -> object:
    """Return a value without the objects that have a type, which are named in ``media``."""
    tree = cast("dict[str, object]", value) if isinstance(value, dict) else None
    if tree is None or depth > _DEEPEST:
        return cast("object", value)
    kind = tree.get("_type")
    if depth and isinstance(kind, str):
        media.setdefault(name, kind.rpartition(".")[2])
        return None
    return {
        key: _without_media(inner, media, f"{name}.{key}" if name else key, depth + 1)
        for key, inner in tree.items()
    }

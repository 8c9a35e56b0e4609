"""Rows as columns: every key's values, and the numbers among them.

Nearly all columns hold a plain number in each row, and one call of C makes floats of them. What
else is there, texts, lists, nested objects, is looked at value by value.
"""

from __future__ import annotations

import struct
from array import array
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

from runwise_parsers.axes import clock_of, in_seconds
from runwise_parsers.json_log.rows import Row, numbers_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from runwise_parsers.axes import Axes

_NUMBERS = frozenset({int, float, bool, type(None)})
Cells = tuple["array[float]", "list[int] | None"]
"""Values of one metric and the rows they stand in, ``None`` for all."""


class Columns:
    """The columns of some rows; each is made when it is asked for, and once."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._values: dict[str, Sequence[object]] = {}
        self._numbers: dict[str, Cells | None] = {}

    def keys(self) -> Iterable[str]:
        """Return all keys in the order in which they were met; all columns are wanted now."""
        rows = self.rows
        first = list(rows[0]) if rows else []
        if set(map(len, rows)) == {len(first)} and len(first) > 1:
            self._turn([key for key in first if isinstance(rows[0][key], (int, float))])
            if self._numbers.keys() >= set(first):
                return first
        return dict.fromkeys(chain.from_iterable(rows))

    def _turn(self, keys: list[str]) -> None:
        """Make columns of all these keys at once, if every row has a number for each."""
        if len(keys) < 2:
            return
        numbers, pack = itemgetter(*keys), struct.Struct(f"{len(keys)}d").pack
        try:
            flat = array("d", b"".join([pack(*numbers(row)) for row in self.rows]))
        except (KeyError, struct.error):
            return
        for place, key in enumerate(keys):
            self._numbers[key] = flat[place :: len(keys)], None

    def values(self, key: str) -> Sequence[object]:
        """Return a key's value in each row, ``None`` where a row has none."""
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = [row.get(key) for row in self.rows]
        return found

    def numbers(self, key: str) -> Cells | None:
        """Return a column of nothing but numbers, ``None`` if it holds anything else."""
        if key not in self._numbers:
            self._numbers[key] = _plain(self.values(key))
        return self._numbers[key]


def cells_of(columns: Columns, names: Collection[str] | None) -> dict[str, Cells]:
    """Return the numbers of all keys, nested ones too, or of those that are wanted."""
    found: dict[str, Cells] = {}
    for key in columns.keys() if names is None else _roots(columns, names):
        cells = columns.numbers(key)
        if cells is not None:
            if names is None or key in names:
                _put(found, key, cells, len(columns.rows))
            continue
        for name, cells in _mixed(key, columns.values(key)):
            if names is None or name in names:
                _put(found, name, cells, len(columns.rows))
    return found


def _roots(columns: Columns, names: Collection[str]) -> list[str]:
    """Return the keys at or below which names may stand: before a dot, or below no name at all."""
    may = {name[:at] for name in names for at in _dots(name)} | {"", *names}
    roots = [key for key in may if any(key in row for row in columns.rows)]
    if len(roots) > len(names) or not set(roots) <= set(names):
        # Where a name is met twice in a row, the later one counts: keep their order.
        roots = [key for key in dict.fromkeys(chain.from_iterable(columns.rows)) if key in may]
    return roots


def _dots(name: str) -> list[int]:
    return [at for at, sign in enumerate(name) if sign == "."]


def times_of(columns: Columns, axes: Axes) -> array[float] | None:
    """Return every row's time in Unix seconds, ``None`` unless all rows have one."""
    if not axes.clock:
        return None
    plain = columns.numbers(axes.clock)
    if plain is not None and plain[1] is None and in_seconds(plain[0]):
        return plain[0]
    clocks = [clock_of(value) for value in columns.values(axes.clock)]
    known = [clock for clock in clocks if clock is not None]
    return array("d", known) if len(known) == len(clocks) else None


def _plain(column: Sequence[object]) -> Cells | None:
    try:
        return _packed(column), None
    except struct.error:
        pass
    if not set(map(type, column)) <= _NUMBERS:
        return None
    places = [place for place, value in enumerate(column) if value is not None]
    try:
        return _packed([column[place] for place in places]), places
    except struct.error:  # an integer beyond all floats
        return None


def _packed(column: Sequence[object]) -> array[float]:
    """Return floats. Raises ``struct.error`` for what is none."""
    return array("d", struct.pack(f"{len(column)}d", *column))


def _mixed(key: str, column: Sequence[object]) -> Iterator[tuple[str, Cells]]:
    """Yield the metrics below a key whose values are anything: nested, texts, truths."""
    found: dict[str, tuple[array[float], list[int]]] = {}
    for place, value in enumerate(column):
        for name, number in numbers_in(key, value):
            values, places = found.setdefault(name, (array("d"), []))
            values.append(number)
            places.append(place)
    yield from found.items()


def _put(found: dict[str, Cells], name: str, cells: Cells, count: int) -> None:
    """Add a metric; two of one name, as of ``a.b`` and of ``b`` in ``a``, become one."""
    if name in found:
        both: dict[int, float] = {}
        for values, places in (found[name], cells):
            both.update(zip(range(count) if places is None else places, values, strict=True))
        cells = array("d", (both[place] for place in sorted(both))), sorted(both)
    if len(cells[0]):
        found[name] = cells

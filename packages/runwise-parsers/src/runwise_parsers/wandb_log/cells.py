"""Values of a window of rows, and the rows they stand in."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, cast

from runwise_parsers.leveldb.wire import varint
from runwise_parsers.values import as_number, leaves, loads

if TYPE_CHECKING:
    import re
    from collections.abc import Container, Sequence

    from runwise_parsers.wandb_log.items import Item


@dataclass(frozen=True, slots=True)
class Column:
    """Values of one metric in a window; ``rows`` are their row numbers, ``None`` for every row."""

    values: array[float]
    rows: Sequence[int] | None


def put(columns: dict[str, Column], name: str, column: Column) -> None:
    """Add a column; two of one name, as of ``a.b`` and of ``b`` in ``a``, become one."""
    known = columns.get(name)
    if known is None:
        columns[name] = column
        return
    cells: dict[int, float] = {}
    for one in (known, column):
        places = range(len(one.values)) if one.rows is None else one.rows
        cells.update(zip(places, one.values, strict=True))
    rows = sorted(cells)
    columns[name] = Column(array("d", (cells[row] for row in rows)), rows)


def starts_of(rows: Sequence[bytes]) -> list[int]:
    """Return the offset at which each row begins in the joined bytes."""
    return [0, *accumulate(map(len, rows))][: len(rows)]


def places_of(pattern: re.Pattern[bytes], data: bytes, starts: list[int]) -> list[int]:
    """Return the rows in which a pattern matches, once for each match."""
    return [bisect_right(starts, match.start()) - 1 for match in pattern.finditer(data)]


def read_objects(
    item: Item,
    data: bytes,
    starts: Sequence[int],
    columns: dict[str, Column],
    wanted: Container[tuple[str, ...]] | None,
) -> str:
    """Read dicts that older clients logged as one JSON value into ``columns``.

    Returns the kind of media object they are, empty if they are none.
    """
    media = ""
    met: dict[str, tuple[array[float], list[int]]] = {}
    for match in item.anything.finditer(data):
        value = _object_at(data, match.end())
        kind = value.get("_type")
        if isinstance(kind, str):
            media = kind
            continue
        row = bisect_right(starts, match.start()) - 1
        for name, leaf in leaves(value, item.name):
            number = as_number(leaf)
            if number is not None and (wanted is None or (name,) in wanted):
                values, places = met.setdefault(name, (array("d"), []))
                values.append(number)
                places.append(row)
    for name, (values, places) in met.items():
        put(columns, name, Column(values, None if len(places) == len(starts) else places))
    return media


def _object_at(data: bytes, at: int) -> dict[str, object]:
    """Return the JSON object whose length stands at an offset, an empty one if none does."""
    size, begin = varint(data, at)
    if data[begin : begin + 1] != b"{":
        return {}
    try:
        return cast("dict[str, object]", loads(data[begin : begin + size]))
    except ValueError:
        return {}

"""Rows of a JSON Lines log.

A row is a JSON object whose numbers are metrics, nested ones under dotted names. A step key
orders the rows; a row without it belongs to the step of the row before. Where no row has one,
rows are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import orjson

from runwise_parsers.lines import BOM
from runwise_parsers.values import as_number, leaves, loads

Row = Mapping[str, object]


def parse(block: bytes) -> tuple[list[Row], int]:
    """Return the rows of a block of lines and how many lines were none.

    Lines that hold a scalar or a list, or no JSON, are counted; blank ones are not.
    """
    block = block.removeprefix(BOM)
    text = block if block.endswith(b"\n") else block + b"\n"
    joined = text.replace(b"\n", b",\n")
    lines = len(joined) - len(text)
    try:
        # A comma stands behind the last line too, and a zero behind all lines.
        values: list[object] = orjson.loads(b"".join((b"[", joined, b"0]")))
    except orjson.JSONDecodeError:
        return _parse_singly(block)
    values.pop()
    if len(values) != lines:  # values that span lines
        return _parse_singly(block)
    if set(map(type, values)) <= {dict}:
        return cast("list[Row]", values), 0
    rows = [cast("Row", value) for value in values if isinstance(value, dict)]
    return rows, len(values) - len(rows)


def _parse_singly(block: bytes) -> tuple[list[Row], int]:
    rows: list[Row] = []
    unreadable = 0
    for line in block.split(b"\n"):
        if not line.strip(b" \t\r\0"):
            continue
        try:
            value = loads(line)
        except ValueError:
            value = None
        if isinstance(value, dict):
            rows.append(cast("Row", value))
        else:
            unreadable += 1
    return rows, unreadable


def numbers_of(row: Row) -> Iterator[tuple[str, float]]:
    """Yield the metrics of a row."""
    for key, value in row.items():
        yield from numbers_in(key, value)


def numbers_in(key: str, value: object) -> Iterator[tuple[str, float]]:
    """Yield the metrics at and below one key of a row."""
    if isinstance(value, dict):
        for name, leaf in leaves(cast("object", value), key):
            number = as_number(leaf)
            if number is not None:
                yield name, number
        return
    number = as_number(value)
    if number is not None:
        yield key, number

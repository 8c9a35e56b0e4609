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
    block = block.removeprefix(BOM).strip()
    try:
        values: list[object] = orjson.loads(b"[" + block.replace(b"\n", b",") + b"]")
    except orjson.JSONDecodeError:
        return _parse_singly(block)
    if len(values) != (block.count(b"\n") + 1 if block else 0):  # values that span lines
        return _parse_singly(block)
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

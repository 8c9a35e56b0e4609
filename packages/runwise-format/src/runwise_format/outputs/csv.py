"""For spreadsheets and data frames: RFC 4180, numbers plain and never scaled.

    step,train/loss,val/loss
    0,2.77178,2.87178

Numbers have six significant digits (``%.6g``), steps and counts are exact. What is not a table
becomes one: fields are names and values, findings one row each, charts a row for each step
and a column for each curve, with two more for a band. Several tables are separated by
an empty line; verdict, notes and the way to more are for readers and left out. A text that a
spreadsheet would run as a formula gets an apostrophe before it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runwise_format.cells import At, Cell, Trend
from runwise_format.document import (
    Block,
    Chart,
    Diff,
    Document,
    Fields,
    Findings,
    Notes,
    Table,
)
from runwise_format.numbers import exact_step
from runwise_format.tree import leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runwise_format.style import Style

name = "csv"
for_programs = False
lists_points = True

Row = list[str]
PROBLEM = ("severity", "kind", "metric", "step", "message", "advice", "count")
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_PLAIN = re.compile(r'[^",;\r\n]*')
_NEGATIVE = re.compile(r"-(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|-inf")


def render(document: Document, style: Style) -> str:
    """Return the tables of ``document``."""
    del style  # looks are not data
    tables = [rows for block in document.blocks if (rows := _rows(block))]
    if document.dropped:
        tables.append([[_word(f"dropped: {', '.join(document.dropped)}")]])
    return "\n".join(map(_written, tables)).removesuffix("\n")


def _written(rows: Iterable[Row]) -> str:
    return "".join(",".join(map(_field, row)) + "\n" if row != [""] else '""\n' for row in rows)


def _field(text: str) -> str:
    """Return a cell; a semicolon is quoted too, for it separates where a comma is a point."""
    return text if _PLAIN.fullmatch(text) else '"' + text.replace('"', '""') + '"'


def _rows(block: Block) -> list[Row]:
    if isinstance(block, Notes):
        return []
    if isinstance(block, Table):
        return _table(block) if block.rows and block.columns else []
    if isinstance(block, Findings):
        rows = [[_cell(getattr(item, key), key) for key in PROBLEM] for item in block.items]
        return [list(PROBLEM), *rows] if rows else []
    if isinstance(block, Chart):
        return _chart(block)
    if isinstance(block, Diff):
        short = [""] * len(block.names)
        rows = [
            [_word(key), *[*map(_cell, cells), *short][: len(short)]] for key, cells in block.rows
        ]
        return [["name", *map(_word, block.names)], *rows] if rows else []
    pairs = (
        block.items.items()
        if isinstance(block, Fields)
        else ((".".join(path), cell) for path, cell in leaves(block.root))
    )
    rows = [[_word(key), _cell(cell)] for key, cell in pairs]
    return [["name", "value"], *rows] if rows else []


def _chart(chart: Chart) -> list[Row]:
    """Return curves side by side, over the steps of all of them."""
    heads = [_word(chart.x_label)]
    columns: list[dict[float, float]] = []
    for line in chart.curves:
        parts = [("", line.values), ("_low", line.low), ("_high", line.high)]
        for suffix, column in parts:
            if len(column) or not suffix:
                heads.append(_word(f"{line.name}{suffix}"))
                columns.append(dict(zip(line.steps, column, strict=True)))
    steps = sorted({step for column in columns for step in column})
    rows = [[_cell(step, "step"), *(_cell(one.get(step)) for one in columns)] for step in steps]
    return [heads, *rows] if rows else []


def _table(table: Table) -> list[Row]:
    """Return a table; a value with its step is two columns."""
    split = [
        any(isinstance(row[index], At) for row in table.rows if index < len(row))
        for index in range(len(table.columns))
    ]
    head: Row = []
    for column, both in zip(table.columns, split, strict=True):
        label = column.label or column.key
        head += [_word(column.key), _word(f"{column.key}_step")] if both else [_word(label)]
    return [head, *(_table_row(row, table, split) for row in table.rows)]


def _table_row(row: Sequence[Cell], table: Table, split: Sequence[bool]) -> Row:
    texts: Row = []
    for index, (column, both) in enumerate(zip(table.columns, split, strict=True)):
        cell = row[index] if index < len(row) else None
        if not both:
            texts.append(_cell(cell, column.role))
        elif isinstance(cell, At):
            texts += [_cell(cell.value), _cell(cell.step, "step")]
        else:
            texts += [_cell(cell), ""]
    return texts


def _cell(cell: Cell, role: str = "") -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _word(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Trend):
        return cell.direction
    if isinstance(cell, At):
        return _cell(cell.value)
    if role == "step" or isinstance(cell, int):
        return exact_step(cell)
    return f"{cell:.6g}"


def _word(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; a negative number is none."""
    return f"'{text}" if _FORMULA.match(text) and not _NEGATIVE.fullmatch(text) else text

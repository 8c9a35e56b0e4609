"""Text that came from a log is data: it must not steer a terminal or a reader.

Every document passes through `safe` on its way to an output, so that no output can forget.

- Every text is cleaned (`runwise_format.cleaning`): one line, no sequences, nothing hidden.
- Secrets in fields, trees, differences, evidence and columns are hidden by the name above them
  too (`runwise_format.redaction`).
- Integers of more than 300 digits become infinite, as they would in floating point.
- Names that became equal are numbered, because JSON keys must stay distinct.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from runwise_format.cells import At, Cell, Scalar, Trend
from runwise_format.cleaning import NAME, SENTENCE, VALUE, ascii_only, clean
from runwise_format.document import (
    ENVELOPE,
    Block,
    Branch,
    Chart,
    Column,
    Diff,
    Document,
    Fields,
    Findings,
    Line,
    Notes,
    Problem,
    Table,
)
from runwise_format.redaction import (
    HIDDEN,
    KEY_MARK,
    redacted,
    redacted_cell,
    redacted_lines,
)

__all__ = ["NAME", "SENTENCE", "VALUE", "ascii_only", "clean", "safe"]

HUGE_BITS = 1000  # Python refuses to print much larger integers; nobody reads them
_VALUE_KEYS = ("value", "values")


def safe(document: Document) -> Document:
    """Return ``document`` with every text in it cleaned. Doing it twice changes nothing."""
    keys = _distinct((*ENVELOPE, *(block.key for block in document.blocks)))[len(ENVELOPE) :]
    return Document(
        kind=clean(document.kind, NAME),
        title=clean(document.title, VALUE),
        verdict=clean(document.verdict, SENTENCE),
        blocks=[_block(block, key) for block, key in zip(document.blocks, keys, strict=True)],
        more=clean(document.more, SENTENCE),
        dropped=[clean(text, NAME) for text in document.dropped],
    )


def _block(block: Block, key: str) -> Block:
    block = replace(block, key=key, title=clean(block.title, VALUE))
    if isinstance(block, Fields):
        return _fields(block)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Findings):
        return replace(block, items=[_problem(item) for item in block.items])
    if isinstance(block, Diff):
        return _diff(block)
    if isinstance(block, Notes):
        return replace(block, lines=_lines(block.lines))
    if isinstance(block, Chart):
        return _chart(block)
    return replace(block, root=_branch(redacted(block.root)))


def _chart(block: Chart) -> Chart:
    names = _distinct(line.name for line in block.curves)
    return replace(
        block,
        curves=[_line(line, name) for line, name in zip(block.curves, names, strict=True)],
        x_label=clean(block.x_label, NAME),
        y_label=clean(block.y_label, NAME),
        note=clean(block.note, SENTENCE),
    )


def _line(line: Line, name: str) -> Line:
    return Line(
        name=name,
        steps=[_number(step) for step in line.steps],
        values=[_number(value) for value in line.values],
        role=clean(line.role, NAME),
        unit=clean(line.unit, NAME),
        low=[_number(value) for value in line.low],
        high=[_number(value) for value in line.high],
    )


def _lines(lines: Sequence[str]) -> list[str]:
    if any(KEY_MARK in line for line in lines):
        lines = redacted_lines(lines)
    return [clean(line, SENTENCE) for line in lines]


def _fields(block: Fields) -> Fields:
    keys = _names(block.items)
    labels = {keys[key]: clean(text, NAME) for key, text in block.labels.items() if key in keys}
    items = {keys[key]: _cell(redacted_cell(key, cell)) for key, cell in block.items.items()}
    return replace(block, items=items, labels=labels)


def _table(block: Table) -> Table:
    keys = _distinct(column.key for column in block.columns)
    columns = [_column(column, key) for column, key in zip(block.columns, keys, strict=True)]
    rows = [_row(row, block.columns) for row in _unlocked(block.rows)]
    return replace(block, columns=columns, rows=rows, note=clean(block.note, SENTENCE))


def _row(row: Sequence[Cell], columns: Sequence[Column]) -> list[Cell]:
    """Return a row without secrets: by the column's name, and of a value by its own name."""
    named = row[0] if row and columns and columns[0].role == "name" else None
    cells: list[Cell] = []
    for place, cell in enumerate(row):
        name = columns[place].key if place < len(columns) and isinstance(cell, str) else ""
        if name in _VALUE_KEYS and isinstance(named, str):
            name = named
        cells.append(_cell(redacted_cell(name, cell) if name else cell))
    return cells


def _unlocked(rows: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
    """Return rows without a private key whose lines are cells below one another."""
    width = max(map(len, rows), default=0)
    columns = [
        [row[place] if place < len(row) else None for row in rows] for place in range(width)
    ]
    telling = [
        place
        for place, cells in enumerate(columns)
        if any(isinstance(cell, str) and KEY_MARK in cell for cell in cells)
    ]
    if not telling:
        return rows
    found = [list(row) for row in rows]
    for place in telling:
        texts = [cell if isinstance(cell, str) else "" for cell in columns[place]]
        for row, text in zip(found, redacted_lines(texts), strict=True):
            if place < len(row) and isinstance(row[place], str):
                row[place] = text
    return found


def _column(column: Column, key: str) -> Column:
    return replace(column, key=key, label=clean(column.label, NAME), unit=clean(column.unit, NAME))


def _diff(block: Diff) -> Diff:
    rows = [
        (clean(name, NAME), [_cell(redacted_cell(name, cell)) for cell in cells])
        for name, cells in block.rows
    ]
    return replace(block, names=_distinct(block.names), rows=rows)


def _problem(item: Problem) -> Problem:
    return Problem(
        severity=clean(item.severity, NAME),
        kind=clean(item.kind, NAME),
        metric=clean(item.metric, NAME),
        step=item.step if item.step is None else _number(item.step),
        message=clean(item.message, SENTENCE),
        advice=clean(item.advice, SENTENCE),
        evidence=_evidence(item.evidence),
        count=item.count,
    )


def _evidence(items: Mapping[str, Scalar]) -> dict[str, Scalar]:
    keys = _names(items)
    return {
        keys[name]: _scalar(HIDDEN if redacted_cell(name, value) == HIDDEN else value)
        for name, value in items.items()
    }


def _branch(root: Branch) -> Branch:
    names = _names(root)
    return {
        names[name]: _branch(value) if isinstance(value, Mapping) else _cell(value)
        for name, value in root.items()
    }


def _names(mapping: Mapping[str, object]) -> dict[str, str]:
    return dict(zip(mapping, _distinct(mapping), strict=True))


def _distinct(names: Iterable[str]) -> list[str]:
    seen: dict[str, int] = {}
    result: list[str] = []
    for name in names:
        base = unique = clean(name, NAME)
        while unique in seen:
            seen[base] += 1
            unique = f"{base[: NAME - 8]} ({seen[base]})"
        seen[unique] = 1
        result.append(unique)
    return result


def _cell(cell: Cell) -> Cell:
    if isinstance(cell, Trend):
        return replace(cell, direction=clean(cell.direction, NAME))
    if isinstance(cell, At):
        value = None if cell.value is None else _number(cell.value)
        step = None if cell.step is None else _number(cell.step)
        return At(value, step)
    return _scalar(cell)


def _scalar(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return clean(value, VALUE)
    if value is None or isinstance(value, bool):
        return value
    return _number(value)


def _number(value: float) -> float:
    if isinstance(value, int) and value.bit_length() > HUGE_BITS:
        return math.inf if value > 0 else -math.inf
    return value

"""For programs: exact, stable, and valid for every JSON reader.

    {"kind":"summary","schema":1,"verdict":"...","title":"...",
     "metrics":[{"name":"train/loss","best":{"value":0.348,"step":4200}}],"dropped":[],"more":""}

The keys between ``title`` and ``dropped`` are the keys of the blocks. Numbers are not rounded;
those JSON does not have are the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``. An
empty block is there, empty; one that a budget took away is absent. `runwise_format.schema` says
all this to a validator. Titles and notes of tables are for readers and are not part of the data.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from runwise_format.cells import At, Cell, Trend
from runwise_format.document import (
    Block,
    Branch,
    Chart,
    Diff,
    Document,
    Fields,
    Findings,
    Line,
    Notes,
    Problem,
    Table,
)
from runwise_format.schema import VERSION

if TYPE_CHECKING:
    from runwise_format.style import Style

name = "json"
for_programs = True
EXACT = 2**53
"""Whole numbers below are the same as a float."""
lists_points = True


def render(document: Document, style: Style) -> str:
    """Return ``document`` as one line of JSON."""
    envelope: dict[str, Any] = {
        "kind": document.kind,
        "schema": VERSION,
        "verdict": document.verdict,
        "title": document.title,
        **{block.key: _block(block) for block in document.blocks},
        "dropped": list(document.dropped),
        "more": document.more,
    }
    return json.dumps(envelope, ensure_ascii=style.ascii, allow_nan=False, separators=(",", ":"))


def _block(block: Block) -> Any:
    if isinstance(block, Fields):
        return {key: _cell(cell) for key, cell in block.items.items()}
    if isinstance(block, Table):
        return _rows(block)
    if isinstance(block, Findings):
        return [_problem(item) for item in block.items]
    if isinstance(block, Notes):
        return list(block.lines)
    if isinstance(block, Chart):
        return _chart(block)
    return _diff(block) if isinstance(block, Diff) else _branch(block.root)


def _rows(table: Table) -> list[dict[str, Any]]:
    keys = [column.key for column in table.columns]
    return [
        {key: _cell(row[index]) if index < len(row) else None for index, key in enumerate(keys)}
        for row in table.rows
    ]


def _problem(item: Problem) -> dict[str, Any]:
    return {
        "severity": item.severity,
        "kind": item.kind,
        "metric": item.metric,
        "step": _step(item.step),
        "message": item.message,
        "advice": item.advice,
        "evidence": {key: _cell(value) for key, value in item.evidence.items()},
        "count": item.count,
    }


def _diff(block: Diff) -> list[dict[str, Any]]:
    width = len(block.names)
    return [
        {"name": key, "values": dict(zip_longest(block.names, map(_cell, cells[:width])))}
        for key, cells in block.rows
    ]


def _chart(block: Chart) -> dict[str, Any]:
    curves = [_curve(line) for line in block.curves]
    return {"x": block.x_label, "y": block.y_label, "log_y": block.log_y, "curves": curves}


def _curve(line: Line) -> dict[str, Any]:
    said: dict[str, Any] = {"name": line.name, "role": line.role, "unit": line.unit}
    for key, column in (
        ("steps", line.steps), ("values", line.values), ("low", line.low), ("high", line.high)
    ):  # fmt: skip
        said[key] = [_cell(value) for value in column]
    return said


def _branch(root: Branch) -> dict[str, Any]:
    return {
        key: _branch(value) if isinstance(value, Mapping) else _cell(value)
        for key, value in root.items()
    }


def _step(step: float | None) -> Any:
    """Return a step; a whole one without the point and nought that a float has, a token each."""
    if isinstance(step, float) and step.is_integer() and abs(step) < EXACT:
        return int(step)
    return _cell(step)


def _cell(cell: Cell) -> Any:
    if isinstance(cell, Trend):
        return {"values": [_cell(value) for value in cell.values], "direction": cell.direction}
    if isinstance(cell, At):
        return {"value": _cell(cell.value), "step": _step(cell.step)}
    if isinstance(cell, float) and not math.isfinite(cell):
        return "NaN" if math.isnan(cell) else "Infinity" if cell > 0 else "-Infinity"
    return cell

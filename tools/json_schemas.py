"""Make the JSON Schema of every kind of report from the documents there are.

A block's key and what it is made of are facts of the code, found by asking every report about
every run; what may be missing (a value nobody logged) may be null everywhere. Keys that are
names out of a log (`json_words.OPEN`) are any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.json_words import BLOCKS, COMMANDS, KEYS, OPEN

from runwise_format.cells import At, Trend
from runwise_format.document import Chart, Diff, Fields, Findings, Notes, Table, Tree
from runwise_format.schema import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_format import Document
    from runwise_format.cells import Cell
    from runwise_format.document import Block

NULL = {"type": "null"}
MOST_KEYS = 30
"""Keys beyond which nobody thought of each: they are names out of a log."""
ENDLESS = ("plot", "report")
"""Kinds with a chart for each metric: its name is the key."""
SHAPES: dict[type, Any] = {
    Findings: {"type": "array", "items": {"$ref": "#/$defs/problem"}},
    Notes: {"type": "array", "items": {"type": "string"}},
    Tree: {"$ref": "#/$defs/nested"},
    Diff: {"type": "array", "items": {"$ref": "#/$defs/difference"}},
    Chart: {"$ref": "#/$defs/chart"},
}
_LETTER = re.compile(r"^[A-Z]_(?=[a-z])")


@dataclass
class Seen:
    """What was seen of one block of one kind: its classes, and by key what the cells were."""

    classes: dict[type, int] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)

    def look(self, block: Block) -> None:
        """Take in another document's block."""
        self.classes[type(block)] = self.classes.get(type(block), 0) + 1
        if isinstance(block, Fields):
            for key, cell in block.items.items():
                self.keys.setdefault(key, set()).add(sort_of(cell))
        elif isinstance(block, Table):
            for place, column in enumerate(block.columns):
                found = self.keys.setdefault(column.key, set())
                found.update(sort_of(row[place]) for row in block.rows if place < len(row))


def sort_of(cell: Cell) -> str:
    """Return what a cell is, in the words of the schema."""
    if isinstance(cell, (Trend, At)):
        return "trend" if isinstance(cell, Trend) else "at"
    if cell is None or isinstance(cell, bool):
        return "null" if cell is None else "boolean"
    return "string" if isinstance(cell, str) else "number"


def schemas(documents: Iterable[Document]) -> dict[str, dict[str, Any]]:
    """Return the schema of every kind there is a document of."""
    seen: dict[str, dict[str, Seen]] = {}
    for document in documents:
        blocks = seen.setdefault(document.kind, {})
        for block in document.blocks:
            if not (isinstance(block, Chart) and document.kind in ENDLESS):
                blocks.setdefault(block.key, Seen()).look(block)
    return {kind: _schema(kind, blocks) for kind, blocks in sorted(seen.items())}


def _schema(kind: str, blocks: dict[str, Seen]) -> dict[str, Any]:
    common = json_schema()
    found = {key: _block(kind, key, seen) for key, seen in sorted(blocks.items())}
    more = {"$ref": "#/$defs/chart"} if kind in ENDLESS else False
    return {
        "$schema": common["$schema"],
        "title": COMMANDS.get(kind, f"runwise {kind}"),
        "type": "object",
        "required": common["required"],
        "properties": {**common["properties"], "kind": {"const": kind}, **found},
        "additionalProperties": more,
        "$defs": common["$defs"],
    }


def _block(kind: str, key: str, seen: Seen) -> dict[str, Any]:
    """Return the schema of a block; a budget may take it away, so none is required."""
    shapes = [
        _shape(kind, key, one, seen) for one in sorted(seen.classes, key=lambda c: c.__name__)
    ]
    said = {"description": BLOCKS[key]} if key in BLOCKS else {}
    return {**said, **(shapes[0] if len(shapes) == 1 else {"anyOf": shapes})}


def _shape(kind: str, key: str, one: type, seen: Seen) -> dict[str, Any]:
    if one in SHAPES:
        return dict(SHAPES[one])
    inner = _object(kind, key, seen.keys)
    return inner if one is Fields else {"type": "array", "items": inner}


def _object(kind: str, block: str, keys: dict[str, set[str]]) -> dict[str, Any]:
    if (kind, block) in OPEN or len(keys) > MOST_KEYS:
        return {"type": "object", "additionalProperties": {"$ref": "#/$defs/cell"}}
    named: dict[str, Any] = {}
    lettered: dict[str, set[str]] = {}
    for key, sorts in keys.items():
        if _LETTER.match(key):
            lettered.setdefault(_LETTER.sub("L_", key), set()).update(sorts)
        else:
            named[key] = _cell(block, key, sorts)
    patterns = {
        f"^[A-Z]_{key.removeprefix('L_')}$": _cell(block, key, sorts)
        for key, sorts in lettered.items()
    }
    known = {"patternProperties": patterns} if patterns else {}
    return {"type": "object", "properties": named, **known, "additionalProperties": False}


def _cell(block: str, key: str, sorts: set[str]) -> dict[str, Any]:
    said = KEYS.get(f"{block}.{key}", KEYS.get(key, ""))
    plain = [{"type": one} for one in ("boolean", "string") if one in sorts]
    shared = [{"$ref": f"#/$defs/{one}"} for one in ("at", "number", "trend") if one in sorts]
    found: list[dict[str, Any]] = [*shared, *plain, NULL]
    shape = {"$ref": "#/$defs/cell"} if len(found) == 1 else {"anyOf": found}
    return {**({"description": said} if said else {}), **shape}

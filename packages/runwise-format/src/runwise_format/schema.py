"""What the JSON output promises, as a JSON Schema (draft 2020-12).

The envelope is fixed. Between its keys stand the blocks, under keys that depend on the kind of
report; each is one of the shapes below. A change that breaks a reader raises `VERSION`.
"""

from __future__ import annotations

from typing import Any

VERSION = 1

_NUMBER = {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}
_TREND = {
    "type": "object",
    "required": ["values", "direction"],
    "additionalProperties": False,
    "properties": {
        "values": {"type": "array", "items": {"$ref": "#/$defs/number"}},
        "direction": {"type": "string"},
    },
}
_AT = {
    "type": "object",
    "required": ["value", "step"],
    "additionalProperties": False,
    "properties": {
        "value": {"anyOf": [{"$ref": "#/$defs/number"}, {"type": "null"}]},
        "step": {"anyOf": [{"$ref": "#/$defs/number"}, {"type": "null"}]},
    },
}
_CELL = {
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {"$ref": "#/$defs/trend"},
        {"$ref": "#/$defs/at"},
    ]
}
_NESTED = {
    "type": "object",
    "additionalProperties": {"anyOf": [{"$ref": "#/$defs/cell"}, {"$ref": "#/$defs/nested"}]},
}
_ROW = {"type": "object", "additionalProperties": {"$ref": "#/$defs/cell"}}
_PROBLEM = {
    "type": "object",
    "required": ["severity", "kind", "metric", "step", "message", "advice", "evidence", "count"],
    "properties": {
        "severity": {"enum": ["info", "warning", "critical"]},
        "kind": {"type": "string"},
        "metric": {"type": "string"},
        "step": {"anyOf": [{"$ref": "#/$defs/number"}, {"type": "null"}]},
        "message": {"type": "string"},
        "advice": {"type": "string"},
        "evidence": {"$ref": "#/$defs/row"},
        "count": {"type": "integer"},
    },
}
_DIFFERENCE = {
    "type": "object",
    "required": ["name", "values"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "values": {"$ref": "#/$defs/row"}},
}
_NUMBERS = {"type": "array", "items": {"$ref": "#/$defs/number"}}
_CURVE = {
    "type": "object",
    "required": ["name", "steps", "values"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "role": {"type": "string"},
        "unit": {"type": "string"},
        "steps": _NUMBERS,
        "values": _NUMBERS,
        "low": _NUMBERS,
        "high": _NUMBERS,
    },
}
_CHART = {
    "type": "object",
    "required": ["x", "y", "log_y", "curves"],
    "additionalProperties": False,
    "properties": {
        "x": {"type": "string"},
        "y": {"type": "string"},
        "log_y": {"type": "boolean"},
        "curves": {"type": "array", "items": {"$ref": "#/$defs/curve"}},
    },
}
_BLOCK = {
    "anyOf": [
        {"$ref": "#/$defs/nested", "description": "fields or a tree"},
        {"type": "array", "items": {"type": "string"}, "description": "notes"},
        {"type": "array", "items": {"$ref": "#/$defs/problem"}, "description": "findings"},
        {"type": "array", "items": {"$ref": "#/$defs/difference"}, "description": "a diff"},
        {"type": "array", "items": {"$ref": "#/$defs/row"}, "description": "a table"},
        {"$ref": "#/$defs/chart", "description": "a chart"},
    ]
}


def json_schema() -> dict[str, Any]:
    """Return the schema that every JSON output satisfies, whatever the kind of report."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A runwise report",
        "type": "object",
        "required": ["kind", "schema", "verdict", "title", "dropped", "more"],
        "properties": {
            "kind": {"type": "string"},
            "schema": {"const": VERSION},
            "verdict": {"type": "string"},
            "title": {"type": "string"},
            "dropped": {"type": "array", "items": {"type": "string"}},
            "more": {"type": "string"},
        },
        "additionalProperties": {"$ref": "#/$defs/block"},
        "$defs": {
            "number": _NUMBER,
            "trend": _TREND,
            "at": _AT,
            "cell": _CELL,
            "nested": _NESTED,
            "row": _ROW,
            "problem": _PROBLEM,
            "difference": _DIFFERENCE,
            "curve": _CURVE,
            "chart": _CHART,
            "block": _BLOCK,
        },
    }

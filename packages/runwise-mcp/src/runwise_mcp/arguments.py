"""Arguments a tool does not have, answered with the nearest it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from mcp.types import CallToolResult, TextContent

from runwise.errors import near


def complaint(given: object, schema: Mapping[str, Any]) -> str:
    """Return what is wrong with the names of arguments, empty if nothing is.

    >>> complaint({"limmit": 9}, {"properties": {"limit": {}, "run": {}}})
    "unknown argument 'limmit'; did you mean 'limit'? Arguments: limit, run"
    """
    known = list(cast("Mapping[str, Any]", schema.get("properties", {})))
    if not isinstance(given, Mapping):
        return ""
    for name in cast("Mapping[str, Any]", given):
        if name not in known:
            close = near(name, known, 1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            return f"unknown argument '{name[:40]}'; {hint}Arguments: {', '.join(known)}"
    return ""


def refusal(text: str) -> CallToolResult:
    """Return an error an agent can act on."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)

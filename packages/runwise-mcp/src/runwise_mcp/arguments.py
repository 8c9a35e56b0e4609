"""What was wrong with a call, in the words of tools and arguments."""

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


IN_TOOLS = {
    "Try: runwise list": "Call list_runs.",
    "Try: runwise keys": "Call analyze_run without metrics.",
    "Name another place with -C DIR, or see: runwise demo": "Start the server with --root DIR.",
    "Ask without -k": "Ask without metrics",
}
"""What the command line advises, and what that is for a caller of tools."""


def in_tools(remedy: str) -> str:
    """Return an advice of the command line as one for a caller of tools.

    >>> in_tools("Near: exp1. Try: runwise list")
    'Near: exp1. Call list_runs.'
    """
    for said, meant in IN_TOOLS.items():
        remedy = remedy.replace(said, meant)
    return remedy


def refusal(text: str) -> CallToolResult:
    """Return an error an agent can act on."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)

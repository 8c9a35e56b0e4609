"""A tool: a function of the folder ``tools/``, whose listing is the registry.

Its docstring's first paragraph is what a model reads, in every conversation: keep it short. It
takes the context first and returns documents; wrong calls are refused before it is asked.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from runwise.errors import near
from runwise_mcp import tools
from runwise_mcp.arguments import complaint, lenient
from runwise_mcp.desk import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp.server.mcpserver import Context

READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ENTRY = "analyze_run"
"""The tool that clients shall load at once, where they load tools only when they search."""
UNSAID = ("title", "minimum", "maximum")
"""What of an argument costs tokens in every conversation and tells a model nothing."""
FAILED = "runwise failed on this ({}), which is its fault: try another run, or report it"
FORMER = {
    "health_check": "detect_anomalies",
    "analyze_latest": "analyze_run",
    "analyze_local_log": "analyze_run run=FILE",
    "get_config": "analyze_run include=config",
    "get_run_context": "analyze_run include=notes",
    "get_history_stats": "get_history view=stats",
    "get_sparkline": "get_history view=trend",
}
"""Tools of runwise 0.5 that have another name."""
LONGEST, LINES = 400, 8
"""Characters and lines of an error."""
SILENT = ("", None, False, -1)
"""Defaults that mean nothing; the first word of a choice is its default."""


class CheckedTool(Tool):
    """A tool that refuses what it does not know, and answers in text alone.

    ``bounds`` is the whole schema of its arguments, with what models are not told.
    """

    bounds: dict[str, Any] = Field(default_factory=dict[str, Any])

    async def run(
        self,
        arguments: dict[str, Any],
        context: Context[Any, Any],
        convert_result: bool = False,  # noqa: FBT001, FBT002 - the SDK's
    ) -> Any:
        """Answer a call; what the caller can mend is a result that says how."""
        given = lenient(arguments, self.bounds)
        wrong = complaint(given, self.bounds)
        if wrong:
            return refusal(wrong)
        try:
            text = await self.fn(context, **given)
        except RefusedError as error:
            return refusal(str(error))
        except MCPError:
            raise
        except Exception as error:
            first = getattr(error, "exceptions", [error])[0]
            raise UnexpectedToolError(FAILED.format(type(first).__name__)) from error
        del convert_result
        return CallToolResult(content=[TextContent(type="text", text=text)])


def refusal(text: str) -> CallToolResult:
    """Return an error an agent can act on; it may quote what nobody vouches for."""
    from runwise_format.safety import clean  # noqa: PLC0415 - only a wrong call needs it

    said = "\n".join(clean(line, LONGEST) for line in text.split("\n")[:LINES])
    return CallToolResult(content=[TextContent(type="text", text=said)], is_error=True)


def unknown(name: str, known: Iterable[str]) -> CallToolResult:
    """Return what is said to who calls a tool that is not there: what it is now, or is near."""
    names = list(known)
    if name in FORMER:
        return refusal(f"{name} is {FORMER[name]} now")
    close = near(name, names, 1)
    hint = f"did you mean {close[0]}? " if close else ""
    return refusal(f"unknown tool '{name[:40]}'; {hint}Tools: {', '.join(names)}")


def all_tools() -> list[Tool]:
    """Return every tool, the one to begin with first."""
    names = sorted(one.name for one in pkgutil.iter_modules(tools.__path__))
    return [_tool(name) for name in sorted(names, key=lambda name: name != ENTRY)]


def _tool(name: str) -> Tool:
    function = getattr(import_module(f"{tools.__name__}.{name}"), name)
    tool = CheckedTool.from_function(
        function,
        description=" ".join((function.__doc__ or "").partition("\n\n")[0].split()),
        annotations=READ_ONLY,
        meta={"anthropic/alwaysLoad": True} if name == ENTRY else None,
        structured_output=False,
    )
    whole = tool.parameters
    return tool.model_copy(update={"bounds": whole, "parameters": _spare(whole)})


def _spare(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without what says nothing: titles, and defaults that go without saying."""
    properties = {
        name: {
            key: value
            for key, value in one.items()
            if key not in UNSAID and not (key == "default" and (value in SILENT or "enum" in one))
        }
        for name, one in schema.get("properties", {}).items()
    }
    required = {"required": schema["required"]} if schema.get("required") else {}
    return {"type": "object", "properties": properties, **required}

"""Completion: the runs and metrics that begin like what somebody has typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.types import Completion

from runwise_mcp.desk import RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp.server import MCPServer
    from mcp.types import (
        CompletionArgument,
        CompletionContext,
        PromptReference,
        ResourceTemplateReference,
    )

    from runwise_mcp.desk import Call, Desk

    Reference = PromptReference | ResourceTemplateReference
MOST = 100
"""Values the protocol has room for."""
RUNS = ("run", "runs")
METRICS = ("keys", "metric", "metrics")


def add(server: MCPServer[Any], desk: Desk) -> None:
    """Let a server complete references of runs and names of metrics."""

    async def complete(
        ref: Reference, argument: CompletionArgument, context: CompletionContext | None
    ) -> Completion | None:
        del ref  # an argument means the same everywhere
        given = (context.arguments if context else None) or {}
        ask = _question(argument.name, argument.value, given.get("run") or "latest")
        return await _completed(desk, ask) if ask else None

    handler: Callable[..., Awaitable[Completion | None]] = complete
    server.completion()(handler)


def _question(name: str, value: str, run: str) -> Callable[[Call], list[str]] | None:
    head, comma, tail = value[:400].rpartition(",")
    before = head + comma  # of several, the last is typed

    def begin_so(words: list[str]) -> list[str]:
        near = [word for word in words if word.lower().startswith(tail.lower())]
        inside = [word for word in words if tail.lower() in word.lower()]
        return [before + word for word in dict.fromkeys([*near, *inside])]

    if name in RUNS:
        return lambda call: begin_so(_runs(call))
    if name in METRICS:
        return lambda call: begin_so(_metrics(call, run))
    return None


def _runs(call: Call) -> list[str]:
    runs = call.workspace.runs
    return ["latest", *(word for run in runs for word in (run.name, run.id) if word)]


def _metrics(call: Call, run: str) -> list[str]:
    return sorted(call.workspace.study(call.workspace.resolve(run)[0]).learned.metrics)


async def _completed(desk: Desk, ask: Callable[[Call], list[str]]) -> Completion:
    from runwise_format.safety import clean  # noqa: PLC0415 - the handshake must not wait

    try:
        found = await desk.ask(ask)
    except RefusedError:
        found = []
    return Completion(
        values=[clean(word) for word in found[:MOST]], total=len(found), has_more=len(found) > MOST
    )

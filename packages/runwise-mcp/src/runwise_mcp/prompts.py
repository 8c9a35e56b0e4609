"""Prompts: what a person picks from a menu, with what runwise knows already in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS
from pydantic import Field

from runwise_mcp.asking import Asker, answered, names
from runwise_mcp.desk import RefusedError
from runwise_mcp.texts import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mcp.server import MCPServer

    from runwise_format import Document
    from runwise_mcp.desk import Call

TOKENS = 1_500
DIAGNOSE = (
    "Find out why this training run went as it did. Name the most likely cause with the steps "
    "that show it, what else it could be and how to tell them apart, and the one change to try "
    "first. Look closer with get_history (around a step), compare_runs (with a healthy run) and "
    "analyze_run include=config before you conclude."
)
COMPARE = (
    "Say which of these training runs is better and why: what differs in the settings, where the "
    "curves part, and whether the difference is more than noise (get_history view=stability)."
)
PLAN = (
    "Propose the next training run. Say what the runs so far tell, which settings mattered "
    "(compare_runs config_diff=true), one change with its expected effect on the metric, and at "
    "which step to stop it early if it does not work."
)


def add(server: MCPServer[Any]) -> None:
    """Add the prompts to a server."""
    server.prompt(title="Diagnose a run")(diagnose)
    server.prompt(title="Compare runs")(compare)
    server.prompt(title="Plan the next experiment")(plan_next_experiment)


async def diagnose(
    ctx: Asker, run: Annotated[str, Field(description="id, name or latest")] = "latest"
) -> list[UserMessage]:
    """Find out what went wrong in a training run."""

    def ask(call: Call) -> list[Document]:
        from runwise import reports  # noqa: PLC0415 - the handshake must not wait

        return [reports.summary(call.workspace, run), reports.check(call.workspace, run)]

    return await _with(ctx, DIAGNOSE, ask)


async def compare(
    ctx: Asker, runs: Annotated[str, Field(description="comma-separated")] = "latest,latest~1"
) -> list[UserMessage]:
    """Compare training runs, and say which is better and why."""

    def ask(call: Call) -> list[Document]:
        from runwise import reports  # noqa: PLC0415 - the handshake must not wait

        return [reports.compare(call.workspace, names(runs))]

    return await _with(ctx, COMPARE, ask)


async def plan_next_experiment(
    ctx: Asker, metric: Annotated[str, Field(description="what shall get better")] = ""
) -> list[UserMessage]:
    """Propose the next training run from those so far."""

    def ask(call: Call) -> list[Document]:
        from runwise import reports  # noqa: PLC0415 - the handshake must not wait

        ranked = [reports.best(call.workspace, metric)] if metric else []
        return [*ranked, reports.list_runs(call.workspace)]

    return await _with(ctx, PLAN, ask)


async def _with(
    ctx: Asker, task: str, ask: Callable[[Call], Sequence[Document]]
) -> list[UserMessage]:
    try:
        known = await answered(ctx, ask, tokens=TOKENS)
    except RefusedError as error:
        raise MCPError(INVALID_PARAMS, str(error)) from error
    return [UserMessage(f"{task}\n\n{MARK}\n{known}")]

"""``analyze_run``: what ``runwise run``, ``config``, ``notes`` and ``console`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from runwise_mcp.asking import Asker, Metrics, Run, Shape, answered, names
from runwise_mcp.desk import RefusedError
from runwise_mcp.texts import LEAST, MOST_TOKENS, TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable

    from runwise_format import Document
    from runwise_mcp.desk import Call

PARTS = ("summary", "config", "notes", "console")
METRICS, LINES = 8, 20
ALL = 100
"""Printed lines, or metrics in full, where somebody wants to see more."""


async def analyze_run(
    ctx: Asker,
    *,
    run: Run = "latest",
    metrics: Metrics = "",
    include: Annotated[str, Field(description="of summary, config, notes, console")] = "summary",
    max_tokens: Annotated[int, Field(ge=LEAST, le=MOST_TOKENS)] = TOKENS,
    response_format: Shape = "concise",
) -> str:
    """How a run is going: state, progress, problems, metrics, trends; its settings."""
    parts = names(include) or ["summary"]
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise RefusedError(f"include knows {', '.join(PARTS)}, not '{unknown[0][:40]}'")
    full = response_format == "detailed"

    def ask(call: Call) -> list[Document]:
        from runwise import reports  # noqa: PLC0415 - the handshake must not wait

        asked: dict[str, Callable[[], Document]] = {
            "summary": lambda: reports.summary(
                call.workspace, run, keys=names(metrics), limit=ALL if full else METRICS
            ),
            "config": lambda: reports.config(call.workspace, run),
            "notes": lambda: reports.notes(call.workspace, run),
            "console": lambda: reports.console(call.workspace, run, limit=ALL if full else LINES),
        }
        return [asked[part]() for part in parts]

    return await answered(ctx, ask, response_format, max_tokens)

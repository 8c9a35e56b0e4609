"""``list_keys``: what ``runwise keys`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_mcp.asking import Asker, Metrics, OtherRun, answered, names

if TYPE_CHECKING:
    from runwise_format import Document
    from runwise_mcp.desk import Call


async def list_keys(ctx: Asker, *, run: OtherRun = "latest", pattern: Metrics = "") -> str:
    """Name the metrics of a run, and how many points each has."""

    def ask(call: Call) -> list[Document]:
        from runwise import reports  # noqa: PLC0415 - the handshake must not wait

        return [reports.keys(call.workspace, run, patterns=names(pattern))]

    return await answered(ctx, ask)

"""``detect_anomalies``: what ``runwise check`` says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from runwise_mcp.asking import Asker, Metrics, OtherRun, Shape, answered, names

if TYPE_CHECKING:
    from runwise_format import Document
    from runwise_mcp.desk import Call

LEVELS = ("info", "warning", "critical")
ALL = 200


async def detect_anomalies(
    ctx: Asker,
    *,
    run: OtherRun = "latest",
    metrics: Metrics = "",
    min_severity: Literal["info", "warning", "critical"] = "info",
    response_format: Shape = "concise",
) -> str:
    """What is wrong with a run: NaN, spikes, divergence, plateaus, overfitting, stalls; advice."""

    def ask(call: Call) -> list[Document]:
        from runwise import reports  # noqa: PLC0415 - the handshake must not wait

        more = {"limit": ALL} if response_format == "detailed" else {}
        document = reports.check(call.workspace, run, keys=names(metrics), **more)
        return [_as_grave(document, min_severity)]

    return await answered(ctx, ask, response_format)


def _as_grave(document: Document, least: str) -> Document:
    """Return a document without the findings that are less grave."""
    from runwise_format import Findings  # noqa: PLC0415 - as above

    wanted = LEVELS[LEVELS.index(least) :]
    blocks = [
        replace(block, items=[item for item in block.items if item.severity in wanted])
        if isinstance(block, Findings)
        else block
        for block in document.blocks
    ]
    return replace(document, blocks=blocks)

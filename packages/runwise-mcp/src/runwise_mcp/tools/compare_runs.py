"""``compare_runs``: what ``runwise compare`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from runwise_mcp.asking import Asker, Metrics, Shape, answered, names, terms

if TYPE_CHECKING:
    from runwise_format import Document
    from runwise_mcp.desk import Call

MOST = 12


async def compare_runs(
    ctx: Asker,
    *,
    runs: Annotated[str, Field(description="a,b or a@5000,b@5000")] = "",
    metrics: Metrics = "",
    filter: Annotated[  # noqa: A002 - the name agents know
        str, Field(description="runs as in list_runs, or a metric prefix")
    ] = "",
    threshold: Annotated[float, Field(ge=0, description="least percent")] = 0.0,
    group: Annotated[bool, Field(description="a table per prefix")] = False,
    config_diff: Annotated[bool, Field(description="settings instead")] = False,
    response_format: Shape = "concise",
) -> str:
    """Compare runs: who is better in what, who was sooner, which settings differ."""

    def ask(call: Call) -> list[Document]:
        from runwise import reports  # noqa: PLC0415 - the handshake must not wait

        chosen, prefix = _chosen(call, filter)
        refs = [*names(runs), *chosen] or ["latest", "latest~1"]
        document = reports.compare(
            call.workspace,
            refs,
            keys=names(metrics),
            prefix=prefix,
            group=group,
            threshold=threshold or None,
            config_only=config_diff,
        )
        if config_diff or response_format != "detailed":
            return [document]
        return [document, reports.compare(call.workspace, refs, config_only=True)]

    return await answered(ctx, ask, response_format)


def _chosen(call: Call, filter: str) -> tuple[list[str], str]:  # noqa: A002 - as above
    """Return the runs that terms mean, the newest first, and a word that is no term."""
    from time import time  # noqa: PLC0415 - as below

    from runwise.filters.choosing import admitted  # noqa: PLC0415 - as above
    from runwise.filters.grammar import looks_like_term  # noqa: PLC0415 - as above

    words = filter.split()
    said = " ".join(word for word in words if looks_like_term(word))
    prefix = next((word for word in words if not looks_like_term(word)), "")
    if not said:
        return [], prefix
    found = admitted(call.workspace, terms(said), time())
    return [call.workspace.handle(run) for run in found[:MOST]], prefix

"""``find_best_run``: what ``runwise best`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from runwise_mcp.asking import Asker, OtherFilter, answered, terms

if TYPE_CHECKING:
    from runwise_format import Document
    from runwise_mcp.desk import Call


async def find_best_run(
    ctx: Asker,
    *,
    metric: str,
    direction: Literal["auto", "min", "max"] = "auto",
    filter: OtherFilter = "",  # noqa: A002 - the name agents know
    limit: Annotated[int, Field(ge=1, le=200)] = 10,
) -> str:
    """Rank runs by the best value of a metric over the whole of each."""

    def ask(call: Call) -> list[Document]:
        from runwise import reports  # noqa: PLC0415 - the handshake must not wait

        end = None if direction == "auto" else direction
        document = reports.best(
            call.workspace, metric, direction=end, terms=terms(filter), limit=limit
        )
        return [document]

    return await answered(ctx, ask)

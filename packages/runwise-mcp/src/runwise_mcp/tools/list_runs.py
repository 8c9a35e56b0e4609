"""``list_runs``: what ``runwise list`` says, in pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from runwise_mcp.asking import Asker, Filter, answered, desk_of, noted, terms
from runwise_mcp.desk import Call, RefusedError, not_allowed

if TYPE_CHECKING:
    from runwise_format import Document


async def list_runs(
    ctx: Asker,
    *,
    filter: Filter = "",  # noqa: A002 - the name agents know
    sort: Annotated[str, Field(description="field or metric; -x reverses")] = "",
    limit: Annotated[int, Field(ge=1, le=200)] = 10,
    cursor: str = "",
) -> str:
    """List runs, newest first: id, state, step, age, health, loss, trend."""
    passed = _place(cursor)

    def ask(call: Call) -> list[Document]:
        from runwise.reports.listing import page_of  # noqa: PLC0415 - the handshake must not wait

        document, place = page_of(
            call.workspace, terms=terms(filter), sort=sort, limit=limit, passed=passed
        )
        refused = desk_of(ctx).project.refused(call.workspace)
        document = noted(document, not_allowed(refused) if refused else "")
        if place:
            document = replace(document, dropped=[f"{document.dropped[0]}: cursor={place}"])
        return [document]

    return await answered(ctx, ask)


def _place(cursor: str) -> int:
    """Return how many runs earlier pages showed."""
    if cursor and not cursor[:9].isdecimal():
        raise RefusedError("that cursor is none: take it from the end of list_runs")
    return int(cursor[:9] or 0)

"""What every tool does with what it was given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.server.mcpserver import Context
from pydantic import Field

from runwise_mcp.desk import Desk
from runwise_mcp.texts import TOKENS, answer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runwise.filters.grammar import Term
    from runwise_format import Document
    from runwise_mcp.desk import Call

Asker = Context[Desk, Any]
"""Who asks, and at which desk."""
Run = Annotated[str, Field(description="id, name, prefix, path, latest~1; run@5000, run@50%")]
OtherRun = Annotated[str, Field(description="as in analyze_run")]
"""A run where a model has read of runs before."""
Metrics = Annotated[str, Field(description="globs, comma-separated")]
Filter = Annotated[
    str, Field(description="state:running tag:x config.lr<=3e-4 val_acc>80% age<2d")
]
OtherFilter = Annotated[str, Field(description="as in list_runs")]
Shape = Literal["concise", "detailed", "json"]


def desk_of(ctx: Asker) -> Desk:
    """Return where this question is answered."""
    return ctx.request_context.lifespan_context


async def answered(
    ctx: Asker,
    ask: Callable[[Call], Sequence[Document]],
    response_format: str = "concise",
    tokens: int = TOKENS,
    *,
    waits: bool = False,
) -> str:
    """Return documents about the runs as they are now, or when what one ``waits`` for is, as text.

    Raises ``RefusedError`` for what the caller can mend.
    """
    output = "json" if response_format == "json" else "compact"
    desk = desk_of(ctx)
    return await desk.ask(lambda call: answer_of(ask(call), output, tokens), ctx, waits=waits)


def terms(text: str) -> tuple[Term, ...]:
    """Return the terms of a filter. Raises ``BadFilter``."""
    from runwise.filters.grammar import terms_of  # noqa: PLC0415 - the handshake must not wait

    return terms_of([text] if text.strip() else [])


def names(text: str) -> list[str]:
    """Return names that stand comma-separated.

    >>> names("lr, val/*")
    ['lr', 'val/*']
    """
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def noted(document: Document, *remarks: str) -> Document:
    """Return a document with more notes."""
    from runwise_format import Notes  # noqa: PLC0415 - as above

    said = [remark for remark in remarks if remark]
    more = [Notes("remarks", said)] if said else []
    return replace(document, blocks=[*document.blocks, *more])

"""``get_history``: what ``runwise history``, ``stats``, ``stability`` and ``plot`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from runwise_mcp.asking import Asker, Metrics, OtherRun, answered, names
from runwise_mcp.texts import MOST_TOKENS, TOKENS

if TYPE_CHECKING:
    from runwise.window import Window
    from runwise_format import Document
    from runwise_mcp.desk import Call

View = Literal["values", "stats", "stability", "trend", "chart"]


async def get_history(
    ctx: Asker,
    *,
    run: OtherRun = "latest",
    metrics: Metrics = "",
    samples: Annotated[int, Field(ge=0, le=5000, description="rows")] = 0,
    view: View = "values",
    around: Annotated[str, Field(description="step or best:METRIC")] = "",
    window: Annotated[float, Field(ge=0, description="steps each side; points of stability")] = 0,
    response_format: Literal["concise", "json"] = "concise",
) -> str:
    """Curves of a run: rows with extremes, exact statistics, steadiness or a chart."""

    def ask(call: Call) -> list[Document]:
        from runwise import reports  # noqa: PLC0415 - the handshake must not wait

        keys, runs = names(metrics), call.workspace
        if view == "stats":
            return [reports.stats(runs, run, keys=keys)]
        if view == "stability":
            points = {"window": int(window)} if window else {}
            return [reports.stability(runs, run, keys=keys, **points)]
        if view == "trend":
            return [reports.summary(runs, run, keys=keys)]
        part = _window(call, run, around, window)
        if view == "chart":
            return [reports.plot(runs, [run], keys=keys, window=part)]
        exact = response_format == "json"
        return [
            reports.history(runs, run, keys=keys, points=samples or None, window=part, exact=exact)
        ]

    return await answered(ctx, ask, response_format, MOST_TOKENS if samples else TOKENS)


def _window(call: Call, run: str, around: str, reach: float) -> Window:
    """Return the part of a run that is meant."""
    from runwise.pointing import step_of  # noqa: PLC0415 - the handshake must not wait
    from runwise.window import Window  # noqa: PLC0415 - as above

    if not around:
        return Window(reach=reach or None)
    step, said = step_of(call.workspace, run, around)
    return Window(around=step, reach=reach or None, said=said)

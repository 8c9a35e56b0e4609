"""``live_status``: what ``runwise live`` says, now or when something has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from runwise_mcp.asking import Asker, OtherRun, answered, noted
from runwise_mcp.guard import StoppedError

if TYPE_CHECKING:
    from runwise.following import Wish
    from runwise_format import Document
    from runwise_mcp.desk import Call

EVERY = 1.0
"""Seconds between looks."""
END = "end"
FINDING = "finding"


async def live_status(
    ctx: Asker,
    *,
    run: OtherRun = "latest",
    since: Annotated[float, Field(ge=-1, description="a step: only what is new")] = -1,
    wait_until: Annotated[str, Field(description="end, finding or val/loss<0.3")] = "",
    timeout: Annotated[float, Field(ge=0, le=3600, description="seconds")] = 50,
) -> str:
    """Newest values of a run, at once or once something has happened."""

    def ask(call: Call) -> list[Document]:
        from runwise import reports  # noqa: PLC0415 - the handshake must not wait

        runs, ref, why = call.workspace, run, ""
        if wait_until:
            ref = runs.handle(runs.resolve(run)[0])  # another run may become the latest
            why = _waited(call, ref, wait_until, timeout)
            runs = call.again()
        document = reports.live(runs, ref, since=None if since < 0 else since)
        return [noted(document, why)]

    return await answered(ctx, ask, waits=bool(wait_until))


def _waited(call: Call, run: str, until: str, timeout: float) -> str:
    """Wait for a run, and return why no longer; each thing that happens is told at once."""
    from runwise.following import TIMED_OUT, End, follow  # noqa: PLC0415 - as above
    from runwise.watch_lines import line_of  # noqa: PLC0415 - as above

    def wait(seconds: float) -> None:
        if call.stop.wait(seconds):
            raise StoppedError

    reason = ""
    for event in follow(call.workspace, run, _wish(until, timeout), EVERY, wait=wait):
        call.tell(line_of(event))
        if isinstance(event, End):
            late = f" after {timeout:g} s; call again to wait on" * (event.code == TIMED_OUT)
            reason = f"waited until {until}: {event.reason}{late}"
    return reason


def _wish(until: str, timeout: float) -> Wish:
    from runwise.filters.grammar import terms_of  # noqa: PLC0415 - as above
    from runwise.following import LEVELS, Wish  # noqa: PLC0415 - as above

    if until == END:
        return Wish(timeout=timeout)
    head, _, severity = until.partition(":")
    if head == FINDING and severity in ("", *LEVELS):
        return Wish(severity=severity or "warning", timeout=timeout)
    return Wish(terms_of([until]), timeout=timeout)

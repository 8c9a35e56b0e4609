"""Resources: what a person may hand to an agent, or an agent read again when it has changed."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp.types import Resource, ResourceTemplate

from runwise_mcp.addresses import TEMPLATES, Address, address_of, uri_of
from runwise_mcp.asking import names
from runwise_mcp.desk import RefusedError
from runwise_mcp.texts import MOST_TOKENS, TOKENS, answer_of

if TYPE_CHECKING:
    from runwise_format import Document
    from runwise_mcp.desk import Call, Desk

LISTED = 10
"""Runs that are listed: the others have addresses, too."""
OUTPUTS = {"summary": "compact", "history": "csv", "report": "md"}
UNKNOWN = "no such resource: there are runwise://runs/RUN/summary, /history and /report"


def templates() -> list[ResourceTemplate]:
    """Return the kinds of resources that every run has."""
    return [
        ResourceTemplate(name=kind, uri_template=address, description=said, mime_type=mime_type)
        for kind, (address, mime_type, said) in TEMPLATES.items()
    ]


async def newest(desk: Desk) -> list[Resource]:
    """Return the summaries of the newest runs; none where no run is."""

    def ask(call: Call) -> list[Resource]:
        from runwise.reports import parts  # noqa: PLC0415 - handshakes must not wait
        from runwise_format.safety import clean  # noqa: PLC0415 - as above

        runs = call.workspace.runs[:LISTED]
        return [
            Resource(
                name=clean(parts.label(run)),
                uri=uri_of(call.workspace.handle(run), "summary"),
                description=clean(f"{parts.label(run)} {parts.state(run)}"),
                mime_type="text/plain",
            )
            for run in runs
        ]

    try:
        return await desk.ask(ask)
    except RefusedError:
        return []


async def read(desk: Desk, uri: str) -> ReadResourceContents:
    """Return a resource. Raises ``ResourceNotFoundError`` for what is none, or not there."""
    address = address_of(uri)
    if address is None:
        raise ResourceNotFoundError(UNKNOWN)
    output = OUTPUTS[address.kind]
    tokens = TOKENS if output == "compact" else MOST_TOKENS
    try:
        text = await desk.ask(lambda call: answer_of([_document(call, address)], output, tokens))
    except RefusedError as error:
        raise ResourceNotFoundError(str(error)) from error
    return ReadResourceContents(content=text, mime_type=TEMPLATES[address.kind][1])


def _document(call: Call, address: Address) -> Document:
    from runwise import reports  # noqa: PLC0415 - the handshake must not wait
    from runwise.window import Window  # noqa: PLC0415 - as above

    if address.kind == "summary":
        return reports.summary(call.workspace, address.run)
    if address.kind == "report":
        return reports.report(call.workspace, [address.run])
    asked = address.asked
    window = Window(_step(asked, "from"), _step(asked, "to"))
    keys = names(asked.get("keys", ""))
    return reports.history(call.workspace, address.run, keys=keys, window=window, exact=True)


def _step(asked: dict[str, str], name: str) -> float | None:
    if not asked.get(name):
        return None
    try:
        step = float(asked[name])
    except ValueError:
        step = float("nan")
    if not isfinite(step):
        raise RefusedError(f"{name} must be a step")
    return step

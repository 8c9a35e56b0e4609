"""The clients of this machine, and what each has of runwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.agents.client import SCOPES
from runwise.agents.installing import state_of
from runwise.agents.shelf import client_named, known_clients
from runwise.errors import BadSetting
from runwise_format import Column, Document, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.agents.client import Client
    from runwise.agents.places import Places
    from runwise_format.cells import Cell


def chosen(names: Sequence[str], places: Places) -> list[Client]:
    """Return the clients of these names, or those that are here. Raises ``BadSetting``."""
    if names:
        return [client_named(name) for name in dict.fromkeys(names)]
    found = [client for client in known_clients() if client.is_here(places)]
    if not found:
        raise BadSetting("no client is here", "Name one: runwise agent list")
    return found


def clients_here(places: Places) -> Document:
    """Return every client: whether it is here, and which parts it has where."""
    columns = [Column(name, role="name") for name in ("client", "here", "skill", "mcp")]
    rows: list[list[Cell]] = []
    known = known_clients()
    for client in known:
        states = {scope: state_of(client, places, scope) for scope in SCOPES}
        cells = [_said(part, states) for part in ("skill", "mcp")]
        rows.append([client.name, "yes" if client.is_here(places) else "no", *cells])
    there = sum(row[1] == "yes" for row in rows)
    having = sum(any(str(cell).startswith(SCOPES) for cell in row[2:]) for row in rows)
    verdict = f"{words.count(len(known), 'client')}, {there} here, {having} with runwise"
    blocks = [Table("clients", columns, rows, importance=70)]
    more = "runwise agent install CLIENT"
    return Document(kind="agents", title="", verdict=verdict, blocks=blocks, more=more)


def _said(part: str, states: dict[str, dict[str, str]]) -> str | None:
    """Return in which scopes a part is installed; None where a client has no such thing."""
    if not any(state[part] for state in states.values()):
        return None
    found = [
        scope if state[part] == "yes" else f"{scope} ({state[part]})"
        for scope, state in states.items()
        if state[part] not in ("", "no")
    ]
    return " ".join(found) or "no"

"""The settings in force, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise_format import Column, Document, Notes, Table
from runwise_format.redaction import redacted

if TYPE_CHECKING:
    from runwise.workspace import Workspace


def settings(workspace: Workspace) -> Document:
    """Return the project's settings, with the flag, variable or file that says each."""
    known = workspace.settings
    rows = [
        (name, str(redacted({name: value})[name]), where) for name, value, where in known.origins
    ]
    places = [str(root) for root in known.roots]
    return Document(
        kind="settings",
        title=known.project,
        verdict=f"{words.count(len(rows), 'setting')}; looked for runs in {', '.join(places)}",
        blocks=[
            Table(
                "settings",
                [Column("name", role="name"), Column("value", role="text"), Column("from")],
                rows,
                importance=80,
            ),
            Notes("remarks", list(known.remarks)),
        ],
        more=workspace.command("sources"),
    )

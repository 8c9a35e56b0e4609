"""Which offline runs W&B's server does not have yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.syncing import unsynced
from runwise_format import Column, Document, Notes, Table

if TYPE_CHECKING:
    from runwise.workspace import Workspace

SHOWN = 20


def to_sync(workspace: Workspace) -> Document:
    """Return the offline W&B runs that were not sent to a server."""
    found = unsynced(workspace)
    columns = [Column("id", role="name"), Column("name", role="name"), Column("directory")]
    rows = [(run.id, run.name, folder.name) for run, folder in found[:SHOWN]]
    return Document(
        kind="sync",
        title=workspace.settings.project,
        verdict=f"{words.count(len(found), 'offline run')} not sent to W&B",
        blocks=[
            Table("runs", columns, rows, importance=80),
            Notes("notes", ["runwise reads them as they lie: only W&B's website needs this"]),
        ],
        more=workspace.command("sync", "--all") if found else workspace.command("list"),
        dropped=[words.count(len(found) - SHOWN, "run")] if len(found) > SHOWN else [],
    )

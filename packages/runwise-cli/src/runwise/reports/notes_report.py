"""What people wrote about a run, and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise.errors import some
from runwise.reports import parts
from runwise_format import Document, Fields, Notes

if TYPE_CHECKING:
    from runwise.workspace import Workspace
    from runwise_format.cells import Cell

LONGEST_LINE = 300
PARTS = 8


def notes(workspace: Workspace, ref: str = "latest") -> Document:
    """Return a run's name, group, tags, notes in full, host, command and commit.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    info, _, remark = workspace.resolve(ref)
    items: dict[str, Cell] = {
        "id": info.id,
        "name": info.name or None,
        "project": info.project or None,
        "group": info.group or None,
        "job_type": info.job_type or None,
        "sweep": info.sweep or None,
        "forked_from": info.forked_from or None,
        "parts": some(info.parts, PARTS) or None,
        "tags": ", ".join(info.tags) or None,
        "host": info.host or None,
        "command": info.command or None,
        "commit": info.commit or None,
        "path": str(info.path),
    }
    lines = _lines(info.notes)
    how = _how(info.source) if not lines else ""
    return Document(
        kind="notes",
        title=parts.label(info),
        verdict=f"{parts.label(info)} {parts.state(info)}: {_count(lines)}",
        blocks=[
            Fields("run", items, importance=60),
            Notes("text", lines, importance=70),
            parts.notes((), remark, how),
        ],
        more=workspace.command("config", workspace.handle(info)),
    )


def _count(lines: list[str]) -> str:
    return "notes below" if lines else "no notes"


def _lines(text: str) -> list[str]:
    """Return a text in lines that are printed whole."""
    import textwrap  # noqa: PLC0415 - only notes are this long

    return [
        line for paragraph in text.splitlines() for line in textwrap.wrap(paragraph, LONGEST_LINE)
    ]


def _how(source: str) -> str:
    if source.startswith("wandb"):
        return "to set them: wandb.init(notes=..., tags=[...], group=...), or run.notes = ..."
    return f"a {source} log has no place for notes"

"""Files a run stored beside its metrics: which there are, and what is in a small text one."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import NoSuchArtifact, near, short, some
from runwise.reports import parts
from runwise_format import Column, Document, Fields, Notes, Table
from runwise_format.redaction import redacted_lines

if TYPE_CHECKING:
    from runwise.workspace import Workspace
    from runwise_parsers import RunInfo

SHOWN = 30
TEXTS = frozenset({".txt", ".json", ".yaml", ".yml", ".csv", ".tsv", ".md", ".log", ".toml"})
LONGEST = 1 << 16
LINES = 60
LONGEST_LINE = 300


def artifacts(workspace: Workspace, ref: str = "latest", *, limit: int = SHOWN) -> Document:
    """Return the files a run stored, by name, with their sizes.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    info, _, remark = workspace.resolve(ref)
    found = workspace.open(info).artifacts()
    shown, handle = found[:limit], workspace.handle(info)
    left = len(found) - len(shown)
    table = Table(
        "artifacts",
        [Column("name", role="name"), Column("bytes", role="number")],
        [(one.name, one.size) for one in shown],
        importance=80,
    )
    readable = next((one.name for one in found if _is_text(one.name)), "")
    return Document(
        kind="artifacts",
        title=parts.label(info),
        verdict=f"{parts.label(info)}: {words.count(len(found), 'artifact')}",
        blocks=[table, parts.notes((), remark)],
        more=workspace.command("artifacts", handle, readable) if readable else "",
        dropped=[words.count(left, "artifact")] if left > 0 else [],
    )


def artifact(workspace: Workspace, ref: str, name: str) -> Document:
    """Return what is in a small text file that a run stored, as lines.

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchArtifact``, also for a file that is no text.
    """
    info, _, remark = workspace.resolve(ref)
    run = workspace.open(info)
    if not _is_text(name):
        raise NoSuchArtifact(
            f"'{short(name)}' is no text file", f"Read are {some(sorted(TEXTS), 9)}."
        )
    try:
        data = run.read_artifact(name, LONGEST)
    except LookupError as error:
        known = [one.name for one in run.artifacts()]
        raise _unknown(workspace, info, name, known) from error
    lines = data.decode("utf-8", "replace").splitlines()
    shown = [line[:LONGEST_LINE] for line in redacted_lines(lines[:LINES])]
    left = len(lines) - len(shown)
    return Document(
        kind="artifact",
        title=name,
        verdict=f"{name} of {parts.label(info)}, {words.size(len(data))}",
        blocks=[
            Fields("artifact", {"id": info.id, "name": name, "bytes": len(data)}, quiet=True),
            Notes("text", shown, importance=70),
            parts.notes((), remark),
        ],
        dropped=[words.count(left, "line")] if left > 0 else [],
    )


def _unknown(workspace: Workspace, info: RunInfo, name: str, known: list[str]) -> NoSuchArtifact:
    if not known:
        return NoSuchArtifact(
            f"{short(info.id)} stored no artifacts", "Ask for its metrics: runwise keys"
        )
    close = near(name, known, 3) or known[:3]
    command = workspace.command("artifacts", workspace.handle(info))
    remedy = f"Near: {some(close)}. See: {command}"
    return NoSuchArtifact(f"no artifact '{short(name)}' here", remedy)


def _is_text(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in TEXTS

"""The configuration of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.reports import parts
from runwise.settings_tree import flat, tree_of
from runwise_format import Document
from runwise_format.document import Tree

if TYPE_CHECKING:
    from runwise.workspace import Workspace


def config(workspace: Workspace, ref: str = "latest") -> Document:
    """Return a run's hyperparameters, nested as they were logged, without secrets.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    info, _, remark = workspace.resolve(ref)
    run = workspace.open(info)
    known = run.config()
    count = len(flat(known))
    empty = "" if count else _nothing(info.source)
    return Document(
        kind="config",
        title=parts.label(info),
        verdict=f"{parts.label(info)}: {words.count(count, 'setting')}",
        blocks=[Tree("config", tree_of(known)), parts.notes(run.gaps, remark, empty)],
        more=workspace.command("notes", workspace.handle(info)),
    )


def _nothing(source: str) -> str:
    if source.startswith("wandb"):
        return "nothing was set: pass wandb.init(config={...}) next time"
    return f"a {source} log has no place for a configuration"

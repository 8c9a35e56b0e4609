"""The configuration of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.reports import parts
from runwise.reports.reading import is_short
from runwise.settings_tree import flat, tree_of
from runwise_format import Document
from runwise_format.document import Tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.workspace import Workspace
    from runwise_parsers import Gap, RunInfo


def config(workspace: Workspace, ref: str = "latest") -> Document:
    """Return a run's hyperparameters, nested as they were logged, without secrets.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    info, _, remark = workspace.resolve(ref)
    known, gaps = _known(workspace, info)
    count = len(flat(known))
    empty = "" if count else _nothing(info.source)
    return Document(
        kind="config",
        title=parts.label(info),
        verdict=f"{parts.label(info)}: {words.count(count, 'setting')}",
        blocks=[Tree("config", tree_of(known)), parts.notes(gaps, remark, empty)],
        more=workspace.command("notes", workspace.handle(info)),
    )


def _known(workspace: Workspace, info: RunInfo) -> tuple[Mapping[str, object], Sequence[Gap]]:
    """Return a run's settings as they ended: of a long one, what is known of it, if all is."""
    kept = None if is_short(info) else workspace.study(info)
    if kept is not None and not kept.rows:
        return kept.config, kept.gaps
    run = workspace.open(info)
    return run.config(), run.gaps


def _nothing(source: str) -> str:
    if source.startswith("wandb"):
        return "nothing was set: pass wandb.init(config={...}) next time"
    return f"a {source} log has no place for a configuration"

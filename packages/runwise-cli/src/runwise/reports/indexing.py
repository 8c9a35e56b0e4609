"""Runs read in advance, so that whoever asks about them later need not wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import short
from runwise.index.preparing import prepare
from runwise.index.store import Store, cache_folder, cache_limit
from runwise.reports import parts
from runwise_format import Document, Fields

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from runwise.workspace import Workspace


def index(
    workspace: Workspace,
    *,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Document:
    """Read all runs of a project into the user's index, several at once.

    ``progress`` is called with the number of runs done and of all. Raises ``NoRuns``.
    """
    runs = workspace.some_runs()
    troubles: list[str] = []
    for number, one in enumerate(prepare(runs, workspace.settings, executor), start=1):
        if one.trouble:
            troubles.append(f"{short(one.info.id)}: {one.trouble}")
        if progress is not None:
            progress(number, len(runs))
    store = Store(cache_folder(), cache_limit())
    done = len(runs) - len(troubles)
    items = {"runs": done, "failed": len(troubles), "bytes": store.size()}
    return Document(
        kind="index",
        title=workspace.settings.project,
        verdict=f"{words.count(done, 'run')} read into the index",
        blocks=[Fields("index", items, quiet=True), parts.notes((), *troubles)],
        more=workspace.command("list"),
    )

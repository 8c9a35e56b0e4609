"""Offline W&B runs sent to the server by W&B's own command: ``wandb sync``.

Reading a run here needs none of this: its log is read as it lies on disk.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from runwise.errors import NoSuchRun, RunwiseError, short
from runwise_parsers.remote_shelf import install_command

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.workspace import Workspace
    from runwise_parsers import RunInfo

OFFLINE = "offline-run-"


class NotSynced(RunwiseError):  # noqa: N818 - read aloud, the name says what is wrong
    """W&B's command could not be run, or failed."""


def unsynced(workspace: Workspace) -> list[tuple[RunInfo, Path]]:
    """Return the offline runs, a directory each, that were not sent yet: the newest first."""
    return [
        (run, folder)
        for run in workspace.runs
        if run.source.startswith("wandb")
        for folder in map(_folder, run.segments)
        if folder.name.startswith(OFFLINE) and not list(folder.glob("*.synced"))
    ]


def sync(
    workspace: Workspace, ref: str = "", *, everything: bool = False
) -> tuple[int, list[Path]]:
    """Run ``wandb sync`` on a run, or on all that wait; return its exit code and the directories.

    What it prints goes where ours goes. Raises ``NoSuchRun`` and ``NotSynced``.
    """
    folders = _chosen(workspace, ref, everything=everything)
    if not folders:
        return 0, []
    if find_spec("wandb") is None:
        raise NotSynced("wandb is not installed", f"Run: {install_command('wandb')}")
    command = [sys.executable, "-m", "wandb", "sync", *map(str, folders)]
    done = subprocess.run(command, check=False)  # noqa: S603 - our own command, on paths found here
    return done.returncode, folders


def _chosen(workspace: Workspace, ref: str, *, everything: bool) -> list[Path]:
    if everything:
        return [folder for _, folder in unsynced(workspace)]
    run, _, _ = workspace.resolve(ref)
    folders = [_folder(segment) for segment in run.segments]
    offline = [folder for folder in folders if folder.name.startswith(OFFLINE)]
    if not offline:
        problem = f"{short(run.id)} is no offline W&B run"
        raise NoSuchRun(problem, "It is read where it lies: nothing has to be synced.")
    return offline


def _folder(segment: Path) -> Path:
    return segment if segment.is_dir() else segment.parent

"""What the server may read: its roots, and for each call a fresh look at what lies there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise import Workspace

NAMED = ("RUNWISE_WANDB_DIR", "RUNWISE_LOGS_DIR")
"""Variables that name a directory whoever started the server wants read."""


@dataclass(frozen=True, slots=True)
class Project:
    """Directories that may be read, the project's first; whether servers may be asked too."""

    roots: tuple[Path, ...]
    allow_remote: bool = False

    def workspace(self) -> Workspace:
        """Return the runs as they are now, confined to the roots.

        Raises ``BadSetting`` where the settings there cannot be used.
        """
        import runwise  # noqa: PLC0415 - the handshake must not wait for it
        from runwise_mcp.catalogue import shared_catalogue  # noqa: PLC0415 - as above

        first, *more = self.roots
        return runwise.Workspace(
            first, more=more, within=self.roots, catalogue=shared_catalogue(self.roots),
            remote=self.allow_remote,
        )  # fmt: skip

    def kept(self) -> list[Path]:
        """Return where runwise itself may write."""
        from runwise.index.store import cache_folder  # noqa: PLC0415 - as above

        return [cache_folder().absolute()]

    def refused(self, workspace: Workspace) -> list[Path]:
        """Return directories that the project's settings name and nobody allowed to be read."""
        return [path for path in workspace.settings.roots if not workspace.may_read(path)]


def project_of(
    roots: Sequence[Path] = (), env: Mapping[str, str] = os.environ, *, allow_remote: bool = False
) -> Project:
    """Return what may be read: ``roots``, else what the environment names, else where we are."""
    places = list(roots) or [Path(env.get("RUNWISE_PROJECT_ROOT") or ".")]
    places += [Path(env[name]).expanduser() for name in NAMED if env.get(name)]
    return Project(tuple(dict.fromkeys(places)), allow_remote)

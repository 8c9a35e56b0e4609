"""Where things lie on somebody's machine: the home, the project, programs' own folders."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Places:
    """A home, a project, a system (as ``sys.platform`` says it) and its environment."""

    home: Path
    project: Path
    system: str = "linux"
    env: Mapping[str, str] = field(default_factory=dict[str, str])

    def named(self, variable: str, otherwise: str) -> Path:
        """Return the directory a variable names, or one below the home."""
        return Path(self.env[variable]) if self.env.get(variable) else self.home / otherwise

    @property
    def programs(self) -> Path:
        """Where programs with windows keep a user's settings."""
        if self.system == "darwin":
            return self.home / "Library" / "Application Support"
        if self.system == "win32":
            return self.named("APPDATA", "AppData/Roaming")
        return self.named("XDG_CONFIG_HOME", ".config")

    def shown(self, path: Path) -> str:
        """Return a path as people say it: from the project, or from the home."""
        for base, prefix in ((self.project, ""), (self.home, "~/")):
            if base in path.parents:
                return prefix + path.relative_to(base).as_posix()
        return str(path)


def here(project: Path) -> Places:
    """Return the places of this machine and user, around a project."""
    return Places(Path.home(), project.absolute(), sys.platform, os.environ)

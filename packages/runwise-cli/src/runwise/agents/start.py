"""The command that starts the server ``runwise-mcp``, as a client should keep it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "runwise-mcp"
PASSING = ("archive-v0", "builds-v0")
"""Folders of uv's cache: an environment in there is gone when the cache is cleaned."""
HOW_TO_GET = "uv tool install runwise-mcp, or pip install runwise-mcp"


@dataclass(frozen=True, slots=True)
class Start:
    """A program and its arguments."""

    command: str
    args: tuple[str, ...] = ()

    def reading(self, roots: Sequence[str]) -> Start:
        """Return the start of a server that reads below these directories."""
        more = [word for root in roots for word in ("--root", root)]
        return Start(self.command, (*self.args, *more))


def server_start(scope: str) -> Start:
    """Return how the server starts for a user of this machine, or for a project.

    For a user the Python that runs this, which is found whatever the client's PATH. A project's
    file is shared, so it names a program and no path of this machine.
    """
    if scope == "user" and find_spec("runwise_mcp") and not _is_passing(sys.prefix):
        return Start(sys.executable, ("-m", "runwise_mcp"))
    found = shutil.which(PROGRAM)
    if found and not _is_passing(found):
        return Start(found if scope == "user" else PROGRAM)
    uvx = shutil.which("uvx")
    if uvx:
        return Start(uvx if scope == "user" else "uvx", (PROGRAM,))
    return Start(PROGRAM)


def is_startable(start: Start) -> bool:
    """Tell whether this machine has the program."""
    return shutil.which(start.command) is not None


def _is_passing(path: str) -> bool:
    return any(part in PASSING for part in Path(path).parts)

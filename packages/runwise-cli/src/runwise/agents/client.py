"""A client: a program with an agent in it, and where it wants to be told of runwise."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.agents.places import Places
    from runwise.agents.start import Start

NAME = "runwise"
"""What the server and the skill are called everywhere."""
SCOPES = ("user", "project")


class Client:
    """Subclass, set the names, say where things lie, and put one into a module as ``client``.

    ``scope`` is ``user`` or ``project``; a place that is None does not exist for a client.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    program: ClassVar[str] = ""
    """What is started, by which its presence shows."""
    syntax: ClassVar[str] = "json"
    """Of its configuration: ``json``, ``jsonc`` (with comments) or ``toml``."""
    section: ClassVar[str] = "mcpServers"
    """The table of the configuration that names servers."""
    after: ClassVar[str] = ""
    """What a person does once it is installed."""

    def config(self, places: Places, scope: str) -> Path | None:
        """Return the file that names servers."""
        raise NotImplementedError

    def skills(self, places: Places, scope: str) -> Path | None:
        """Return the folder that holds skills, a folder each."""
        raise NotImplementedError

    def entry(self, start: Start, scope: str) -> dict[str, Any]:
        """Return what stands under the server's name."""
        del scope
        return {"command": start.command, "args": list(start.args)}

    def roots(self, places: Places, scope: str) -> list[str]:
        """Return what the server must be told to read: nothing, if it starts in the project."""
        del places, scope
        return []

    def is_here(self, places: Places) -> bool:
        """Tell whether this machine seems to have the client."""
        if self.program and shutil.which(self.program, path=places.env.get("PATH")):
            return True
        config = self.config(places, "user")
        return config is not None and config.parent != places.home and config.parent.is_dir()

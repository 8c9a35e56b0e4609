"""opencode: ``opencode.json`` or ``opencode.jsonc``, of a project or in ``~/.config/opencode``.

Both endings may hold comments; the file that is there is the one that is edited. A server is
``local``, its command one list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise.agents.client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.agents.places import Places
    from runwise.agents.start import Start


class Opencode(Client):
    """The agent opencode."""

    name = "opencode"
    title = "opencode"
    program = "opencode"
    syntax = "jsonc"
    section = "mcp"
    after = "Check with: opencode mcp list"

    def config(self, places: Places, scope: str) -> Path:
        """Return the file that names servers."""
        folder = places.project if scope == "project" else self._folder(places)
        commented = folder / "opencode.jsonc"
        return commented if commented.is_file() else folder / "opencode.json"

    def skills(self, places: Places, scope: str) -> Path:
        """Return the folder of skills."""
        folder = places.project / ".opencode" if scope == "project" else self._folder(places)
        return folder / "skills"

    def entry(self, start: Start, scope: str) -> dict[str, Any]:
        """Return the server."""
        del scope
        return {"type": "local", "command": [start.command, *start.args], "enabled": True}

    @staticmethod
    def _folder(places: Places) -> Path:
        """Return its folder, the same on every system."""
        return places.named("XDG_CONFIG_HOME", ".config") / "opencode"


client = Opencode()

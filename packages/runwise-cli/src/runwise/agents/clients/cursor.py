"""Cursor: ``mcp.json`` in ``.cursor``, of the home or of a project.

In a project's file ``${workspaceFolder}`` is the project; where a user's server starts is not
written down anywhere, so that one is told nothing and reads where it starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise.agents.client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.agents.places import Places
    from runwise.agents.start import Start


class Cursor(Client):
    """Cursor, the editor and its command line."""

    name = "cursor"
    title = "Cursor"
    program = "cursor"
    syntax = "jsonc"
    after = "Check in: Settings, MCP"

    def config(self, places: Places, scope: str) -> Path:
        """Return the file that names servers."""
        return self._folder(places, scope) / "mcp.json"

    def skills(self, places: Places, scope: str) -> Path:
        """Return the folder of skills."""
        return self._folder(places, scope) / "skills"

    def entry(self, start: Start, scope: str) -> dict[str, Any]:
        """Return the server."""
        return {"type": "stdio", **super().entry(start, scope)}

    def roots(self, places: Places, scope: str) -> list[str]:
        """Return the project, in Cursor's own words."""
        del places
        return ["${workspaceFolder}"] if scope == "project" else []

    @staticmethod
    def _folder(places: Places, scope: str) -> Path:
        return (places.project if scope == "project" else places.home) / ".cursor"


client = Cursor()

"""VS Code: ``mcp.json`` in ``.vscode`` or in the user's profile, under ``servers``.

The file may hold comments. ``${workspaceFolder}`` stands for the folder that is open. Its agent
reads skills where Copilot does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise.agents.client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.agents.places import Places
    from runwise.agents.start import Start


class VsCode(Client):
    """Visual Studio Code."""

    name = "vscode"
    title = "VS Code"
    program = "code"
    syntax = "jsonc"
    section = "servers"
    after = "Check with: MCP: List Servers"

    def config(self, places: Places, scope: str) -> Path:
        """Return the file that names servers."""
        if scope == "project":
            return places.project / ".vscode" / "mcp.json"
        return places.programs / "Code" / "User" / "mcp.json"

    def skills(self, places: Places, scope: str) -> Path:
        """Return the folder of skills, which Copilot CLI reads too."""
        if scope == "project":
            return places.project / ".github" / "skills"
        return places.home / ".copilot" / "skills"

    def entry(self, start: Start, scope: str) -> dict[str, Any]:
        """Return the server."""
        return {"type": "stdio", **super().entry(start, scope)}

    def roots(self, places: Places, scope: str) -> list[str]:
        """Return the folder that is open, in VS Code's own words."""
        del places, scope
        return ["${workspaceFolder}"]


client = VsCode()

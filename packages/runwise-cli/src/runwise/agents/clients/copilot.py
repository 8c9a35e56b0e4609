"""Copilot CLI: ``mcp-config.json`` in ``~/.copilot``, ``.github/mcp.json`` of a project.

It reads a project's ``.mcp.json`` too; that one is left to Claude Code, so that either can be
taken away alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise.agents.client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.agents.places import Places
    from runwise.agents.start import Start


class Copilot(Client):
    """GitHub Copilot CLI."""

    name = "copilot"
    title = "Copilot CLI"
    program = "copilot"
    after = "Check with: copilot mcp list"

    def config(self, places: Places, scope: str) -> Path:
        """Return the file that names servers."""
        if scope == "project":
            return places.project / ".github" / "mcp.json"
        return places.named("COPILOT_HOME", ".copilot") / "mcp-config.json"

    def skills(self, places: Places, scope: str) -> Path:
        """Return the folder of skills, which VS Code reads too."""
        if scope == "project":
            return places.project / ".github" / "skills"
        return places.named("COPILOT_HOME", ".copilot") / "skills"

    def entry(self, start: Start, scope: str) -> dict[str, Any]:
        """Return the server; all of its tools may be used."""
        return {"type": "local", **super().entry(start, scope), "tools": ["*"]}


client = Copilot()

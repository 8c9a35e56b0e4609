"""Claude Code: ``.mcp.json`` of a project, ``~/.claude.json`` of a user; skills in ``.claude``.

A project's server waits until somebody approves it, once. ``CLAUDE_CONFIG_DIR`` moves a user's
files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise.agents.client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.agents.places import Places
    from runwise.agents.start import Start


class Claude(Client):
    """Claude Code."""

    name = "claude"
    title = "Claude Code"
    program = "claude"
    after = "Check with: claude mcp list"

    def config(self, places: Places, scope: str) -> Path:
        """Return the file that names servers; a user's is the client's own memory."""
        if scope == "project":
            return places.project / ".mcp.json"
        return places.named("CLAUDE_CONFIG_DIR", ".") / ".claude.json"

    def skills(self, places: Places, scope: str) -> Path:
        """Return the folder of skills."""
        if scope == "project":
            return places.project / ".claude" / "skills"
        return places.named("CLAUDE_CONFIG_DIR", ".claude") / "skills"

    def entry(self, start: Start, scope: str) -> dict[str, Any]:
        """Return the server as ``claude mcp add`` writes it."""
        return {"type": "stdio", **super().entry(start, scope)}

    def is_here(self, places: Places) -> bool:
        """Tell whether there is a program or a memory of one."""
        return super().is_here(places) or self.config(places, "user").is_file()


client = Claude()

"""Claude Desktop: one file for a user, and no project: the server is told where the runs are.

It takes skills as uploads only, so none is written for it; the bundle ``runwise.mcpb`` is the
other way to install.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise.agents.client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.agents.places import Places


class ClaudeDesktop(Client):
    """Claude Desktop."""

    name = "claude-desktop"
    title = "Claude Desktop"
    after = "Start Claude Desktop again."

    def config(self, places: Places, scope: str) -> Path | None:
        """Return the file that names servers."""
        if scope == "project":
            return None
        return places.programs / "Claude" / "claude_desktop_config.json"

    def skills(self, places: Places, scope: str) -> None:
        """Return nothing: skills are uploaded there."""
        del places, scope

    def roots(self, places: Places, scope: str) -> list[str]:
        """Return the project: the program itself starts anywhere."""
        del scope
        return [str(places.project)]


client = ClaudeDesktop()

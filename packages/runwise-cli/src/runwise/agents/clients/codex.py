"""Codex: ``config.toml`` in ``~/.codex`` (``CODEX_HOME``), or in ``.codex`` of a trusted project.

Codex begins without a server that is slow to start unless it is told to wait; the handshake of
ours takes a second where nothing is compiled yet, so the entry gives it time. Its skills lie in
``.agents``, the folder that several clients share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise.agents.client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.agents.places import Places
    from runwise.agents.start import Start

SECONDS = 30


class Codex(Client):
    """OpenAI Codex."""

    name = "codex"
    title = "Codex"
    program = "codex"
    syntax = "toml"
    section = "mcp_servers"
    after = "Check with: codex mcp list"

    def config(self, places: Places, scope: str) -> Path:
        """Return the file that names servers."""
        if scope == "project":
            return places.project / ".codex" / "config.toml"
        return places.named("CODEX_HOME", ".codex") / "config.toml"

    def skills(self, places: Places, scope: str) -> Path:
        """Return the folder of skills."""
        return (places.project if scope == "project" else places.home) / ".agents" / "skills"

    def entry(self, start: Start, scope: str) -> dict[str, Any]:
        """Return the server, with time to start."""
        return {**super().entry(start, scope), "startup_timeout_sec": SECONDS}


client = Codex()

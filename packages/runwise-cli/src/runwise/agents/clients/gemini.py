"""Gemini CLI: ``settings.json`` in ``.gemini``, of the home or of a trusted folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise.agents.client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.agents.places import Places


class Gemini(Client):
    """Gemini CLI, whose settings may hold comments."""

    name = "gemini"
    title = "Gemini CLI"
    program = "gemini"
    syntax = "jsonc"
    after = "Check with: gemini mcp list (in a trusted folder)"

    def config(self, places: Places, scope: str) -> Path:
        """Return the file that names servers."""
        return self._folder(places, scope) / "settings.json"

    def skills(self, places: Places, scope: str) -> Path:
        """Return the folder of skills."""
        return self._folder(places, scope) / "skills"

    @staticmethod
    def _folder(places: Places, scope: str) -> Path:
        return (places.project if scope == "project" else places.home) / ".gemini"


client = Gemini()

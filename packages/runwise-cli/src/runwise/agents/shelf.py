"""The clients there are: the files of ``clients/``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from runwise.errors import BadSetting, near

if TYPE_CHECKING:
    from runwise.agents.client import Client

FOLDER = Path(__file__).parent / "clients"
ALSO = {"claude-code": "claude", "code": "vscode", "desktop": "claude-desktop"}


def client_names() -> list[str]:
    """Return the names of all clients."""
    names = (path.stem.replace("_", "-") for path in FOLDER.glob("*.py"))
    return sorted(name for name in names if not name.startswith("-"))


def client_named(name: str) -> Client:
    """Return a client. Raises ``BadSetting`` for one nobody knows."""
    known = client_names()
    name = ALSO.get(name.lower(), name.lower())
    if name not in known:
        close = near(name, known, 1)
        hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(known)}."
        raise BadSetting(f"no client '{name}'", hint)
    return import_module(f"runwise.agents.clients.{name.replace('-', '_')}").client


def known_clients() -> list[Client]:
    """Return all clients."""
    return [client_named(name) for name in client_names()]

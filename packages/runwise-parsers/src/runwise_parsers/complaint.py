"""What a plugin did wrong, said once."""

from __future__ import annotations

import warnings

from runwise_parsers.gap import Gap

_named: set[str] = set()


class PluginWarning(UserWarning):
    """A source of another distribution failed, and was left out."""


def name_once(source: str, what: str, error: Exception) -> None:
    """Say that a plugged source failed, the first time it does in this process."""
    if source not in _named:
        _named.add(source)
        warnings.warn(f"source {source} {what}: {said(error)}", PluginWarning, stacklevel=3)


def fault(source: str, error: Exception) -> Gap:
    """Return the gap of what a plugged source failed to read."""
    because = f"source {source}, a plugin, raised {said(error)}"
    return Gap("part of the run", because, "Tell its author, or uninstall it.")


def said(error: Exception) -> str:
    """Return an error by its name and words."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

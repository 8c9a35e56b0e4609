"""The servers that can be asked: what the folder ``remotes/`` holds."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from runwise_parsers import remotes
from runwise_parsers.extras import BRINGS, install_command, is_installed, missing
from runwise_parsers.remote import Remote

__all__ = [
    "BRINGS", "install_command", "is_installed", "known_remotes", "missing", "remote_for",
]  # fmt: skip


@cache
def known_remotes() -> tuple[Remote, ...]:
    """Return every remote, in the order in which they are asked whether a reference is theirs.

    What speaks to a server is imported when one is asked, not here.
    """
    found: list[Remote] = []
    for module in pkgutil.iter_modules(remotes.__path__):
        if module.ispkg:
            continue
        name = f"{remotes.__name__}.{module.name}"
        found += [
            member()
            for member in vars(import_module(name)).values()
            if isinstance(member, type)
            and issubclass(member, Remote)
            and member.__module__ == name
        ]
    return tuple(sorted(found, key=lambda one: one.order))


def remote_for(ref: str) -> Remote | None:
    """Return the remote a reference has the shape of, ``None`` for one that is of no server."""
    return next((remote for remote in known_remotes() if remote.claims(ref)), None)

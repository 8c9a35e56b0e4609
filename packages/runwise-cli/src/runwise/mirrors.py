"""What was fetched from servers, in the user's cache: how much it is, and room for more.

    <cache>/remote/<kind of server>/.../<run>        see runwise_parsers/mirror_log/layout

It is bounded like the index: what was asked about longest ago goes first.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise.index.store import cache_folder
from runwise_parsers.mirror_log.layout import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "remote"
LIMIT = 2048 << 20
"""Bytes they may take, unless ``RUNWISE_REMOTE_MB`` says otherwise."""
_AFTER = 0.8
"""Share of the limit that is left once there is room again."""
_PATHS = "paths"
"""The kind whose copies of files have no head: each place below it goes as a whole."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One run, or one place, that was fetched: when it was asked about last, and its bytes."""

    path: Path
    used: float
    size: int


class Mirrors:
    """What was fetched into a folder."""

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        self.folder = folder
        self.limit = mirrors_limit() if limit is None else limit

    def kept(self) -> list[Kept]:
        """Return all of it, what was asked about longest ago first."""
        return sorted(map(_measured, self._places()), key=lambda one: one.used)

    def make_room(self, besides: Path | None = None) -> None:
        """Delete what was asked about longest ago where there is too much, ``besides`` apart."""
        kept = self.kept()
        total = sum(one.size for one in kept)
        if total <= self.limit:
            return
        for one in kept:
            if total <= self.limit * _AFTER:
                return
            if besides is None or one.path not in (besides, *besides.parents):
                shutil.rmtree(one.path, ignore_errors=True)
                total -= one.size

    def clear(self) -> bool:
        """Delete everything; say whether there was something."""
        there = self.folder.exists()
        if there:
            shutil.rmtree(self.folder, ignore_errors=True)
        return there

    def _places(self) -> Iterator[Path]:
        queue = [self.folder]
        while queue:
            folder = queue.pop()
            with suppress(OSError):
                if (folder / HEAD).exists() or folder.parent == self.folder / _PATHS:
                    yield folder
                else:
                    queue += [path for path in folder.iterdir() if path.is_dir()]


def mirrors_folder() -> Path:
    """Return where they lie."""
    return cache_folder() / FOLDER


def mirrors_limit() -> int:
    """Return the bytes they may take."""
    try:
        return max(1, int(os.environ.get("RUNWISE_REMOTE_MB", ""))) << 20
    except ValueError:
        return LIMIT


def bytes_in(place: Path) -> int:
    """Return the bytes of what was fetched into a place."""
    return _measured(place).size


def _measured(place: Path) -> Kept:
    used, size = 0.0, 0
    for path in place.rglob("*"):
        with suppress(OSError):
            about = path.stat()
            used, size = max(used, about.st_mtime), size + about.st_size
    return Kept(place, used, size)

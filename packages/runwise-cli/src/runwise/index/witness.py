"""Has a run changed since it was read? What the file system says, and a few of its bytes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_DEEP = 4
_MOST = 2048
"""Files of one run beyond which looking at all of them costs more than it saves."""
_PLACES = 32
_PIECE = 256
_LEFT_OUT = frozenset({"media", "artifacts", "__pycache__", ".git"})
"""Directories that hold what a run made, not what it logged."""


def stamp(paths: Iterable[Path]) -> bytes:
    """Return what tells a run's files from any others, empty where that cannot be said.

    Size, both times (a file put in the place of another has a new ``ctime``, whatever else it
    claims) and inode of every file.
    """
    found: list[tuple[str, int, int, int, int]] = []
    for path in paths:
        try:
            found += _stats(path.absolute())
        except OSError:
            return b""
        if len(found) > _MOST:
            return b""
    return json.dumps(sorted(found)).encode() if found else b""


def _stats(path: Path) -> Iterator[tuple[str, int, int, int, int]]:
    about = path.stat()
    if not path.is_dir():
        yield _line(str(path), about)
        yield from _beside(f"{path}-wal")
        return
    queue = [(str(path), 0)]
    while queue:
        folder, depth = queue.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if depth < _DEEP and entry.name not in _LEFT_OUT:
                        queue.append((entry.path, depth + 1))
                elif entry.is_file():
                    yield _line(entry.path, entry.stat())


def _beside(log: str) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield what SQLite wrote ahead of a data base; reading may move its ``ctime``."""
    try:
        about = os.stat(log)  # noqa: PTH116  a name, not a path, as everywhere here
    except OSError:
        return
    yield log, about.st_size, about.st_mtime_ns, 0, about.st_ino


def _line(name: str, about: os.stat_result) -> tuple[str, int, int, int, int]:
    return name, about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino


def sizes(written: bytes) -> dict[str, int]:
    """Return the sizes in a stamp by path."""
    return {name: size for name, size, *_ in json.loads(written)} if written else {}


def marks(files: dict[str, int]) -> bytes:
    """Return a checksum of pieces all over the first so many bytes of files.

    A log that only grew keeps it; one that was rewritten rarely does, whatever its ends say.
    """
    mark = 0
    for name in sorted(files):
        size = files[name]
        try:
            with open(name, "rb", buffering=0) as file:  # noqa: PTH123  names, by the thousand
                for place in range(_PLACES):
                    at = max(0, size - _PIECE) * place // (_PLACES - 1)
                    file.seek(at)
                    mark = crc32(file.read(min(_PIECE, size - at)), mark)
        except OSError:
            return b""
    return mark.to_bytes(4, "little")

"""Walk a project tree once, past what never holds runs, at little more than a listing costs.

Names and kinds come with the listing itself (``os.scandir``), so that nothing is asked of the
system for a file, and only links cost a look at where they lead: below them and below the base,
the real path of a directory is that of its parent and a name.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Entries = dict[str, os.DirEntry[str] | None]

PRUNED = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages"})
MAX_DEPTH = 20


@dataclass(slots=True)
class Place:
    """A directory and the names in it; what is taken out of ``folders`` is not entered."""

    path: str
    files: Entries = field(default_factory=dict[str, "os.DirEntry[str] | None"])
    folders: Entries = field(default_factory=dict[str, "os.DirEntry[str] | None"])

    def names(self) -> str:
        """Return all names, one a line, folders with a ``/`` behind."""
        parts = ["\n".join(self.files)] if self.files else []
        if self.folders:
            parts.append("/\n".join(self.folders) + "/")
        text = "\n".join(parts)
        if text.count("\n") < max(1, len(self.files) + len(self.folders)):
            return text
        names = [*self.files, *(f"{name}/" for name in self.folders)]
        return "\n".join(name.replace("\n", "\0") for name in names)


def walk(base: str, may_read: Callable[[str], bool] | None = None) -> Iterator[Place]:
    """Yield the directories below ``base``, itself first, parents before what they hold.

    Hidden directories, caches, virtual environments and what lies more than 20 levels deep are
    passed over, as is what cannot be listed. Linked directories come last, and only where
    nothing else led there. Links that ``may_read`` says no to are not seen at all.
    """
    seen: set[str] = set()
    links: list[tuple[str, int]] = []
    queue = [(base, os.path.realpath(base), 0)]
    while queue or links:
        if queue:
            path, real, depth = queue.pop()
        else:
            path, depth = links.pop()
            real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        place = listed(path, may_read)
        if place is None or _is_environment(place):
            continue
        yield place
        if depth < MAX_DEPTH and place.folders:
            _enter(place, real, depth + 1, queue, links)


def _is_environment(place: Place) -> bool:
    """Say whether this is an installation of Python."""
    return "pyvenv.cfg" in place.files or "conda-meta" in place.folders


def _enter(
    place: Place,
    real: str,
    depth: int,
    queue: list[tuple[str, str, int]],
    links: list[tuple[str, int]],
) -> None:
    """Put the folders of a place on the way, in the order of their names."""
    near, far = _with_end(place.path), _with_end(real)
    for name, entry in sorted(place.folders.items(), reverse=True):
        if name.startswith(".") or name in PRUNED:
            continue
        if entry is not None and entry.is_symlink():
            links.append((near + name, depth))
        else:
            queue.append((near + name, far + name, depth))


def listed(path: str, may_read: Callable[[str], bool] | None = None) -> Place | None:
    """Return what is in a directory, ``None`` where it cannot be listed.

    Of links only those that ``may_read`` says yes to.
    """
    place = Place(path)
    files, folders = place.files, place.folders
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if may_read is not None and entry.is_symlink() and not may_read(entry.path):
                    continue
                if _is_folder(entry):
                    folders[entry.name] = entry
                elif _may_be_opened(entry):
                    files[entry.name] = entry
    except OSError:
        return None
    return place


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _may_be_opened(entry: os.DirEntry[str]) -> bool:
    """Say whether this is a file, perhaps one that is gone; not a pipe, which waits for ever."""
    if entry.is_file(follow_symlinks=False):
        return True
    try:
        return entry.is_symlink() and is_no_device(entry.path)
    except OSError:
        return False


def is_no_device(path: str) -> bool:
    """Say whether nothing is at ``path`` that never ends or never begins when it is read."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - this module knows paths as texts
    except (OSError, ValueError):
        return True  # what is not there, or leads to itself, is told where it is opened
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _with_end(path: str) -> str:
    return path if path.endswith(os.sep) else path + os.sep

"""The index, for a server: one run is read once at a time, and nothing outside comes out of it.

Where several questions are about one run, the others wait for the first one's reading; questions
about other runs do not. And who asked without bounds before, on the command line, may have left
in the index what a link inside a run led to: of runs with such links nothing is looked up.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from runwise.index.catalogue import Catalogue, key_of
from runwise.index.store import Store, cache_folder, cache_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from runwise.config import Settings
    from runwise.index.kept import Kept
    from runwise_parsers import Run, RunInfo
    from runwise_parsers.find import Described
    from runwise_parsers.joining import Found

_reading: defaultdict[str, Lock] = defaultdict(Lock)
"""A lock for each run that was asked about."""
DEEP = 2
"""Directories of a run in which links are looked for: itself, and those in it."""


class SharedCatalogue(Catalogue):
    """The user's index, for the threads of a server that may read below ``roots``."""

    def __init__(self, store: Store, roots: Sequence[Path]) -> None:
        super().__init__(store)
        self._roots = [path.resolve() for path in roots]
        self._looked: dict[tuple[Path, int], bool] = {}

    @property
    def described(self) -> Described | None:
        """What says of runs who they are: what is remembered, of those without links outward."""
        remembered = super().described
        if remembered is None:
            return None

        def describe(found: Sequence[Found]) -> Iterator[tuple[Found, list[RunInfo]]]:
            outward = {id(one) for one in found if self._leads_out(one.claim.paths)}
            known = remembered([one for one in found if id(one) not in outward])
            told = {id(one): infos for one, infos in known}
            for one in found:
                yield one, list(one.infos()) if id(one) in outward else told[id(one)]

        return describe

    def study(self, info: RunInfo, reopened: Callable[[RunInfo], Run], settings: Settings) -> Kept:
        """Return what a pass over a run learns; who asks meanwhile waits and reads no more."""
        if self._leads_out(info.segments):
            return Catalogue().study(info, reopened, settings)
        with _reading[key_of(info)]:
            return super().study(info, reopened, settings)

    def _leads_out(self, paths: Iterable[Path]) -> bool:
        """Say whether there are links in a run, or beside its file, that lead out of the roots."""
        return any(
            self._holds_outward(path, DEEP)
            if path.is_dir()
            else self._holds_outward(path.parent, 1)
            for path in paths
        )

    def _holds_outward(self, folder: Path, deep: int) -> bool:
        """Say so of a directory; of hundreds of runs in one it is asked hundreds of times."""
        if (folder, deep) not in self._looked:
            self._looked[folder, deep] = any(
                entry.is_symlink() and not self._inside(Path(entry.path))
                for entry in _entries(folder, deep)
            )
        return self._looked[folder, deep]

    def _inside(self, link: Path) -> bool:
        try:
            real = link.resolve()
        except (OSError, RuntimeError):
            return False
        return any(root in (real, *real.parents) for root in self._roots)


def _entries(folder: Path, deep: int) -> Iterator[os.DirEntry[str]]:
    """Yield what is in a directory, and in those directly in it."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                yield entry
                if deep > 1 and entry.is_dir(follow_symlinks=False):
                    yield from _entries(Path(entry.path), deep - 1)
    except OSError:
        return


def shared_catalogue(roots: Sequence[Path]) -> SharedCatalogue:
    """Return the user's index as it is now: what troubled another call is forgotten."""
    return SharedCatalogue(Store(cache_folder(), cache_limit()), roots)

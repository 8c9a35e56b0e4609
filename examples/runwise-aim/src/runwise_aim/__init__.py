"""Aim repositories: a SQLite file with the list of runs, and RocksDB with what they tracked.

    .aim/
      run_metadata.sqlite        run(hash, name, ...), experiment, tag, run_tag
      meta/progress/<hash>       there until the run was closed
      check_ins/<hash>-<number>-<event>-<unix seconds>-<next>
      meta/chunks/<hash>/        parameters             } RocksDB, read through the aim package
      seqs/chunks/<hash>/        metrics                }

One repository holds many runs, so ``runs`` yields them with their own ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_aim.records import described
from runwise_aim.run import AimRun
from runwise_parsers import Source
from runwise_parsers.source import Claim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers import Run, RunInfo
    from runwise_parsers.source import Folder

__all__ = ["Aim"]

FOLDER = ".aim"
RECORDS = "run_metadata.sqlite"


class Aim(Source):
    """Aim 3: the list of runs from SQLite alone, curves by the extra."""

    name = "aim"
    order = 45
    looks_for = r"\.aim/|run_metadata\.sqlite"
    reads = ".aim/"
    extra = "aim"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take a repository, from the directory above it or from inside."""
        if RECORDS in folder.files:
            folder.files.clear()
            folder.folders.clear()
            yield Claim(self.name, folder.path.name, folder.path.parent, (folder.path,))
        elif FOLDER in folder.folders and (folder.path / FOLDER / RECORDS).is_file():
            yield Claim(self.name, FOLDER, folder.path, (folder.take(FOLDER),))

    def runs(self, claim: Claim) -> Iterator[RunInfo]:
        """Yield every run of the repository."""
        return iter(described(claim.paths[0]))

    def describe(self, claim: Claim) -> RunInfo:
        """Return the first run of the repository."""
        return described(claim.paths[0])[0]

    def open(self, info: RunInfo) -> Run:
        """Return one run."""
        return AimRun(info)

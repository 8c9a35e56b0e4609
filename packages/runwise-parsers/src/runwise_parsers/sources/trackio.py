"""Trackio: a database for each project, with all its runs.

    <project>.db      see trackio_store/tables
    <project>.lock    empty; it stands beside the database from its first moment on

The files lie in ``$TRACKIO_DIR``, ``~/.cache/huggingface/trackio`` if that is not set. A ``.db``
may be anything, so the names of its tables are looked for in its first pages.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from runwise_parsers.info import RunInfo
from runwise_parsers.source import Claim, Folder, Source
from runwise_parsers.sqlite_head import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.run import Run

_SUFFIX = ".db"


class Trackio(Source):
    """Trackio's local databases."""

    name = "trackio"
    order = 25
    looks_for = r".*\.db"
    reads = "<project>.db (sqlite) of a Trackio directory"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take the databases that hold Trackio's tables."""
        for name in sorted(folder.files):
            if not name.endswith(_SUFFIX):
                continue
            from runwise_parsers.trackio_store.tables import is_trackio  # noqa: PLC0415  see below

            schema = schema_text(folder.path / name)
            begun = bool(schema) and b"CREATE TABLE" not in schema  # all is in its -wal yet
            begun = begun and f"{name.removesuffix(_SUFFIX)}.lock" in folder.files
            if is_trackio(schema) or begun:
                yield Claim(self.name, name, folder.path, (folder.take(name),))

    def describe(self, claim: Claim) -> RunInfo:
        """Return the first run, or why there is none."""
        return next(self.runs(claim), RunInfo(self.name, "", segments=claim.paths))

    def runs(self, claim: Claim) -> Iterator[RunInfo]:
        """Yield every run by its own id; one without an id where none can be read."""
        from runwise_parsers.sqlite_file import Database, modified  # noqa: PLC0415  see below
        from runwise_parsers.trackio_store.tables import info_of, records  # noqa: PLC0415  as well

        (path,) = claim.paths
        with closing(Database(path)) as db:
            found = list(records(db))
            gaps = tuple(db.gaps)
        written = modified(path)
        for record in found:
            yield info_of(record, path, written, gaps)
        if gaps and not found:
            yield RunInfo(self.name, "", segments=(path,), gaps=gaps)

    def open(self, info: RunInfo) -> Run:
        """Return the run of this id."""
        # Every source is loaded for every question, but few have a run to read.
        from runwise_parsers.trackio_store.run import TrackioRun  # noqa: PLC0415  as said

        return TrackioRun(info)

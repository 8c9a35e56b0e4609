"""ClearML's offline sessions: a directory each, and the archive of it when the task is closed.

    <cache>/offline/
      offline-<id>/{task.json, metrics.jsonl, log.jsonl, data/}
      offline-<id>.zip

The cache is ``~/.clearml/cache`` unless ``CLEARML_CACHE_DIR`` says otherwise: a hidden directory
that is only walked when it is named. See ``clearml_log/place`` and ``clearml_log/events``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run

_SESSION = r"offline-[0-9a-f]{32}"


class Clearml(Source):
    """Sessions of ``Task.set_offline(True)``, directories and archives.

    What reads them is imported where there are some: it takes 15 ms.
    """

    name = "clearml"
    order = 37
    looks_for = rf"{_SESSION}(?:/|\.zip)|task\.json"
    reads = "offline sessions of ClearML: offline-<id>/ and .zip"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take sessions in a directory, the directory itself, or the one a named file lies in."""
        from runwise_parsers.clearml_log.place import (  # noqa: PLC0415  see above
            FILES,
            is_archive,
            is_session,
        )

        for name in sorted(folder.folders):
            if name.startswith("offline-") and is_session(folder.path / name):
                folder.take(f"{name}.zip")
                yield self._whole(folder, name)
        for name in sorted(folder.files):
            named = name.startswith("offline-") or folder.asked
            if named and name.endswith(".zip") and is_archive(folder.path / name):
                path = folder.take(name)
                yield Claim(self.name, path.stem, folder.path, (path,))
        inside = [name for name in FILES if name in folder.files]
        if inside and is_session(folder.path, None if folder.asked else inside):
            for name in (*inside, "data"):
                folder.take(name)
            place = folder.path
            yield Claim(self.name, place.name, place.parent, (place,), whole=True)

    def _whole(self, folder: Folder, name: str) -> Claim:
        return Claim(self.name, name, folder.path, (folder.take(name),), whole=True)

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the task and the ends of its events say."""
        from runwise_parsers.clearml_log.describe import described  # noqa: PLC0415  see above

        return described(self.name, claim.paths[-1])

    def open(self, info: RunInfo) -> Run:
        """Return the run of a session."""
        from runwise_parsers.clearml_log.run import ClearmlRun  # noqa: PLC0415  see above

        return ClearmlRun(info)

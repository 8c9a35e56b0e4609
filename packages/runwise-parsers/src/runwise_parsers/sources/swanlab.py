"""SwanLab run directories on this machine.

    swanlog/
      run-YYYYMMDD_HHMMSS-<id>/
        run-<id>.swanlab         0.8 to 0.10: everything, see swanlab_log/logfile
        backup.swanlab           0.6 and 0.7: the same
        files/                   config.yaml and the like, see swanlab_log/beside
        logs/                    mode "local": a directory for each metric, see swanlab_log/local
      runs.swanlab               mode "local": a database of all runs

A resumed run has one directory for each time; they are joined by the run's id.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run

_DIRECTORY = re.compile(r"run-\d{8}_\d{6}-(.+)")
_TABLE = "runs.swanlab"
_SUFFIX = ".swanlab"


class Swanlab(Source):
    """SwanLab 0.4 to 0.10, modes "offline" and "local"."""

    name = "swanlab"
    order = 11
    looks_for = r"run-\d{8}_\d{6}-.+/|run-.+\.swanlab|backup\.swanlab"
    reads = "swanlog/run-*/, offline and local"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take run directories, or the one log that makes this directory one."""
        for name in sorted(folder.files):
            if _is_log(name):
                path = folder.take(name)
                folder.files.clear()
                folder.folders.clear()
                key = _id_of(folder.path.name) or path.stem
                where = path if folder.asked else folder.path
                yield Claim(self.name, key, folder.path.parent, (where,), whole=True)
                return
        for name in sorted(folder.folders):
            key = _id_of(name)
            if key and _holds_run(folder.path / name):
                yield Claim(self.name, key, folder.path, (folder.take(name),))

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the ends of the logs say, and the side files where these are silent."""
        from runwise_parsers.swanlab_log.describe import described  # noqa: PLC0415  see below

        return described(claim)

    def open(self, info: RunInfo) -> Run:
        """Return the run: of its binary logs, or of the points in ``logs``."""
        # Every source is loaded for every question, but few have a run to read.
        from runwise_parsers.swanlab_log.opening import opened  # noqa: PLC0415  as said

        return opened(info)


def _is_log(name: str) -> bool:
    return name.endswith(_SUFFIX) and name != _TABLE


def _id_of(name: str) -> str:
    found = _DIRECTORY.fullmatch(name)
    return found[1] if found else ""


def _holds_run(folder: Path) -> bool:
    """Say whether a directory called like a run is one of SwanLab's."""
    try:
        names = set(os.listdir(folder))  # noqa: PTH208  names are all we need
    except OSError:
        return False
    if any(map(_is_log, names)):
        return True
    if "files" in names and (folder / "files/swanlab-metadata.json").is_file():
        return True
    return "logs" in names and (folder.parent / _TABLE).is_file()

"""W&B run directories on this machine.

    wandb/
      [offline-]run-YYYYMMDD_HHMMSS-<id>[-n]/
        run-<id>.wandb           everything, see wandb_log/framing
        files/                   see wandb_log/sidecar
      latest-run                 a link to the newest, or a copy of it

A resumed run has one directory for each time; they are joined by the run's id. The log is the
only dependable file: side files are asked where it lacks something.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from runwise_parsers.source import Claim, Folder, Source
from runwise_parsers.wandb_log.describe import described, log_in
from runwise_parsers.wandb_log.legacy import HISTORY, LegacyRun
from runwise_parsers.wandb_log.logfile import LogFile
from runwise_parsers.wandb_log.run import WandbRun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run

_DIRECTORY = re.compile(r"(?:offline-)?run-\d{8}_\d{6}-(.+)|latest-run.*")
_LOG = re.compile(r"run-(.+)\.wandb")
_SIDE_FILES = frozenset({HISTORY, "wandb-summary.json", "wandb-metadata.json", "config.yaml"})


class Wandb(Source):
    """W&B, offline and online, clients 0.8 to 0.31."""

    name = "wandb"
    order = 10

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take run directories, or the one log that makes this directory one."""
        for name in sorted(folder.files):
            if _LOG.fullmatch(name) or (folder.asked and name.endswith(".wandb")):
                path = folder.take(name)
                folder.files.clear()
                folder.folders.clear()
                key = _id_in(name) or path.stem
                where = path if folder.asked else folder.path
                yield Claim(self.name, key, folder.path.parent, (where,))
                return
        for name in sorted(folder.folders, key=_copies_last):
            if not _DIRECTORY.fullmatch(name):
                continue
            key = _run_in(folder.path / name)
            if key:
                yield Claim(self.name, key, folder.path, (folder.take(name),))

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the ends of the logs say, and the side files where these are silent."""
        return described(claim)

    def open(self, info: RunInfo) -> Run:
        """Return the run: of its binary logs, or of side files where no log can be read."""
        logs = [LogFile(path) for path in map(log_in, info.segments) if path is not None]
        readable = [log for log in logs if log.trouble() is None]
        return WandbRun(info, readable) if readable else LegacyRun(info)


def _copies_last(name: str) -> tuple[bool, str]:
    return name.startswith("latest-run"), name


def _id_in(name: str) -> str:
    found = _LOG.fullmatch(name)
    return found[1] if found else ""


def _run_in(directory: Path) -> str:
    """Return the id of the run in a directory, empty if there is none."""
    try:
        names = set(os.listdir(directory))  # noqa: PTH208  names are all we need
        logs = sorted(filter(_LOG.fullmatch, names))
        if logs:
            return _id_in(logs[0])
        beside = names & _SIDE_FILES or any(
            (directory / "files" / name).is_file() for name in _SIDE_FILES
        )
        if not beside:
            return ""
    except OSError:
        return ""
    found = _DIRECTORY.fullmatch(directory.name)
    return (found[1] if found else None) or directory.resolve().name

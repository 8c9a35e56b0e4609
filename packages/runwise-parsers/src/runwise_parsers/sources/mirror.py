"""Mirrors: what was fetched of runs that live on servers.

    3k9x1mzp-83cc09dc/
      runwise-mirror.json    {"version": 1, "remote": "wandb-cloud", "info": {...}, ...}
      history.jsonl          {"_step": 0, "_timestamp": 1795159686.7, "loss": 2.31}
      system.jsonl, console.log

We write them ourselves, see ``mirror_log/keeping``, in a directory of the user's cache. A run
keeps the id and the state the server gave it; its source is the remote it was fetched from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.gap import unreadable
from runwise_parsers.info import RunInfo
from runwise_parsers.mirror_log.layout import (
    CONSOLE,
    GLANCE,
    HEAD,
    HISTORY,
    LOCK,
    SYSTEM,
    TAIL,
)
from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.run import Run


class MirrorSource(Source):
    """Directories in which runs of servers are kept."""

    name = "mirror"
    order = 10
    looks_for = r"runwise-mirror\.json"
    reads = "runs that were fetched from a server"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take a directory that has a head; the head or the rows in it may be asked for."""
        asked = folder.asked and {HEAD, HISTORY} & set(folder.files)
        if HEAD in folder.files or (asked and (folder.path / HEAD).is_file()):
            for name in (HEAD, HISTORY, GLANCE, SYSTEM, CONSOLE, TAIL, LOCK):
                folder.take(name)
            yield Claim(
                self.name, folder.path.name, folder.path.parent, (folder.path,), whole=True
            )

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the head says, and the last row about the last step."""
        from runwise_parsers.mirror_log.head import read_head  # noqa: PLC0415  reads more than a walk needs

        folder = claim.paths[-1]
        try:
            info = read_head(folder).described(folder)
        except OSError as error:
            return RunInfo(self.name, "", segments=(folder,), gaps=(unreadable(HEAD, error),))
        return info if info.last_step is not None else _with_last_step(info, folder / HISTORY)

    def adopts(self, info: RunInfo) -> bool:
        """Say whether a run lies in a mirror, whichever server it is from."""
        return bool(info.segments) and (info.path / HEAD).is_file()

    def open(self, info: RunInfo) -> Run:
        """Return the run in a mirror."""
        from runwise_parsers.mirror_log.run import MirrorRun  # noqa: PLC0415  see above

        return MirrorRun(info)


def _with_last_step(info: RunInfo, history: Path) -> RunInfo:
    from runwise_parsers.json_log.samples import newest_of  # noqa: PLC0415  see above
    from runwise_parsers.mirror_log.run import MirrorLog  # noqa: PLC0415  see above

    try:
        return replace(info, last_step=newest_of(MirrorLog(history))[1])
    except OSError:
        return info

"""Sacred's FileStorageObserver: a numbered directory for each run.

    my_runs/
      1/{run.json, config.json, metrics.json, cout.txt, info.json}    and stored files
      _sources/, _resources/

``run.json`` says how the run goes (``sacred_log/entry``), ``metrics.json`` holds its curves
(``sacred_log/metrics``). All are written anew at every heartbeat. Other tools write a
``run.json`` too: ours names an experiment.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runwise_parsers.info import RunInfo
from runwise_parsers.sacred_log.entry import ENTRY, load_entry
from runwise_parsers.sacred_log.metrics import METRICS, load_points
from runwise_parsers.sacred_log.run import CONFIG, INFO, PRINTED, SacredRun
from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.run import Run

_FILES = (ENTRY, CONFIG, METRICS, PRINTED, INFO)
_PEEK = 1 << 14


class Sacred(Source):
    """Directories of Sacred's FileStorageObserver, 0.7 to 0.8."""

    name = "sacred"
    order = 32
    looks_for = r"run\.json"
    reads = "directories of Sacred's FileStorageObserver"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take a run's directory, or the one a named file lies in."""
        named = folder.asked and any(name in _FILES for name in folder.files)
        if not named and ENTRY not in folder.files:
            return
        if not _is_entry(folder.path / ENTRY):
            return
        for name in _FILES:
            folder.take(name)
        path = folder.path
        yield Claim(self.name, path.name, path.parent, (path,), whole=True)

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the entry says. The newest step stands in the midst of the metrics."""
        path = claim.paths[-1]
        entry = load_entry(path)
        experiment = entry.text("experiment", "name")
        return RunInfo(
            self.name,
            "",
            name=experiment,
            state=entry.state,
            created=entry.clock("start_time"),
            updated=entry.updated if entry.updated is not None else entry.modified,
            clocked=entry.updated is not None,
            project=experiment,
            notes=entry.text("meta", "comment"),
            commit=entry.commit,
            command=entry.command,
            host=entry.text("host", "hostname"),
            segments=(path,),
            last_step=load_points(path).last_step,
            gaps=entry.gaps,
        )

    def open(self, info: RunInfo) -> Run:
        """Return the run in a directory."""
        return SacredRun(info)


def _is_entry(path: Path) -> bool:
    """Say whether a ``run.json`` is Sacred's; of one we cannot read (yet), others tell."""
    try:
        with path.open("rb") as file:
            head = file.read(_PEEK)
    except OSError:
        head = b""
    if len(head) < _PEEK and not head.rstrip().endswith(b"}"):
        return all(os.path.isfile(path.with_name(name)) for name in (CONFIG, PRINTED))  # noqa: PTH113
    return b'"experiment"' in head and (b'"status"' in head or b'"command"' in head)

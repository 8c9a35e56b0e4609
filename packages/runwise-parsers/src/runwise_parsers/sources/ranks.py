"""Logs of several ranks: one training, of which every process wrote a file.

    rank0.jsonl ... rank7.jsonl
    metrics_rank_0.jsonl  log.rank3.jsonl  gpu0.jsonl  worker-1.jsonl
    rank_0/metrics.jsonl  rank_1/metrics.jsonl

Each is a JSON Lines log. They are as long as their writers lived, and some may be missing: they
are on another machine.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runwise_parsers.rank_log.names import LOOKS_FOR, SUFFIXES, folders, grouped
from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run

_LOOKS = 3


class Ranks(Source):
    """One training, a file or folder for each of its ranks.

    What reads them is imported where there are some: it takes 15 ms.
    """

    name = "ranks"
    order = 80
    looks_for = LOOKS_FOR
    reads = "rank0.jsonl ... rank7.jsonl, as one run"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take files, or folders, that differ in a rank, if the lowest holds a log."""
        named = [name for name in folder.files if name.lower().endswith(SUFFIXES)]
        keys: set[str] = set()
        for found in grouped(named):
            names = [found.names[rank] for rank in sorted(found.names)]
            if _is_log([folder.path / name for name in names]):
                key = found.shape if found.key in keys else found.key
                keys.add(key)
                yield Claim(self.name, key, folder.path, tuple(map(folder.take, names)))
        apart = folders(folder.folders)
        logs = _logs_in(folder.path, apart)
        if logs:
            for name in apart.values():
                folder.take(name)
            yield Claim(self.name, "ranks" if keys else "metrics", folder.path, tuple(logs))

    def describe(self, claim: Claim) -> RunInfo:
        """Return what first and last lines of all ranks say."""
        from runwise_parsers.rank_log.describe import described_ranks  # noqa: PLC0415  see above

        return described_ranks(self.name, claim.paths)

    def open(self, info: RunInfo) -> Run:
        """Return the ranks as one run."""
        from runwise_parsers.rank_log.run import RanksRun  # noqa: PLC0415  see above

        return RanksRun(info)


def _is_log(paths: list[Path]) -> bool:
    """Say whether one of the lowest ranks wrote a log: some may have died before a row."""
    from runwise_parsers.json_log.judge import is_log  # noqa: PLC0415  see above

    return any(is_log(path, asked=False) for path in paths[:_LOOKS])


def _logs_in(folder: Path, apart: dict[int, str]) -> list[Path]:
    """Return the log of each rank's folder, if they all have one, and call it the same."""
    places = [folder / apart[rank] for rank in sorted(apart)]
    names = {name for place in places[:_LOOKS] for name in _listed(place)}
    found: list[list[Path]] = []
    for name in sorted(names):
        if name.lower().endswith(SUFFIXES):
            logs = [place / name for place in places if (place / name).is_file()]
            if len(logs) > 1 and _is_log(logs):
                found.append(logs)
    return found[0] if len(found) == 1 else []  # of several, each is a run where it lies


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  names are all we need
    except OSError:
        return []

"""W&B run directories on this machine.

    wandb/
      [offline-]run-YYYYMMDD_HHMMSS-<id>[-n]/
        run-<id>.wandb           everything, see wandb_log/framing
        files/                   see wandb_log/sidecar
      latest-run                 a link to the newest, or a copy of it
      sweep-<sweep>/config-<id>.yaml       the hyperparameters an agent gave a run of a sweep

A resumed run has one directory for each time, one of several writers a directory for each of
them; they are joined by the run's id. The log is the only dependable file: side files are asked
where it lacks something. SwanLab calls its directories alike; they are left to it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run

_DIRECTORY = re.compile(r"(?:offline-)?run-\d{8}_\d{6}-(.+)|latest-run.*")
_LOG = re.compile(r"run-(.+)\.wandb")
_SWEEP = "sweep-"
_SWEEP_CONFIG = re.compile(r"config-(.+)\.yaml")
_SIDE_FILES = frozenset({
    "wandb-history.jsonl", "wandb-summary.json", "wandb-metadata.json", "config.yaml"
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Claim(Claim):
    """Directories of a run, and the sweep for which an agent started it."""

    sweep: str = ""


class Wandb(Source):
    """W&B, offline and online, clients 0.8 to 0.31."""

    name = "wandb"
    order = 10
    looks_for = r"run-.+\.wandb|(?:offline-)?run-\d{8}_\d{6}-.+/|latest-run.*/"
    reads = "wandb/run-*/, offline and online"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take run directories, or the one log that makes this directory one."""
        for name in sorted(folder.files):
            if _LOG.fullmatch(name) or (folder.asked and name.endswith(".wandb")):
                path = folder.take(name)
                folder.files.clear()
                folder.folders.clear()
                key = _id_in(name) or path.stem
                where = path if folder.asked else folder.path
                sweep = _sweeps(folder.path.parent, None).get(key, "")
                yield _Claim(self.name, key, folder.path.parent, (where,), True, sweep)
                return
        ours = [name for name in sorted(folder.folders, key=_copies_last) if _is_ours(name)]
        sweeps = _sweeps(folder.path, folder.folders) if ours else {}
        for name in ours:
            key = _run_in(folder.path / name)
            if key:
                path = folder.take(name)
                yield _Claim(self.name, key, folder.path, (path,), sweep=sweeps.get(key, ""))

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the ends of the logs say, and the side files where these are silent."""
        from runwise_parsers.wandb_log.describe import described  # noqa: PLC0415  see below

        return described(claim, claim.sweep if isinstance(claim, _Claim) else "")

    def open(self, info: RunInfo) -> Run:
        """Return the run: of its binary logs, or of side files where no log can be read."""
        # Every source is loaded for every question, but few have a run to read.
        from runwise_parsers.wandb_log.opening import opened  # noqa: PLC0415  as said

        return opened(info)


def _copies_last(name: str) -> tuple[bool, str]:
    return name.startswith("latest-run"), name


def _is_ours(name: str) -> bool:
    return _DIRECTORY.fullmatch(name) is not None


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
        if not beside or _is_swanlab(directory, names):
            return ""
    except OSError:
        return ""
    own = directory.resolve().name  # latest-run is a link
    named = (_DIRECTORY.fullmatch(name) for name in (directory.name, own))
    return next((found[1] for found in named if found and found[1]), own)


def _is_swanlab(directory: Path, names: set[str]) -> bool:
    beside = directory / "files/swanlab-metadata.json", directory.parent / "runs.swanlab"
    return any(name.endswith(".swanlab") for name in names) or any(
        path.is_file() for path in beside
    )


def _sweeps(folder: Path, names: Collection[str] | None) -> dict[str, str]:
    """Return the sweep of every run that an agent started here, by the run's id.

    ``names`` are the directories there, ``None`` or a single one where it was not listed.
    """
    found: dict[str, str] = {}
    try:
        listed = names if names is not None and len(names) > 1 else os.listdir(folder)  # noqa: PTH208  names are all we need
        for name in sorted(listed):
            if name.startswith(_SWEEP):
                for file in os.listdir(folder / name):  # noqa: PTH208  names are all we need
                    run = _SWEEP_CONFIG.fullmatch(file)
                    if run:
                        found[run[1]] = name.removeprefix(_SWEEP)
    except OSError:
        return found
    return found

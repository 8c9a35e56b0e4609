"""Where a Trainer keeps its state.

    out/                            output_dir: the run
      checkpoint-500/               every save_steps; old ones are deleted
        trainer_state.json          the history up to there
        training_args.bin           a pickle: never opened, it could run code
      checkpoint-1000/
      trainer_state.json            by save_state(), mostly once when all is done
      all_results.json              by save_metrics()

Every state holds the whole history up to its step, so the newest one is the run. On the Hub, a
copy of the newest checkpoint is called ``last-checkpoint``.
"""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING

from runwise_parsers.trainer_log.state import load_ends

if TYPE_CHECKING:
    from pathlib import Path

FILE = "trainer_state.json"
CHECKPOINT = re.compile(r"checkpoint-(\w+)|last-checkpoint")


def states_in(path: Path) -> list[Path]:
    """Return the state files of an output directory, the newest first; of a file, itself."""
    try:
        names = sorted(filter(CHECKPOINT.fullmatch, os.listdir(path)))  # noqa: PTH208  names only
    except OSError:
        return [path]
    found = [path / name / FILE for name in names if is_state(path / name / FILE)]
    if is_state(path / FILE):
        found.append(path / FILE)  # behind the checkpoints: it wins if it is as far
    return sorted(found, key=_step_of)[::-1]


def is_state(path: Path) -> bool:
    """Say whether a file is there; nothing is raised where we may not look."""
    return os.path.isfile(path)  # noqa: PTH113  Path.is_file() raises for a closed directory


def output_of(folder: Path) -> Path:
    """Return the output directory of a checkpoint, of another directory itself."""
    return folder.parent if CHECKPOINT.fullmatch(folder.name) else folder


def label(state: Path, run: Path) -> str:
    """Return what to call a state of a run."""
    return state.name if state.parent == run else f"{state.parent.name}/{state.name}"


def _step_of(path: Path) -> float:
    """Return how far a state is: by the name of its directory, or else by what it says."""
    found = CHECKPOINT.fullmatch(path.parent.name)
    if found and (found[1] or "").isdecimal():
        return float(found[1])
    try:
        step = load_ends(path).step
    except OSError:
        step = None
    # One that does not say how far it is may be damaged: it comes first, so that this is said.
    return step if step is not None and math.isfinite(step) else math.inf

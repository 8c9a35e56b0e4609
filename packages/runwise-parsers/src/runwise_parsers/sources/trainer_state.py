"""Hugging Face's Trainer, and all that is built on it (TRL, Seq2SeqTrainer, LLaMA-Factory).

    out/{checkpoint-500/trainer_state.json, checkpoint-1000/..., trainer_state.json}

One run for each output directory, read from its newest state, which holds the whole history:
see ``trainer_log/folder`` and ``trainer_log/state``. Nothing is written between checkpoints, and
no clock stands in the file: how a training that is not complete goes on, nobody can know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.gap import lfs_pointer, unreadable
from runwise_parsers.info import RunInfo
from runwise_parsers.source import Claim, Folder, Source
from runwise_parsers.trainer_log.folder import (
    CHECKPOINT,
    FILE,
    is_state,
    label,
    output_of,
    states_in,
)
from runwise_parsers.trainer_log.rows import ended
from runwise_parsers.trainer_log.run import TrainerRun
from runwise_parsers.trainer_log.state import State, load_ends
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.gap import Gap
    from runwise_parsers.run import Run

_PEEK = 1 << 14


class TrainerStates(Source):
    """Output directories of Hugging Face's Trainer, transformers 3 to 5."""

    name = "trainer_state"
    order = 30
    looks_for = r"trainer_state\.json|(?:checkpoint-\w+|last-checkpoint)/"
    reads = "trainer_state.json of Hugging Face's Trainer"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take an output directory, or the state that was named."""
        if folder.asked:
            yield from self._named(folder)
            return
        checkpoints = [
            name
            for name in sorted(folder.folders)
            if CHECKPOINT.fullmatch(name) and is_state(folder.path / name / FILE)
        ]
        if FILE not in folder.files and not checkpoints:
            return
        where = folder.path
        if FILE not in folder.files and [folder.folders[name] for name in checkpoints] == [None]:
            where /= checkpoints[0]  # named by itself, not met in a listing
        for name in (FILE, *checkpoints):
            folder.take(name)
        yield self._claim(where, folder.path)

    def _named(self, folder: Folder) -> Iterator[Claim]:
        """Take a state by whatever name: its history has one."""
        for name in list(folder.files):
            if name == FILE or (name.endswith(".json") and _is_history(folder.path / name)):
                yield self._claim(folder.take(name), folder.path)

    def _claim(self, where: Path, folder: Path) -> Claim:
        output = output_of(folder)
        return Claim(self.name, output.name, output.parent, (where,), whole=where == folder)

    def describe(self, claim: Claim) -> RunInfo:
        """Return what head and tail of the newest state say."""
        path = claim.paths[-1]
        state = State({}, [])
        modified: float | None = None
        gaps: list[Gap] = []
        for one in states_in(path):
            try:
                state, modified = load_ends(one), one.stat().st_mtime
            except OSError as error:
                gaps.append(unreadable(label(one, path), error))
            if state.pointer:
                gaps.append(lfs_pointer(label(one, path)))
            if state.step is not None:
                break
        return RunInfo(
            self.name,
            "",
            state="finished" if _is_finished(state) else "unknown",
            updated=modified,
            clocked=False,
            segments=(path,),
            last_step=state.step if state.rows else None,
            total_steps=state.goal,
            gaps=tuple(gaps),
        )

    def open(self, info: RunInfo) -> Run:
        """Return the run in an output directory, or in a state."""
        return TrainerRun(info)


def _is_history(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b'"log_history"' in file.read(_PEEK)
    except OSError:
        return False


def _is_finished(state: State) -> bool:
    """Say whether a training came to its end: its last step, an early stop, its closing row."""
    step = state.step
    if step is None:
        return False
    if (
        state.stopping
        or (state.goal is not None and step >= state.goal)
        or ended(state.rows, step)
    ):
        return True
    epochs = as_number(state.fields.get("num_train_epochs")) or 0.0
    epoch = as_number(state.fields.get("epoch")) or 0.0
    return state.goal is None and 0 < epochs <= epoch

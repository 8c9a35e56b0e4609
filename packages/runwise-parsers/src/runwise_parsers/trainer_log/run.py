"""A run of Hugging Face's Trainer: its newest state, read as a whole."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap, lfs_pointer, unreadable
from runwise_parsers.held import Held, HeldRun
from runwise_parsers.trainer_log.beside import model_in, results_in
from runwise_parsers.trainer_log.folder import label, output_of, states_in
from runwise_parsers.trainer_log.rows import held_rows
from runwise_parsers.trainer_log.state import State, load

if TYPE_CHECKING:
    from pathlib import Path

_SETTINGS = (
    "max_steps", "num_train_epochs", "train_batch_size", "logging_steps", "eval_steps",
    "save_steps", "trial_name", "trial_params",
)  # fmt: skip
_REACHED = ("best_metric", "best_global_step", "best_model_checkpoint", "total_flos",
            "num_input_tokens_seen")  # fmt: skip


class TrainerRun(HeldRun):
    """Reads an output directory, or the one state file that was named."""

    def read(self) -> Held:
        """Read the newest state, and what stands beside it."""
        path = self.info.path
        newest = _newest(path)
        state, gaps = newest.state, newest.gaps
        rows, whole_run = held_rows(state.rows)
        if state.whole and not rows:
            gaps.append(_no_rows(state))
        settings = {name: state.fields[name] for name in _SETTINGS if state.fields.get(name)}
        reached = {name: state.fields[name] for name in _REACHED if _is_told(state, name)}
        folder = path if newest.path is None else newest.path.parent
        output = folder if newest.path == path else output_of(folder)
        config = settings | model_in([folder, output])
        return Held(rows, config, reached | whole_run | results_in(output), tuple(gaps))

    def size(self) -> int:
        """Return the bytes of the newest state."""
        for one in states_in(self.info.path):
            with suppress(OSError):
                return one.stat().st_size
        return 0


@dataclass(slots=True)
class _Newest:
    """The state that was read, where it stands, and what is missing for it."""

    path: Path | None = None
    state: State = field(default_factory=lambda: State({}, [], whole=False))
    gaps: list[Gap] = field(default_factory=list[Gap])


def _newest(path: Path) -> _Newest:
    """Read the newest state that is whole; a damaged one if more is left in that."""
    newest = _Newest()
    for one in states_in(path):
        name = label(one, path)
        try:
            state = load(one)
        except OSError as error:
            newest.gaps.append(unreadable(name, error))
            continue
        if state.pointer:
            newest.gaps.append(lfs_pointer(name))
            continue
        if newest.path is None or len(state.rows) > len(newest.state.rows):
            newest.path, newest.state = one, state
        if state.whole:
            break
        count = f"{len(state.rows)} rows of it were whole."
        newest.gaps.append(Gap(f"part of {name}", "it is cut short or damaged", count))
    return newest


def _is_told(state: State, name: str) -> bool:
    """Say whether a field holds something: those not in use are null or zero."""
    value = state.fields.get(name)
    return value is not None and (name.startswith("best_") or value != 0)


def _no_rows(state: State) -> Gap:
    because = f"nothing was logged in its {state.step or 0:g} steps"
    return Gap("the history", because, "Set a smaller logging_steps.")

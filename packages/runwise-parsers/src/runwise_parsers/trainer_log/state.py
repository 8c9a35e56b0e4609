r"""One ``trainer_state.json``: JSON with sorted keys and an indent of two, written in one go.

    {
      "best_metric": null, ..., "epoch": 2.0, "global_step": 500, ...,
      "log_history": [
        {"epoch": 0.1, "grad_norm": 1.5, "learning_rate": 5e-05, "loss": 2.31, "step": 25}, ...
      ],
      "logging_steps": 25, "max_steps": 500, "num_train_epochs": 3, ...
      "stateful_callbacks": {...}, "total_flos": 1.2e+16, "train_batch_size": 8, ...
    }

NaN and Infinity stand there as bare words. What is cut or damaged is read row by row: a row is
an object without objects in it. Where only its ends are looked at, a file is read the same way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from runwise_parsers.gap import LFS_POINTER
from runwise_parsers.json_fields import fields_in, value_of
from runwise_parsers.values import as_number, loads
from runwise_parsers.whole_file import read_whole

if TYPE_CHECKING:
    from pathlib import Path

_END = 1 << 14
_SMALL = 1 << 16
_FLAT = re.compile(rb"\{[^{}]*\}")
_HISTORY = b'"log_history"'
_BEHIND_HISTORY = re.compile(rb'"(?:logging_steps|max_steps|num_train_epochs)"')
_STOPPING = re.compile(rb'"should_training_stop":\s*true')

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class State:
    """What a file says: its own fields, and the rows of its history.

    ``whole`` says that all of it was read, ``stopping`` that the training was about to end,
    ``pointer`` that only the git-LFS pointer of the file is here.
    """

    fields: Row
    rows: list[Row]
    whole: bool = True
    stopping: bool = False
    pointer: bool = False

    @property
    def step(self) -> float | None:
        """How many steps of training were done."""
        return as_number(self.fields.get("global_step"))

    @property
    def goal(self) -> float | None:
        """How many steps it means to do, ``None`` where it does not say."""
        goal = as_number(self.fields.get("max_steps"))
        return goal if goal is not None and goal > 0 else None


def load(path: Path) -> State:
    """Read a state. Raises ``OSError`` where the system does not let us."""
    return state_of(read_whole(path))


def load_ends(path: Path) -> State:
    """Read head and tail of a state: fields, first and last rows. Raises ``OSError``."""
    with path.open("rb") as file:
        data = file.read(_SMALL)
        size = file.seek(0, 2)
        if size <= _SMALL:
            return state_of(data)
        file.seek(size - _END)
        tail = file.read(_END)
    ends = _salvaged(data[:_END] + tail[tail.find(b"\n") :])
    # Another indent, or much behind the history: the ends tell too little.
    return ends if {"global_step", "max_steps"} <= ends.fields.keys() else load(path)


def state_of(data: bytes) -> State:
    """Return what the bytes of a file say."""
    if data.startswith(LFS_POINTER):
        return State({}, [], whole=False, pointer=True)
    try:
        value = loads(data)
    except ValueError:
        return _salvaged(data)
    fields = dict(cast("Row", value)) if isinstance(value, dict) else {}
    history = fields.pop("log_history", None)
    found = cast("list[object]", history) if isinstance(history, list) else []
    rows = [cast("Row", row) for row in found if isinstance(row, dict)]
    whole = isinstance(history, list) and len(rows) == len(found)
    return State(fields, rows, whole, _STOPPING.search(data) is not None)


def _salvaged(data: bytes) -> State:
    """Return the fields and rows that are whole in a piece of a file."""
    begin = data.find(_HISTORY)
    behind = _BEHIND_HISTORY.search(data, max(0, begin))
    met = map(
        value_of, _FLAT.findall(data, max(0, begin), behind.start() if behind else len(data))
    )
    rows = [
        cast("Row", row)
        for row in met
        if isinstance(row, dict) and ("step" in row or "epoch" in row)
    ]
    return State(fields_in(data), rows, whole=False, stopping=_STOPPING.search(data) is not None)

"""The rows of a history, told apart: points of curves, and means over the whole training.

    {"loss", "grad_norm", "learning_rate", "epoch", "step"}     every logging_steps
    {"eval_loss", "eval_runtime", ..., "epoch", "step"}         every evaluation
    {"train_loss", "train_runtime", "train_samples_per_second",
     "train_steps_per_second", "total_flos", "epoch", "step"}   once, when training ends

The last one's ``train_loss`` is the mean over all steps: one point that looks like a loss curve
and is none, as its runtime and speeds are none. They belong into the summary.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from runwise_parsers.values import as_number, leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_parsers.held import HeldRow
    from runwise_parsers.trainer_log.state import Row

_WHOLE_RUN = "train_"
_FLOPS = "total_flos"
_RUNTIME = "train_runtime"
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def held_rows(rows: Sequence[Row]) -> tuple[list[HeldRow], Row]:
    """Return rows as points, and what the last row of training says about all of it.

    A row without a step belongs to the one before it; where no row has a step, they are counted.
    """
    finals = set(_finals(rows))
    steps = _steps(rows)
    held: list[HeldRow] = []
    whole_run: Row = {}
    for at, (row, step) in enumerate(zip(rows, steps, strict=True)):
        final = at in finals
        values: dict[str, float] = {}
        for name, value in leaves(row):
            if final and (name.startswith(_WHOLE_RUN) or name == _FLOPS):
                whole_run[name] = value
            elif name != "step" and (number := number_of(value)) is not None:
                values[name] = number
        if values:
            held.append((step, None, values))
    return held, whole_run


def ended(rows: Sequence[Row], step: float) -> bool:
    """Say whether the row that ends a training stands at a step."""
    steps = _steps(rows)
    return any(steps[at] >= step for at in _finals(rows))


def number_of(value: object) -> float | None:
    """Return a value as a number, also where it was logged as a text: ``"0.9239"``."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return as_number(value)


def _finals(rows: Sequence[Row]) -> list[int]:
    """Return the places of rows that end a training; one that was resumed may have several.

    ``train_runtime`` alone does not tell: evaluating on the training data, or counting tokens,
    logs one again and again, and then it is a curve.
    """
    timed = [at for at, row in enumerate(rows) if _RUNTIME in row]
    return [at for at in timed if _FLOPS in rows[at]] or (timed if len(timed) == 1 else [])


def _steps(rows: Sequence[Row]) -> list[float]:
    own = [number_of(row.get("step")) for row in rows]
    known = [step if step is not None and math.isfinite(step) else None for step in own]
    if not any(step is not None for step in known):
        return [float(at) for at in range(len(rows))]
    steps: list[float] = []
    for step in known:
        steps.append(step if step is not None else steps[-1] if steps else 0.0)
    return steps

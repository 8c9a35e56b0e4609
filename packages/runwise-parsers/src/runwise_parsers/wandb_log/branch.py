"""Where a run branched off: from another one (a fork), or from itself (a rewind).

    branch_point := 1 run  2 value(double)  3 metric("_step")      in the run's record
    config       := {"_wandb": {"branch_point": {"run_id": ..., "step": ...}}}

``fork_from`` begins a run of its own behind a step of another one. ``resume_from`` goes back in
the run itself: what it had logged behind that step is superseded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from runwise_parsers.leveldb.wire import fields, text
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Branch:
    """The last step that a run shares with the one it branched off."""

    run: str
    step: float

    def __str__(self) -> str:
        return f"{self.run}@{self.step:.16g}"


def recorded_branch(body: bytes) -> Branch | None:
    """Return the branch point in a run's record.

    Raises ``ValueError`` where the bytes are no message.
    """
    run, step = "", 0.0
    for number, value in fields(body):
        if number == 1:
            run = text(value)
        elif number == 2 and isinstance(value, bytes) and len(value) == 8:
            step = struct.unpack("<d", value)[0]
        elif number == 3 and text(value) not in ("", "_step"):
            return None
    return Branch(run, step) if run else None


def configured_branch(config: Mapping[str, object]) -> Branch | None:
    """Return the branch point in a run's config, where some clients keep it alone."""
    point = _tree(_tree(config.get("_wandb")).get("branch_point"))
    run, step = point.get("run_id"), as_number(point.get("step"))
    return Branch(run, step) if isinstance(run, str) and run and step is not None else None


def _tree(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}

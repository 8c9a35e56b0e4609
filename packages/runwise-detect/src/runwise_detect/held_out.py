"""The validation loss beside a training loss: what the model makes of data it has not seen.

A training loss that was far below it and jumps to its level is that of unseen data: the data
have changed (a curriculum nobody announced, a new epoch of a model that memorises). That is
worth knowing, and no alarm.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from runwise_detect.roles import VAL_LOSS
from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise_detect.detector import Columns
    from runwise_detect.records import Column

_FAR, _NEAR = 4.0, 1.25  # times the training loss, and times the held-out loss
NOTE = "; held-out data are at {:.4g}, so the training data may have changed here"


class HeldOut:
    """Follows the validation loss of a run, for detectors that judge the training loss."""

    def __init__(self) -> None:
        self.name = ""
        self._seen: list[tuple[float, float]] = []  # the last two: step, value
        self._block: tuple[Sequence[float], Column] = ((), ())

    def follow(self, roles: Mapping[str, str]) -> None:
        """Follow the validation loss among these metrics, if there is one."""
        self.name = next((name for name, role in roles.items() if role == VAL_LOSS), "")

    def see(self, step: float, value: float) -> None:
        """Take a value."""
        if self._block[1]:
            self._settle()
        self._seen = [*self._seen[-1:], (step, value)]

    def begin(self, steps: Sequence[float], columns: Columns) -> None:
        """Take a block, to be looked into until there is another."""
        self._settle()
        self._block = (steps, columns.get(self.name, ()))

    def _settle(self) -> None:
        """Keep what is needed of the block."""
        steps, column = self._block
        self._block = ((), ())
        late: list[tuple[float, float]] = []
        for row in range(len(column) - 1, -1, -1):
            if (value := column[row]) is not None:
                late.append((steps[row], value))
                if len(late) == 2:
                    break
        for step, value in reversed(late):
            self.see(step, value)

    def explains(self, step: float, value: float, level: float) -> float | None:
        """Return the validation loss if it explains that a training loss jumps, else None.

        Args:
            step: the step of now; a validation loss counts if it is older.
            value: what it jumped to.
            level: what it was before.
        """
        held = self._before(step)
        if held is None or level < 0.0:
            return None
        return held if held > _FAR * level and value < _NEAR * held else None

    def state(self) -> object:
        """Return what is remembered, as strict JSON."""
        self._settle()
        return encode(self._seen)

    def load(self, state: Any) -> None:
        """Continue from a `state`."""
        self._seen = [(step, value) for step, value in decode(state)]

    def _before(self, step: float) -> float | None:
        steps, column = self._block
        if column:
            for row in range(bisect_left(steps, step) - 1, -1, -1):
                if (value := column[row]) is not None:
                    return value
        return next((value for at, value in reversed(self._seen) if at < step), None)

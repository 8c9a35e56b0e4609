"""The learning rate of a run: when it has moved far enough to matter.

A drop of the rate explains a loss that falls at once, a rise one that jumps, the end of a
schedule one that stands still. Detectors need not follow every value for that: they are told
when the rate has moved by a third, which a whole schedule does some twenty times.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runwise_detect.records import Column

_BAND = 1.3  # a rate inside its last value by this factor has not moved
_PLAIN = ("lr", "learning_rate", "train/lr", "train/learning_rate")


class Rates:
    """Follows one learning rate.

    Attributes:
        name: the metric it is logged as; empty where there is none.
        low, high: the band inside which it has not moved.
    """

    def __init__(self) -> None:
        self.name = ""
        self.low, self.high = math.inf, -math.inf

    def follow(self, names: Iterable[str]) -> None:
        """Follow the plainest of these metrics; parameter groups move together."""
        best = min(names, key=lambda name: (name.lower() not in _PLAIN, name), default="")
        if best != self.name:
            self.name, self.low, self.high = best, math.inf, -math.inf

    def moved(self, rate: float) -> bool:
        """Return whether the rate has left its band, which then follows it."""
        if self.low <= rate <= self.high or not 0.0 <= rate < math.inf:
            return False
        self.low, self.high = rate / _BAND, rate * _BAND
        return True

    def rows(self, name: str, column: Column) -> list[int]:
        """Return the rows of a block at which a rate moves; the band stays as it is.

        One that is not followed yet may be so from its first value on.
        """
        low, high, rows = math.inf, -math.inf, list[int]()
        if name == self.name:
            low, high = self.low, self.high
        for row, rate in enumerate(column):
            if rate is not None and not low <= rate <= high and 0.0 <= rate < math.inf:
                rows.append(row)
                low, high = rate / _BAND, rate * _BAND
        return rows

    def state_dict(self) -> dict[str, object]:
        """Return what is remembered, as strict JSON."""
        return {"name": self.name, "low": encode(self.low), "high": encode(self.high)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a `state_dict`."""
        self.name, self.low, self.high = state["name"], decode(state["low"]), decode(state["high"])

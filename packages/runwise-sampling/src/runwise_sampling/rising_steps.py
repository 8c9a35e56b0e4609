"""Steps that rise, looked at once for all the curves that share them.

A run logs many metrics at the same steps, and half the work of a sketch is about steps: do they
rise, do they repeat, where do the cells of the grid begin?
"""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import cached_property
from itertools import islice
from operator import eq
from typing import TYPE_CHECKING

from runwise_sampling.columns import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

EXACT = 2.0**53  # whole numbers beyond it do not all fit a float
BLOCK = 8192  # points looked at together


class RisingSteps:
    """Steps for the sketches of several curves: ``Sketch.extend`` takes it for a column of them.

    >>> from runwise_sampling import Sketch
    >>> steps = RisingSteps(range(1000))
    >>> loss, rate = Sketch(), Sketch()
    >>> loss.extend(steps, [1 / (1 + step) for step in range(1000)])
    >>> rate.extend(steps, [0.1] * 1000)
    >>> loss.width == rate.width == 2.0
    True

    Args:
        steps: finite numbers that do not fall.
        known: whether that is known of them, and need not be looked at.

    Raises:
        ValueError: they do fall, or one of them is not finite.
    """

    def __init__(self, steps: Sequence[float], *, known: bool = False) -> None:
        own = plain(steps)
        if not known and not (math.isfinite(sum(own)) and sorted(own) == own):
            raise ValueError("steps must be finite and must not fall")
        if own and (own[0] < -EXACT or own[-1] > EXACT):
            own = list(map(float, own))
        self.steps = own
        self._begins: dict[tuple[float, int], list[int]] = {}

    def __len__(self) -> int:
        return len(self.steps)

    @cached_property
    def strict(self) -> bool:
        """Whether no step repeats."""
        return not any(map(eq, self.steps, islice(self.steps, 1, None)))

    @cached_property
    def blocks(self) -> list[RisingSteps]:
        """The steps block by block."""
        if len(self.steps) <= BLOCK:
            return [self]
        starts = range(0, len(self.steps), BLOCK)
        found = [RisingSteps(self.steps[start : start + BLOCK], known=True) for start in starts]
        if self.strict:
            for block in found:
                block.__dict__["strict"] = True
        return found

    def cells(self, width: float, limit: int) -> list[int]:
        """Return where cells of a width begin, and no more than ``limit + 1`` of them."""
        key = width, limit
        if key not in self._begins:
            self._begins[key] = _cells(self.steps, width, limit)
        return self._begins[key]


def _cells(steps: list[float], width: float, limit: int) -> list[int]:
    begins: list[int] = []
    at, count = 0, len(steps)
    while at < count and len(begins) <= limit:
        begins.append(at)
        step = steps[at]
        # Far from zero a cell is one step wide, and adding a width to it changes nothing.
        beyond = max((step // width + 1) * width, math.nextafter(step, math.inf))
        at = bisect_left(steps, beyond, at)
    return begins

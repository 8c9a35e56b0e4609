"""Evaluations: a validation loss, and the training loss between its values, in bounded memory.

How often a validation loss is logged says nothing about how often it was measured: some loops
log it once an epoch, some repeat the last one at every step. So a value counts when it differs
from the one before. The training loss is the mean of all that was logged from one evaluation
to the next, so that the noise of minibatches averages out, and repeating records changes
nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, cast

from runwise_detect.curves import Curve, is_dense, is_fresh
from runwise_detect.robust import median, noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_detect.finding import Finding
    from runwise_detect.records import Column

BLOCKS = 64  # blocks kept; when they are full, neighbours are joined
_WIDTHS = ((30, 9), (12, 5), (0, 3))  # from so many blocks on, the median of so many smooths
_MEDIAN_ERROR = math.sqrt(math.pi / 2)  # standard error of a median beside that of a mean
_FEW = 6  # evaluations up to which two standard errors are enough
_SANE = 1e300  # larger validation losses are ignored, so that no sum of them overflows


@dataclass(eq=False, slots=True)
class Evaluations(Curve):
    """The evaluations of a run in order, as blocks of equal size; for detectors to build upon.

    A block is [its first step, its last step, how many evaluations, their sum, how many
    training losses, their sum].
    """

    blocks: list[list[float]] = field(default_factory=list[list[float]], kw_only=True)
    size: int = field(default=1, kw_only=True)  # evaluations to a block
    last: float | None = field(default=None, kw_only=True)
    total: float = field(default=0.0, kw_only=True)  # of the training loss since the last one
    count: int = field(default=0, kw_only=True)
    resumed: bool = field(default=False, kw_only=True)

    def judge(self) -> Finding | None:
        """Look at the blocks, now that one more is complete."""
        raise NotImplementedError

    def update(self, step: float, value: float) -> Finding | None:
        """Take a validation loss; training losses of the same record come after it."""
        if value == self.last or not -_SANE < value < _SANE:
            return None
        self.last = value
        if self.resumed:
            self._rewind(step)
        self._settle()
        if self.blocks and self.blocks[-1][2] < self.size:
            block = self.blocks[-1]
            self.blocks[-1] = [block[0], step, block[2] + 1, block[3] + value, *block[4:]]
        else:
            if len(self.blocks) == BLOCKS:
                self._join()
            self.blocks.append([step, step, 1, value, 0, 0.0])
        return self.judge() if self.blocks[-1][2] == self.size else None

    def counts(self, step: float) -> bool:
        """Whether an evaluation at this step or later is looked at."""
        del step
        return True

    def take(self, step: float, loss: float) -> None:
        """Take the training loss of a record; one that is not finite is left out."""
        del step
        total = self.total + loss
        if total - total == 0.0:
            self.total = total
            self.count += 1

    def extend_both(self, steps: Sequence[float], values: Column, losses: Column) -> list[Finding]:
        """Take columns of both; either may be empty, for a metric that is absent."""
        if steps and self.counts(steps[0]) and self._are_plain(values, losses):
            return self._extend_plain(steps, cast("Any", values), cast("Any", losses))
        found: list[Finding] = []
        start = 0
        for row, value in enumerate(values):
            if value is not None and value != self.last:
                self._add_all(losses[start:row])
                start = row
                if (change := self.update(steps[row], value)) is not None:
                    found.append(change)
        self._add_all(losses[start:])
        return found

    def _are_plain(self, values: Column, losses: Column) -> bool:
        """Whether every record is an evaluation with a training loss, and all of them count."""
        if self.resumed or not values or len(values) != len(losses):
            return False
        if not (is_fresh(values) and is_dense(losses)) or values[0] == self.last:
            return False
        loss = reduce(add, cast("Sequence[float]", losses), self.total)
        dense = cast("Sequence[float]", values)
        return loss - loss == 0.0 and -_SANE < min(dense) <= max(dense) < _SANE

    def _extend_plain(
        self, steps: Sequence[float], values: Sequence[float], losses: Sequence[float]
    ) -> list[Finding]:
        """Take evaluations, each with a training loss, block by block."""
        found: list[Finding] = []
        at = 0
        while at < len(values):
            self._settle()
            if not self.blocks or self.blocks[-1][2] >= self.size:
                if len(self.blocks) == BLOCKS:
                    self._join()
                self.blocks.append([steps[at], 0.0, 0, 0.0, 0, 0.0])
            first, _, count, total, trained, loss = self.blocks[-1]
            end = min(at + self.size - int(count), len(values))
            total = reduce(add, values[at:end], total)
            loss = reduce(add, losses[at : end - 1], loss)
            sizes = count + end - at, trained + end - 1 - at
            self.blocks[-1] = [first, steps[end - 1], sizes[0], total, sizes[1], loss]
            self.last = values[end - 1]
            full = sizes[0] == self.size
            if full and (change := self.judge()) is not None:
                found.append(change)
            self.total, self.count, at = losses[end - 1], 1, end
        return found

    def _add_all(self, losses: Column) -> None:
        present = [loss for loss in losses if loss is not None]
        total = reduce(add, present, self.total)  # not sum(), which rounds less than a loop
        if total - total == 0.0:
            self.total = total
            self.count += len(present)
            return
        for loss in present:
            self.take(0.0, loss)

    def width(self) -> int:
        """Return over how many blocks a median smooths, an odd number."""
        return next(width for enough, width in _WIDTHS if len(self.blocks) >= enough)

    def values(self) -> list[float]:
        """Return the validation loss of each block."""
        return [total / count for _, _, count, total, _, _ in self.blocks]

    def training(self) -> list[float]:
        """Return the training loss of each block; where it has none, that of the one before.

        Empty if there is none at all.
        """
        means = [block[5] / block[4] if block[4] else None for block in self.blocks]
        last = next((mean for mean in means if mean is not None), None)
        if last is None:
            return []
        filled: list[float] = []
        for mean in means:
            last = last if mean is None else mean
            filled.append(last)
        return filled

    def fall(self, before: float) -> float:
        """Return how far the training loss is below a level, as a share of it."""
        after = median(self.training()[-self.width() :])
        return (before - after) / (abs(before) or 1.0)

    def error(self, turn: int) -> float:
        """Return the standard error of the difference of two medians of `width` blocks.

        The noise is the larger one of two: from block to block, and across a window. The latter
        looks at either side of block `turn` by itself, for a turn of the curve is no noise.
        """
        values, width = self.values(), self.width()
        wander = noise(values[: turn + 1], values[turn:], lag=width)
        return max(noise(values), wander) * _MEDIAN_ERROR * math.sqrt(2 / width)

    def sure(self) -> float:
        """Return how many standard errors are beyond luck, where the best of all is chosen.

        The largest of n independent normal values is near sqrt(2 ln n).
        """
        seen = sum(block[2] for block in self.blocks)
        return math.sqrt(4 + 2 * math.log(max(1.0, seen / _FEW)))

    def forget(self, *, fresh: bool) -> None:
        """Forget everything, or else what lies beyond the step at which the run goes on."""
        self._settle()
        self.last, self.resumed = None, not fresh
        if fresh:
            self.blocks, self.size = [], 1

    def _rewind(self, step: float) -> None:
        self.blocks = [block for block in self.blocks if block[1] < step]
        self.resumed = False

    def _settle(self) -> None:
        """Give the training losses so far to the evaluation before them."""
        if self.blocks:
            block = self.blocks[-1]
            self.blocks[-1] = [*block[:4], block[4] + self.count, block[5] + self.total]
        self.total, self.count = 0.0, 0

    def _join(self) -> None:
        """Make one block of two; all are full when this is called."""
        pairs = zip(self.blocks[::2], self.blocks[1::2], strict=True)
        self.blocks = [[a[0], b[1], *map(add, a[2:], b[2:])] for a, b in pairs]
        self.size *= 2

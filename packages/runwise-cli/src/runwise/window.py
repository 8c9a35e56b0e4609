"""The part of a run that somebody wants to see."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import BadSetting, NoPoints
from runwise.stretches import between, logged_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.stretches import Stretch

AROUND = 20
"""Rows on either side of a step, where nobody says how many."""


@dataclass(frozen=True, slots=True)
class Window:
    """Steps from ``first`` to ``last``, ``reach`` steps on either side of ``around``, newest rows.

    All of them together, where several are given. ``said`` is a remark on where ``around`` is.
    """

    first: float | None = None
    last: float | None = None
    around: float | None = None
    reach: float | None = None
    rows: int | None = None
    said: str = ""

    def __post_init__(self) -> None:
        if self.reach is not None and not self.reach > 0:
            raise BadSetting(
                f"a window of {words.step(self.reach)} steps is empty", "Use --window 50 or so."
            )
        if self.reach is not None and self.around is None:
            raise BadSetting("--window says how far, not from where", "Add --around STEP.")
        if self.rows is not None and self.rows < 1:
            raise BadSetting(f"--last {self.rows} shows nothing", "Use --last 1 or more.")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise BadSetting(
                f"--from {words.step(self.first)} is behind --to {words.step(self.last)}",
                "Swap them.",
            )

    @property
    def whole(self) -> bool:
        """Whether this is all of the run."""
        return self == Window()

    def of(self, whole: Sequence[Stretch]) -> list[Stretch]:
        """Return the points inside. Raises ``NoPoints`` where there is none."""
        if self.whole or not whole:
            return list(whole)
        low = -inf if self.first is None else self.first
        high = inf if self.last is None else self.last
        if self.around is not None:
            begin, end = self._near(self.around, whole)
            low, high = max(low, begin), min(high, end)
        found = between(whole, low, high)
        if self.rows is not None and found:
            found = between(found, logged_steps(found)[-self.rows :][0], inf)
        if not found:
            steps = logged_steps(whole)
            raise NoPoints(
                f"nothing was logged from step {words.step(low)} to {words.step(high)}",
                f"There are steps {words.step(steps[0])} to {words.step(steps[-1])}.",
            )
        return found

    def _near(self, step: float, whole: Sequence[Stretch]) -> tuple[float, float]:
        if self.reach is not None:
            return step - self.reach, step + self.reach
        steps = logged_steps(whole)
        begin, end = bisect_left(steps, step), bisect_right(steps, step)
        return steps[max(0, begin - AROUND)], steps[min(len(steps), end + AROUND) - 1]

"""Boundaries: where one stretch of a training run ends and another one begins."""

from __future__ import annotations

import math
from operator import lt
from typing import TYPE_CHECKING, Any

from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise_detect.records import Column


class Boundaries:
    """Tells restarts and new stages from ordinary records.

    A step that falls is a restart: back to where training began, or before it, it is a fresh
    one, otherwise one from a checkpoint. A metric with the role ``stage`` that changes makes
    a fresh start too, if its values are whole numbers; one that creeps has no boundaries.

    Attributes:
        last: step of the record before; infinite where any step would be a restart.
        stages: the metrics with the role ``stage``, and their last values.
        segment: number of boundaries crossed.
        announced: boundaries that somebody said lie ahead: step, and whether a fresh start.
    """

    def __init__(self) -> None:
        self.last = math.inf
        self.stages: dict[str, float | None] = {}
        self.segment = 0
        self.announced: list[tuple[float, bool]] = []
        self._first: float | None = None  # where training began

    def follow(self, stages: Iterable[str]) -> None:
        """Follow these metrics as stages; what is known of them stays."""
        self.stages = {name: self.stages.get(name) for name in stages}

    def crossed(self, step: float, values: Mapping[str, float]) -> bool | None:
        """Return whether the start is a fresh one, or None if there is no boundary.

        Only has to be asked when `step` is below `last`, there are stages, or announcements.
        """
        is_new_stage = self._stage_changes(values)
        due = [fresh for at, fresh in self.announced if at <= step]
        self.announced = [one for one in self.announced if one[0] > step]
        if self._first is None:
            self._first = step
            return None
        fell = step < self.last
        is_anew = fell and step <= self._first
        if is_anew:
            self._first = step
        if not fell and not is_new_stage and not due:
            return None
        self.segment += 1
        return is_anew or is_new_stage or any(due)

    def announce(self, step: float, *, fresh: bool) -> None:
        """Let the first record at or after a step be beyond a boundary."""
        self.announced = [*self.announced[-99:], (step, fresh)]

    def _stage_changes(self, values: Mapping[str, float]) -> bool:
        changes = False
        for name, before in self.stages.items():
            now = values.get(name, math.nan)
            if now.is_integer():
                changes = changes or before not in (None, now)
                self.stages[name] = now
        return changes

    def rows(self, steps: Sequence[float], stages: Iterable[Column]) -> set[int]:
        """Return the rows of a block at which there may be a boundary."""
        rows: set[int] = set()
        for at, _ in self.announced:
            row = next((row for row, step in enumerate(steps) if step >= at), None)
            rows.update(() if row is None else (row,))
        if any(map(lt, steps[1:], steps)):
            rows.update(row for row in range(1, len(steps)) if steps[row] < steps[row - 1])
        for column in stages:
            before = None
            for row, now in enumerate(column):
                if now is not None and now != before:
                    rows.add(row)
                    before = now
        return rows

    def state_dict(self) -> dict[str, object]:
        """Return all that is remembered, as strict JSON."""
        return {
            "last": encode(self.last),
            "first": self._first,
            "segment": self.segment,
            "announced": [list(one) for one in self.announced],
            "stages": {name: encode(value) for name, value in self.stages.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a `state_dict`."""
        self.last, self._first = decode(state["last"]), state["first"]
        self.segment = state["segment"]
        self.announced = [(step, fresh) for step, fresh in state["announced"]]
        self.stages = {name: decode(value) for name, value in state["stages"].items()}

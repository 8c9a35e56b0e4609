"""Pieces of an event file: some records, read, all of one segment."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_parsers.tensorboard_log.events import Event
    from runwise_parsers.tensorboard_log.points import Points


@dataclass(frozen=True, slots=True)
class Piece:
    """Some records of a file. ``fell`` says that a new segment begins with them.

    Places are offsets in the file less ``base``; reading goes on at ``end``. ``clock`` is that
    of the last record, Unix seconds.
    """

    points: dict[str, Points]
    events: list[Event]
    base: int
    end: int
    fell: bool = False
    clock: float | None = None

    @property
    def newest(self) -> float:
        """The newest clock of a point, minus infinity for none."""
        ends = (one.times[-1] for one in self.points.values())
        return max((time for time in ends if not isnan(time)), default=-inf)

    def steps_in_order(self) -> list[float]:
        """Return the steps of all points, record by record."""
        pairs = [
            pair
            for one in self.points.values()
            for pair in zip(one.places, one.steps, strict=True)
        ]
        return [step for _, step in sorted(pairs)]


@dataclass(slots=True)
class Start:
    """How a file begins: the first step of each tag, the lowest of the first record, clocks.

    ``purges`` is the step from which on older files are void, if it says so; ``first`` the
    clock of its first scalar.
    """

    steps: dict[str, float] = field(default_factory=dict[str, float])
    step: float = inf
    first: float | None = None
    purges: float = inf

    def take(self, pieces: Iterable[Piece]) -> None:
        """Learn from the records that come next."""
        for piece in pieces:
            for event in piece.events:
                if event.started and event.step > 1:
                    self.purges = min(self.purges, float(event.step))
            for tag, one in piece.points.items():
                if not self.steps:
                    self.step, self.first = one.steps[0], one.times[0]
                self.steps.setdefault(tag, one.steps[0])


def last_steps(pieces: Iterable[Piece]) -> dict[str, float]:
    """Return the newest step of each tag."""
    return {tag: one.steps[-1] for piece in pieces for tag, one in piece.points.items()}

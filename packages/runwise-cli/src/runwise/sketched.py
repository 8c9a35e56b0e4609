"""A metric of which only sketches are known, and the curve that reports see in it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from runwise.curves import CELLS, Curve
from runwise_format import Trend
from runwise_parsers import Series
from runwise_sampling import Sketch, Stats, levels, trend

if TYPE_CHECKING:
    from collections.abc import Collection

    from runwise_sampling.rising_steps import RisingSteps

BUCKETS = 512


@dataclass(slots=True)
class Sketched:
    """One metric: a sketch for each segment of the run in which it was logged."""

    last: float = float("nan")
    last_step: float = 0.0
    sketches: dict[int, Sketch] = field(default_factory=dict[int, Sketch])

    def extend(self, segment: int, one: Series, steps: RisingSteps | None = None) -> None:
        """Add points of a segment; ``steps`` are theirs, if somebody has looked at them."""
        sketch = self.sketches.get(segment)
        if sketch is None:
            sketch = self.sketches[segment] = Sketch(BUCKETS, quantiles=False)
        sketch.extend(steps or one.steps, one.values)
        self.last, self.last_step = one.values[-1], one.steps[-1]


@dataclass(frozen=True)
class SketchedCurve(Curve):
    """A curve of which only sketches are known. ``series`` is its newest segment, thinned."""

    known: Sketched = field(default_factory=Sketched)

    @property
    def segments(self) -> Collection[int]:
        """The stretches of the run in which it was logged."""
        return self.known.sketches.keys()

    @property
    def is_lossless(self) -> bool:
        """Whether all of its points are known, so that its statistics are exact."""
        return not any(one.width for one in self.known.sketches.values())

    @property
    def last(self) -> float:
        """The newest value, exactly."""
        return self.known.last

    @cached_property
    def stats(self) -> Stats:
        """Exact statistics over all segments."""
        stats = Stats()
        for sketch in self.known.sketches.values():
            stats.merge(sketch.stats)
        return stats

    @property
    def first_step(self) -> float:
        """The lowest step of all segments."""
        return self.stats.first_step or 0.0

    @property
    def last_step(self) -> float:
        """The step of the newest value."""
        return self.known.last_step

    def trend(self) -> Trend:
        """Return the shape of the newest segment: of its points, or of the means of buckets."""
        steps, values = self.series.steps, self.series.values
        return Trend(tuple(levels(steps, values, min(CELLS, len(steps)))), trend(steps, values))


def curve_of(name: str, known: Sketched, role: str = "") -> SketchedCurve:
    """Return a metric as a curve that reports understand."""
    newest = known.sketches[max(known.sketches)]
    points = [(one.first_step, one.mean if one.finite else one.first) for one in newest.buckets]
    steps, values = (array("d", column) for column in zip(*points, strict=True))
    return SketchedCurve(Series(name, steps, values), role, known)

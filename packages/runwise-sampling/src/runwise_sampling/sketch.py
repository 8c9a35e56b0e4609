"""A curve of any length in a few dozen kilobytes, streamed and merged without losing a spike.

Up to ``limit`` points a sketch is the points. Beyond, it keeps exact statistics, a histogram
for quantiles, and a bucket for each cell of a grid on the step axis (``grid.py`` says which).
None of this depends on the order in which points arrive.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from runwise_sampling import sketch_bytes
from runwise_sampling.columns import Numbers, paired, plain, rising
from runwise_sampling.downsample import downsample
from runwise_sampling.few import Few
from runwise_sampling.rising_steps import BLOCK, RisingSteps
from runwise_sampling.stats import Stats
from runwise_sampling.summary import Summary, order

if TYPE_CHECKING:
    from runwise_sampling.bucket import Bucket

Steps = Sequence["float | None"]

PENDING = 256  # points that wait, since many at once cost a tenth of one by one


class Sketch:
    """What is worth knowing about one curve, or one segment of it, in bounded memory.

    Points may come in any order, one by one, in blocks and from other processes: the sketch is
    the same (means and variances to rounding). Steps may repeat, be fractions or fall below
    zero; a point whose step is None or not finite is counted in ``missing`` and left out.

    >>> sketch = Sketch(buckets=64)
    >>> sketch.extend(range(10_000), [1 / (1 + step) for step in range(10_000)])
    >>> sketch.update(10_000, float("nan"))
    >>> sketch.stats.count, sketch.stats.nan_step, len(sketch.buckets), sketch.width
    (10000, 10000.0, 40, 256.0)
    >>> round(sketch.quantile(0.5), 5), round(sketch.quantile_error, 3)
    (0.0002, 0.015)

    Args:
        buckets: how many to keep, at least 8. Up to as many points nothing is lost.
        quantiles: whether to keep a histogram too: without it, a sketch grows twice as fast
            and ``quantile`` has no answer.

    Raises:
        ValueError: ``buckets`` is below 8.
    """

    __hash__ = None  # type: ignore[assignment] - it grows
    __slots__ = ("_missing", "_steps", "_summary", "_values", "limit", "quantiles")

    def __init__(self, buckets: int = 512, *, quantiles: bool = True) -> None:
        if buckets < 8:
            raise ValueError(f"buckets must be at least 8, not {buckets}")
        self.limit = buckets
        self.quantiles = quantiles
        self._missing = 0
        # Up to ``limit`` points these are all there is, afterwards they wait for the summary.
        self._steps, self._values = array("d"), array("d")
        self._summary: Summary | None = None

    def update(self, step: float | None, value: float) -> None:
        """Add one point; without a step it is only counted.

        Raises:
            TypeError: ``value`` or ``step`` is not a number.
        """
        self._values.append(value)
        try:
            self._steps.append(step)  # type: ignore[arg-type] - None is what it refuses
        except TypeError:
            self._values.pop()
            if step is not None:
                raise
            self._missing += 1
            return
        if len(self._values) >= PENDING and (self._summary or len(self._values) > self.limit):
            self._settle()

    def extend(self, steps: Steps | RisingSteps, values: Numbers) -> None:
        """Add many points: the same as ``update`` on each, and ten times faster.

        Where several curves share their steps, one ``RisingSteps`` for all saves half of it.

        Raises:
            ValueError: the columns differ in length.
        """
        shared = isinstance(steps, RisingSteps)
        places = steps.steps if shared else cast("Numbers", steps)
        count = paired(places, values)
        if count < PENDING:
            for step, value in zip(plain(places), plain(values), strict=True):
                self.update(step, value)
            return
        self._settle()
        if shared:
            self._extend(steps, values)
        else:
            for start in range(0, count, BLOCK):
                stop = start + BLOCK
                self._take(*self._placed(plain(places[start:stop]), plain(values[start:stop])))
        if self._summary:
            self._summary.fold()

    def _extend(self, steps: RisingSteps, values: Numbers) -> None:
        """Add points block by block; the grid is made so coarse at once that all of them fit."""
        if len(steps) > self.limit:
            self._summarise()
        if self._summary:
            self._summary.grid.cut(steps)
        start = 0
        for block in steps.blocks:
            self._take(block, plain(values[start : start + len(block)]))
            start += len(block)

    def merge(self, other: Sketch) -> None:
        """Add all that ``other`` has seen, as if its points had come here.

        Raises:
            ValueError: ``other`` keeps another number of buckets, or quantiles where we do not.
        """
        if other.limit != self.limit:
            raise ValueError(f"other keeps {other.limit} buckets, not {self.limit}")
        if other.quantiles != self.quantiles:
            raise ValueError(f"other has quantiles={other.quantiles}, not {self.quantiles}")
        self._settle()
        other._settle()
        self._missing += other._missing
        if other._summary is None:
            self.extend(other._steps[:], other._values[:])
            return
        if self._summary is None:
            exponent = other._summary.grid.exponent
            self._summary = Summary(self.limit, exponent, quantiles=self.quantiles)
        self._summary.merge(other._summary)
        self._settle()  # our own points, if there were but a few

    @property
    def stats(self) -> Stats:
        """Exact statistics of all points: a snapshot, its steps as floats."""
        snapshot = Stats()
        snapshot.merge(self._kept().stats)
        return snapshot

    @property
    def missing(self) -> int:
        """How many points had no finite step and were left out."""
        self._settle()
        return self._missing

    @property
    def width(self) -> float:
        """How many steps a bucket spans, a power of two; 0 as long as nothing was lost."""
        return self._kept().width

    @property
    def buckets(self) -> list[Bucket]:
        """The buckets in the order of their steps; one for each point if nothing was lost."""
        return self._kept().buckets()

    def window(self, first_step: float, last_step: float) -> list[Bucket]:
        """Return the buckets that reach into a range of steps, both ends included.

        Raises:
            ValueError: ``last_step`` is below ``first_step``, or one of them is NaN.
        """
        if not first_step <= last_step:
            raise ValueError(
                f"last_step must be at least first_step {first_step}, not {last_step}"
            )
        buckets = self.buckets
        start = bisect_left([one.last_step for one in buckets], first_step)
        stop = bisect_right([one.first_step for one in buckets], last_step)
        return buckets[start:stop]

    def points(self, n: int | None = None) -> tuple[list[float], list[float]]:
        """Return points of the data that tell the curve, as two columns in order of the steps.

        All points if there are no more than ``limit``, else up to four of each bucket and the
        first NaN, +Inf and -Inf: no spike is lost. With ``n`` these are downsampled.

        Raises:
            ValueError: ``n`` is below 2.
        """
        steps, values = self._kept().points()
        return (steps, values) if n is None else downsample(steps, values, n)

    def quantile(self, q: float) -> float:
        """Return the finite value below which a share ``q`` of all finite values lies.

        It is the value of rank ``floor(q * (count - 1))``: exact for 0 and 1 and as long as
        nothing was lost, else off by at most ``quantile_error`` times itself. NaN if there is
        no finite value.

        Raises:
            ValueError: ``q`` is not between 0 and 1, or the sketch keeps no quantiles.
        """
        if not self.quantiles:
            raise ValueError("this sketch was made with quantiles=False")
        if not 0 <= q <= 1:
            raise ValueError(f"q must be between 0 and 1, not {q}")
        count = self.stats.count
        return self._kept().quantile(math.floor(q * (count - 1))) if count else math.nan

    @property
    def quantile_error(self) -> float:
        """How far a quantile may be off, as a share of it; 0 as long as nothing was lost.

        It holds for sizes between 1.2e-38 and 3.4e38. Nearer to zero it is 1.2e-38 itself.
        """
        return self._kept().error

    def to_bytes(self) -> bytes:
        """Return all of the sketch in bytes that any later version can read."""
        self._settle()
        parts = (self._missing, self._steps, self._values, self._summary)
        return sketch_bytes.pack(sketch_bytes.Parts(self.limit, self.quantiles, *parts))

    @classmethod
    def from_bytes(cls, data: bytes) -> Sketch:
        """Return the sketch that ``to_bytes`` was called on.

        Raises:
            ValueError: ``data`` is anything else, or of a version yet to come.
        """
        parts = sketch_bytes.unpack(data)
        sketch = cls(parts.limit, quantiles=parts.quantiles)
        sketch._missing = parts.missing
        sketch._steps, sketch._values = parts.steps, parts.values
        sketch._summary = parts.summary
        return sketch

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same to the last bit."""
        return isinstance(other, Sketch) and self.to_bytes() == other.to_bytes()

    def __repr__(self) -> str:
        stats = self.stats
        return f"Sketch({stats.total} points, at most {self.limit} buckets)"

    def _kept(self) -> Few | Summary:
        self._settle()
        return self._summary or Few(self._steps, self._values)

    def _settle(self) -> None:
        """Bring what waits to where it belongs; needed before anything is read."""
        if not self._steps:
            return
        waiting = self._placed(self._steps.tolist(), self._values.tolist())
        self._steps, self._values = array("d"), array("d")
        self._take(*waiting)
        if self._summary:
            self._summary.fold()
            return
        points = sorted(map(order, self._steps, self._values))
        self._steps = array("d", (step + 0.0 for step, _, _ in points))  # never -0.0
        self._values = array("d", (math.nan if nan else value + 0.0 for _, nan, value in points))

    def _take(self, steps: RisingSteps, values: list[float]) -> None:
        """Add points."""
        if self._summary is None:
            if len(self._steps) + len(steps) <= self.limit:
                together = rising([*self._steps, *steps.steps], [*self._values, *values])
                self._steps, self._values = (array("d", column) for column in together)
                return
            self._summarise()
        if self._summary:
            self._summary.add(steps, values)

    def _summarise(self) -> None:
        """Go over from points to a summary of them."""
        if self._summary is not None:
            return
        self._summary = Summary(self.limit, quantiles=self.quantiles)
        known = RisingSteps(self._steps, known=True), self._values.tolist()
        self._steps, self._values = array("d"), array("d")
        self._summary.add(*known)

    def _placed(self, steps: list[Any], values: list[float]) -> tuple[RisingSteps, list[float]]:
        """Return the points that have a step, in rising order, and count the others."""
        kept: list[float] = steps
        finite = False
        with suppress(TypeError):  # of None
            finite = math.isfinite(sum(steps))
        if not finite:
            points = zip(steps, values, strict=True)
            pairs = [(at, value) for at, value in points if at is not None and math.isfinite(at)]
            self._missing += len(steps) - len(pairs)
            kept, values = [step for step, _ in pairs], [value for _, value in pairs]
        kept, values = rising(kept, values)
        return RisingSteps(kept, known=True), values

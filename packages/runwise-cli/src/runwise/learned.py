"""What one pass over a run's history learns, in bounded memory: sketches, and a monitor's mind.

It grows batch by batch, can be written down and taken up again where reading stopped: a run
that went on costs only what is new. The answer is the same however the history was cut into
pieces.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Any, cast

import orjson

from runwise.curves import (
    CELLS,
    Curve,
    Study,
    is_internal,
    lasting,
    monitor_for,
    roles_of,
    with_clock,
)
from runwise_detect.alignment import blocks
from runwise_format import Trend
from runwise_parsers import Series
from runwise_sampling import Sketch, Stats, levels, trend

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise_detect import Diagnosis, Monitor
    from runwise_parsers import Batch

VERSION = 1
BUCKETS = 512
MANY = 4096
"""Points of a metric that wait for its sketch."""
_HEAD = struct.Struct("<II")


@dataclass(slots=True)
class Sketched:
    """One metric: a sketch for each segment of the run in which it was logged.

    Points wait until there are many: a sketch takes thousands at once at half the price.
    """

    last: float = float("nan")
    last_step: float = 0.0
    _sketches: dict[int, Sketch] = field(default_factory=dict[int, Sketch])
    _segment: int = 0
    _steps: array[float] = field(default_factory=lambda: array("d"))
    _values: array[float] = field(default_factory=lambda: array("d"))

    def extend(self, segment: int, one: Series) -> None:
        """Add the points of a batch."""
        if segment != self._segment or len(self._values) >= MANY:
            self._settle()
            self._segment = segment
        self._steps.extend(one.steps)
        self._values.extend(one.values)
        self.last, self.last_step = one.values[-1], one.steps[-1]

    @property
    def sketches(self) -> dict[int, Sketch]:
        """Sketches by segment."""
        self._settle()
        return self._sketches

    def _settle(self) -> None:
        if self._values:
            sketch = self._sketches.setdefault(self._segment, Sketch(BUCKETS, quantiles=False))
            sketch.extend(self._steps, self._values)
            self._steps, self._values = array("d"), array("d")


@dataclass
class Learned:
    """A run's metrics as sketches, and what is wrong with it, as far as it was read.

    ``given`` are roles by metric that somebody set, ``total_steps`` the planned length: both
    belong to what was learned, because detectors ask for them, and so do ``wishes``, settings
    of theirs. ``mixed`` says that metrics count on axes of their own (steps here, episodes
    there), so that batches do not follow each other: then somebody must bring whole curves
    together for the monitor.
    """

    given: Mapping[str, str]
    total_steps: float | None = None
    metrics: dict[str, Sketched] = field(default_factory=dict[str, Sketched])
    segment: int | None = None
    cursor: str | None = None
    wishes: Mapping[str, object] = field(default_factory=dict[str, object])
    mixed: bool = field(default=False, init=False)
    _reached: float = field(default=-inf, init=False)

    @cached_property
    def monitor(self) -> Monitor:
        """What watches the records as they come."""
        return monitor_for(self.given, self.total_steps, self.wishes)

    def add(self, batch: Batch) -> None:
        """Take a batch in; one that says ``restart`` makes everything else forgotten."""
        if batch.restart:
            self.forget()
        if self.segment is not None and batch.segment != self.segment:
            self.monitor.restart()
            self._reached = -inf
        self.segment, self.cursor = batch.segment, batch.cursor
        shown = {
            name: one for name, one in batch.columns.items() if len(one) and not is_internal(name)
        }
        for name, one in shown.items():
            self.metrics.setdefault(name, Sketched()).extend(batch.segment, one)
        for steps, columns in blocks(with_clock(shown)):
            self.mixed = self.mixed or steps[0] < self._reached
            self.monitor.extend(steps, columns)
            self._reached = steps[-1]

    def add_sample(self, pieces: Iterable[Mapping[str, Series]]) -> int:
        """Take in points from places apart from each other; return how many rows they were.

        Where the step falls from one to the next, a segment begins.
        """
        rows, reached = 0, -inf
        for series in pieces:
            shown = {n: (one.steps, one.values) for n, one in series.items() if not is_internal(n)}
            for steps, columns in blocks(shown):
                self.segment = (self.segment or 0) + (steps[0] < reached)
                for name, values in columns.items():
                    self._add_cells(name, steps, values)
                self.monitor.extend(steps, columns)
                rows, reached = rows + len(steps), steps[-1]
        return rows

    def _add_cells(
        self, name: str, steps: Sequence[float], values: Sequence[float | None]
    ) -> None:
        cells = [(at, one) for at, one in zip(steps, values, strict=True) if one is not None]
        if cells:
            at, what = (array("d", column) for column in zip(*cells, strict=True))
            self.metrics.setdefault(name, Sketched()).extend(
                self.segment or 0, Series(name, at, what)
            )

    def resume(self, wishes: Mapping[str, object], reached: float | None) -> None:
        """Take back what else was written down; a batch that begins below ``reached`` is mixed."""
        self.wishes = wishes
        self._reached = -inf if reached is None else reached

    def forget(self) -> None:
        """Begin anew."""
        self.metrics.clear()
        self.mixed, self._reached = False, -inf
        self.segment = self.cursor = None
        self.__dict__.pop("monitor", None)

    def diagnosis(self, now: float | None = None) -> Diagnosis:
        """Return what is wrong with the run so far; ``now`` says that it still runs."""
        if now is not None:
            self.monitor.tick(now)
        return lasting(self.monitor.finish())

    def study(self, now: float | None = None) -> Study:
        """Return the curves and the diagnosis as reports take them; ``now`` as above."""
        found = roles_of(self.metrics.keys(), self.given)
        curves = {n: curve_of(n, one, found.get(n, "")) for n, one in self.metrics.items()}
        return Study(curves, found, self.total_steps, judged=self.diagnosis(now))

    def to_bytes(self) -> bytes:
        """Return all of it, for ``from_bytes`` of this version."""
        names = list(self.metrics)
        head = {
            "version": VERSION,
            "given": dict(self.given),
            "total": self.total_steps,
            "wishes": self.wishes,
            "segment": self.segment,
            "reached": None if self._reached == -inf else self._reached,
            "cursor": self.cursor,
            "monitor": self.monitor.state_dict(),
            "metrics": [[name, list(self.metrics[name].sketches)] for name in names],
        }
        lasts = array("d", (n for one in self.metrics.values() for n in (one.last, one.last_step)))
        packed = [
            sketch.to_bytes() for name in names for sketch in self.metrics[name].sketches.values()
        ]
        sizes = array("Q", map(len, packed)).tobytes()
        said = orjson.dumps(head)
        body = b"".join([said, lasts.tobytes(), sizes, *packed])
        return zlib.compress(_HEAD.pack(len(said), len(packed)) + body, 1)

    @classmethod
    def from_bytes(cls, data: bytes) -> Learned:
        """Return what ``to_bytes`` was called on.

        Raises ``ValueError`` for bytes of another version, or none of ours.
        """
        try:
            return _unpacked(cls, zlib.decompress(data))
        except (zlib.error, struct.error, KeyError, TypeError, IndexError) as error:
            raise ValueError("what was kept cannot be read") from error


def _unpacked(kind: type[Learned], data: bytes) -> Learned:
    said, sketches = _HEAD.unpack_from(data)
    at = _HEAD.size + said
    head = cast("dict[str, Any]", orjson.loads(data[_HEAD.size : at]))
    if head["version"] != VERSION:
        raise ValueError(f"version {head['version']} is not {VERSION}")
    lasts, sizes = array("d"), array("Q")
    end = at + 16 * len(head["metrics"])
    lasts.frombytes(data[at:end])
    sizes.frombytes(data[end : end + 8 * sketches])
    at = end + 8 * sketches
    learned = kind(head["given"], head["total"], segment=head["segment"], cursor=head["cursor"])
    learned.resume(head["wishes"], head["reached"])
    number = count()
    for place, (name, segments) in enumerate(head["metrics"]):
        one = Sketched(last=lasts[2 * place], last_step=lasts[2 * place + 1])
        for segment in segments:
            size = sizes[next(number)]
            one.sketches[segment] = Sketch.from_bytes(data[at : at + size])
            at += size
        learned.metrics[name] = one
    learned.monitor.load_state_dict(head["monitor"])
    return learned


@dataclass(frozen=True)
class SketchedCurve(Curve):
    """A curve of which only sketches are known. ``series`` is its newest segment, thinned."""

    known: Sketched = field(default_factory=Sketched)

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

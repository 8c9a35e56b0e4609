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
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Any, cast

import orjson

from runwise.curves import Study, is_internal, lasting, monitor_for, roles_of, with_clock
from runwise.diagnoses import diagnosis_of, plain
from runwise.sketched import Sketched, SketchedCurve, curve_of
from runwise_detect.alignment import blocks
from runwise_detect.registry import known_kinds
from runwise_parsers import Series
from runwise_parsers.run import gather
from runwise_sampling import Sketch
from runwise_sampling.rising_steps import RisingSteps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise_detect import Diagnosis, Monitor
    from runwise_parsers import Batch

VERSION = 2
MANY = 500_000
"""Points that wait, of all metrics together: eight megabytes."""
_HEAD = struct.Struct("<II")


@dataclass
class Learned:
    """A run's metrics as sketches, and what is wrong with it, as far as it was read.

    ``given`` are roles by metric that somebody set, ``total_steps`` the planned length: both
    belong to what was learned, because detectors ask for them, and so do ``wishes``, settings
    of theirs.

    Batches wait until there are many points: to look at thousands at once costs a third.
    """

    given: Mapping[str, str]
    total_steps: float | None = None
    metrics: dict[str, Sketched] = field(default_factory=dict[str, Sketched])
    segment: int | None = None
    cursor: str | None = None
    wishes: Mapping[str, object] = field(default_factory=dict[str, object])
    _mixed: bool = field(default=False, init=False)
    _reached: float = field(default=-inf, init=False)
    _monitor: Monitor | None = field(default=None, init=False)
    _waiting: list[dict[str, Series]] = field(default_factory=list[dict[str, Series]], init=False)
    _points: int = field(default=0, init=False)
    _mind: Mapping[str, Any] | None = field(default=None, init=False)
    _judged: Diagnosis | None = field(default=None, init=False)

    @property
    def monitor(self) -> Monitor:
        """What watched the records as they came."""
        self._settle()
        return self._watching()

    @monitor.setter
    def monitor(self, other: Monitor) -> None:
        self._settle()
        self._monitor, self._mind, self._judged = other, None, None

    @property
    def mixed(self) -> bool:
        """Whether metrics count on axes of their own (steps here, episodes there).

        Then batches do not follow each other, and somebody must bring whole curves together for
        the monitor.
        """
        self._settle()
        return self._mixed

    def add(self, batch: Batch) -> None:
        """Take a batch in; one that says ``restart`` makes everything else forgotten."""
        if batch.restart:
            self.forget()
        if self.segment is not None and batch.segment != self.segment:
            self._settle()
            self._watching().restart()
            self._reached = -inf
        self.segment, self.cursor = batch.segment, batch.cursor
        shown = {
            name: one for name, one in batch.columns.items() if len(one) and not is_internal(name)
        }
        self._waiting.append(shown)
        self._points += sum(map(len, shown.values()))
        if self._points >= MANY:
            self._settle()

    def _settle(self) -> None:
        """Look at what waits."""
        if not self._waiting:
            return
        whole = gather(self._waiting)
        self._waiting, self._points = [], 0
        known: dict[int, RisingSteps | None] = {}
        for name, one in whole.items():
            if id(one.steps) not in known:
                known[id(one.steps)] = _rising(one.steps)
            sketched = self.metrics.setdefault(name, Sketched())
            sketched.extend(self.segment or 0, one, known[id(one.steps)])
        self._watch(whole)

    def _watch(self, whole: Mapping[str, Series]) -> None:
        """Let the monitor see records."""
        monitor = self._watching()
        for steps, columns in blocks(with_clock(whole)):
            self._mixed = self._mixed or steps[0] < self._reached
            monitor.extend(steps, columns, clean=True)
            self._reached = steps[-1]

    def _watching(self) -> Monitor:
        if self._monitor is None:
            self._monitor = monitor_for(self.given, self.total_steps, self.wishes)
            if self._mind is not None:
                self._monitor.load_state_dict(self._mind)
        self._mind = self._judged = None  # whoever asks for it may change it
        return self._monitor

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
                self.monitor.extend(steps, columns, clean=True)
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

    def resume(self, head: Mapping[str, Any]) -> None:
        """Take back what else was written down.

        Detectors cost more to load than all the rest: they are left alone until there is news.

        Raises ``ValueError`` where there are other detectors now.
        """
        self.wishes = head["wishes"]
        self._reached = -inf if head["reached"] is None else head["reached"]
        if not self.wishes and sorted(head["monitor"]["detectors"]) != known_kinds():
            raise ValueError("there are other detectors now")
        self._mind, self._judged = head["monitor"], diagnosis_of(head["judged"])

    def forget(self) -> None:
        """Begin anew."""
        self.metrics.clear()
        self._waiting, self._points = [], 0
        self._mixed, self._reached = False, -inf
        self.segment = self.cursor = self._monitor = self._mind = self._judged = None

    def diagnosis(self, now: float | None = None) -> Diagnosis:
        """Return what is wrong with the run so far; ``now`` says that it still runs."""
        self._settle()
        if now is None:
            return lasting(self._finished())
        self.monitor.tick(now)
        return lasting(self.monitor.finish())

    def _finished(self) -> Diagnosis:
        if self._judged is None:
            self._judged = self._watching().finish()
        return self._judged

    def curve(self, name: str) -> SketchedCurve | None:
        """Return one metric as reports take it, ``None`` where it was not logged."""
        self._settle()
        return curve_of(name, self.metrics[name]) if name in self.metrics else None

    def study(self, now: float | None = None) -> Study:
        """Return the curves and the diagnosis as reports take them; ``now`` as above."""
        self._settle()
        found = roles_of(self.metrics.keys(), self.given)
        curves = {n: curve_of(n, one, found.get(n, "")) for n, one in self.metrics.items()}
        return Study(curves, found, self.total_steps, judged=self.diagnosis(now))

    def to_bytes(self) -> bytes:
        """Return all of it, for ``from_bytes`` of this version."""
        self._settle()
        judged = self._finished()
        names = list(self.metrics)
        head = {
            "version": VERSION,
            "given": dict(self.given),
            "total": self.total_steps,
            "wishes": self.wishes,
            "segment": self.segment,
            "reached": None if self._reached == -inf else self._reached,
            "cursor": self.cursor,
            "monitor": self._mind or self._watching().state_dict(),
            "judged": plain(judged),
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
    learned.resume(head)
    number = count()
    for place, (name, segments) in enumerate(head["metrics"]):
        one = Sketched(last=lasts[2 * place], last_step=lasts[2 * place + 1])
        for segment in segments:
            size = sizes[next(number)]
            one.sketches[segment] = Sketch.from_bytes(data[at : at + size])
            at += size
        learned.metrics[name] = one
    return learned


def _rising(steps: array[float]) -> RisingSteps | None:
    try:
        return RisingSteps(steps)
    except ValueError:  # a sketch sorts them
        return None

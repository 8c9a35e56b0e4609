"""One slice of a long history, read in any process: sketches, and what else it told.

    part := zlib(length(u32) head sketch*)        head := JSON; sketch: see ``runwise_sampling``

Nothing in it is code, so that it can be kept (see ``kept``).
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runwise.curves import is_internal
from runwise.sketched import Sketched
from runwise_parsers.run import gather
from runwise_sampling import Sketch
from runwise_sampling.rising_steps import RisingSteps

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, Mapping

    from runwise_parsers import Series
    from runwise_parsers.slices import Reading, Slice

VERSION = 1
MANY = 250_000
"""Points of a slice that wait for their sketches, of all metrics together: four megabytes."""
_LENGTH = struct.Struct("<I")


class Stopped(Exception):  # noqa: N818  no error: somebody wants no more of it
    """Reading was given up."""


@dataclass
class Part:
    """What one slice taught: metrics by name, sketched, and what it ``told`` its run."""

    metrics: dict[str, Sketched] = field(default_factory=dict[str, Sketched])
    told: dict[str, object] = field(default_factory=dict[str, object])

    def to_bytes(self) -> bytes:
        """Return all of it as bytes."""
        packed = [
            [sketch.to_bytes() for sketch in one.sketches.values()]
            for one in self.metrics.values()
        ]
        metrics = [
            [name, one.last, one.last_step, list(one.sketches), list(map(len, sizes))]
            for (name, one), sizes in zip(self.metrics.items(), packed, strict=True)
        ]
        # Not orjson: last values may be NaN.
        head = {"version": VERSION, "told": self.told, "metrics": metrics}
        said = json.dumps(head).encode("utf-8", "surrogatepass")
        body = b"".join([said, *(one for several in packed for one in several)])
        return zlib.compress(_LENGTH.pack(len(said)) + body, 1)

    @classmethod
    def from_bytes(cls, data: bytes) -> Part:
        """Return what ``to_bytes`` was called on. Raises ``ValueError`` for anything else."""
        try:
            plain = zlib.decompress(data)
            (length,) = _LENGTH.unpack_from(plain)
            at = _LENGTH.size + length
            head: dict[str, Any] = json.loads(plain[_LENGTH.size : at])
            if head["version"] != VERSION:
                raise ValueError(f"version {head['version']} is not {VERSION}")
            part = cls(told=head["told"])
            for name, last, last_step, segments, sizes in head["metrics"]:
                one = part.metrics[name] = Sketched(last, last_step)
                for segment, size in zip(segments, sizes, strict=True):
                    one.sketches[segment] = Sketch.from_bytes(plain[at : at + size])
                    at += size
        except (zlib.error, struct.error, KeyError, TypeError) as error:
            raise ValueError("this is no part of a history") from error
        return part


def read_part(one: Slice, is_over: Callable[[], bool] | None = None) -> bytes:
    """Read a slice; this is the work that other processes do.

    Raises ``OSError`` where its file cannot be read, ``Stopped`` as soon as it ``is_over``.
    """
    return part_of(one.read(), is_over).to_bytes()


def part_of(reading: Reading, is_over: Callable[[], bool] | None = None) -> Part:
    """Read rows into a part of bounded size, however many there are."""
    part = Part()
    waiting: list[Mapping[str, Series]] = []
    points, segment = 0, 0
    for batch in reading:
        if is_over is not None and is_over():
            raise Stopped
        if points >= MANY or batch.segment != segment:
            _settle(part, segment, waiting)
            points = 0
        segment = batch.segment
        shown = {
            name: one for name, one in batch.columns.items() if len(one) and not is_internal(name)
        }
        waiting.append(shown)
        points += sum(map(len, shown.values()))
    _settle(part, segment, waiting)
    part.told = reading.told
    return part


def _settle(part: Part, segment: int, waiting: list[Mapping[str, Series]]) -> None:
    """Sketch what waits."""
    known: dict[int, RisingSteps | None] = {}
    for name, one in gather(waiting).items():
        if id(one.steps) not in known:
            known[id(one.steps)] = _rising(one.steps)
        sketched = part.metrics.setdefault(name, Sketched())
        sketched.extend(segment, one, known[id(one.steps)])
    waiting.clear()


def _rising(steps: array[float]) -> RisingSteps | None:
    try:
        return RisingSteps(steps)
    except ValueError:  # a sketch sorts them
        return None


def add(metrics: dict[str, Sketched], part: Part, base: int) -> None:
    """Add what a later slice taught; ``base`` is added to the numbers of its segments."""
    for name, one in part.metrics.items():
        known = metrics.setdefault(name, Sketched())
        known.last, known.last_step = one.last, one.last_step
        for segment, sketch in one.sketches.items():
            if base + segment in known.sketches:
                known.sketches[base + segment].merge(sketch)
            else:
                known.sketches[base + segment] = sketch


def sketches_of(metrics: Mapping[str, Sketched]) -> dict[str, Iterable[Sketch]]:
    """Return each metric's sketches in the order of their segments."""
    return {name: [s for _, s in sorted(one.sketches.items())] for name, one in metrics.items()}

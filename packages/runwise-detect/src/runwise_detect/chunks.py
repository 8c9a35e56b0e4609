"""Chunks: a curve looked at a few values at a time, for trouble that takes a while to show.

What is slow needs no look at every value. A value logged again unchanged is the same value, up
to 16 times, so that logging ten times as often gives the same verdict and a loss that is stuck
is still seen. Detectors that look at the same curve share the chunks, for each of them to cost
next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from runwise_detect.curves import is_fresh
from runwise_detect.lasting import Lasting
from runwise_detect.robust import SECOND_DIFFERENCE
from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise_detect.finding import Finding
    from runwise_detect.records import Column

_STUCK = 16  # an unchanged value counts every so many records
_SANE = 1e150  # larger values are left out, so that no product of two overflows
SIZE = 8


class Chunk:
    """A few values in a row.

    Attributes:
        steps, values: the values and their steps, in their order.
        first, step: steps of the first and the last value.
        ordered: the values sorted.
        median: the mean of the two in the middle.
    """

    __slots__ = ("_sigma", "first", "median", "ordered", "step", "steps", "values")

    def __init__(self, steps: Sequence[float], values: Sequence[float]) -> None:
        self.steps, self.values = steps, values
        self.first, self.step = steps[0], steps[-1]
        self.ordered = ordered = sorted(values)
        self.median = (ordered[SIZE // 2 - 1] + ordered[SIZE // 2]) / 2
        self._sigma: float | None = None

    @property
    def sigma(self) -> float:
        """The noise of single values without their trend, as `robust.noise` has it."""
        if self._sigma is None:
            self._sigma = _noise(self.values)
        return self._sigma


class Chunker:
    """Cuts one curve into chunks and hands them to all who listen."""

    __slots__ = ("is_shared", "last", "listeners", "repeats", "size", "steps", "values", "vetted")

    def __init__(self, size: int) -> None:
        self.size = size
        self.listeners: list[Chunked] = []
        self.is_shared = False  # whether a monitor feeds it, not its listeners
        self.reset()

    def reset(self) -> None:
        """Forget the chunk that was begun."""
        self.values: list[float] = []  # those that wait; some may turn out repeats
        self.steps: list[float] = []  # theirs
        self.last: float | None = None  # value of the chunk before
        self.repeats = 0  # of the last value that was looked at
        self.vetted = 0  # values that wait that were looked at, and count

    def update(self, step: float, value: float) -> list[Finding] | None:
        """Take a value; return what the listeners made of a chunk that it completes."""
        values = self.values
        values.append(value)
        self.steps.append(step)
        return self._complete(values) if len(values) >= self.size else None

    def extend(self, steps: Sequence[float], values: Column) -> list[Finding]:
        """Take many values, None where there is none."""
        if None in values:
            kept = [row for row, value in enumerate(values) if value is not None]
            steps, values = [steps[row] for row in kept], [values[row] for row in kept]
        dense, at, found = cast("Sequence[float]", values), 0, list["Finding"]()
        is_plain = len(dense) > 2 * self.size and is_fresh(dense)
        is_plain = is_plain and -_SANE < min(dense) <= max(dense) < _SANE
        while at < len(dense):
            end = at + self.size - len(self.values)
            if is_plain and not self.values and dense[at] != self.last:
                return found + self._cut(steps, dense, at)
            self.values += dense[at:end]
            self.steps += steps[at:end]
            at = end
            if len(self.values) >= self.size and (changed := self._complete(self.values)):
                found += changed
        return found

    def _cut(self, steps: Sequence[float], values: Sequence[float], at: int) -> list[Finding]:
        """Make chunks of values that all count, from a row on."""
        size, found = self.size, list["Finding"]()
        end = len(values) - (len(values) - at) % size
        for row in range(at, end, size):
            chunk = Chunk(steps[row : row + size], values[row : row + size])
            for one in self.listeners:
                if (finding := one.chunk(chunk)) is not None:
                    found.append(finding)
        if end > at:
            self.last, self.repeats, self.vetted = values[end - 1], 0, 0
        self.values, self.steps = list(values[end:]), list(steps[end:])
        return found

    def _complete(self, values: list[float]) -> list[Finding] | None:
        """Make a chunk of what waits, unless some of it does not count."""
        total = sum(values)
        if len(set(values)) < len(values) or values[0] == self.last or total - total != 0.0:
            self._vet()
            values = self.values
            if len(values) < self.size:
                return None
        else:
            self.repeats = 0
        chunk = Chunk(self.steps, values)
        self.values, self.steps, self.last, self.vetted = [], [], values[-1], 0
        found = [finding for one in self.listeners if (finding := one.chunk(chunk)) is not None]
        return found or None

    def _vet(self) -> None:
        """Leave out values that are not finite, or are those before them once more."""
        kept = list(range(self.vetted))
        before = self.values[self.vetted - 1] if self.vetted else self.last
        for row in range(self.vetted, len(self.values)):
            value = self.values[row]
            if not -_SANE < value < _SANE:
                continue
            self.repeats = self.repeats + 1 if value == before else 0
            if self.repeats % _STUCK == 0:
                kept.append(row)
            before = value
        self.values, self.steps = [self.values[r] for r in kept], [self.steps[r] for r in kept]
        self.vetted = len(kept)

    def state(self) -> object:
        """Return what is remembered, as strict JSON."""
        return encode([self.values, self.steps, self.last, self.repeats, self.vetted])

    def load(self, state: Any) -> None:
        """Continue from a `state`."""
        self.values, self.steps, self.last, self.repeats, self.vetted = decode(state)


@dataclass(eq=False, slots=True)
class Chunked(Lasting):
    """A curve that is looked at chunk by chunk."""

    size: ClassVar[int] = SIZE
    fixed: ClassVar[frozenset[str]] = frozenset({"metric", "settings", "chunker"})

    chunker: Chunker = field(default_factory=lambda: Chunker(SIZE), kw_only=True)

    def __post_init__(self) -> None:
        self.chunker.size = self.size
        self.chunker.listeners.append(self)

    def chunk(self, chunk: Chunk) -> Finding | None:
        """Look at a chunk; return the finding that opened or ended with it."""
        raise NotImplementedError

    def is_fed(self) -> bool:
        """Whether the chunks come from a monitor."""
        return self.chunker.is_shared

    def join(self, chunker: Chunker) -> None:
        """Listen to the chunks of somebody else, from now on."""
        self.chunker = chunker
        if self not in chunker.listeners:
            chunker.listeners.append(self)

    def update(self, step: float, value: float) -> Finding | None:
        """Take a value, with a chunker of one's own."""
        found = self.chunker.update(step, value)
        return found[0] if found else None

    def extend(self, steps: Sequence[float], values: Column) -> list[Finding]:
        """Take many values, with a chunker of one's own."""
        return self.chunker.extend(steps, values)

    def forget(self, *, fresh: bool) -> None:
        """Forget the chunk that was begun."""
        del fresh
        self.chunker.reset()

    def state(self) -> dict[str, object]:
        """Return the fields that change, and the chunk that was begun."""
        return {"chunk": self.chunker.state(), **super(Chunked, self).state()}

    def load(self, state: Mapping[str, object]) -> None:
        """Continue from a `state`."""
        self.chunker.load(state["chunk"])
        super(Chunked, self).load(state)


def halves(chunk: Chunk) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return first step and median of the first four values of a chunk, and of the others."""
    before, after = sorted(chunk.values[:4]), sorted(chunk.values[4:])
    one, two = (before[1] + before[2]) / 2, (after[1] + after[2]) / 2
    return (chunk.first, one), (chunk.steps[4], two)


def _noise(values: Sequence[float]) -> float:
    """Return what `robust.noise` says of a chunk of eight, in half the time."""
    a, b, c, d, e, f, g, h = values
    bends = sorted(
        (
            abs(a - 2 * b + c),
            abs(b - 2 * c + d),
            abs(c - 2 * d + e),
            abs(d - 2 * e + f),
            abs(e - 2 * f + g),
            abs(f - 2 * g + h),
        )
    )
    return bends[3] / SECOND_DIFFERENCE

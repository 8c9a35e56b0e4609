"""The pyramid: the whole of a loss curve as a few dozen equal blocks, in bounded memory.

A block holds the mean of chunk medians, so that a spike leaves no trace in it. When all blocks
are in use neighbours are joined, and a block stands for twice as many values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from runwise_detect.chunks import Chunk, Chunked
from runwise_detect.robust import median, quantile
from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runwise_detect.chunks import Chunker
    from runwise_detect.finding import Finding

BLOCKS = 64
_KEPT = 8  # chunks whose noise is that of now
_FIRST = 5  # values whose median is the initial loss


class Blocks:
    """The curve so far, in at most 64 blocks; those who look at the same curve share it.

    Attributes:
        blocks: [step of the first value, chunks, sum of their medians].
        width: chunks to a block.
        seen: values so far.
        initial: the median of the first five; None before any.
        lowest: the lowest median of a chunk.
        signed: whether a value was ever negative.
        newest: the chunk that was taken last.
    """

    __slots__ = ("_noises", "blocks", "initial", "lowest", "newest", "seen", "signed", "width")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.blocks: list[list[float]] = []
        self.width, self.seen = 1, 0
        self.initial: float | None = None
        self.lowest, self.signed = 0.0, False
        self.calm()

    def calm(self) -> None:
        """Forget the noise of late."""
        self._noises: list[float] = []
        self.newest: Chunk | None = None

    def enter(self, chunk: Chunk) -> None:
        """Take a chunk; once, so look first whether it is the newest already."""
        self.newest = chunk
        middle = chunk.median
        if self.initial is None:
            self.initial = quantile(sorted(chunk.values[:_FIRST]), 0.5)
            self.lowest = middle
        self.lowest = min(self.lowest, middle)
        if chunk.ordered[0] < 0.0:
            self.signed = True
        self.seen += len(chunk.values)
        self._noises.append(chunk.sigma)
        if len(self._noises) > 2 * _KEPT:
            del self._noises[:-_KEPT]
        if self.blocks and (block := self.blocks[-1])[1] < self.width:
            block[1] += 1
            block[2] += middle
            return
        if len(self.blocks) == BLOCKS:
            self._join()
        self.blocks.append([chunk.first, 1, middle])

    def sigma(self) -> float:
        """Return the noise of single values now."""
        return median(self._noises[-_KEPT:])

    def levels(self) -> list[float]:
        """Return the means of the blocks that are complete."""
        return [total / count for _, count, total in self.blocks if count == self.width]

    def state(self) -> object:
        """Return what is remembered, as strict JSON."""
        sizes, noises = [self.width, self.seen], self._noises[-_KEPT:]
        return encode([self.blocks, *sizes, self.initial, self.lowest, self.signed, noises])

    def load(self, state: Any) -> None:
        """Continue from a `state`."""
        self.blocks, self.width, self.seen, *rest = decode(state)
        self.initial, self.lowest, self.signed, self._noises = rest
        self.newest = None

    def _join(self) -> None:
        pairs = zip(self.blocks[::2], self.blocks[1::2], strict=True)
        self.blocks = [[a[0], a[1] + b[1], a[2] + b[2]] for a, b in pairs]
        self.width *= 2


@dataclass(eq=False, slots=True)
class Pyramid(Chunked):
    """A curve that is judged from its blocks, whenever it has grown by a share of all there is."""

    fixed: ClassVar[frozenset[str]] = Chunked.fixed | {"past", "warmup", "growth"}

    warmup: int = field(default=0, kw_only=True)  # values before it is judged at all
    growth: float = field(default=1.06, kw_only=True)
    past: Blocks = field(default_factory=Blocks, kw_only=True)
    due: int = field(default=0, kw_only=True)  # values at which it is judged next
    peak: float = field(default=0.0, kw_only=True)  # of the learning rate
    rate: float = field(default=0.0, kw_only=True)  # the learning rate now
    rose: int = field(default=0, kw_only=True)  # values seen when it last rose
    annealed: int = field(default=0, kw_only=True)  # values seen when it came near zero

    def judge(self, step: float) -> Finding | None:
        """Look at the blocks."""
        raise NotImplementedError

    def join(self, chunker: Chunker) -> None:
        """Share the chunks, and the blocks made of them, from now on."""
        for one in chunker.listeners:
            if isinstance(one, Pyramid):
                self.past = one.past
        super(Pyramid, self).join(chunker)

    def chunk(self, chunk: Chunk) -> Finding | None:
        """Enter a chunk; judge when it is time."""
        past = self.past
        if past.newest is not chunk:
            past.enter(chunk)
        if past.seen < self.due or past.seen < self.warmup:
            return None
        self.due = int(self.growth * past.seen)
        return self.judge(chunk.step)

    def turn(self, value: float) -> None:
        """Learn that the learning rate has moved."""
        seen = self.past.seen
        self.peak = max(self.peak, value)
        if value > self.rate:
            self.rose = seen
        if value >= 0.05 * self.peak:
            self.annealed = 0
        elif self.rate >= 0.05 * self.peak:
            self.annealed = seen
        self.rate = value

    def forget(self, *, fresh: bool) -> None:
        """Forget the curve; it holds for a run that was resumed."""
        super(Pyramid, self).forget(fresh=fresh)
        self.past.calm()
        if fresh:
            self.past.reset()
            self.due = self.rose = self.annealed = 0
            self.peak = self.rate = 0.0

    def state(self) -> dict[str, object]:
        """Return the fields that change, and the blocks."""
        return {"past": self.past.state(), **super(Pyramid, self).state()}

    def load(self, state: Mapping[str, object]) -> None:
        """Continue from a `state`."""
        self.past.load(state["past"])
        super(Pyramid, self).load(state)

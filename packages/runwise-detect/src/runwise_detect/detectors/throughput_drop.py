"""A throughput that falls and stays low."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from runwise_detect.chunks import Chunk, Chunked
from runwise_detect.curves import Curve, CurveDetector
from runwise_detect.finding import Finding
from runwise_detect.robust import median, noise, quantile, wobble
from runwise_detect.roles import THROUGHPUT
from runwise_detect.setting import setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BLOCKS, _FEW = 64, 5  # medians kept, and needed
_ADVICE = "Look at the data loader, other jobs on the machine, and memory that grows or swaps."


@dataclass(eq=False)
class ThroughputDrop(CurveDetector):
    """Training has become slower, and stays slow.

    The medians of 8 values are compared with the 60 % quantile of every other one before them
    (64 at most, then half of them are dropped). Three in a row have to be below `drop` of
    that, and below it by four times the noise of those medians. The level is that before the
    drop; it has recovered above nine tenths of it.

    Silent for the first 8 values, which include compiling and caching, and until eight medians
    are known. A new stage of a curriculum begins anew.

    >>> detector = ThroughputDrop()
    >>> detector.watch({"fps": "throughput"})
    >>> for step in range(200):
    ...     fps = (90.0 if step < 120 else 45.0) + 3 * wobble(step)
    ...     for finding in detector.update(step, {"fps": fps}):
    ...         print(finding.onset_step, finding.step, finding.message)
    120 143 three medians of 8 are near 44.7, 50 % of the usual 90.2
    """

    name: ClassVar[str] = "throughput_drop"
    weight: ClassVar[float] = 0.12

    drop: float = setting(0.8, "share of the usual throughput below which it is low", 0.01, 1.0)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge one throughput; the others tell the same."""
        return sorted(name for name, role in roles.items() if role == THROUGHPUT)[:1]

    def begin(self, metric: str) -> Curve:
        """Return the state of a throughput of which nothing was seen."""
        return _Speed(metric, self)

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a throughput that halves."""
        for step in range(300):
            speed = (1000.0 if step < 180 else 500.0) * (1 + 0.05 * wobble(step))
            yield step, {"train/loss": 1.0 + 0.1 * wobble(step), "samples_per_sec": speed}


@dataclass(eq=False, slots=True)
class _Speed(Chunked):
    metric: str
    settings: ThroughputDrop
    is_begun: bool = False  # the first chunk is left out
    blocks: list[float] = field(default_factory=list[float])  # every other median of eight
    number: int = 0  # medians so far
    usual: float = 0.0  # none is known yet
    lows: list[list[float]] = field(default_factory=list[list[float]])  # low ones: step, median
    calm: int = 0

    def chunk(self, chunk: Chunk) -> Finding | None:
        if not self.is_begun:
            self.is_begun = True
            return None
        now, usual = chunk.median, self.usual
        if self.found is not None:
            return self._follow(chunk.step, now, usual)
        if now < self.settings.drop * usual and now < usual - 4 * noise(self.blocks):
            return self._low(chunk, now, usual)
        self.lows = []
        self.number += 1
        if self.number % 2:
            self._enter(now)
        return None

    def forget(self, *, fresh: bool) -> None:
        super(_Speed, self).forget(fresh=fresh)
        self.lows, self.is_begun = [], False
        if fresh:
            self.blocks, self.usual, self.number = [], 0.0, 0

    def _enter(self, now: float) -> None:
        self.blocks.append(now)
        if len(self.blocks) > _BLOCKS:
            self.blocks = self.blocks[1::2]
        if len(self.blocks) >= _FEW and (self.number < 32 or self.number % 8 == 1):
            self.usual = quantile(sorted(self.blocks), 0.6)

    def _low(self, chunk: Chunk, now: float, usual: float) -> Finding | None:
        self.lows.append([chunk.first, now])
        if len(self.lows) < 3:
            return None
        now = median([low for _, low in self.lows])
        place, share = (self.metric, self.lows[0][0], chunk.step), now / usual
        evidence = (now, usual, share, self.settings.drop)
        rest = f"{100 * share:.0f} % of the usual {usual:.3g}"
        message = f"three medians of 8 are near {now:.3g}, {rest}"
        found = Finding("throughput_drop", "warning", *place, *evidence, message, _ADVICE)
        worst, self.lows, self.calm = min(low for _, low in self.lows), [], 0
        return self.open(replace(found, count=3 * self.size, worst=worst))

    def _follow(self, step: float, now: float, usual: float) -> Finding | None:
        """Look whether it has come back."""
        self.calm = self.calm + 1 if now > (1 + self.settings.drop) / 2 * usual else 0
        if self.calm == 2:
            return self.close("recovered")
        if self.calm == 0:
            self.go_on(step, now, self.size)
        return None

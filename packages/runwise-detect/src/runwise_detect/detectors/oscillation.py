"""A loss that swings up and down, again and again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from runwise_detect.chunks import Chunk, Chunked, halves
from runwise_detect.curves import Curve, CurveDetector
from runwise_detect.finding import Finding
from runwise_detect.robust import median, wobble
from runwise_detect.roles import is_validation, judged_losses
from runwise_detect.setting import setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SPAN = 175  # medians within which the swings have to lie
_ADVICE = "Lower the learning rate, shuffle the data, or balance the losses that compete."


@dataclass(eq=False)
class Oscillation(CurveDetector):
    """The training loss swings up and down, far beyond its noise.

    The loss is smoothed by the median of each 4 values. A swing is a move from a high to a
    low, or back, larger than `swing` of the level and than `sigmas` standard deviations of
    single values, by their quartiles or without their trend, whichever is larger. `swings` of
    them within 700 values are an oscillation. It has recovered when fewer than half as many
    are left.

    A learning rate that rises explains swings: those before it are forgotten.

    >>> detector = Oscillation()
    >>> detector.watch({"loss": "train_loss"})
    >>> for step in range(400):
    ...     loss = 1.0 + 0.4 * (step // 20 % 2) + 0.05 * wobble(step)
    ...     for finding in detector.update(step, {"loss": loss}):
    ...         print(finding.onset_step, finding.step, finding.message)
    24 183 8 swings of 0.303 or more within 160 steps
    """

    name: ClassVar[str] = "oscillation"
    weight: ClassVar[float] = 0.20

    swing: float = setting(0.12, "share of the level that a swing has to exceed", 1e-3, 100.0)
    sigmas: float = setting(5.0, "standard deviations that it has to exceed", 0.0, 1e6)
    swings: int = setting(8, "swings within 700 values", 2, 80)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge the training loss, or its parts; adversarial losses oscillate too."""
        return [name for name in judged_losses(roles) if not is_validation(name)]

    def begin(self, metric: str) -> Curve:
        """Return the state of a loss of which nothing was seen."""
        return _Swings(metric, self)

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a loss that swings between two levels every 25 steps."""
        for step in range(500):
            loss = 1.0 + 0.5 * (step > 100) * (step // 25 % 2)
            yield step, {"train/loss": loss * (1 + 0.03 * wobble(step))}


@dataclass(eq=False, slots=True)
class _Swings(Chunked):
    metric: str
    settings: Oscillation
    number: int = 0  # medians so far
    limit: float = 0.0  # how large a move has to be for a swing
    noises: list[float] = field(default_factory=list[float])
    medians: list[float] = field(default_factory=list[float])
    extreme: float = 0.0  # highest or lowest since the last turn
    other: float = 0.0  # before the first turn: the opposite extreme
    at: float = 0.0  # step of the extreme
    way: int = 0  # +1 rising, -1 falling
    turns: list[list[float]] = field(default_factory=list[list[float]])  # number, step
    rate: float = 0.0

    def chunk(self, chunk: Chunk) -> Finding | None:
        low, high = chunk.ordered[2], chunk.ordered[5]
        self.noises.append(max(chunk.sigma, (high - low) / 1.349))
        turned = False
        for first, middle in halves(chunk):
            self.medians.append(middle)
            if self.number % 16 == 0:
                self._measure()
            self.number += 1
            ahead = (middle - self.extreme) * self.way
            if ahead > 0.0:
                self.extreme, self.at = middle, first
            elif self.way == 0 or ahead < -self.limit:
                turned = self._turn_at(first, middle) or turned
        if turned or self.found is not None:
            return self._judge(chunk.step, chunk.median, turned=turned)
        return None

    def turn(self, value: float) -> None:
        """Learn that the learning rate has moved."""
        if value > self.rate:
            self.turns = []
        self.rate = value

    def forget(self, *, fresh: bool) -> None:
        super(_Swings, self).forget(fresh=fresh)
        self.noises, self.medians, self.turns = [], [], []
        self.way = self.number = 0
        if fresh:
            self.rate = 0.0

    def _measure(self) -> None:
        """Learn how large a move has to be for a swing."""
        del self.noises[:-8], self.medians[:-16]
        sigma, level = median(self.noises), median(self.medians)
        self.limit = max(self.settings.sigmas * sigma, self.settings.swing * abs(level))

    def _turn_at(self, first: float, middle: float) -> bool:
        """Take a median that lies a swing behind the extreme, or one of the first."""
        if self.way:
            self.turns.append([self.number, self.at])
            self.way = -self.way
        elif self.number == 1:
            self.extreme = self.other = middle
            return False
        else:
            self.extreme, self.other = max(self.extreme, middle), min(self.other, middle)
            if self.extreme - self.other <= self.limit:
                return False
            self.way = 1 if middle == self.extreme else -1
        self.extreme, self.at = middle, first
        return True

    def _judge(self, step: float, middle: float, *, turned: bool) -> Finding | None:
        while self.turns and self.turns[0][0] <= self.number - _SPAN:
            del self.turns[0]
        count = len(self.turns)
        if self.found is not None:
            if count < self.settings.swings / 2:
                return self.close("recovered")
            if turned:
                self.go_on(step, middle)
            return None
        if count < self.settings.swings:
            return None
        onset, level = self.turns[0][1], median(self.medians)
        message = f"{count} swings of {self.limit:.3g} or more within {step - onset + 1:g} steps"
        place, evidence = (self.metric, onset, step), (middle, level, count, self.settings.swings)
        found = Finding("oscillation", "warning", *place, *evidence, message, _ADVICE)
        return self.open(replace(found, count=count))

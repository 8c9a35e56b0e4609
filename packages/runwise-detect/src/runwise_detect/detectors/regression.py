"""A loss that is lastingly worse than it was."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from runwise_detect.chunks import Chunk, Chunked
from runwise_detect.curves import Curve, LossDetector
from runwise_detect.finding import Finding, Severity
from runwise_detect.held_out import NOTE
from runwise_detect.robust import median, noise, wobble
from runwise_detect.roles import MOVING_LOSS, is_validation, judged_losses
from runwise_detect.setting import setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WINDOW = 8  # chunks whose median is a level
_KEPT = 24  # chunks that tell how much their medians wander
_CALM, _MOST = 2.0, 6.0  # spreads that count for nothing, and the most a chunk adds
_INNER = 0.44  # noise of the median of eight normal values, beside that of one
_RISING = 1.5  # times the learning rate of the best level: a rise that explains a worse one
_ADVICE = (
    "Look at what changed there (data, a resume, the schedule); go back to the checkpoint "
    "before it if the loss does not come back."
)


@dataclass(eq=False)
class Regression(LossDetector):
    """The training loss rises well above its best level and stays there.

    The level is the median of 64 values, as the median of eight chunks of eight; the best one
    so far is what the run has reached. A chunk is high when its median is above that by more
    than `rise` of all the loss has fallen, by 4 % of the best, and by z = 2 in units of the
    noise of such medians (the largest of that from one to the next, that across four, and the
    0.44 that medians of eight leave of the noise of single values). High chunks in a row add
    up z - 2, each at most 6, so that no single one decides; 10 is a regression.

    It has recovered when two chunks in a row are below half of that. A learning rate that
    rises by half or more explains a rise: the best level is then forgotten and learned anew.
    It is `info` where the validation loss was four times the best level, and the loss is no
    more than 1.25 times that: it is the loss of data the model has not seen.

    Silent until 64 values were seen, beside adversarial or actor-critic losses, and on
    validation losses, which `overfitting` follows.

    >>> detector = Regression()
    >>> detector.watch({"loss": "train_loss"})
    >>> for step in range(300):
    ...     loss = (1.0 if step < 200 else 1.6) + 0.05 * wobble(step)
    ...     for finding in detector.update(step, {"loss": loss}):
    ...         print(finding.onset_step, finding.step, finding.message)
    200 215 2 medians of 8 are at 1.598 or above, the best level was 0.9993
    """

    name: ClassVar[str] = "regression"
    weight: ClassVar[float] = 0.25

    rise: float = setting(0.15, "share of the fall so far that is lost again", 1e-3, 100.0)
    score: float = setting(10.0, "what high chunks in a row have to add up to", 1.0, 1e6)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge the training loss, or its parts, unless the target moves."""
        if MOVING_LOSS in roles.values():
            return []
        return [name for name in judged_losses(roles) if not is_validation(name)]

    def begin(self, metric: str) -> Curve:
        """Return the state of a loss of which nothing was seen."""
        return _Level(metric, self)

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a loss that falls, jumps half of the way back, and stays there."""
        for step in range(400):
            loss = 0.5 + 1.5 / (1 + step / 40) + 0.8 * (step >= 250)
            yield step, {"train/loss": loss * (1 + 0.03 * wobble(step))}


@dataclass(eq=False, slots=True)
class _Level(Chunked):
    metric: str
    settings: Regression
    initial: float | None = None
    medians: list[float] = field(default_factory=list[float])  # of late chunks
    noises: list[float] = field(default_factory=list[float])  # within late chunks
    best: float | None = None
    high: float = 0.0  # above it a chunk is high
    sigma: float = 0.0  # when the best was reached
    rate: float = 0.0
    best_rate: float = 0.0
    held: list[list[float]] = field(default_factory=list[list[float]])  # high chunks: step, median
    calm: int = 0

    def chunk(self, chunk: Chunk) -> Finding | None:
        middle = chunk.median
        self.initial = middle if self.initial is None else self.initial
        if self.best is not None and middle > self.high:
            return self._high(chunk.first, chunk.step, middle)
        if self.found is not None:
            return self._low(chunk.step, middle)
        for _, before in self.held:
            self._admit(before)
        self.held = []
        self.noises.append(chunk.sigma)
        self._admit(middle)
        return None

    def turn(self, value: float) -> None:
        """Learn that the learning rate has moved."""
        self.rate = value
        if value > _RISING * self.best_rate and self.found is None:
            self.best, self.medians, self.held = None, [], []

    def forget(self, *, fresh: bool) -> None:
        super(_Level, self).forget(fresh=fresh)
        self.held, self.calm, self.medians = [], 0, []
        if fresh:
            self.initial, self.best, self.noises = None, None, []

    def _limit(self) -> float:
        best = self.best or 0.0
        fall = max((self.initial or 0.0) - best, 0.0)
        return max(self.settings.rise * fall, _CALM * self.sigma, 0.04 * abs(best))

    def _admit(self, middle: float) -> None:
        self.medians.append(middle)
        if len(self.medians) < _WINDOW:
            return
        if len(self.medians) > 2 * _KEPT:
            del self.medians[:-_KEPT], self.noises[:-_WINDOW]
        level = sorted(self.medians[-_WINDOW:])[_WINDOW // 2]
        if self.best is None or level < self.best:
            late, inner = self.medians[-_KEPT:], median(self.noises[-_WINDOW:])
            wander = max(noise(late), noise(late, lag=4))
            self.sigma = max(_INNER * inner, wander)
            self.best, self.best_rate = level, self.rate
            self.high = level + self._limit()

    def _high(self, first: float, step: float, middle: float) -> Finding | None:
        self.calm = 0
        if self.found is not None:
            self.go_on(step, middle, self.size)
            return None
        self.held.append([first, middle])
        best, sigma = self.best or 0.0, max(self.sigma, 1e-12 * abs(middle))
        score = sum(min((high - best) / sigma - _CALM, _MOST) for _, high in self.held)
        if score < self.settings.score:
            return None
        lowest = min(high for _, high in self.held)
        place = (self.metric, self.held[0][0], step)
        evidence = (lowest, best, score, self.settings.score)
        message = (
            f"{len(self.held)} medians of 8 are at {lowest:.4g} or above, "
            f"the best level was {best:.4g}"
        )
        count = len(self.held) * self.size
        severity: Severity = "warning"
        loss = self.settings.held_out.explains(step, lowest, best)
        if loss is not None:
            severity, message = "info", message + NOTE.format(loss)
        self.held = []
        found = Finding("regression", severity, *place, *evidence, message, _ADVICE)
        return self.open(replace(found, count=count, worst=middle))

    def _low(self, step: float, middle: float) -> Finding | None:
        if middle > ((self.best or 0.0) + self.high) / 2:
            self.calm = 0
            self.go_on(step, middle, self.size)
            return None
        self.calm += 1
        return self.close("recovered") if self.calm == 2 else None

"""A learning rate that is far too high or far too low."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from runwise_detect.curves import Curve, CurveDetector
from runwise_detect.finding import Finding
from runwise_detect.pace import pace
from runwise_detect.pyramid import Pyramid
from runwise_detect.robust import quantile, wobble
from runwise_detect.roles import MOVING_LOSS, is_validation, judged_losses
from runwise_detect.setting import setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ADVICE = (
    "Lower the learning rate by a factor of three to ten, or warm it up.",
    "Raise the learning rate by a factor of ten, unless this is a gentle fine-tuning.",
)


@dataclass(eq=False)
class LearningRate(CurveDetector):
    """The loss says that the learning rate is out of range.

    Too high: after `warmup` values the lower quartile of the last quarter of the run is above
    `above` times the initial loss, and above it by four standard deviations. Training has made
    things worse, and shows no sign of coming back.

    Too low: the logged rate has never been above `lowest`, and after 250 values the loss has
    fallen by less than 15 %, in a straight line, or not at all. The loss alone cannot tell a
    low rate from a hard task, so without a logged rate this is left to `slow_progress`, which
    is no alarm.

    It has recovered when neither holds. Silent on losses that were ever negative, and beside
    adversarial or actor-critic losses.

    >>> detector = LearningRate()
    >>> detector.watch({"loss": "train_loss"})
    >>> for step in range(200):
    ...     loss = (2.3 if step < 8 else 2.9) + 0.05 * wobble(step)
    ...     for finding in detector.update(step, {"loss": loss}):
    ...         print(finding.step, finding.message)
    151 three quarters of the late losses are above 2.895, training began at 2.297
    """

    name: ClassVar[str] = "learning_rate"
    weight: ClassVar[float] = 0.15

    above: float = setting(1.1, "times the initial loss, of late losses", 1.01, 1e6)
    warmup: int = setting(150, "values before anything is said", 80, 10_000_000)
    lowest: float = setting(1e-5, "rate up to which it may be too low", 0.0, 1e6)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge the training loss, or its parts, unless the target moves."""
        if MOVING_LOSS in roles.values():
            return []
        return [name for name in judged_losses(roles) if not is_validation(name)]

    def begin(self, metric: str) -> Curve:
        """Return the state of a loss of which nothing was seen."""
        return _Loss(metric, self, warmup=self.warmup)

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a loss that jumps at once and then stays above where it began."""
        for step in range(400):
            loss = 2.3 if step < 8 else 3.0 - 0.0002 * step
            yield step, {"train/loss": loss * (1 + 0.02 * wobble(step)), "lr": 0.5}


@dataclass(eq=False, slots=True)
class _Loss(Pyramid):
    metric: str
    settings: LearningRate

    def judge(self, step: float) -> Finding | None:
        if self.past.signed or not self.past.initial:
            return self.close("closed")
        levels = self.past.levels()
        late = sorted(levels[-max(4, len(levels) // 4) :])
        low, limit = quantile(late, 0.25), self.settings.above * self.past.initial
        is_high = low > limit and low - self.past.initial > 4 * self.past.sigma()
        is_low = not is_high and self._is_low(levels)
        if self.found is not None:
            if is_high or is_low:
                self.go_on(step, low, 0)
                return None
            return self.close("recovered")
        if is_high:
            message = (
                f"three quarters of the late losses are above {low:.4g}, "
                f"training began at {self.past.initial:.4g}"
            )
            return self._open(step, low, limit, message, _ADVICE[0])
        if is_low:
            now = levels[-1]
            message = (
                f"at no more than {self.peak:.3g} the loss has gone "
                f"from {levels[0]:.4g} to {now:.4g} in {self.past.seen} values"
            )
            return self._open(step, now, limit, message, _ADVICE[1])
        return None

    def _is_low(self, levels: list[float]) -> bool:
        if not 0.0 < self.peak <= self.settings.lowest or self.past.seen < 250:
            return False
        if self.annealed or self.rose > self.past.seen / 2:
            return False  # it was higher, or is still being warmed up
        slow = pace(levels)
        return slow.fall < 0.15 and (slow.is_straight or not slow.is_sure)

    def _open(self, step: float, value: float, limit: float, message: str, advice: str) -> Finding:
        place, initial = (self.metric, self.past.blocks[0][0], step), self.past.initial or 0.0
        evidence = (value, initial, value / initial, limit / initial)
        found = Finding("learning_rate", "warning", *place, *evidence, message, advice)
        return self.open(found)

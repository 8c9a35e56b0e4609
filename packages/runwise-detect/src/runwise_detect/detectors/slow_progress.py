"""A loss that falls, but hardly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from runwise_detect.curves import Curve, CurveDetector
from runwise_detect.finding import Finding
from runwise_detect.pace import pace
from runwise_detect.pyramid import Pyramid
from runwise_detect.robust import wobble
from runwise_detect.roles import MOVING_LOSS, is_validation, judged_losses
from runwise_detect.setting import setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ADVICE = "If there is room, try a learning rate three to ten times as high."


@dataclass(eq=False)
class SlowProgress(CurveDetector):
    """The training loss falls steadily but slowly; worth knowing, no alarm.

    After `warmup` values the loss falls beyond doubt, in a straight line, and has fallen by
    less than `fall` of where it began. A learning rate that is too low looks like this. So do
    a hard task and a gentle fine-tuning, and no curve can tell them apart: it is always
    `info`.

    It has recovered when the fall bends or exceeds the limit. Silent on losses that were ever
    negative, and beside adversarial or actor-critic losses.

    >>> detector = SlowProgress()
    >>> detector.watch({"loss": "train_loss"})
    >>> for step in range(400):
    ...     loss = 4.0 - 0.0005 * step + 0.05 * wobble(step)
    ...     for finding in detector.update(step, {"loss": loss}):
    ...         print(finding.step, finding.severity, finding.message)
    255 info it has fallen by 2.79 % in 256 values, in a straight line
    """

    name: ClassVar[str] = "slow_progress"
    weight: ClassVar[float] = 0.0

    fall: float = setting(0.15, "share of the first level below which it is slow", 1e-6, 1.0)
    warmup: int = setting(250, "values before anything is said", 100, 10_000_000)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge the training loss, or its parts, unless the target moves."""
        if MOVING_LOSS in roles.values():
            return []
        return [name for name in judged_losses(roles) if not is_validation(name)]

    def begin(self, metric: str) -> Curve:
        """Return the state of a loss of which nothing was seen."""
        return _Crawl(metric, self, warmup=self.warmup, growth=1.15)

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a loss that falls by a twentieth in a straight line."""
        for step in range(500):
            yield step, {"train/loss": (4.0 - 0.0004 * step) * (1 + 0.005 * wobble(step))}


@dataclass(eq=False, slots=True)
class _Crawl(Pyramid):
    metric: str
    settings: SlowProgress

    def judge(self, step: float) -> Finding | None:
        if self.past.signed:
            return self.close("closed")
        levels = self.past.levels()
        slow = pace(levels)
        is_slow = 0.0 < slow.fall < self.settings.fall and slow.is_sure and slow.is_straight
        if self.found is not None:
            if is_slow:
                self.go_on(step, levels[-1], 0)
                return None
            return self.close("recovered")
        if not is_slow:
            return None
        fall, seen = 100 * slow.fall, self.past.seen
        message = f"it has fallen by {fall:.3g} % in {seen} values, in a straight line"
        place = (self.metric, self.past.blocks[0][0], step)
        evidence = (levels[-1], levels[0], slow.fall, self.settings.fall)
        return self.open(Finding("slow_progress", "info", *place, *evidence, message, _ADVICE))

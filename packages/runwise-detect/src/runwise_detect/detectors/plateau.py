"""A loss that stands still long before it is near zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from runwise_detect.curves import Curve, CurveDetector
from runwise_detect.finding import Finding, Severity
from runwise_detect.pyramid import Pyramid
from runwise_detect.robust import wobble
from runwise_detect.roles import MOVING_LOSS, is_validation, judged_losses
from runwise_detect.setting import setting
from runwise_detect.trend import pooled, slope_band

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHARES = (0.88, 0.7)  # of the run that may be flat, the longest first
_WIDE, _RISE = 4.0, 20.0  # times `flat`: what the band of the slope may gain, and lose
_FEW = 0.10  # of the initial loss: the least that counts as the fall so far
_FLOOR = 0.97  # a loss that has fallen so far may rest
_ANNEAL = 0.25  # of the run: an annealed learning rate explains so long a rest
_ADVICE = "Raise or restart the learning rate, or stop here if this is good enough."


@dataclass(eq=False)
class Plateau(CurveDetector):
    """The training loss has stopped falling.

    That no slope can be seen is no proof that there is none: a plateau is claimed only where
    the loss is shown not to fall. The run is cut into at most 64 blocks of equal length. Over
    its last 70 or 88 %, what the loss gains (slope by Theil and Sen, times the length) has to
    be less than `flat` of all it has lost so far, and by the 99 % band of the slope (Kendall)
    less than four times that; nor may it lose a fifth, which is a regression. Two looks in a
    row have to agree; they come whenever the run has grown by 6 %, from `warmup` values on.
    What was lost counts as a tenth of the initial loss at least, so that a loss that never
    moved is a plateau too. The learning rate must not have risen meanwhile: warm-up and cycles
    hold a loss up.

    It is `info` only where rest is explained: the loss is down by more than 97 %, or the
    learning rate is below 5 % of its peak and has been for less than a quarter of the run.

    It has recovered when the loss falls again. Silent on losses that were ever negative,
    beside adversarial or actor-critic losses, and on validation losses.

    >>> detector = Plateau()
    >>> detector.watch({"loss": "train_loss"})
    >>> for step in range(1000):
    ...     loss = max(1.0, 2 - step / 100) + 0.05 * wobble(step)
    ...     for finding in detector.update(step, {"loss": loss}):
    ...         print(finding.onset_step, finding.step, finding.message)
    128 423 it has lost 0.0612 % of its fall since, from 1.957 to 1
    """

    name: ClassVar[str] = "plateau"
    weight: ClassVar[float] = 0.15

    flat: float = setting(0.01, "share of the fall so far that counts as no gain", 1e-6, 1.0)
    warmup: int = setting(400, "values before anything is said", 100, 10_000_000)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge the training loss, or its parts, unless the target moves."""
        if MOVING_LOSS in roles.values():
            return []
        return [name for name in judged_losses(roles) if not is_validation(name)]

    def begin(self, metric: str) -> Curve:
        """Return the state of a loss of which nothing was seen."""
        return _Rest(metric, self, warmup=self.warmup)

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a loss that falls for 150 steps and stands still afterwards."""
        for step in range(900):
            loss = 0.9 + 1.1 * max(0.0, 1 - step / 150) ** 2
            yield step, {"train/loss": loss * (1 + 0.05 * wobble(step))}


@dataclass(eq=False, slots=True)
class _Rest(Pyramid):
    metric: str
    settings: Plateau
    streak: int = 0

    def judge(self, step: float) -> Finding | None:
        if self.past.signed or self.past.initial is None:
            return self.close("closed")
        levels = self.past.levels()
        scale = max(self.past.initial - self.past.lowest, _FEW * abs(self.past.initial))
        if self.found is not None:
            return self._follow(self.found, step, levels, scale)
        flat = next((share for share in _SHARES if self._is_flat(levels, share, scale)), None)
        self.streak = 0 if flat is None else self.streak + 1
        if flat is None or self.streak < 2:
            return None
        return self._open(step, levels, flat, scale)

    def _is_flat(self, levels: list[float], share: float, scale: float) -> bool:
        if self.rose > (1 - share) * self.past.seen:
            return False  # a loss that stands still while the learning rate rises may fall after
        window = levels[-max(8, int(share * len(levels))) :]
        third = len(window) // 3
        before, after = sum(window[:third]) / third, sum(window[-third:]) / third
        limit = self.settings.flat * scale
        if before - after > 2 * limit:
            return False  # it falls, and the rest costs more
        values = pooled(window)
        slope, low, high = (edge * (len(values) - 1) for edge in slope_band(values))
        return slope > -limit and low > -_WIDE * limit and high < _RISE * limit

    def _open(self, step: float, levels: list[float], share: float, scale: float) -> Finding:
        window = levels[-max(8, int(share * len(levels))) :]
        level = sum(window) / len(window)
        slope = slope_band(values := pooled(window))[0] * (len(values) - 1) / scale
        onset = self.past.blocks[len(levels) - len(window)][0]
        moved = "gained" if slope <= 0 else "lost"
        message = (
            f"it has {moved} {100 * abs(slope):.3g} % of its fall since, "
            f"from {self.past.initial:.4g} to {level:.4g}"
        )
        place = (self.metric, onset, step)
        evidence = (level, level, slope, self.settings.flat)
        kind = ("plateau", self._severity(level))
        return self.open(Finding(*kind, *place, *evidence, message, _ADVICE, count=self.past.seen))

    def _severity(self, level: float) -> Severity:
        fell = 1 - level / self.past.initial if self.past.initial else 0.0
        is_annealed = self.annealed and self.past.seen - self.annealed < _ANNEAL * self.past.seen
        return "info" if fell > _FLOOR or is_annealed else "warning"

    def _follow(
        self, found: Finding, step: float, levels: list[float], scale: float
    ) -> Finding | None:
        """Look whether the loss moves again."""
        now, level = sum(levels[-3:]) / 3, found.value
        if now < level - max(2 * _WIDE * self.settings.flat * scale, self.past.sigma()):
            self.streak = 0
            return self.close("recovered")
        self.found = replace(found, severity=self._severity(level))
        self.go_on(step, now, 0)
        return None

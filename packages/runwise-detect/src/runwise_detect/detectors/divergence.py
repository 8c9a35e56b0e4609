"""A loss that rises far above where training began, and stays there."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, cast

from runwise_detect.curves import HUGE, Curve, CurveDetector, is_dense
from runwise_detect.finding import Finding, Status
from runwise_detect.robust import noise, quantile, wobble
from runwise_detect.roles import MOVING_LOSS, is_validation, judged_losses
from runwise_detect.setting import setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FIRST = 5  # values whose median is the initial loss
_EARLY = 16  # values that give the initial noise
_MEDIAN = 9  # values whose median is the level now
_FAR, _NEAR = 30.0, 5.0  # times the lowest start, of a value and of the median: lost at once
_LASTING = 1.3  # times L0, enough if it lasts for
_LONG = 64  # values, less twice those that are below
_STUCK = 16  # an unchanged value counts every so many records, so that a stuck loss is seen
_ADVICE = "Go back to a checkpoint before it and lower the learning rate, or warm it up longer."


@dataclass(eq=False)
class Divergence(CurveDetector):
    """The loss leaves the level it began at, upwards, and stays away.

    L0 is the median of the first 5 losses, sigma the noise of the first 16 without its trend.
    The run diverges when the median of 9 losses is above both `ratio` times L0 and L0 + 4
    sigma for `patience` values, and has recovered when it is below for as long. A rise by 30 %
    is enough if 64 more medians were above it (and L0 + 2 sigma) than twice those below: a run
    that is worse off than untrained, and stays so. No patience is needed when a loss exceeds
    30 times the start and the median 5 times; the start is L0 or the very first loss,
    whichever is lower, for a run can be lost within the first 5. A value logged again
    unchanged is the same value, up to 16 times.

    Silent on rises that stay below the start, on validation losses (they rise above theirs
    when a model overfits), on losses that were ever negative, and in runs with adversarial or
    actor-critic losses: those chase a moving target, and their level says nothing.

    >>> detector = Divergence()
    >>> detector.watch({"loss": "train_loss"})
    >>> for step in range(100):
    ...     for finding in detector.update(step, {"loss": 2.0 * 1.02 ** max(0, step - 40)}):
    ...         print(finding.onset_step, finding.step, finding.message)
    67 82 the median of 9 values is 4.245, 2.12 times the initial 2
    """

    name: ClassVar[str] = "divergence"
    weight: ClassVar[float] = 0.50

    ratio: float = setting(1.7, "times the initial loss, of the median", 1.01, 1e6)
    patience: int = setting(12, "values for which the median has to be above", 1, 10_000)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge the training loss, or its parts, unless the target moves."""
        if MOVING_LOSS in roles.values():
            return []
        return [name for name in judged_losses(roles) if not is_validation(name)]

    def begin(self, metric: str) -> Curve:
        """Return the state of a loss of which nothing was seen."""
        return _Loss(metric, self)

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a loss that falls, then grows by a twentieth a step."""
        for step in range(200):
            loss = 2.0 / (1 + min(step, 100) / 50) * 1.05 ** max(0, step - 100)
            yield step, {"train/loss": loss * (1 + 0.02 * wobble(step))}


@dataclass(eq=False, slots=True)
class _Loss(Curve):
    metric: str
    settings: Divergence
    early: list[float] = field(default_factory=list[float])  # of the first values
    initial: float = 0.0  # L0
    start: float = 0.0  # L0 or the very first loss, whichever is lower
    level: float = HUGE  # the median above which the run diverges
    lasting: float = HUGE  # the median above which it does if that lasts long
    slow: int = 0  # medians above that, less twice those below
    slow_onset: float = 0.0
    suspicious: float = HUGE  # the value above which a closer look begins
    floor: float = 0.0
    ceiling: float = -HUGE  # values up to it need no look; below all while there is suspicion
    last: float | None = None
    repeats: int = 0
    recent: list[list[float]] = field(default_factory=list[list[float]])  # step, value
    streak: int = 0  # values for which the median has been on the other side
    onset: float = 0.0
    found: Finding | None = None  # as it was opened
    count: int = 0
    worst: float = 0.0
    end: float = 0.0

    def update(self, step: float, value: float) -> Finding | None:
        if self.floor <= value <= self.ceiling:
            return None
        return self._examine(step, value)

    def extend(self, steps: Sequence[float], values: Sequence[float | None]) -> list[Finding]:
        """Pass over values of which none needs a look."""
        if is_dense(values):
            dense = cast("Sequence[float]", values)
            if not dense or self.floor <= min(dense) <= max(dense) <= self.ceiling:
                return []
        return super(_Loss, self).extend(steps, values)

    def current(self) -> Finding | None:
        return self.found and replace(self.found, count=self.count, worst=self.worst)

    def restart(self, *, fresh: bool) -> Finding | None:
        end = self._close("closed")
        self.last = None
        if fresh:
            self.early, self.start, self.floor, self.ceiling = [], 0.0, 0.0, -HUGE
        return end

    def _relax(self) -> None:
        """Stop looking closely; begin again with the next value above the level."""
        self.recent, self.streak, self.slow = [], 0, 0
        calm = self.suspicious if len(self.early) >= _EARLY else -HUGE
        self.ceiling = HUGE if self.floor else calm  # a signed loss is never looked at

    def _close(self, status: Status) -> Finding | None:
        current, self.found = self.current(), None
        self._relax()
        return current and replace(current, status=status, end_step=self.end)

    def _examine(self, step: float, value: float) -> Finding | None:
        if not math.isfinite(value) or self._is_repeated(value):
            return None
        if value < 0.0:
            self.floor = -HUGE
            return self._close("closed")
        if len(self.early) < _FIRST or (len(self.early) < _EARLY and value <= self.level):
            self._learn(value)
        self.recent = [*self.recent[1 - _MEDIAN :], [step, value]]
        if self.start == 0.0:
            return None  # too early, or nothing can be said to exceed a loss that began at zero
        if self.found is not None:
            return self._follow(step, value)
        return self._suspect(value)

    def _is_repeated(self, value: float) -> bool:
        self.repeats = self.repeats + 1 if value == self.last else 0
        self.last = value
        return self.repeats % _STUCK != 0

    def _learn(self, value: float) -> None:
        self.early.append(value)
        self.initial = quantile(sorted(self.early[:_FIRST]), 0.5)
        if len(self.early) >= _FIRST and self.initial > 0.0:
            margin = 4 * noise(self.early)
            self.level = max(self.settings.ratio * self.initial, self.initial + margin)
            self.lasting = max(_LASTING * self.initial, self.initial + margin / 2)
            self.start = min(self.initial, self.early[0] or self.initial)
            self.suspicious = min(self.level, self.lasting, _NEAR * self.start)

    def _most_are_above(self, level: float) -> bool:
        """Whether the median is above; values from before the suspicion were not."""
        return sum(value > level for _, value in self.recent) > _MEDIAN // 2

    def _suspect(self, value: float) -> Finding | None:
        """Count how long the median has been above the level."""
        if value > _FAR * self.start and self._most_are_above(_NEAR * self.start):
            self.initial, self.level = self.start, _NEAR * self.start
            self.onset = self._first_above(self.level)
            return self._open()
        self.streak = self.streak + 1 if self._most_are_above(self.level) else 0
        if self.streak == 1:
            self.onset = self._first_above(self.level)
        if self.streak >= self.settings.patience or self._lasts():
            return self._open()
        self.ceiling = -HUGE
        if not self.slow and all(value <= self.suspicious for _, value in self.recent):
            self._relax()
        return None

    def _lasts(self) -> bool:
        """Count how much longer than not the median has been above the lower level."""
        is_above = self._most_are_above(self.lasting)
        self.slow = self.slow + 1 if is_above else max(0, self.slow - 2)
        if self.slow == 1 and is_above:
            self.slow_onset = self._first_above(self.lasting)
        if self.slow < _LONG:
            return False
        self.onset, self.level = self.slow_onset, self.lasting
        return True

    def _first_above(self, level: float) -> float:
        return next(step for step, value in self.recent if value > level)

    def _open(self) -> Finding | None:
        values = [value for _, value in self.recent]
        step, value = self.recent[-1]
        median, limit = quantile(sorted(values), 0.5), self.level / self.initial
        self.count = max(self.streak, sum(value > self.level for value in values))
        self.worst, self.end, self.streak = max(values), step, 0
        place = (self.metric, self.onset, step)
        evidence = (value, self.initial, median / self.initial, limit)
        message = (
            f"the median of {len(values)} values is {median:.4g}, "
            f"{median / self.initial:.3g} times the initial {self.initial:.4g}"
        )
        self.found = Finding("divergence", "critical", *place, *evidence, message, _ADVICE)
        return self.current()

    def _follow(self, step: float, value: float) -> Finding | None:
        """Look whether the loss has come back."""
        if not self._most_are_above(self.level):
            self.streak += 1
            return self._close("recovered") if self.streak >= self.settings.patience else None
        self.streak = 0
        self.count += 1
        self.worst = max(self.worst, value)
        self.end = step
        return None

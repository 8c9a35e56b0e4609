"""A loss that jumps far above its recent level."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, cast

from runwise_detect.curves import HUGE, Curve, LossDetector, is_fresh
from runwise_detect.finding import Finding, Severity, Status
from runwise_detect.held_out import NOTE
from runwise_detect.robust import height, median, wobble
from runwise_detect.roles import MOVING_LOSS, judged_losses
from runwise_detect.setting import setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_WILD = 1.6  # times the threshold, for losses that are signed or chase a moving target
_RESTART = 2.0  # times the learning rate: a rise at once that explains a jump
_SLACK = 16  # values after which the window is cut back and its maximum looked up again
_FEW = 2.0  # times the threshold, where only the newest values are asked
_NEAR = 0.6  # two values in a row above this share of the threshold are a spike too
_ADVICE = "Look at these batches; if it comes back, lower the learning rate or clip the gradients."
_TOWERING = 5.0  # times the largest value of the window, and at least half the initial loss
_CALM = 3.0  # spreads above the median below which a value counts as back to normal


@dataclass(eq=False)
class LossSpike(LossDetector):
    """The loss jumps far above its recent level.

    A loss is compared with the median of the `window` values before it, in units of their
    spread: z = (x - median) / s. Minibatch losses are skewed and heavy-tailed, so s is the
    largest of three: the upper side (90 % quantile - median) / 1.2816, the quartile range /
    1.349, and 0.7 of the noise without its trend. Where all values are positive the same is
    asked of their logarithms, times 1.5, and the smaller z counts.

    The threshold is (ln(n / alpha) - ln 2) / 1.256 (times `times`): under exponential tails
    all n values of a run (1000 at least) stay below it with probability 1 - alpha. Losses that
    were ever negative (policy gradients) or chase a moving target need 1.6 times as much; two
    values in a row above 60 % of it will do. A spike also exceeds every single value of its
    window, which makes the common case cheap. Where noise reaches down to zero the logarithms
    spread so widely that nothing stands out in them; a loss five times above its whole window
    and back at half its initial level is therefore judged without them.

    While a spike lasts the baseline is frozen. Two values within 3 spreads of the median end
    it; after `patience` values it is closed, and that level is the new normal. A value logged
    again unchanged is not a new value.

    Where the loss falls steeply the window is spread by the fall. A loss that does not stand
    out in all of it, but twice as far as needed above the last `warmup` values, is a spike
    too.

    A spike is `info` where the validation loss explains it: that was four times the training
    loss, and the loss jumps to no more than 1.25 times that, so it is the loss of data the
    model has not seen; and where the target moves. A learning rate that doubles at once
    explains one too. Silent for the first `warmup` values of a run, of a resumed run, of a new
    stage, and after such a rise.

    >>> detector = LossSpike()
    >>> detector.watch({"loss": "train_loss"})
    >>> for step in range(100):
    ...     loss = 9.0 if step == 70 else 2.0 + 0.01 * (step % 7)
    ...     for finding in detector.update(step, {"loss": loss}):
    ...         print(step, finding.status, finding.message)
    70 open 9 is 153 spreads above the recent median 2.03 (limit 7.33)
    72 recovered 9 is 153 spreads above the recent median 2.03 (limit 7.33)
    """

    name: ClassVar[str] = "loss_spike"
    weight: ClassVar[float] = 0.06
    looks_at_peaks: ClassVar[bool] = True

    window: int = setting(64, "losses before it that a loss is compared with", 8, 1000)
    warmup: int = setting(20, "losses before anything is said, at most the window", 5, 1000)
    patience: int = setting(40, "losses after which a high level is the new normal", 3, 10_000)
    alpha: float = setting(0.05, "chance of a false spike in a run", 1e-9, 0.9)
    times: float = setting(1.0, "what the limit is multiplied by", 0.1, 100.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._moving: frozenset[str] = frozenset()
        if self.warmup > self.window:
            raise ValueError(f"loss_spike: warmup must be 5 to window, not {self.warmup}")

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge training and validation loss; without a total, the parts of it."""
        self._moving = frozenset(name for name, role in roles.items() if role == MOVING_LOSS)
        return judged_losses(roles)

    def begin(self, metric: str) -> Curve:
        """Return the state of a loss of which nothing was seen."""
        return _Loss(metric, self, full=self.warmup, wild=metric in self._moving)

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a noisy falling loss with one spike of three steps."""
        for step in range(200):
            loss = 2.0 / (1 + step / 100) + 0.05 * wobble(step)
            yield step, {"train/loss": loss + 6.0 * (150 <= step < 153)}


@dataclass(eq=False, slots=True)
class _Loss(Curve):
    metric: str
    settings: LossSpike
    full: int  # length of `recent` at which it is looked after
    recent: list[float] = field(default_factory=list[float])
    wild: bool = False  # whether its target moves
    dropped: int = 0  # values that have left `recent`
    last: float | None = None
    level: float = 0.0  # of the first values
    floor: float = 0.0  # below it the loss is signed, and from then on nothing is below it
    ceiling: float = HUGE  # values up to it are normal without a closer look
    held: list[float] = field(default_factory=list[float])  # values kept out of the window
    began: float = 0.0  # step of the first value held
    spike: Finding | None = None
    spread: float = 0.0  # of the frozen baseline
    calm: int = 0  # values in a row that look normal again
    rate: float = 0.0  # the learning rate

    def update(self, step: float, value: float) -> Finding | None:
        if value == self.last:
            return None
        self.last = value
        if self.floor <= value <= self.ceiling:
            self.recent.append(value)
            if len(self.recent) >= self.full:
                self._trim()
            return None
        return self._examine(step, value)

    def extend(self, steps: Sequence[float], values: Sequence[float | None]) -> list[Finding]:
        """Take as many values at once as there is room for, while none needs a closer look."""
        if not is_fresh(values):
            return super(_Loss, self).extend(steps, values)
        dense, at, found = cast("Sequence[float]", values), 0, list["Finding"]()
        while at < len(dense):
            end = at + max(1, self.full - len(self.recent))
            some = dense[at:end]
            if some[0] == self.last or max(some) > self.ceiling or min(some) < self.floor:
                found += super(_Loss, self).extend(steps[at:end], some)
            else:
                self.recent += some
                self.last = some[-1]
                if len(self.recent) >= self.full:
                    self._trim()
            at = end
        return found

    def current(self) -> Finding | None:
        return self.spike and replace(self.spike, end_step=None)

    def turn(self, value: float) -> None:
        is_restart = 0.0 < _RESTART * self.rate <= value
        self.rate = value
        if is_restart and self.spike is None:
            self._begin_anew()

    def restart(self, *, fresh: bool) -> Finding | None:
        end = self.spike and replace(self.spike, status="closed")
        self.spike = None
        self._begin_anew()
        if fresh:
            self.floor = self.level = 0.0
        return end

    def _begin_anew(self) -> None:
        """Forget the baseline."""
        self.dropped += len(self.recent)
        self.recent, self.held, self.last = [], [], None
        self.full, self.ceiling = self.settings.warmup, HUGE

    def _trim(self) -> None:
        """Cut `recent` back to the window; it is looked after again when it has grown."""
        excess = len(self.recent) - self.settings.window
        if excess > 0:
            del self.recent[:excess]
            self.dropped += excess
        self.level = self.level or median(self.recent[:5])
        self.full = len(self.recent) + _SLACK
        self.ceiling = max(self.recent)

    def _examine(self, step: float, value: float) -> Finding | None:
        if not math.isfinite(value):  # non_finite speaks about those
            return None
        if value < 0.0:
            self.floor = -HUGE
        if self.spike is not None:
            return self._follow(self.spike, step, value)
        if len(self.recent) < self.settings.warmup or value <= max(self.recent):
            return self._admit(value)
        threshold, window = self._threshold(), self.recent[-self.settings.window :]
        baseline, spread, score = height(value, window, _NEAR * threshold)
        towers = value >= max(self.level / 2, _TOWERING * max(window)) and not self.floor
        if towers and score <= threshold:
            score = (value - baseline) / spread
        if score <= threshold:
            # A steep fall spreads the window more than noise does: ask the newest part alone.
            late = self.recent[-self.settings.warmup :]
            middle, width, far = height(value, late, _FEW * threshold)
            if not self.floor and value >= max(self.level / 2, _TOWERING * max(late)):
                far = (value - middle) / width
            if far > _FEW * threshold:
                baseline, spread, score = middle, width, far / _FEW
        if score <= _NEAR * threshold:
            return self._admit(value)
        self.spread = spread
        self.began = self.began if self.held else step
        self.held.append(value)
        self.ceiling = -HUGE  # the next value is looked at, whatever it is
        if score > threshold:
            return self._open(step, baseline, score, threshold)
        if len(self.held) > 1:
            return self._open(step, baseline, score, _NEAR * threshold)
        return None

    def _admit(self, value: float) -> None:
        """Take the value, and a near miss before it, into the window."""
        self.recent += [*self.held, value]
        self.held = []
        if len(self.recent) >= self.full:
            self._trim()
        elif len(self.recent) > self.settings.warmup:
            self.ceiling = max(self.recent)

    def _threshold(self) -> float:
        seen = max(self.dropped + len(self.recent), 1000)
        limit = math.log(seen / self.settings.alpha / 2) / 1.256 * self.settings.times
        return limit * (_WILD if self.floor or self.wild else 1.0)

    def _open(self, step: float, baseline: float, score: float, threshold: float) -> Finding:
        again = " for two in a row" if score <= self._threshold() else ""
        value = self.held[-1]
        message = (
            f"{value:.4g} is {score:.3g} spreads above the recent median {baseline:.4g} "
            f"(limit {threshold:.3g}{again})"
        )
        evidence = (self.began, step, value, baseline, score, threshold)
        severity: Severity = "info" if self.wild else "warning"
        held = self.settings.held_out
        if self.metric != held.name:
            loss = held.explains(step, max(self.held), baseline)
            if loss is not None:
                severity, message = "info", message + NOTE.format(loss)
        found = Finding("loss_spike", severity, self.metric, *evidence, message, _ADVICE)
        self.spike = replace(found, end_step=step, count=len(self.held), worst=max(self.held))
        self.calm = 0
        return replace(self.spike, end_step=None)

    def _follow(self, spike: Finding, step: float, value: float) -> Finding | None:
        """Look whether an open spike is over."""
        self.held.append(value)
        if value < (spike.baseline or 0.0) + _CALM * self.spread:
            self.calm += 1
        else:
            self.calm = 0
            worst = max(value, spike.worst or value)
            self.spike = replace(spike, count=spike.count + 1, worst=worst, end_step=step)
        if self.calm == 2:
            self.recent += self.held[-2:]
            return self._close("recovered")
        if len(self.held) >= self.settings.patience:
            self.dropped += len(self.recent)
            self.recent = self.held
            return self._close("closed")
        return None

    def _close(self, status: Status) -> Finding | None:
        end = self.spike and replace(self.spike, status=status)
        self.spike, self.held = None, []
        self._trim()
        return end

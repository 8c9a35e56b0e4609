"""A gradient norm that grows tenfold and more above its usual level."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, cast

from runwise_detect.curves import HUGE, Curve, CurveDetector, is_fresh
from runwise_detect.finding import Finding
from runwise_detect.lasting import Lasting
from runwise_detect.robust import quantile, wobble
from runwise_detect.roles import GRADIENT_NORM
from runwise_detect.setting import setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SLACK = 48  # values after which the window is cut back and looked at again
_ADVICE = "Clip the gradients, lower the learning rate, and look at the batches from there on."


@dataclass(eq=False)
class ExplodingGradient(CurveDetector):
    """The gradient norm grows tenfold and more above its usual level.

    Norms differ by orders of magnitude, so they are compared by their logarithms: with the
    median of the last `window` norms, and the spread around it (the larger of quartile range /
    1.349 and upper side / 1.2816). A norm is high when it is `decades` powers of ten above,
    and `sigmas` spreads. Three high ones within 40 values are an explosion, and one that is
    twice as many decades above. It also has to exceed half of the initial norm: where a model
    fits its data perfectly, norms of 1e-20 and 1e-10 follow each other and mean nothing.

    The level is that before the explosion. It has recovered after 40 values that are not high.
    Silent for the first `warmup` values. NaN and infinities are left to `non_finite`.

    >>> detector = ExplodingGradient()
    >>> detector.watch({"grad_norm": "gradient_norm"})
    >>> for step in range(100):
    ...     norm = (1.0 + 0.2 * wobble(step)) * (300 if step == 70 else 1)
    ...     for finding in detector.update(step, {"grad_norm": norm}):
    ...         print(finding.step, finding.message)
    70 271.5 is 271 times the recent median 1.003
    """

    name: ClassVar[str] = "exploding_gradient"
    weight: ClassVar[float] = 0.25
    looks_at_peaks: ClassVar[bool] = True

    window: int = setting(64, "norms before it that a norm is compared with", 8, 1000)
    warmup: int = setting(20, "norms before anything is said", 5, 1000)
    decades: float = setting(1.0, "powers of ten above the median", 0.1, 100.0)
    sigmas: float = setting(3.5, "spreads above the median", 0.0, 1e6)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge the norm of the whole gradient."""
        return [name for name, role in roles.items() if role == GRADIENT_NORM][:1]

    def begin(self, metric: str) -> Curve:
        """Return the state of a norm of which nothing was seen."""
        return _Norm(metric, self, full=self.warmup)

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a norm that grows by a fifth a step, from one step on."""
        for step in range(200):
            norm = 1.2 ** min(30, max(0, step - 120)) * (1 + 0.2 * wobble(step))
            yield step, {"train/loss": 1.0 + 0.05 * wobble(step), "grad_norm": norm}


@dataclass(eq=False, slots=True)
class _Norm(Lasting):
    metric: str
    settings: ExplodingGradient
    full: int  # length of `recent` at which it is looked at again
    recent: list[float] = field(default_factory=list[float])
    taken: int = 0  # values that have left `recent`, and high ones
    last: float | None = None
    initial: float = 0.0
    median: float = 0.0
    ceiling: float = HUGE  # norms up to it are not high
    far: float = HUGE  # above it one is enough
    highs: list[list[float]] = field(default_factory=list[list[float]])  # number, step, norm

    def update(self, step: float, value: float) -> Finding | None:
        if value == self.last:
            return None
        self.last = value
        if 0.0 <= value <= self.ceiling:
            self.recent.append(value)
            if len(self.recent) >= self.full:
                self._trim()
            return self._calm() if self.highs else None
        return self._high(step, value) if value - value == 0.0 and value > 0.0 else None

    def extend(self, steps: Sequence[float], values: Sequence[float | None]) -> list[Finding]:
        """Take as many norms at once as there is room for, while none is high or was of late."""
        if not is_fresh(values):
            return super(_Norm, self).extend(steps, values)
        dense, at, found = cast("Sequence[float]", values), 0, list["Finding"]()
        while at < len(dense):
            end = at + max(1, self.full - len(self.recent))
            some = dense[at:end]
            is_calm = not self.highs and some[0] != self.last
            if is_calm and 0.0 <= min(some) <= max(some) <= self.ceiling:
                self.recent += some
                self.last = some[-1]
                if len(self.recent) >= self.full:
                    self._trim()
            else:
                found += super(_Norm, self).extend(steps[at:end], some)
            at = end
        return found

    def forget(self, *, fresh: bool) -> None:
        self.taken += len(self.recent)
        self.recent, self.highs, self.last = [], [], None
        self.full, self.ceiling = self.settings.warmup, HUGE
        if fresh:
            self.initial = 0.0

    def _trim(self) -> None:
        excess = len(self.recent) - self.settings.window
        if excess > 0:
            del self.recent[:excess]
            self.taken += excess
        self.full = len(self.recent) + _SLACK
        if self.highs:
            return  # the level is that before
        self.initial = self.initial or sorted(self.recent[:5])[2]
        ordered, shares = sorted(self.recent), (0.25, 0.5, 0.75, 0.9)
        low, self.median, high, top = (quantile(ordered, share) for share in shares)
        floor = self.initial / 2
        if low <= 0.0:
            self.ceiling = self.far = max(floor, 10**self.settings.decades * top)
            return
        log = math.log10
        spread = max(log(high / low) / 1.349, log(top / self.median) / 1.2816)
        least = self.settings.sigmas * spread
        above, beyond = (max(times * self.settings.decades, least) for times in (1, 2))
        self.ceiling = max(floor, self.median * 10 ** min(above, 200.0))
        self.far = max(floor, self.median * 10 ** min(beyond, 200.0))

    def _number(self) -> int:
        return self.taken + len(self.recent)

    def _calm(self) -> Finding | None:
        """Forget high norms that lie far back; end what has come back."""
        number = self._number()
        self.highs = [high for high in self.highs if high[0] > number - 40]
        return self.close("recovered") if self.found is not None and not self.highs else None

    def _high(self, step: float, value: float) -> Finding | None:
        self.taken += 1
        number = self._number()
        self.highs = [*self.highs[-7:], [number, step, value]]
        if self.found is not None:
            self.go_on(step, value)
            return None
        late = [high for high in self.highs if high[0] > number - 40]
        if value <= self.far and len(late) < 3:
            return None
        times = value / self.median if self.median > 0.0 else math.inf
        ratio = f"{times:.3g} times the recent median {self.median:.4g}"
        message = f"{value:.4g} is {ratio}"
        onset = step if value > self.far and len(late) < 3 else late[0][1]
        place = (self.metric, onset, step)
        evidence = (
            value,
            self.median,
            min(times, HUGE),
            self.ceiling / self.median if self.median > 0.0 else None,
        )
        found = Finding("exploding_gradient", "warning", *place, *evidence, message, _ADVICE)
        return self.open(replace(found, count=len(late), worst=max(high[2] for high in late)))

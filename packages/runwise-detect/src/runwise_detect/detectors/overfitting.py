"""A validation loss that rises while the training loss goes on falling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, cast

from runwise_detect.curves import Curve, CurveDetector
from runwise_detect.evaluations import Evaluations
from runwise_detect.finding import Finding, Severity
from runwise_detect.robust import mann_kendall, median, moving_median, wobble
from runwise_detect.roles import MOVING_LOSS, TRAIN_LOSS, VAL_LOSS
from runwise_detect.setting import setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runwise_detect.detector import Columns, Feed

_LATER, _MANY = 4, 8  # blocks after the best: a z of 2 needs 4, and enough without a trend
_FELL, _HALVED = 0.01, 0.5  # fall of the training loss: enough, and enough without a trend
_MUCH, _GRAVE = 0.10, 0.50  # rise: enough without a trend, and critical
_ADVICE = "Keep the best checkpoint; stop there, regularise more, or train on more data."


@dataclass(eq=False)
class Overfitting(CurveDetector):
    """The validation loss rises while the training loss goes on falling.

    An evaluation is a validation loss that differs from the one before. Single ones are noisy
    and the lowest of many is low by luck, so they are smoothed before the best is taken: by
    the median of 3, from 12 on of 5, from 30 on of 9; of more than 64, blocks of equal size
    take their place. The training loss is the mean between two evaluations, smoothed alike.

    A run overfits when, at least 4 evaluations after the best, the smoothed loss is above it
    by more than `rise` and by c standard errors, the training loss has fallen by more than 1 %
    since, and the evaluations since rise with a Mann-Kendall z above c. Without such a trend
    it takes 8 evaluations, a rise of 10 %, and a training loss that has halved. Above 50 % it
    is critical. c is 2 for the first 6 evaluations, then sqrt(4 + 2 ln(n / 6)): the best is
    chosen among n, and the largest of n normal values grows like that.

    The rise is a share of the best, or of a tenth of the fall that led there if that is more;
    where the loss was ever zero or negative, of that fall. The standard error is that of two
    medians. Its noise is without trend, from one evaluation to the next or across a window on
    either side of the best, whichever is larger: a loss that wanders is noisy too.

    Onset is the best evaluation, the evidence that of the worst so far. It has recovered when
    less than half of `rise` is left. A resumed run forgets the evaluations it repeats. Silent
    without both losses, beside adversarial or actor-critic losses, and while both rise.

    >>> detector = Overfitting()
    >>> detector.watch({"loss": "train_loss", "val_loss": "val_loss"})
    >>> for epoch in range(20):
    ...     losses = {"loss": 2 / (1 + epoch), "val_loss": 1.0 + 0.05 * abs(epoch - 6)}
    ...     for finding in detector.update(epoch, losses):
    ...         print(finding.onset_step, finding.step, finding.message)
    6 11 the median of the last evaluations is 1.15, 9.52 % above the best 1.05; meanwhile the \
training loss fell by 40 %
    """

    name: ClassVar[str] = "overfitting"
    weight: ClassVar[float] = 0.25
    in_order: ClassVar[bool] = True

    rise: float = setting(0.06, "share by which the loss has to exceed its best", 1e-6, 100.0)
    skip: float = setting(0.0, "step before which evaluations do not count", -1e300, 1e300)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._train = ""  # name of the training loss
        self._pair: _Pair | None = None

    def watch(self, roles: Mapping[str, str], *, total_steps: float | None = None) -> None:
        """Learn which losses the run has; what was known holds for the same training loss."""
        train = next((name for name, role in roles.items() if role == TRAIN_LOSS), "")
        if train != self._train:
            self._take({})
        self._train = train
        super().watch(roles, total_steps=total_steps)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge the validation loss, if there is a training loss and no moving target."""
        if MOVING_LOSS in roles.values() or not self._train:
            return []
        return [name for name, role in roles.items() if role == VAL_LOSS][:1]

    def begin(self, metric: str) -> Curve:
        """Return the state of a validation loss of which nothing was seen."""
        return _Pair(metric, self)

    def feeds(self) -> list[Feed]:
        """Return who judges at a new evaluation, and who then adds up the training loss."""
        if (pair := self._pair) is None:
            return []
        return [(pair.metric, pair.update), (self._train, pair.take)]

    def extend(self, steps: Sequence[float], columns: Columns) -> list[Finding]:
        """Judge at each new evaluation, and add up the training losses between."""
        if self._pair is None:
            return []
        values = columns.get(self._pair.metric, ())
        return self._pair.extend_both(steps, values, columns.get(self._train, ()))

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a run whose validation loss turns at step 60, evaluated every tenth step."""
        for step in range(200):
            values = {"train/loss": 2.0 / (1 + step / 20) + 0.05 * wobble(step)}
            if step % 10 == 0:
                values["val/loss"] = 1.0 + 0.004 * abs(step - 60) + 0.01 * wobble(step // 10)
            yield step, values

    def _take(self, curves: dict[str, Curve]) -> None:
        super()._take(curves)
        self._pair = cast("_Pair | None", next(iter(curves.values()), None))


@dataclass(eq=False, slots=True)
class _Pair(Evaluations):
    metric: str
    settings: Overfitting
    found: Finding | None = None
    unit: float = 0.0  # what the rise is a share of
    before: float = 0.0  # training loss around the best evaluation

    def update(self, step: float, value: float) -> Finding | None:
        return None if step < self.settings.skip else super(_Pair, self).update(step, value)

    def counts(self, step: float) -> bool:
        return step >= self.settings.skip

    def current(self) -> Finding | None:
        return self.found and replace(self.found, end_step=None)

    def restart(self, *, fresh: bool) -> Finding | None:
        end, self.found = self.found and replace(self.found, status="closed"), None
        self.forget(fresh=fresh)
        return end

    def judge(self) -> Finding | None:
        values, width = self.values(), self.width()
        if len(values) < width // 2 + 1 + _LATER:
            return None
        now, lowest = median(values[-width:]), sorted(values)[width // 2]
        if self.found is not None:
            return self._follow(self.found, now)
        if min(values) > 0.0 and now <= lowest + self.settings.rise * lowest:
            return None  # no median of so many values is lower, and the rest costs more
        return self._suspect(values, now, width)

    def _suspect(self, values: list[float], now: float, width: int) -> Finding | None:
        """Compare the level now with the best one."""
        smooth, half, train = moving_median(values, width), width // 2, self.training()
        best = min(smooth)
        at = smooth.index(best) + half
        later, drop = values[at + 1 :], median(values[:3]) - best
        unit = max(best, drop / 10) if min(values) > 0.0 else drop
        if unit <= 0.0 or not train:
            return None
        sure, error = self.sure(), self.error(at) / unit
        rise, limit = (now - best) / unit, max(self.settings.rise, sure * error)
        self.unit, self.before = unit, median(train[at - half : at + half + 1])
        fall = self.fall(self.before)
        if not (rise > limit and fall > _FELL):  # fall is NaN where a sum overflowed
            return None
        is_obvious = len(later) >= _MANY and rise > _MUCH and fall >= _HALVED
        if not is_obvious and mann_kendall(values[at:]) <= sure:
            return None
        window = range(at - half, at + half + 1)
        return self._open(min(window, key=values.__getitem__), now, best, limit)

    def _open(self, onset: int, now: float, best: float, limit: float) -> Finding | None:
        step = self.blocks[-1][1]
        place = (self.metric, self.blocks[onset][0], step)
        found = Finding("overfitting", "warning", *place, now, best, 0.0, limit, "", _ADVICE)
        count = sum(int(block[2]) for block in self.blocks[onset + 1 :])
        self.found = self._worse(replace(found, count=count, end_step=step), now)
        return self.current()

    def _worse(self, found: Finding, now: float) -> Finding:
        """Return the finding with the evidence of now."""
        best = found.baseline or 0.0
        rise = (now - best) / self.unit
        share = f"{100 * (now / best - 1):.3g} % " if best > 0.0 else ""
        message = (
            f"the median of the last evaluations is {now:.4g}, {share}above the best {best:.4g}; "
            f"meanwhile the training loss fell by {100 * self.fall(self.before):.3g} %"
        )
        severity: Severity = "critical" if rise > _GRAVE else "warning"
        found = replace(found, value=now, worst=now, statistic=rise)
        return replace(found, severity=severity, message=message)

    def _follow(self, found: Finding, now: float) -> Finding | None:
        """Look whether the loss has come back, or is worse than ever."""
        rise = (now - (found.baseline or 0.0)) / self.unit
        if rise < self.settings.rise / 2:
            self.found = None
            return replace(found, status="recovered")
        self.found = replace(found, count=found.count + self.size, end_step=self.blocks[-1][1])
        if rise > (found.statistic or 0.0) and self.fall(self.before) > 0.0:
            self.found = self._worse(self.found, now)
        return None

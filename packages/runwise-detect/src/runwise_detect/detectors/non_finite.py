"""NaN and infinities, in any metric."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from runwise_detect.detector import Columns, Detector
from runwise_detect.finding import Finding
from runwise_detect.roles import GRADIENTS, LOSSES
from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ADVICE = (
    "Check how it is computed: an empty batch or a division by zero is common",
    (
        "Go back to the last good checkpoint; lower the learning rate, clip the gradients, and "
        "look for a log, a division or a half-precision overflow"
    ),
)


@dataclass(eq=False)
class NonFinite(Detector):
    """A metric is NaN or infinite.

    Every metric is looked at. In a loss or a gradient norm it is critical, because whatever is
    trained from there on is lost; elsewhere it is a warning. Each metric is reported once, at
    its first bad step, beside the last finite value before it; later bad values are counted,
    not repeated. After a restart of the run it may be reported again.

    A metric that comes back to finite values is `recovered`: one step skipped under mixed
    precision looks like that.

    >>> detector = NonFinite()
    >>> detector.watch({"loss": "train_loss"})
    >>> for step, loss in enumerate([2.5, float("nan"), float("nan")]):
    ...     for finding in detector.update(step, {"loss": loss}):
    ...         print(finding.step, finding.severity, finding.message)
    1 critical it is NaN; the last finite value was 2.5
    >>> detector.current()[0].count
    2
    """

    name: ClassVar[str] = "non_finite"
    weight: ClassVar[float] = 0.60

    def __post_init__(self) -> None:
        super().__post_init__()
        self._vital: frozenset[str] = frozenset()
        self._last: dict[str, float] = {}  # last finite value of every metric
        self._found: dict[str, Finding] = {}  # as it was opened
        self._bad: dict[str, tuple[int, float]] = {}  # how many so far, and the last step
        self._open: set[str] = set()

    def watch(self, roles: Mapping[str, str], *, total_steps: float | None = None) -> None:
        """Learn which metrics are losses and gradient norms."""
        del total_steps
        vital = LOSSES | GRADIENTS
        self._vital = frozenset(name for name, role in roles.items() if role in vital)

    def update(self, step: float, values: Mapping[str, float]) -> list[Finding]:
        """Look at every number; one finite sum proves them all finite."""
        total = sum(values.values())
        if total - total == 0.0 and not self._open:
            self._last |= values
            return []
        changed = [self._take(name, step, value) for name, value in values.items()]
        return [finding for finding in changed if finding is not None]

    def extend(self, steps: Sequence[float], columns: Columns) -> list[Finding]:
        """Look at every column; one finite sum proves it finite."""
        found: list[Finding] = []
        for name, column in columns.items():
            dense = cast("Sequence[float]", column)
            try:
                total = sum(dense)
            except TypeError:  # of None
                dense = [value for value in column if value is not None]
                total = sum(dense)
            if not dense:
                continue
            if name not in self._open and math.isfinite(total):
                self._last[name] = dense[-1]
                continue
            for step, value in zip(steps, column, strict=True):
                if value is not None and (change := self._take(name, step, value)) is not None:
                    found.append(change)
        return found

    def _take(self, name: str, step: float, value: float) -> Finding | None:
        if value - value == 0.0:
            self._last[name] = value
            if name not in self._open:
                return None
            self._open.remove(name)
            return self._now(name)
        if self.is_off(name):
            return None
        count, _ = self._bad.get(name, (0, step))
        self._bad[name] = (count + 1, step)
        if name in self._open:
            return None
        self._open.add(name)
        if name not in self._found:
            self._found[name] = self._finding(name, step, value)
        return self._now(name)

    def _finding(self, name: str, step: float, value: float) -> Finding:
        last = self._last.get(name)
        before = "no finite value came before"
        if last is not None:
            before = f"the last finite value was {last:.4g}"
        what = "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
        return Finding(
            kind=self.name,
            severity="critical" if name in self._vital else "warning",
            metric=name,
            onset_step=step,
            step=step,
            value=value,
            baseline=last,
            statistic=None,
            threshold=None,
            message=f"it is {what}; {before}",
            advice=_ADVICE[name in self._vital] + ".",
            worst=value,
        )

    def _now(self, name: str) -> Finding:
        count, last = self._bad[name]
        if name in self._open:
            return replace(self._found[name], count=count)
        return replace(self._found[name], count=count, end_step=last, status="recovered")

    def current(self) -> list[Finding]:
        """Return one finding per metric that ever was bad since the last restart."""
        return [self._now(name) for name in self._found]

    def restart(self, *, fresh: bool) -> list[Finding]:
        """End what lasts; the metrics may be reported again."""
        del fresh
        ends = [
            replace(self._now(name), status="closed", end_step=self._bad[name][1])
            if name in self._open
            else self._now(name)
            for name in self._found
        ]
        self._last, self._found, self._bad, self._open = {}, {}, {}, set()
        return ends

    def state_dict(self) -> dict[str, object]:
        """Return the last finite values and what was found."""
        return {
            "last": dict(self._last),
            "found": [encode(finding) for finding in self._found.values()],
            "bad": {name: list(seen) for name, seen in self._bad.items()},
            "open": sorted(self._open),
        }

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from a `state_dict`."""
        saved: Any = state
        self._last = dict(saved["last"])
        self._found = {found.metric: found for found in decode(saved["found"])}
        self._bad = {name: (count, step) for name, (count, step) in saved["bad"].items()}
        self._open = set(saved["open"])

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a run whose loss turns NaN and stays so."""
        for step in range(60):
            loss = 2.0 / (1 + step / 20)
            yield step, {"train/loss": loss if step < 40 else math.nan, "lr": 0.1}

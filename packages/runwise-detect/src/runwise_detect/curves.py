"""Detectors that judge each curve on its own: the loop over curves, written once.

Most kinds of trouble need nothing but one curve. Such a detector is a `CurveDetector` that
says which metrics it wants, and a `Curve` that holds the state of one of them.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, cast

from runwise_detect.detector import Columns, Detector
from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from runwise_detect.finding import Finding


HUGE = 1.7976931348623157e308  # the largest double; NaN and infinities fail -HUGE <= x <= HUGE


class Curve:
    """What a detector remembers about one metric.

    A subclass is a dataclass with slots whose first fields are `metric` and `settings`; all
    others are its state: numbers, strings, lists, and findings.
    """

    __slots__ = ()
    fixed: ClassVar[frozenset[str]] = frozenset({"metric", "settings"})

    def update(self, step: float, value: float) -> Finding | None:
        """Take the next value; return the finding that opened or ended with it."""
        raise NotImplementedError

    def extend(self, steps: Sequence[float], values: Sequence[float | None]) -> list[Finding]:
        """Take many values, None where there is none; the same as updating with each."""
        found: list[Finding] = []
        for step, value in zip(steps, values, strict=True):
            if value is not None and (finding := self.update(step, value)) is not None:
                found.append(finding)
        return found

    def current(self) -> Finding | None:
        """Return the finding that lasts, with the evidence as it is now."""
        raise NotImplementedError

    def restart(self, *, fresh: bool) -> Finding | None:
        """Cross a boundary of the run; return the finding that ends there."""
        raise NotImplementedError

    def state(self) -> dict[str, object]:
        """Return the fields that change."""
        return {name: encode(getattr(self, name)) for name in self._changing()}

    def load(self, state: Mapping[str, object]) -> None:
        """Continue from a `state`."""
        for name in self._changing():
            setattr(self, name, decode(state[name]))

    def _changing(self) -> list[str]:
        every = fields(cast("Any", self))
        return [field.name for field in every if field.name not in self.fixed]


class CurveDetector(Detector):
    """A detector that judges every curve it watches on its own."""

    def __post_init__(self) -> None:
        self._curves: dict[str, Curve] = {}
        self._updates: list[tuple[str, Callable[[float, float], Finding | None]]] = []

    @abstractmethod
    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Return the metrics to judge, of those that have a role."""

    @abstractmethod
    def begin(self, metric: str) -> Curve:
        """Return the state for a metric of which nothing was seen."""

    def watch(self, roles: Mapping[str, str], *, total_steps: float | None = None) -> None:
        """Choose the curves to judge; those that stay keep what they know."""
        del total_steps
        known = self._curves
        self._take({name: known.get(name) or self.begin(name) for name in self.choose(roles)})

    def update(self, step: float, values: Mapping[str, float]) -> list[Finding]:
        """Hand each curve its value."""
        found: list[Finding] = []
        for name, update in self._updates:
            if name in values and (finding := update(step, values[name])) is not None:
                found.append(finding)
        return found

    def extend(self, steps: Sequence[float], columns: Columns) -> list[Finding]:
        """Hand each curve its column."""
        found: list[Finding] = []
        for name, curve in self._curves.items():
            if name in columns:
                found += curve.extend(steps, columns[name])
        return found

    def current(self) -> list[Finding]:
        """Ask each curve."""
        return [found for c in self._curves.values() if (found := c.current()) is not None]

    def restart(self, *, fresh: bool) -> list[Finding]:
        """Tell each curve."""
        ends = [curve.restart(fresh=fresh) for curve in self._curves.values()]
        return [end for end in ends if end is not None]

    def state_dict(self) -> dict[str, object]:
        """Return the state of each curve by metric."""
        return {name: curve.state() for name, curve in self._curves.items()}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue with the curves of a `state_dict`."""
        curves = {name: self.begin(name) for name in state}
        for name, curve in curves.items():
            curve.load(cast("Mapping[str, object]", state[name]))
        self._take(curves)

    def _take(self, curves: dict[str, Curve]) -> None:
        self._curves = curves
        self._updates = [(name, curve.update) for name, curve in curves.items()]
        self.watched = tuple(curves)

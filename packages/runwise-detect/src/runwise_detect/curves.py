"""Detectors that judge each curve on its own: the loop over curves, written once.

Most kinds of trouble need nothing but one curve. Such a detector is a `CurveDetector` that
says which metrics it wants, and a `Curve` that holds the state of one of them.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import fields
from itertools import islice
from operator import eq
from typing import TYPE_CHECKING, Any, ClassVar, cast

from runwise_detect.detector import Columns, Detector, Feed
from runwise_detect.held_out import HeldOut
from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

    def is_fed(self) -> bool:
        """Whether somebody else hands it what it needs, in chunks."""
        return False

    def current(self) -> Finding | None:
        """Return the finding that lasts, with the evidence as it is now."""
        raise NotImplementedError

    def restart(self, *, fresh: bool) -> Finding | None:
        """Cross a boundary of the run; return the finding that ends there."""
        raise NotImplementedError

    def turn(self, value: float) -> None:
        """Learn that the learning rate has moved to a value."""

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


def is_dense(values: Sequence[float | None]) -> bool:
    """Whether every cell is a finite number; only then do ``min`` and ``max`` mean something."""
    try:
        total = sum(cast("Sequence[float]", values))
    except TypeError:  # of None
        return False
    return total - total == 0.0


def is_fresh(values: Sequence[float | None]) -> bool:
    """Whether every cell is a finite number, and another one than that before it."""
    return is_dense(values) and not any(map(eq, values, islice(values, 1, None)))


class CurveDetector(Detector):
    """A detector that judges every curve it watches on its own."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._curves: dict[str, Curve] = {}

    @property
    def curves(self) -> Mapping[str, Curve]:
        """What is remembered about each metric that is judged."""
        return self._curves

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
        chosen = [name for name in self.choose(roles) if not self.is_off(name)]
        self._take({name: known.get(name) or self._start(name) for name in chosen})

    def feeds(self) -> list[Feed] | None:
        """Return the curves that are not fed by somebody else."""
        return self.curve_feeds()

    def curve_feeds(self) -> list[Feed]:
        """Return each curve that is not fed by somebody else, with its metric."""
        every = self._curves.items()
        return [(name, curve.update) for name, curve in every if not curve.is_fed()]

    def update(self, step: float, values: Mapping[str, float]) -> list[Finding]:
        """Hand everybody their value."""
        found: list[Finding] = []
        for name, update in self.feeds() or ():
            if name in values and (finding := update(step, values[name])) is not None:
                found.append(finding)
        return found

    def extend(self, steps: Sequence[float], columns: Columns) -> list[Finding]:
        """Hand each curve its column, unless it is fed by somebody else."""
        found: list[Finding] = []
        for name, curve in self._curves.items():
            if name in columns and not curve.is_fed():
                found += curve.extend(steps, columns[name])
        return found

    def current(self) -> list[Finding]:
        """Ask each curve."""
        return [found for c in self._curves.values() if (found := c.current()) is not None]

    def restart(self, *, fresh: bool) -> list[Finding]:
        """Tell each curve."""
        ends = [curve.restart(fresh=fresh) for curve in self._curves.values()]
        return [end for end in ends if end is not None]

    def turn(self, rate: float) -> None:
        """Tell each curve."""
        for curve in self._curves.values():
            curve.turn(rate)

    def state_dict(self) -> dict[str, object]:
        """Return the state of each curve by metric."""
        return {name: curve.state() for name, curve in self._curves.items()}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue with the curves of a `state_dict`."""
        curves = {name: self._start(name) for name in state}
        for name, curve in curves.items():
            curve.load(cast("Mapping[str, object]", state[name]))
        self._take(curves)

    def _start(self, metric: str) -> Curve:
        return self.settings_for(metric).begin(metric)

    def _take(self, curves: dict[str, Curve]) -> None:
        self._curves = curves
        self.watched = tuple(curves)


class LossDetector(CurveDetector):
    """A detector of training losses that knows the validation loss beside them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.held_out = HeldOut()

    def watch(self, roles: Mapping[str, str], *, total_steps: float | None = None) -> None:
        """Learn which metric is the validation loss, and choose the curves."""
        self.held_out.follow(roles)
        super().watch(roles, total_steps=total_steps)

    def feeds(self) -> list[Feed]:
        """Return the curves, and who takes the validation loss."""
        return [*self.curve_feeds(), (self.held_out.name, self.held_out.see)]

    def extend(self, steps: Sequence[float], columns: Columns) -> list[Finding]:
        """Judge with the validation losses of the block at hand."""
        self.held_out.begin(steps, columns)
        return super().extend(steps, columns)

    def state_dict(self) -> dict[str, object]:
        """Return the validation loss beside the state of the curves."""
        return {"held_out": self.held_out.state(), "curves": super().state_dict()}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from a `state_dict`."""
        self.held_out.load(state["held_out"])
        super().load_state_dict(cast("Mapping[str, object]", state["curves"]))

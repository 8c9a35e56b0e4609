"""Gradients that do not reach the first layers, or nothing at all."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from runwise_detect.curves import HUGE, Curve, CurveDetector, is_dense
from runwise_detect.finding import Finding
from runwise_detect.lasting import Lasting
from runwise_detect.robust import wobble
from runwise_detect.roles import GRADIENT_NORM, LAYER_GRADIENT_NORM, TRAIN_LOSS
from runwise_detect.setting import setting
from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runwise_detect.detector import Columns, Feed
    from runwise_detect.records import Column

_CALM = 8  # records that are not low, after which it has recovered
_NUMBER = re.compile(r"(\d{1,18})")
_ADVICE = (
    "Look for dead units and saturated activations; use another activation or initialisation, "
    "normalisation or residual connections."
)


@dataclass(eq=False)
class VanishingGradient(CurveDetector):
    """The gradient does not reach the first layer, or has vanished as a whole.

    Where norms of single layers are logged, the first is compared with the last (in the order
    of their names, numbers by value): it has vanished when it is less than `ratio` of it in 15
    records more than not, or exactly zero `patience` times in a row. A total norm alone tells
    less: the biases of the last layer learn on behind dead units. It has vanished when it is,
    `patience` times in a row, less than `share` of its initial value or than `least` of the
    initial loss.

    All that only while the loss is above 5 % of where it began: a model that fits its data
    perfectly has no gradient left, and is well. A norm logged again unchanged is the same
    norm, unless it is zero.

    >>> detector = VanishingGradient()
    >>> detector.watch({"loss": "train_loss", "grad_norm": "gradient_norm"})
    >>> for step in range(60):
    ...     norm = (1.0 if step < 40 else 1e-9) + 1e-10 * wobble(step)
    ...     for finding in detector.update(step, {"loss": 2.3, "grad_norm": norm}):
    ...         print(finding.onset_step, finding.step, finding.message)
    40 47 it is 9.095e-10, at first it was 1
    """

    name: ClassVar[str] = "vanishing_gradient"
    weight: ClassVar[float] = 0.40
    in_order: ClassVar[bool] = True

    ratio: float = setting(1e-3, "first layer by last layer", 0.0, 1.0)
    share: float = setting(1e-5, "total by initial total", 0.0, 1.0)
    least: float = setting(1e-7, "total by initial loss", 0.0, 1.0)
    patience: int = setting(8, "totals, or zeros of the first layer, in a row", 1, 10_000)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._loss = self._last_layer = ""  # names
        self._layers: list[str] = []
        self.beside = _Beside()

    def watch(self, roles: Mapping[str, str], *, total_steps: float | None = None) -> None:
        """Learn which norms there are, and which is the loss."""
        self._loss = next((name for name, role in roles.items() if role == TRAIN_LOSS), "")
        self._layers = _in_order(roles)
        self._last_layer = self._layers[-1] if len(self._layers) > 1 else ""
        super().watch(roles, total_steps=total_steps)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge the norm of the first layer and the total."""
        totals = [name for name, role in roles.items() if role == GRADIENT_NORM]
        return [*self._layers[: len(self._layers) > 1], *totals[:1]]

    def begin(self, metric: str) -> Curve:
        """Return the state of a norm of which nothing was seen."""
        return _Norm(metric, self, is_layer=metric in self._layers)

    def feeds(self) -> list[Feed]:
        """Return who takes the loss, the last layer and the norms, in this order."""
        aside = [(self._loss, self.beside.see_loss), (self._last_layer, self.beside.see_last)]
        return [*aside, *self.curve_feeds()]

    def extend(self, steps: Sequence[float], columns: Columns) -> list[Finding]:
        """Judge record by record: a norm says nothing without the loss beside it."""
        norms = [(columns[n], c) for n, c in self._norms().items() if n in columns]
        if all(curve.is_well(column) for column, curve in norms):
            self.beside.see_all(columns.get(self._loss, ()), columns.get(self._last_layer, ()))
            return []
        feeds = [(columns[name], take) for name, take in self.feeds() if name in columns]
        found: list[Finding] = []
        for row, step in enumerate(steps):
            for column, take in feeds:
                value = column[row]
                if value is not None and (finding := take(step, value)) is not None:
                    found.append(finding)
        return found

    def _norms(self) -> Mapping[str, _Norm]:
        return cast("Mapping[str, _Norm]", self.curves)

    def restart(self, *, fresh: bool) -> list[Finding]:
        """Forget what lies behind; a fresh start has another initial loss."""
        if fresh:
            self.beside.began = None
        return super().restart(fresh=fresh)

    def state_dict(self) -> dict[str, object]:
        """Return loss and last layer beside the state of the norms."""
        seen = encode([self.beside.began, self.beside.now, self.beside.last_layer])
        return {"seen": seen, "norms": super().state_dict()}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from a `state_dict`."""
        saved: Any = state
        self.beside.began, self.beside.now, self.beside.last_layer = decode(saved["seen"])
        super().load_state_dict(saved["norms"])

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a run in which the first layer dies."""
        for step in range(200):
            last = 0.5 + 0.1 * wobble(step)
            first = 0.3 * last if step < 120 else 0.0
            values = {"train/loss": 1.6 + 0.1 * wobble(step), "grad_norm": 1.5 * last}
            yield step, {**values, "grad_norm/layer0": first, "grad_norm/layer9": last}


class _Beside:
    """What is logged beside a norm, and what it is judged with."""

    def __init__(self) -> None:
        self.began: float | None = None  # the initial loss
        self.now = math.inf  # the loss now
        self.last_layer: float | None = None  # its norm, as logged last

    def see_loss(self, step: float, loss: float) -> None:
        """Take the training loss."""
        del step
        if loss - loss == 0.0:
            self.now = loss
            if self.began is None:
                self.began = loss

    def see_last(self, step: float, norm: float) -> None:
        """Take the norm of the last layer."""
        del step
        self.last_layer = norm

    def see_all(self, losses: Column, last_layers: Column) -> None:
        """Take a block in which nothing is judged."""
        finite = [one for one in losses if one is not None and one - one == 0.0]
        if finite:
            self.began = finite[0] if self.began is None else self.began
            self.now = finite[-1]
        late = (norm for norm in reversed(last_layers) if norm is not None)
        self.last_layer = next(late, self.last_layer)

    def unit(self) -> float | None:
        """Return the initial loss; None where it is known and nearly nothing is left of it."""
        if self.began is None:
            return 0.0
        return abs(self.began) if abs(self.now) > 0.05 * abs(self.began) else None


def _in_order(roles: Mapping[str, str]) -> list[str]:
    names = [name for name, role in roles.items() if role == LAYER_GRADIENT_NORM]
    return sorted(names, key=_natural)


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBER.split(name)]


@dataclass(eq=False, slots=True)
class _Norm(Lasting):
    metric: str
    settings: VanishingGradient
    is_layer: bool  # whether it is the norm of the first layer, not of all
    floor: float = HUGE  # a total above it is well
    initial: float = 0.0
    early: list[float] = field(default_factory=list[float])
    last: float | None = None
    score: int = 0  # records in which it was low, less those in which it was not
    zeros: int = 0  # in a row
    onset: float = 0.0
    calm: int = 0

    fixed: ClassVar[frozenset[str]] = frozenset({"metric", "settings", "is_layer"})

    def update(self, step: float, value: float) -> Finding | None:
        if self.floor < value < math.inf:
            return None
        if (value == self.last and value != 0.0) or not 0.0 <= value < math.inf:
            return None
        self.last = value
        if self.is_layer:
            return self._layer(step, value)
        if len(self.early) < 5:
            self.early.append(value)
            self.initial = sorted(self.early)[len(self.early) // 2]
        return self._total(step, value)

    def is_well(self, values: Column) -> bool:
        """Whether no value of a block needs a look."""
        return is_dense(values) and (not values or self.floor < min(cast("Any", values)))

    def forget(self, *, fresh: bool) -> None:
        self.score = self.zeros = self.calm = 0
        self.last = None
        if fresh:
            self.initial, self.early, self.floor = 0.0, [], HUGE

    def _layer(self, step: float, value: float) -> Finding | None:
        beside = self.settings.beside
        last, unit = beside.last_layer or 0.0, beside.unit()
        if not 0.0 <= last < math.inf:
            return None
        is_low = (value == 0.0 or value < self.settings.ratio * last) and unit is not None
        if not is_low and self.score == 0 and self.found is None:
            return None
        ratio = value / last if last else 0.0
        self.zeros = self.zeros + 1 if value == 0.0 and is_low else 0
        if not self._counts(step, value, is_low=is_low, enough=15):
            return self._recovered(is_low=is_low)
        what = f"it is {ratio:.2g} of that of the last layer" if value else "it is exactly zero"
        return self._say(step, (value, last, ratio, self.settings.ratio), what)

    def _total(self, step: float, value: float) -> Finding | None:
        unit = self.settings.beside.unit()
        least = max(self.settings.share * self.initial, self.settings.least * (unit or 0.0))
        is_low = unit is not None and value <= least
        if not is_low:
            self.score = 0
            if self.found is None and unit is not None and len(self.early) == 5:
                self.floor = least  # nothing above it needs a look, until one is below
                return None
        self.floor = HUGE
        if not self._counts(step, value, is_low=is_low, enough=self.settings.patience):
            return self._recovered(is_low=is_low)
        share = value / self.initial if self.initial else 0.0
        what = f"it is {value:.4g}, at first it was {self.initial:.4g}"
        return self._say(step, (value, self.initial, share, self.settings.share), what)

    def _counts(self, step: float, value: float, *, is_low: bool, enough: int) -> bool:
        """Count low records against others; return whether there are enough for a finding."""
        if self.found is not None:
            if is_low:
                self.go_on(step, value)
            return False
        if is_low and self.score == 0:
            self.onset = step
        self.score = self.score + 1 if is_low else max(0, self.score - 1)
        return self.score >= enough or self.zeros >= self.settings.patience

    def _recovered(self, *, is_low: bool) -> Finding | None:
        """End what has not been low for eight records."""
        self.calm = 0 if is_low or self.found is None else self.calm + 1
        if self.calm < _CALM:
            return None
        self.score = self.zeros = self.calm = 0
        return self.close("recovered")

    def _say(self, step: float, evidence: tuple[float, float, float, float], what: str) -> Finding:
        place = (self.metric, self.onset, step)
        found = Finding("vanishing_gradient", "critical", *place, *evidence, what, _ADVICE)
        return self.open(replace(found, count=self.score, worst=evidence[0]))

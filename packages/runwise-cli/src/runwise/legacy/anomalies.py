"""The anomalies of runwise 0.5, found by the detectors of runwise-detect."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from runwise_detect import Monitor, roles
from runwise_detect.settings import detectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OLD_NAMES = {
    "non_finite": "nan", "loss_spike": "spike", "overfitting": "overfit", "plateau": "plateau",
    "vanishing_gradient": "gradient", "exploding_gradient": "gradient",
    "throughput_drop": "system",
}  # fmt: skip
SIGNS = {"critical": "!!", "warning": "!", "info": "-"}


@dataclass
class Anomaly:
    """Something wrong with a run. ``details`` is the evidence."""

    type: str
    severity: str
    message: str
    step: int | None = None
    details: dict[str, Any] = field(default_factory=dict[str, Any])

    def compact(self) -> str:
        """Return it as one line, with its step."""
        where = "" if self.step is None else f" (step {self.step})"
        return f"{SIGNS.get(self.severity, '!')} {self.message}{where}"


@dataclass
class AnomalyConfig:
    """Thresholds; what each one means here stands in ``runwise explain``."""

    spike_threshold: float = 3.5
    spike_window: int = 100
    overfit_ratio_threshold: float = 1.5
    plateau_min_steps: int = 500
    plateau_improvement_threshold: float = 0.01
    gradient_vanish_threshold: float = 1e-7
    gradient_explode_multiplier: float = 10.0
    gradient_sustained_steps: int = 10
    throughput_drop_threshold: float = 0.4


def detect_anomalies(
    history: Sequence[Mapping[str, Any]],
    config: AnomalyConfig | None = None,
    loss_key: str = "loss",
    val_loss_key: str = "val_loss",
    grad_norm_key: str = "grad_norm",
    throughput_key: str = "steps_per_sec",
) -> list[Anomaly]:
    """Return what is wrong with rows of a run, the gravest first.

    A row is a dict; its step is ``_step`` or ``step``, else its place.
    """
    given = {
        loss_key: roles.TRAIN_LOSS, val_loss_key: roles.VAL_LOSS,
        grad_norm_key: roles.GRADIENT_NORM, throughput_key: roles.THROUGHPUT,
    }  # fmt: skip
    wishes = _wishes(config)
    monitor = Monitor(detectors(wishes) if wishes else None, roles=given)
    for place, row in enumerate(history):
        step = row.get("_step", row.get("step", place))
        values = {
            key: _number(value) for key, value in row.items() if key not in ("_step", "step")
        }
        monitor.update(float(step), {k: v for k, v in values.items() if v is not None})
    return [
        Anomaly(
            OLD_NAMES.get(group.kind, group.kind),
            group.severity,
            f"{group.kind} of {group.metric}: {group.first.message}",
            int(group.first.onset_step),
            {"metric": group.metric, "value": group.first.value, "count": group.count},
        )
        for group in monitor.finish().findings
    ]


def format_anomalies(anomalies: Sequence[Anomaly], compact: bool = True) -> str:
    """Return anomalies as lines, a heading over them unless ``compact``."""
    if not anomalies:
        return "" if compact else "No anomalies detected"
    lines = [one.compact() for one in anomalies]
    return "\n".join(lines if compact else ["ANOMALIES:", *(f"  {line}" for line in lines)])


def _wishes(config: AnomalyConfig | None) -> dict[str, Any]:
    """Return thresholds that differ from 0.5's own: those are already ours."""
    if config is None:
        return {}
    usual = asdict(AnomalyConfig())
    return {key: value for key, value in asdict(config).items() if value != usual[key]}


def _number(value: object) -> float | None:
    """Return a cell as a number: ``"NaN"`` and ``"Infinity"`` are, ``None`` is not."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None

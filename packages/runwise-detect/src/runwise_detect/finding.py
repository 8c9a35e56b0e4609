"""A finding: one trouble of one metric, with the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "critical"]
Status = Literal["open", "recovered", "closed"]

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Finding:
    """One trouble of one metric: where it began, where it was noticed, and why we say so.

    Attributes:
        kind: name of the detector that speaks, as ``loss_spike``.
        severity: ``info`` (worth knowing), ``warning`` or ``critical`` (the run is being lost).
        metric: name of the metric as it was logged.
        onset_step: step of the first record that belongs to the trouble.
        step: step at which it was detected; never before `onset_step`.
        value: value of the metric at detection, in the units of the metric.
        baseline: what the metric was compared with, in the same units.
        statistic: how far it is from the baseline, in the detector's own unit.
        threshold: how large `statistic` had to be.
        message: one sentence with the evidence; step and metric are said elsewhere.
        advice: one sentence on what to do.
        end_step: step of the last record that belongs to it; None while it lasts.
        status: ``open`` (it lasts), ``recovered`` (the metric came back) or ``closed`` (it
            ended without coming back: the level became the new normal, or the run restarted).
        count: records that belong to it so far.
        worst: the value furthest from the baseline so far.
        approximate: whether the steps are only the bounds of a place.

    >>> finding = Finding("divergence", "critical", "loss", 40, 52, 7.5, 2.5, 3.0, 1.7,
    ...                   "the median is 3.00 times the initial loss 2.5",
    ...                   "Lower the learning rate.")
    >>> print(finding)
    critical divergence of loss at step 40: the median is 3.00 times the initial loss 2.5. Lower \
the learning rate.
    """

    kind: str
    severity: Severity
    metric: str
    onset_step: float
    step: float
    value: float
    baseline: float | None
    statistic: float | None
    threshold: float | None
    message: str
    advice: str
    end_step: float | None = None
    status: Status = "open"
    count: int = 1
    worst: float | None = None
    approximate: bool = False

    def __str__(self) -> str:
        where = f"{self.severity} {self.kind} of {self.metric} at step {self.onset_step:g}"
        return f"{where}: {self.message}. {self.advice}"

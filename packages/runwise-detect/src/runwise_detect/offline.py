"""A finished run: whole curves in, a diagnosis out, through the same detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_detect.alignment import blocks
from runwise_detect.monitor import Monitor
from runwise_detect.roles import assign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise_detect.diagnosis import Diagnosis


def analyze(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    roles: Mapping[str, str] | None = None,
    total_steps: float | None = None,
) -> Diagnosis:
    """Judge whole curves.

    Args:
        curves: steps and values of each metric, on steps of its own. Steps rise, except
            where the run was restarted.
        roles: role of a metric by name, where the name alone would mislead.
        total_steps: planned length of the run, where it is known.

    Returns:
        What a `Monitor` with all detectors says of the same records.

    Raises:
        ValueError: a curve has more steps than values, or fewer.

    >>> steps = range(100)
    >>> loss = [2.0 + 0.01 * (step % 7) for step in steps]
    >>> loss[70] = float("inf")
    >>> diagnosis = analyze({"train/loss": (steps, loss), "lr": ([0, 50], [0.1, 0.01])})
    >>> diagnosis.health, diagnosis.deductions
    (64, (('critical non_finite of train/loss', 36),))
    >>> print(diagnosis.findings[0].first)
    critical non_finite of train/loss at step 70: it is +Inf; the last finite value was 2.06. Go \
back to the last good checkpoint; lower the learning rate, clip the gradients, and look for a \
log, a division or a half-precision overflow.
    """
    monitor = Monitor(roles={**assign(curves), **(roles or {})}, total_steps=total_steps)
    for steps, columns in blocks(curves):
        monitor.extend(steps, columns)
    return monitor.finish()

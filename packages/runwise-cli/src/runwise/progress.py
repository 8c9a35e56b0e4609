"""How far a run is: steps done of steps planned, how fast, and when it will end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, cast

from runwise.curves import Curve, Study, rhythm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runwise_parsers import RunInfo

TOTAL_STEPS = (
    "max_steps", "total_steps", "num_train_steps", "num_training_steps", "train_steps",
    "num_steps", "n_steps", "max_iters", "max_iter", "num_iterations", "total_timesteps",
    "total_iterations", "training_steps", "steps",
)  # fmt: skip
TOTAL_EPOCHS = (
    "num_train_epochs",
    "max_epochs",
    "num_epochs",
    "total_epochs",
    "n_epochs",
    "epochs",
)
RECENT = 200
UNLIKELY = 1e15
"""No run is that long: such a number means that nobody set an end."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` steps or epochs (``unit``); ``eta`` in seconds while it runs.

    ``interval`` is the usual number of seconds between rows.
    """

    done: float | None = None
    total: float | None = None
    unit: str = "step"
    interval: float | None = None
    eta: float | None = None

    @property
    def share(self) -> float | None:
        """Share of the way, 0 to 1, ``None`` where the end is unknown."""
        if self.done is None or not self.total or self.done > self.total:
            return None
        # Steps are counted from 0 as often as from 1.
        return (
            1.0 if self.done >= self.total - 1 and self.unit == "step" else self.done / self.total
        )


def planned(config: Mapping[str, object], names: tuple[str, ...]) -> float | None:
    """Return the largest plausible number under one of these names, at any depth."""
    for name in names:
        found = [
            float(value)
            for key, value in _leaves(config)
            if key == name
            and isinstance(value, (int, float))
            and not isinstance(value, bool)
            and 0 < value < UNLIKELY
        ]
        if found:
            return max(found)
    return None


def _leaves(tree: Mapping[str, object], depth: int = 0) -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        if isinstance(value, dict) and depth < 8:
            yield from _leaves(cast("Mapping[str, object]", value), depth + 1)
        else:
            yield key, value


def measure(info: RunInfo, config: Mapping[str, object], known: Study, now: float) -> Progress:
    """Return how far a run is, by its steps, or by its epochs where only those are planned."""
    interval = rhythm(one.series for one in known.curves.values())
    done = known.last_step if known.last_step is not None else info.last_step
    for unit, names in (("step", TOTAL_STEPS), ("epoch", TOTAL_EPOCHS)):
        total, axis = planned(config, names), _axis(known, unit)
        reached = axis.last if axis else done if unit == "step" else None
        found = Progress(reached, total, unit, interval)
        if found.share is not None:
            return _with_eta(found, info, axis, known, now)
    return Progress(done, None, "step", interval)


def _axis(known: Study, role: str) -> Curve | None:
    """Return the metric in which a run counts its own steps or epochs.

    A trainer's ``global_step`` is not the tracker's step where it logs every tenth step.
    """
    return next((one for one in known.with_role(role) if isfinite(one.last)), None)


def _with_eta(
    found: Progress, info: RunInfo, axis: Curve | None, known: Study, now: float
) -> Progress:
    """Add the time left, at the pace of the newest rows."""
    if info.state != "running" or found.done is None or not found.total:
        return found
    pace = _pace(axis, known)
    if pace is None:
        return found
    since = max(0.0, now - info.updated) if info.updated else 0.0
    return replace(found, eta=max(0.0, (found.total - found.done) * pace - since))


def _pace(axis: Curve | None, known: Study) -> float | None:
    """Return the seconds one unit took lately."""
    timed = [axis] if axis else sorted(known.curves.values(), key=lambda one: -len(one.series))[:1]
    for one in timed:
        times = one.series.times
        units = one.series.values if axis else one.series.steps
        if times is None or len(times) < 2:
            continue
        begin = max(0, len(times) - RECENT)
        made = units[-1] - units[begin]
        if made > 0 and times[-1] > times[begin]:
            return (times[-1] - times[begin]) / made
    return None

"""The thresholds of runwise 0.5 (``anomaly_detection`` in ``runwise.json``), understood.

0.5 compared other things, so a number cannot mean quite the same. Each one keeps its place and
its direction: what made 0.5 more sensitive makes this more sensitive, and the default of 0.5 is
the default here, except where a comment says otherwise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Wish = tuple[str, dict[str, Any]]  # kind, settings

THRESHOLDS: Final[dict[str, Callable[[Any], Wish]]] = {
    # In units of the median absolute deviation, where 3.5 was the default: here it scales the
    # limit, which follows from the length of the run.
    "spike_threshold": lambda value: ("loss_spike", {"times": value / 3.5}),
    # Losses before the one that is judged; 100 in 0.5, 64 here unless it is said.
    "spike_window": lambda value: ("loss_spike", {"window": value, "warmup": min(20, value)}),
    # Validation loss by training loss, now by then, where 1.5 was the default: here its excess
    # over 1 scales the rise above the best validation loss.
    "overfit_ratio_threshold": lambda value: ("overfitting", {"rise": 0.06 * (value - 1) / 0.5}),
    # Steps from which the baseline was taken, 100 to 500: evaluations before them do not count.
    # Here nothing is left out unless it is said.
    "overfit_baseline_steps": lambda value: ("overfitting", {"skip": value[0]}),
    # Records before a plateau may be claimed; 500 in 0.5, 400 here unless it is said.
    "plateau_min_steps": lambda value: ("plateau", {"warmup": value}),
    # What has to be gained for it to be none, of the level in 0.5, of the fall so far here.
    "plateau_improvement_threshold": lambda value: ("plateau", {"flat": value}),
    # Gradient norms below it, in units of the loss; here those of the initial loss.
    "gradient_vanish_threshold": lambda value: ("vanishing_gradient", {"least": value}),
    # Records in a row; 10 in 0.5, 8 here unless it is said.
    "gradient_sustained_steps": lambda value: ("vanishing_gradient", {"patience": value}),
    # Times the usual norm, which is the mean of the run in 0.5, and the late median here.
    "gradient_explode_multiplier": lambda v: ("exploding_gradient", {"decades": math.log10(v)}),
    # The share of the throughput that has to be lost; 0.4 in 0.5, 0.2 here unless it is said.
    "throughput_drop_threshold": lambda value: ("throughput_drop", {"drop": 1 - value}),
}


def translated(thresholds: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return thresholds of runwise 0.5 as settings of kinds.

    Raises:
        ValueError: one is not what 0.5 would have taken.

    >>> translated({"spike_threshold": 7.0, "throughput_drop_threshold": 0.5})
    {'loss_spike': {'times': 2.0}, 'throughput_drop': {'drop': 0.5}}
    """
    said: dict[str, dict[str, Any]] = {}
    for name, value in thresholds.items():
        try:
            kind, wish = THRESHOLDS[name](value)
        except (ArithmeticError, IndexError, KeyError, TypeError, ValueError):
            raise ValueError(f"{name}: {value!r} is not a value it can have") from None
        said.setdefault(kind, {}).update(wish)
    return said

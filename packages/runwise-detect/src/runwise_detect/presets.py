"""Presets: settings for kinds of training in which a loss means something else."""

from __future__ import annotations

from typing import Any, Final

_LEVELS_MEAN_NOTHING: Final[dict[str, Any]] = dict.fromkeys(
    ("divergence", "learning_rate", "overfitting", "plateau", "regression", "slow_progress"), False
)

PRESETS: Final[dict[str, dict[str, Any]]] = {
    # The target moves with the policy: no level of a loss is good or bad, and losses jump.
    "rl": {**_LEVELS_MEAN_NOTHING, "oscillation": False, "loss_spike": {"times": 1.5}},
    # Small rates and little progress are the plan; overfitting is what to fear.
    "finetune": {
        "slow_progress": False,
        "learning_rate": {"lowest": 1e-8},
        "plateau": {"warmup": 800},
        "overfitting": {"rise": 0.03},
        "loss_spike": {"times": 0.8},
    },
    # Generator and discriminator chase each other.
    "gan": {**_LEVELS_MEAN_NOTHING, "loss_spike": {"times": 1.6}, "oscillation": {"swings": 12}},
}

"""Hugging Face Transformers: ``Trainer(..., callbacks=[RunwiseCallback()])``.

Whatever the trainer logs is looked at, at the step at which it is logged; with
``logging_steps=1`` that is every step. By default the trainer leaves NaN and infinities out of
the loss it logs (``logging_nan_inf_filter``); the gradient norm still tells of them.
"""

# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUntypedBaseClass=false, reportUnknownMemberType=false
# Transformers is there only where it is used.

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

from runwise_detect.callbacks.reaction import Reaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from runwise_detect.diagnosis import Diagnosis
    from runwise_detect.finding import Finding, Severity
    from runwise_detect.monitor import Monitor


class RunwiseCallback(TrainerCallback):
    """Watches a run of the Trainer.

    Args:
        do: ``log``, ``stop`` (``control.should_training_stop``) or a function that takes a
            finding.
        at: the least severity that counts.
        monitor: the monitor to use; by default one with all detectors.

    Attributes:
        diagnosis: what there is to say about the run, once it has ended.
    """

    def __init__(
        self,
        do: str | Callable[[Finding], object] = "log",
        *,
        at: Severity = "warning",
        monitor: Monitor | None = None,
    ) -> None:
        super().__init__()
        self._reaction = Reaction(do, at=at, monitor=monitor)
        self.monitor = self._reaction.monitor
        self.diagnosis: Diagnosis | None = None

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **more: Any
    ) -> None:
        """Look at what is logged."""
        del args, more
        if self._reaction.see(state.global_step, _numbers(logs or {})):
            control.should_training_stop = True

    def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Make the diagnosis."""
        del args, state, control, more
        self.diagnosis = self._reaction.finish()


def _numbers(logs: dict[str, Any]) -> dict[str, Any]:
    """Return the logs with numbers as numbers; some versions log them as strings."""
    found: dict[str, Any] = {}
    for name, value in logs.items():
        found[name] = value
        if isinstance(value, str):
            try:
                found[name] = float(value)
            except ValueError:
                del found[name]
    return found

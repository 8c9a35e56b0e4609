"""Keras 3: ``model.fit(..., callbacks=[RunwiseCallback()])``.

Keras tells the mean of an epoch so far after each batch, in which a spike drowns. What the last
batch added to it is worked out from two of them in a row; where one is NaN or infinite, so is
the rest of that epoch's. Steps are batches since training began; validation metrics come with
the last batch of an epoch.
"""

# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUntypedBaseClass=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportOptionalMemberAccess=false
# Keras is there only where it is used, and has no types.

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from keras.callbacks import Callback

from runwise_detect.callbacks.reaction import Reaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runwise_detect.diagnosis import Diagnosis
    from runwise_detect.finding import Finding, Severity
    from runwise_detect.monitor import Monitor


class RunwiseCallback(Callback):
    """Watches a run of ``Model.fit``.

    Args:
        do: ``log``, ``stop`` (``model.stop_training``) or a function that takes a finding.
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
        self._watched = self._reaction.monitor
        self._step = 0
        self._batches = 0  # of this epoch
        self._mean = 0.0  # of their losses
        self.diagnosis: Diagnosis | None = None

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Begin a new mean."""
        del epoch, logs
        self._batches, self._mean = 0, 0.0

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Look at what the batch added to the mean of its epoch."""
        del batch
        mean = float((logs or {}).get("loss", math.nan))
        before, self._mean = self._batches * self._mean, mean
        self._batches += 1
        loss = self._batches * mean - before if math.isfinite(before) else mean
        self._see({"loss": loss, "lr": self._rate()} if logs and "loss" in logs else {})
        self._step += 1

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Look at the validation metrics."""
        del epoch
        self._step -= 1
        self._see({name: v for name, v in (logs or {}).items() if name.startswith("val_")})
        self._step += 1

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Make the diagnosis."""
        del logs
        self.diagnosis = self._reaction.finish()

    def _see(self, metrics: dict[str, Any]) -> None:
        if metrics and self._reaction.see(self._step, metrics):
            self.model.stop_training = True

    def _rate(self) -> float | None:
        """Return the learning rate, if it is a plain number."""
        rate: Any = getattr(getattr(self.model, "optimizer", None), "learning_rate", None)
        try:
            return None if rate is None else float(rate)
        except (TypeError, ValueError):
            return None

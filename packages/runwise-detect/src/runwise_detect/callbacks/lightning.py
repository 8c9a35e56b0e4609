"""PyTorch Lightning: ``Trainer(callbacks=[RunwiseCallback()])``.

The loss of a batch is what ``training_step`` returns, seen as ``loss``; what the module logs
stands beside it, and so does the learning rate of the first optimizer. Steps are those that
Lightning's loggers write.
"""

# pyright: reportMissingImports=false, reportGeneralTypeIssues=false
# pyright: reportUntypedBaseClass=false, reportUnknownMemberType=false
# One of two packages is there, or none.

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise_detect.callbacks.reaction import Reaction

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:  # the package under its older name
    from pytorch_lightning.callbacks import Callback

if TYPE_CHECKING:
    from collections.abc import Callable

    from runwise_detect.diagnosis import Diagnosis
    from runwise_detect.finding import Finding, Severity
    from runwise_detect.monitor import Monitor


class RunwiseCallback(Callback):
    """Watches a Lightning run.

    Args:
        do: ``log``, ``stop`` (``trainer.should_stop``) or a function that takes a finding.
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

    def on_train_batch_end(
        self,
        trainer: Any,
        pl_module: Any,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Look at the batch."""
        del pl_module, batch, batch_idx
        loss = outputs.get("loss") if hasattr(outputs, "get") else outputs
        self._see(trainer, {**trainer.callback_metrics, "loss": loss, "lr": _rate(trainer)})

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Look at the metrics of an evaluation."""
        del pl_module
        if not trainer.sanity_checking:
            self._see(trainer, dict(trainer.callback_metrics))

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Make the diagnosis."""
        del trainer, pl_module
        self.diagnosis = self._reaction.finish()

    def _see(self, trainer: Any, metrics: dict[str, Any]) -> None:
        if self._reaction.see(max(0, trainer.global_step - 1), metrics):
            trainer.should_stop = True


def _rate(trainer: Any) -> object:
    """Return the learning rate of the first group of the first optimizer, if there is one."""
    groups = [group for one in trainer.optimizers for group in one.param_groups]
    return groups[0].get("lr") if groups else None

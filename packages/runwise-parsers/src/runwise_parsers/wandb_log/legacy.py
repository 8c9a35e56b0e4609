"""A W&B run of which only side files are left: clients up to 0.9, or a log that was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.run import JsonlRun
from runwise_parsers.json_log.samples import newest_of
from runwise_parsers.wandb_log.sidecar import Sidecar
from runwise_parsers.wandb_log.system import measured

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.series import Series

HISTORY = "wandb-history.jsonl"
_STATES = frozenset({"running", "finished", "failed", "crashed", "killed"})


class LegacyRun(JsonlRun):
    """Reads ``wandb-history.jsonl`` and the other side files of a run directory."""

    def __init__(self, info: RunInfo) -> None:
        self._beside = Sidecar(info.path)
        history = self._beside.path(HISTORY)
        super().__init__(info, history)
        if history is None:
            self._gaps = (
                Gap("the history", "no file that holds it can be read", "Fetch the log again."),
            )

    def config(self) -> dict[str, object]:
        """Return the hyperparameters of ``config.yaml``."""
        return self._beside.config()

    def summary(self) -> dict[str, object]:
        """Return the last values W&B kept, those of the history if it kept none."""
        kept = self._beside.summary()
        return {
            key: value for key, value in (kept or super().summary()).items() if key != "_wandb"
        }

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what ``wandb-events.jsonl`` holds; ``steps`` are seconds since the run began."""
        return measured((), self.info, names)

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines of ``output.log``."""
        return self._beside.console(last)


def legacy_state(folder: Path) -> tuple[str, int | None]:
    """Return state and exit code as ``wandb-metadata.json`` of old clients has them."""
    metadata = Sidecar(folder).metadata()
    code = metadata.get("exitcode")
    if isinstance(code, int) and not isinstance(code, bool):
        return ("finished" if code == 0 else "killed" if code == 255 else "failed"), code
    state = metadata.get("state")
    # What once was running is not known to be so still.
    return (
        state if isinstance(state, str) and state in _STATES - {"running"} else "unknown"
    ), None


def legacy_clock(folder: Path) -> tuple[float | None, float | None]:
    """Return newest time and newest step in ``wandb-history.jsonl``."""
    path = Sidecar(folder).path(HISTORY)
    if path is None:
        return None, None
    try:
        return newest_of(JsonLog(path))
    except OSError:
        return None, None

"""What runwise 0.5 asked about logs of no tracker: files below the project's directory of logs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from runwise import reports
from runwise.errors import NoSuchRun, short
from runwise.local import TRACKERS
from runwise_format import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.legacy.config import RunwiseConfig
    from runwise.workspace import Workspace

LEAST = 8


class LocalLogs:
    """The half of ``RunAnalyzer`` that reads files."""

    workspace: Workspace
    config: RunwiseConfig

    def list_local_logs(self) -> list[Path]:
        """Return the log files, the newest first."""
        return [
            info.path
            for info in self.workspace.runs
            if not info.source.startswith(TRACKERS) and info.path.is_file()
        ]

    def find_local_log(self, name: str) -> Path | None:
        """Return a log by path, by name in the directory of logs, or by a part of its name."""
        for path in (Path(name), self.config.logs_dir / name):
            if path.is_file():
                return path
        return next((path for path in self.list_local_logs() if name in path.name), None)

    def parse_local_log(self, log_file: str | Path) -> list[dict[str, Any]]:
        """Return the rows of a log, a dict each."""
        series = self.workspace.open(self.workspace.resolve(self._log(log_file))[0]).series()
        rows: dict[float, dict[str, Any]] = {}
        for name, one in series.items():
            for step, value in zip(one.steps, one.values, strict=True):
                rows.setdefault(step, {"_step": step})[name] = value
        return [rows[step] for step in sorted(rows)]

    def summarize_local_log(self, log_file: str | Path) -> str:
        """Return rows of a log some steps apart, and where it stands, as text."""
        return render(reports.local(self.workspace, self._log(log_file)), "text")

    def get_local_history(
        self, log_file: str | Path, keys: Sequence[str], samples: int = 500
    ) -> str:
        """Return curves as CSV."""
        ref = self._log(log_file)
        document = reports.history(
            self.workspace, ref, keys=keys, points=max(LEAST, samples), exact=True
        )
        table = next(block for block in document.blocks if block.key == "curve")
        return render(type(document)("history", "", "", [table]), "csv")

    def get_local_history_stats(
        self, log_file: str | Path, keys: Sequence[str] | None = None
    ) -> str:
        """Return statistics of metrics as text."""
        return render(reports.stats(self.workspace, self._log(log_file), keys=keys or ()), "text")

    def list_local_log_keys(self, log_file: str | Path) -> str:
        """Return the names of a log's metrics as text."""
        return render(reports.keys(self.workspace, self._log(log_file)), "text")

    def get_local_stability_analysis(
        self, log_file: str | Path, keys: Sequence[str] | None = None, window: int = 100
    ) -> str:
        """Return how steady metrics are, as text."""
        ref = self._log(log_file)
        document = reports.stability(self.workspace, ref, keys=keys or (), window=window)
        return render(document, "text")

    def _log(self, log_file: str | Path) -> str:
        path = self.find_local_log(str(log_file))
        if path is None:
            raise NoSuchRun(f"no log '{short(str(log_file))}'", "See: runwise local")
        return str(path.absolute())

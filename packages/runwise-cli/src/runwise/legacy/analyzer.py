"""``RunAnalyzer``: the questions of runwise 0.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise import reports
from runwise.history import pick
from runwise.legacy.config import RunwiseConfig
from runwise.legacy.local_logs import LocalLogs
from runwise.legacy.run_info import RunInfo, described
from runwise.workspace import Workspace
from runwise_format import render
from runwise_format.style import Style
from runwise_sampling import downsample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_format import Document

LEAST = 8
"""Points that keep ends and extremes."""


class RunAnalyzer(LocalLogs):
    """Answers questions about the runs of a project.

    >>> from runwise import RunAnalyzer, RunwiseConfig
    >>> from runwise.demo import demo_root
    >>> analyzer = RunAnalyzer(RunwiseConfig.auto_detect(demo_root()))
    >>> [run.name for run in analyzer.list_runs(limit=2)]
    ['killed', 'nan']
    """

    def __init__(self, config: RunwiseConfig | None = None) -> None:
        self.config = config or RunwiseConfig.auto_detect()
        settings = self.config.settings()
        self.workspace = Workspace(settings.root, settings)

    def list_runs(self, limit: int = 20) -> list[RunInfo]:
        """Return the newest runs."""
        return [described(self.workspace, info) for info in self.workspace.runs[:limit]]

    def get_latest_run(self) -> RunInfo | None:
        """Return the newest run, ``None`` where there is none."""
        return next(iter(self.list_runs(1)), None)

    def find_run(self, run_id: str) -> RunInfo | None:
        """Return the run of that id or name, or of their beginning; ``None`` for none or many."""
        from runwise.errors import RunwiseError  # noqa: PLC0415 - used here alone

        try:
            info, _, _ = self.workspace.resolve(run_id)
        except RunwiseError:
            return None
        return described(self.workspace, info)

    def summarize_run(
        self,
        run: RunInfo,
        include_anomalies: bool = True,
        include_sparklines: bool = True,
        keys: Sequence[str] | None = None,
    ) -> str:
        """Return a run's summary as text."""
        document = reports.summary(
            self.workspace, self._ref(run), keys=keys or (), anomalies=include_anomalies
        )
        return _text(document, spark=include_sparklines)

    def format_run_list(
        self,
        runs: Sequence[RunInfo],
        show_sparklines: bool = True,
    ) -> str:
        """Return runs as a table."""
        wanted = {run.run_id for run in runs}
        among = [info for info in self.workspace.runs if info.id in wanted]
        document = reports.list_runs(self.workspace, limit=max(1, len(among)), among=among)
        return _text(document, spark=show_sparklines)

    def get_config(self, run: RunInfo) -> str:
        """Return a run's hyperparameters as text."""
        return _text(reports.config(self.workspace, self._ref(run)))

    def get_run_context(self, run: RunInfo) -> str:
        """Return name, group, tags and notes of a run as text."""
        return _text(reports.notes(self.workspace, self._ref(run)))

    def find_best_run(
        self,
        metric: str,
        limit: int = 10,
        higher_is_better: bool = False,
    ) -> tuple[RunInfo | None, list[tuple[RunInfo, float]]]:
        """Return the best of the newest runs, and all of them with their best value, ranked."""
        found: list[tuple[RunInfo, float]] = []
        for info in self.workspace.runs[:limit]:
            one = self.workspace.study(info).learned.study().curves.get(metric)
            if one is not None and one.stats.count:
                value, _ = one.stats.best("max" if higher_is_better else "min")
                found.append((described(self.workspace, info), float(value or 0.0)))
        found.sort(key=lambda pair: pair[1], reverse=higher_is_better)
        return (found[0][0] if found else None), found

    def format_best_run(
        self,
        metric: str,
        limit: int = 10,
        higher_is_better: bool = False,
    ) -> str:
        """Return the runs ranked by their best value as text."""
        end = "max" if higher_is_better else "min"
        return _text(reports.best(self.workspace, metric, direction=end, limit=limit))

    def compare_runs(
        self,
        run_a: RunInfo,
        run_b: RunInfo,
        filter_prefix: str | None = None,
        show_config_diff: bool = False,
        threshold: float | None = None,
        group_by_prefix: bool = False,
    ) -> str:
        """Return how two runs differ, as text."""
        refs = [self._ref(run_a), self._ref(run_b)]
        return self._compared(refs, filter_prefix, threshold, show_config_diff, group_by_prefix)

    def compare_runs_at_step(
        self,
        run_a: RunInfo,
        run_b: RunInfo,
        step_a: int,
        step_b: int,
        keys: Sequence[str] | None = None,
        filter_prefix: str | None = None,
        threshold: float | None = None,
        show_config_diff: bool = False,
    ) -> str:
        """Return how two runs differ, each as it was at a step, as text."""
        refs = [f"{self._ref(run_a)}@{step_a}", f"{self._ref(run_b)}@{step_b}"]
        return self._compared(refs, filter_prefix, threshold, show_config_diff, False, keys or ())

    def get_history_data(
        self, run: RunInfo, keys: Sequence[str] | None = None, samples: int = 100
    ) -> list[dict[str, Any]]:
        """Return rows, a dict each, with ``_step`` and the metrics logged there."""
        ours, _, _ = self.workspace.resolve(self._ref(run))
        series = self.workspace.open(ours).series()
        names = pick(keys, list(series)) if keys else [n for n in series if not n.startswith("_")]
        rows: dict[float, dict[str, Any]] = {}
        for name in names:
            one = series[name]
            steps, values = downsample(one.steps, one.values, max(LEAST, samples))
            for step, value in zip(steps, values, strict=True):
                rows.setdefault(step, {"_step": int(step)})[name] = value
        return [rows[step] for step in sorted(rows)]

    def get_history(self, run: RunInfo, keys: Sequence[str], samples: int = 500) -> str:
        """Return curves as CSV."""
        document = reports.history(
            self.workspace, self._ref(run), keys=keys, points=max(LEAST, samples), exact=True
        )
        table = next(block for block in document.blocks if block.key == "curve")
        return render(type(document)("history", "", "", [table]), "csv")

    def get_history_stats(self, run: RunInfo, keys: Sequence[str] | None = None) -> str:
        """Return statistics of metrics as text."""
        return _text(reports.stats(self.workspace, self._ref(run), keys=keys or ()))

    def get_stability_analysis(
        self, run: RunInfo, keys: Sequence[str] | None = None, window: int = 100
    ) -> str:
        """Return how steady metrics are, as text."""
        ref = self._ref(run)
        return _text(reports.stability(self.workspace, ref, keys=keys or (), window=window))

    def get_stability_csv(
        self,
        run: RunInfo,
        keys: Sequence[str] | None = None,
        window: int = 100,
        samples: int = 100,
    ) -> str:
        """Return rolling means and deviations as CSV."""
        ref = self._ref(run)
        document = reports.rolling_rows(
            self.workspace, ref, keys=keys or (), window=window, points=samples
        )
        return render(document, "csv")

    def list_available_keys(self, run: RunInfo) -> str:
        """Return the names of a run's metrics as text."""
        return _text(reports.keys(self.workspace, self._ref(run)))

    def get_live_status(self) -> str:
        """Return how the newest run is going this moment, as text."""
        return _text(reports.live(self.workspace))

    def _ref(self, run: RunInfo) -> str:
        known = (info for info in self.workspace.runs if list(info.segments) == run.segments)
        info = next((one for one in known if one.id == run.run_id), None)
        return self.workspace.handle(info) if info is not None else run.run_id

    def _compared(
        self,
        refs: Sequence[str],
        prefix: str | None,
        threshold: float | None,
        config_diff: bool,
        group: bool,
        keys: Sequence[str] = (),
    ) -> str:
        options: dict[str, Any] = {"keys": keys, "prefix": prefix or "", "threshold": threshold}
        said = _text(reports.compare(self.workspace, refs, group=group, **options))
        if not config_diff:
            return said
        return f"{said}\n\n{_text(reports.compare(self.workspace, refs, config_only=True))}"


def _text(document: Document, *, spark: bool = True) -> str:
    return render(document, "text", style=Style(spark=spark))

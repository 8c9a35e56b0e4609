"""The reports: questions about runs, answered as documents.

A report never prints and knows nothing of the command line. Adding one is adding a file here
and, for a command, one in ``runwise/commands``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runwise.reports.artifacts_report import artifact, artifacts
    from runwise.reports.best_report import best
    from runwise.reports.cache_report import cache, cache_cleared
    from runwise.reports.check_report import check, outcome
    from runwise.reports.checks import check_runs
    from runwise.reports.comparison import compare
    from runwise.reports.config_report import config
    from runwise.reports.console_report import console
    from runwise.reports.doctor_report import doctor
    from runwise.reports.explanation import explain, kinds
    from runwise.reports.full_report import report
    from runwise.reports.history_report import history
    from runwise.reports.indexing import index
    from runwise.reports.keys_report import keys
    from runwise.reports.listing import list_runs
    from runwise.reports.live_report import live
    from runwise.reports.local_report import local
    from runwise.reports.notes_report import notes
    from runwise.reports.plot_report import plot
    from runwise.reports.search import find
    from runwise.reports.settings_report import settings
    from runwise.reports.sources_report import sources
    from runwise.reports.stability_report import rolling_rows, stability
    from runwise.reports.stats_report import stats
    from runwise.reports.summary_report import summary
    from runwise.reports.sync_report import to_sync

_HOMES = {
    "artifact": "artifacts_report",
    "artifacts": "artifacts_report",
    "best": "best_report",
    "cache": "cache_report",
    "cache_cleared": "cache_report",
    "check": "check_report",
    "check_runs": "checks",
    "compare": "comparison",
    "config": "config_report",
    "console": "console_report",
    "doctor": "doctor_report",
    "explain": "explanation",
    "find": "search",
    "history": "history_report",
    "index": "indexing",
    "keys": "keys_report",
    "kinds": "explanation",
    "list_runs": "listing",
    "live": "live_report",
    "local": "local_report",
    "notes": "notes_report",
    "outcome": "check_report",
    "plot": "plot_report",
    "report": "full_report",
    "rolling_rows": "stability_report",
    "settings": "settings_report",
    "sources": "sources_report",
    "stability": "stability_report",
    "stats": "stats_report",
    "summary": "summary_report",
    "to_sync": "sync_report",
}
"""Where each is: a call needs one or two of them, and all would cost as much as an answer."""

__all__ = [
    "artifact",
    "artifacts",
    "best",
    "cache",
    "cache_cleared",
    "check",
    "check_runs",
    "compare",
    "config",
    "console",
    "doctor",
    "explain",
    "find",
    "history",
    "index",
    "keys",
    "kinds",
    "list_runs",
    "live",
    "local",
    "notes",
    "outcome",
    "plot",
    "report",
    "rolling_rows",
    "settings",
    "sources",
    "stability",
    "stats",
    "summary",
    "to_sync",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'runwise.reports' has no attribute {name!r}")
    report = getattr(import_module(f"runwise.reports.{_HOMES[name]}"), name)
    globals()[name] = report  # also where the module has the same name: the report is meant
    return report

"""Ask how a training run is going, what is wrong with it and which run is better.

>>> from runwise import Workspace, reports
>>> from runwise.demo import demo_root
>>> print(reports.check(Workspace(demo_root()), "nan").verdict)
nan (nan00001) finished; health 2: 3 critical; looked at 7 metrics

The answers are documents (see ``runwise_format``) that any output can draw; the command line and
the MCP server are two thin readers of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from runwise.version import __version__

if TYPE_CHECKING:
    from runwise import reports
    from runwise.errors import RunwiseError
    from runwise.workspace import Workspace

__all__ = ["RunwiseError", "Workspace", "__version__", "reports"]

_HOMES = {
    "RunwiseError": "runwise.errors",
    "Workspace": "runwise.workspace",
    "MetricSchema": "runwise.settings_file.metric_schema",
    "RunAnalyzer": "runwise.legacy.analyzer",
    "RunwiseConfig": "runwise.legacy.config",
    **dict.fromkeys(
        ("Anomaly", "AnomalyConfig", "detect_anomalies", "format_anomalies"),
        "runwise.legacy.anomalies",
    ),
    **dict.fromkeys(
        (
            "calculate_slope", "calculate_windowed_slopes", "sparkline", "sparkline_with_stats",
            "trend_indicator",
        ),
        "runwise.legacy.sparklines",
    ),
}  # fmt: skip
"""Where each name is; those of runwise 0.5 besides ours."""


def __getattr__(name: str) -> Any:
    """Import the parts of the library when they are asked for: the command starts sooner."""
    if name == "reports":
        return import_module("runwise.reports")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'runwise' has no attribute {name!r}")

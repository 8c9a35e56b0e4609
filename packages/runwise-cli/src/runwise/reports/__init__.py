"""The reports: questions about runs, answered as documents.

A report never prints and knows nothing of the command line. Adding one is adding a file here
and, for a command, one in ``runwise/commands``.
"""

from runwise.reports.best import best
from runwise.reports.check import check, outcome
from runwise.reports.checks import check_runs
from runwise.reports.comparison import compare
from runwise.reports.config_report import config
from runwise.reports.history import history
from runwise.reports.keys import keys
from runwise.reports.listing import list_runs
from runwise.reports.notes_report import notes
from runwise.reports.stability import rolling_rows, stability
from runwise.reports.stats import stats
from runwise.reports.summary import summary

__all__ = [
    "best",
    "check",
    "check_runs",
    "compare",
    "config",
    "history",
    "keys",
    "list_runs",
    "notes",
    "outcome",
    "rolling_rows",
    "stability",
    "stats",
    "summary",
]

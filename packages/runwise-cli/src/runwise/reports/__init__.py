"""The reports: questions about runs, answered as documents.

A report never prints and knows nothing of the command line. Adding one is adding a file here
and, for a command, one in ``runwise/commands``.
"""

from runwise.reports.check import check, outcome
from runwise.reports.keys import keys
from runwise.reports.listing import list_runs
from runwise.reports.summary import summary

__all__ = ["check", "keys", "list_runs", "outcome", "summary"]

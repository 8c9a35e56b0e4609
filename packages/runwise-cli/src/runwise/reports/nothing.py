"""A run without a curve: why that may be, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runwise.reports.reading import Reading
    from runwise.workspace import Workspace


def why_nothing(workspace: Workspace, seen: Reading) -> str:
    """Return a remark on a run without metrics, empty where there are some or the log says why."""
    if seen.known.curves or seen.gaps:
        return ""
    if seen.at is not None:
        return "no row was logged by then"
    see = workspace.command("run", workspace.handle(seen.info))
    return (
        f"no row was logged: the run ended before its first, or never logged a number; see {see}"
    )

"""A run as a line of a list shows it: one curve, its health, or the metrics asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise.curves import TELLING_ROLES, Curve, is_internal, study
from runwise.errors import NoSuchMetric, short
from runwise.history import pick
from runwise_parsers import Gap, RunInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.workspace import Workspace
    from runwise_format import Trend
    from runwise_parsers import Run

ROWS = 64
"""Rows of each run that are looked at: enough for a trend of ten levels."""
JUDGED = 1 << 20
"""Bytes of history up to which a run is read whole for its health: some milliseconds."""
NEWEST = 16
"""Rows at its end: not every row holds every metric, and the last value must be the last."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A run and what a list has room for: one curve, or last values of those asked for."""

    info: RunInfo
    name: str = ""
    last: float | None = None
    trend: Trend | None = None
    health: int | None = None
    asked: Mapping[str, float] = field(default_factory=dict[str, float])
    names: Sequence[str] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def bare(self) -> bool:
        """Whether the run ended without a row, and nothing that was there is missing.

        One that runs is not: somebody waits for its first row.
        """
        lost = any("is empty" not in gap.because for gap in self.gaps)
        return not self.names and not lost and self.info.state != "running"


def look_at(workspace: Workspace, info: RunInfo, keys: Sequence[str]) -> Listed:
    """Look at a run; one that cannot be read is listed nevertheless."""
    try:
        run = workspace.open(info)
        return _asked(run, keys) if keys else _primary(workspace, run)
    except OSError as error:
        gap = Gap(short(str(info.path)), str(error.strerror or error).lower(), "May it be read?")
        return Listed(info, gaps=(gap,))


def _asked(run: Run, keys: Sequence[str]) -> Listed:
    """Return exact last values of the metrics asked for, as far as this run has them."""
    names = [name for name in run.overview(ROWS) if not is_internal(name)]
    wanted: dict[str, None] = {}
    for key in keys:
        try:
            wanted |= dict.fromkeys(pick([key], names))
        except NoSuchMetric:
            wanted[key] = None  # it may be too rare for a glance
    series = run.series(list(wanted))
    last = {name: series[name].values[-1] for name in wanted if name in series}
    return Listed(run.info, asked=last, names=[*names, *last], gaps=run.gaps)


def _primary(workspace: Workspace, run: Run) -> Listed:
    """Return the metric that says most about a run: the one in the settings, or its loss."""
    rows = {name: one for name, one in run.overview(ROWS).items() if not is_internal(name)}
    known = study(rows, workspace.settings.roles)
    named = known.curves.get(workspace.settings.primary)
    curve: Curve | None = next(
        iter(([named] if named else []) + known.with_role(*TELLING_ROLES)), None
    )
    if curve is None:
        return Listed(run.info, names=list(rows), gaps=run.gaps)
    newest = run.tail(NEWEST).get(curve.name)
    last = newest.values[-1] if newest is not None and len(newest) else curve.last
    health = _health(workspace, run)
    return Listed(
        run.info, curve.name, last, curve.trend(), health, names=list(rows), gaps=run.gaps
    )


def _health(workspace: Workspace, run: Run) -> int | None:
    """Return the health of a run that is short; a long one is not read for a line of a list."""
    if run.size() > JUDGED:
        return None
    kept = workspace.study(run.info)
    return kept.learned.diagnosis().health

"""A run as a report needs it: its curves up to a point, and what is planned and known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import Study, study, up_to
from runwise.history import read
from runwise.progress import TOTAL_STEPS, planned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.reference import Point
    from runwise.workspace import Workspace
    from runwise_parsers import Run, RunInfo, Series


@dataclass(frozen=True)
class Reading:
    """A run that was read: all of it, or up to the step ``at``.

    ``remarks`` say what was assumed about the reference.
    """

    info: RunInfo
    run: Run
    config: Mapping[str, object]
    known: Study
    at: float | None
    remarks: tuple[str, ...]


def look(workspace: Workspace, ref: str, keys: Sequence[str] = ()) -> Reading:
    """Read the metrics that ``keys`` name, all but internal ones for none.

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``.
    """
    info, point, remark = workspace.resolve(ref)
    run = workspace.open(info)
    history = read(run, keys)  # first: a whole pass learns the configuration too
    series = history.series
    config = run.config()
    at, beyond = place(point, series, info)
    if at is not None:
        series = up_to(series, at)
    total = planned(config, TOTAL_STEPS)
    known = study(series, workspace.settings.roles, total, history.resumed)
    return Reading(info, run, config, known, at, tuple(filter(None, (remark, beyond))))


def place(
    point: Point | None, series: Mapping[str, Series], info: RunInfo
) -> tuple[float | None, str]:
    """Return the step a point means, no later than the newest, and a remark if it was later."""
    if point is None:
        return None, ""
    whole = study(series)
    steps = [step for step in (whole.last_step, info.last_step) if step is not None]
    if not steps or whole.first_step is None:
        return point.step or 0.0, ""
    last = max(steps)
    wanted = point.on(whole.first_step, last)
    if wanted <= last:
        return wanted, ""
    return last, f"step {words.step(wanted)} was not reached: this is the newest"

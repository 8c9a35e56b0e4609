"""A run as a report needs it: its curves up to a point, and what is planned and known of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import Study, study, up_to
from runwise.history import read, read_system
from runwise.progress import TOTAL_STEPS, planned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.reference import Point
    from runwise.workspace import Workspace
    from runwise_parsers import Gap, Run, RunInfo, Series


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
    summary: Mapping[str, object]
    gaps: tuple[Gap, ...]
    sampled: int = 0

    @property
    def sample(self) -> str:
        """What was read where that is not all, empty where it is."""
        if not self.sampled:
            return ""
        size = words.size(self.run.size())
        rows = words.count(self.sampled, "row")
        what = "trends, best values and findings are of these"
        return f"a sample, {rows} of {size}: {what}; --exact reads all"


def look(
    workspace: Workspace, ref: str, keys: Sequence[str] = (), *, system: bool = False
) -> Reading:
    """Read the metrics that ``keys`` name, all but internal ones for none.

    With ``system``, those of the machine in place of the training's.

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``.
    """
    info, point, remark = workspace.resolve(ref)
    run = workspace.open(info)
    # First: a whole pass learns the configuration too.
    history = read_system(run, keys) if system else read(run, keys)
    series = history.series
    config = run.config()
    at, beyond = place(point, series, info)
    if at is not None:
        series = up_to(series, at)
    total = planned(config, TOTAL_STEPS)
    settings = workspace.settings
    known = study(series, settings.roles, total, history.resumed, settings.wishes)
    remarks = tuple(filter(None, (remark, beyond)))
    return Reading(info, run, config, known, at, remarks, {}, run.gaps)


def look_over(workspace: Workspace, ref: str, now: float | None = None) -> Reading:
    """Read all of a run, or what is new of it since somebody last looked.

    Its curves are as exact as a summary needs them: statistics, extremes and last values to the
    last bit, shapes from 512 places. Of a very long history of which nothing is known yet only
    a sample is read (``sampled`` rows). Of a run that is running, ``now`` is the time at which
    nothing more had arrived. At a point (``REF@POINT``) it is read exactly.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    info, point, remark = workspace.resolve(ref)
    if point is not None:
        return look(workspace, ref)
    kept = workspace.catalogue.study(info, workspace.open, workspace.settings)
    run = workspace.open(info)
    waiting = time.time() if now is None else now
    known = kept.learned.study(waiting if info.state == "running" else None)
    remarks = (remark,) if remark else ()
    return Reading(
        info, run, kept.config, known, None, remarks, kept.summary, kept.gaps, kept.rows
    )


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

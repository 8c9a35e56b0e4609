"""A run as a report needs it: its curves up to a point, and what is planned and known of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import Study, is_internal, study, up_to
from runwise.errors import NoSuchMetric
from runwise.history import pick, read, read_system
from runwise.index.witness import sizes, stamp
from runwise.progress import TOTAL_STEPS, planned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from runwise.reference import Point
    from runwise.workspace import Workspace
    from runwise_parsers import Gap, Run, RunInfo, Series


SHORT = 1 << 20
"""Bytes of a run up to which to read it costs no more than to look up what is known of it."""


@dataclass(frozen=True)
class Reading:
    """A run that was read: all of it, or up to the step ``at``.

    ``remarks`` say what was assumed about the reference. ``reopen`` gives the run itself; of
    one that is known nothing is opened before somebody asks for it.
    """

    info: RunInfo
    reopen: Callable[[], Run]
    config: Mapping[str, object]
    known: Study
    at: float | None
    remarks: tuple[str, ...]
    summary: Mapping[str, object]
    gaps: tuple[Gap, ...]
    sampled: int = 0

    @cached_property
    def run(self) -> Run:
        """The run, for what a reading does not hold."""
        return self.reopen()

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
    return Reading(info, lambda: run, config, known, at, remarks, {}, run.gaps)


def look_over(
    workspace: Workspace, ref: str, now: float | None = None, keys: Sequence[str] = ()
) -> Reading:
    """Read all of a run, or what is new of it since somebody last looked.

    Its curves are as exact as a summary needs them: counts, extremes and last values to the
    last bit, means to rounding, shapes from 512 places. Of a very long history of which nothing
    is known yet only a sample is read (``sampled`` rows). Of a run that is running, ``now`` is
    the time at which nothing more had arrived. At a point (``REF@POINT``), or where ``keys``
    name what the tracker logs for itself, it is read exactly.

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``.
    """
    info, point, remark = workspace.resolve(ref)
    if point is not None or any(map(is_internal, keys)):
        return look(workspace, ref, keys)
    kept = workspace.study(info)
    reopen = partial(workspace.open, info)
    waiting = time.time() if now is None else now
    known = kept.learned.study(waiting if info.state == "running" else None)
    if keys:
        names = _picked(keys, list(known.curves), reopen() if kept.rows else None)
        known = replace(known, curves={name: known.curves[name] for name in names})
    remarks = (remark,) if remark else ()
    return Reading(
        info, reopen, kept.config, known, None, remarks, kept.summary, kept.gaps, kept.rows
    )


def _picked(keys: Sequence[str], names: Sequence[str], sampled: Run | None) -> list[str]:
    try:
        return pick(keys, names)
    except NoSuchMetric as error:
        if sampled is None:
            raise
        problem = f"{error.problem} in a sample of {words.size(sampled.size())}"
        raise NoSuchMetric(problem, "It may be rare: --exact reads all.") from error


def is_short(info: RunInfo) -> bool:
    """Say whether a run costs next to nothing to read; nothing is opened for that."""
    return 0 < sum(sizes(stamp(info.segments)).values()) <= SHORT


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

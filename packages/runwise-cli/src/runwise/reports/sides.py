"""Sides of a comparison: a run, or a run at a step, and what each metric was there."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import Curve, Study, study, up_to
from runwise.history import read
from runwise.index.catalogue import LARGE
from runwise.reports.reading import is_short, look_over, place
from runwise.settings_tree import flat
from runwise.sketched import SketchedCurve
from runwise.stretches import newest, stretches
from runwise_format.cells import At

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.stretches import Stretch
    from runwise.workspace import Workspace
    from runwise_format.cells import Cell
    from runwise_parsers import Gap, Run, RunInfo, Series


@dataclass(frozen=True)
class Side:
    """One run of several; ``at`` is the step it is looked at, its end for ``None``.

    ``called`` are the metrics that the run itself calls otherwise; ``is_readable`` says whether
    all points of some may be read, which takes long of a large history.
    """

    letter: str
    run: Run
    known: Study
    at: float | None
    remarks: tuple[str, ...]
    config: Mapping[str, object] = field(default_factory=dict[str, object])
    gaps: tuple[Gap, ...] = ()
    is_readable: bool = True
    called: Mapping[str, str] = field(default_factory=dict[str, str])
    _exact: dict[str, Series] = field(default_factory=dict[str, "Series"], init=False)

    @property
    def info(self) -> RunInfo:
        """Which run it is."""
        return self.run.info

    @cached_property
    def settings(self) -> Mapping[str, Cell]:
        """The configuration by dotted names, without secrets."""
        # As the index keeps it: what is neither text nor number becomes text.
        plain = json.loads(json.dumps(self.config, default=str, skipkeys=True))
        return flat(plain)

    @property
    def is_short(self) -> bool:
        """Whether exact curves cost next to nothing."""
        return self.at is not None or is_short(self.info)

    @cached_property
    def _stretches(self) -> list[Stretch]:
        series = {name: one.series for name, one in self.known.curves.items()}
        return stretches(series, self.known.resumed)

    def exact(self, names: Sequence[str]) -> Mapping[str, Series]:
        """Return all points of some metrics as they count, those that were not read before too.

        What was logged again later replaces what was before.
        """
        if self.at is not None:
            return newest(self._stretches)[0]
        wanted = [name for name in names if name not in self._exact]
        if wanted:
            self._exact.update(self._read(wanted))
        return self._exact

    def _read(self, names: Sequence[str]) -> Mapping[str, Series]:
        own = {self.called.get(name, name): name for name in names}
        curves = self.known.curves.values()
        segments = {at for one in curves if isinstance(one, SketchedCurve) for at in one.segments}
        # Where a run was resumed, its other metrics tell from which step on.
        history = read(self.run, () if len(segments) > 1 else list(own))
        found = newest(stretches(history.series, history.resumed))[0]
        return {own[name]: one for name, one in found.items() if name in own}

    @property
    def end(self) -> float | None:
        """The step the run is looked at, or the newest it has."""
        return self.known.last_step if self.at is None else self.at

    def value(self, name: str) -> At | None:
        """Return the last value of a metric, or the one logged nearest to the step ``at``.

        Of two steps equally near, the earlier one.
        """
        curve = self.known.curves.get(name)
        if curve is None:
            return None
        if self.at is None:
            return At(curve.last, curve.last_step)
        return nearest(self._stretches, name, self.at)

    def best(self, name: str) -> At | None:
        """Return the best value up to here, where it is known which end is better."""
        curve = self.known.curves.get(name)
        if curve is None or self.at is None:
            return None if curve is None else curve.best()
        cut = up_to({name: curve.series}, self.at)
        return Curve(cut[name], curve.role).best() if name in cut else None


def open_side(workspace: Workspace, ref: str, letter: str) -> Side:
    """Read one side: what is new of it, or up to a point. Raises ``NoRuns``, ``NoSuchRun``."""
    info, point, remark = workspace.resolve(ref)
    if point is None:
        seen = look_over(workspace, ref)
        size = seen.run.size()
        may = not seen.sampled and (size <= LARGE or workspace.catalogue.exact)
        large = f"all points of {words.size(size)}: not read to correlate" if not may else ""
        remarks = (*seen.remarks, *(f"{letter}: {one}" for one in (seen.sample or large,) if one))
        return Side(letter, seen.run, seen.known, None, remarks, seen.config, seen.gaps, may)
    run = workspace.open(info)
    history = read(run)
    at, beyond = place(point, history.series, info)
    known = study(history.series, workspace.settings.roles, None, history.resumed)
    remarks = tuple(filter(None, (remark, beyond)))
    return Side(letter, run, known, at, remarks, run.config(), run.gaps)


def nearest(whole: Sequence[Stretch], name: str, step: float) -> At | None:
    """Return the point logged nearest to a step: in the newest stretch that spans it, if any."""
    having = [one[name] for one in whole if name in one]
    spanning = [one for one in having if one.steps[0] <= step <= one.steps[-1]]
    points = [_near(one, step) for one in (spanning[-1:] or having)]
    return min(points, key=lambda point: (_apart(point, step), point.step), default=None)


def _near(one: Series, step: float) -> At:
    after = min(bisect_left(one.steps, step), len(one) - 1)
    before = max(0, after - 1) if one.steps[after] > step else after
    places = (before, after)
    chosen = min(places, key=lambda at: (abs(one.steps[at] - step), at))
    last = bisect_right(one.steps, one.steps[chosen]) - 1  # a step logged twice: the later value
    return At(one.values[last], one.steps[last])


def _apart(point: At, step: float) -> float:
    return abs((point.step or 0.0) - step)

"""Sides of a comparison: a run, or a run at a step, and what each metric was there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from runwise.curves import Curve, Study, study, up_to
from runwise.history import read
from runwise.reports.reading import place
from runwise.settings_tree import flat
from runwise.stretches import newest, stretches
from runwise_format.cells import At

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.stretches import Stretch
    from runwise.workspace import Workspace
    from runwise_format.cells import Cell
    from runwise_parsers import Run, RunInfo, Series


@dataclass(frozen=True)
class Side:
    """One run of several; ``at`` is the step it is looked at, its end for ``None``."""

    letter: str
    run: Run
    known: Study
    at: float | None
    remarks: tuple[str, ...]

    @property
    def info(self) -> RunInfo:
        """Which run it is."""
        return self.run.info

    @cached_property
    def settings(self) -> Mapping[str, Cell]:
        """The configuration by dotted names, without secrets."""
        return flat(self.run.config())

    @cached_property
    def _stretches(self) -> list[Stretch]:
        series = {name: one.series for name, one in self.known.curves.items()}
        return stretches(series, self.known.resumed)

    @cached_property
    def curves(self) -> Mapping[str, Series]:
        """The curves as they count: what was logged again later replaces what was before."""
        return newest(self._stretches)[0]

    @property
    def end(self) -> float | None:
        """The step the run is looked at, or the newest it has."""
        return self.known.last_step if self.at is None else self.at

    def value(self, name: str) -> At | None:
        """Return the last value of a metric, or the one logged nearest to the step ``at``.

        Of two steps equally near, the earlier one.
        """
        if name not in self.known.curves:
            return None
        if self.at is None:
            series = self.known.curves[name].series
            return At(series.values[-1], series.steps[-1])
        return nearest(self._stretches, name, self.at)

    def best(self, name: str) -> At | None:
        """Return the best value up to here, where it is known which end is better."""
        curve = self.known.curves.get(name)
        if curve is None or self.at is None:
            return None if curve is None else curve.best()
        cut = up_to({name: curve.series}, self.at)
        return Curve(cut[name], curve.role).best() if name in cut else None


def open_side(workspace: Workspace, ref: str, letter: str) -> Side:
    """Read one side whole. Raises ``NoRuns`` and ``NoSuchRun``."""
    info, point, remark = workspace.resolve(ref)
    run = workspace.open(info)
    history = read(run)
    at, beyond = place(point, history.series, info)
    known = study(history.series, workspace.settings.roles, None, history.resumed)
    return Side(letter, run, known, at, tuple(filter(None, (remark, beyond))))


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

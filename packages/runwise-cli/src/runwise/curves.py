"""The curves of one run, with what is known about each: role, statistics, shape, trouble."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

from runwise.stretches import between_places
from runwise_detect import Diagnosis, Monitor, roles
from runwise_detect.alignment import blocks
from runwise_detect.monitor import TIME
from runwise_detect.settings import detectors
from runwise_format import Trend
from runwise_format.cells import At
from runwise_parsers import Series
from runwise_sampling import Stats, levels, trend

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from runwise_detect.ledger import Group

CELLS = 10
"""Levels of a trend: ten digits cost about four tokens."""


@dataclass(frozen=True)
class Curve:
    """One metric of a run; statistics are made when they are asked for."""

    series: Series
    role: str = ""

    @property
    def name(self) -> str:
        """The metric's name."""
        return self.series.name

    @property
    def last(self) -> float:
        """The newest value."""
        return self.series.values[-1]

    @cached_property
    def stats(self) -> Stats:
        """Exact statistics over all of the curve."""
        stats = Stats()
        stats.extend(self.series.steps, self.series.values)
        return stats

    @property
    def better(self) -> str | None:
        """``min`` or ``max``, whichever is the better end; ``None`` where nobody knows."""
        return roles.better(self.name, self.role or None)

    @property
    def first_step(self) -> float:
        """The lowest step."""
        return min(self.series.steps)

    @property
    def last_step(self) -> float:
        """The newest step."""
        return self.series.steps[-1]

    def best(self) -> At | None:
        """Return the best value and its step, ``None`` where no direction is the better one."""
        direction = self.better
        if direction not in ("min", "max") or not self.stats.count or self.role == "throughput":
            return None
        value, at = self.stats.best("min" if direction == "min" else "max")
        return At(value, at)

    def trend(self) -> Trend:
        """Return the shape of the newest stretch in which steps only rise."""
        begin = _newest_stretch(self.series.steps)
        steps, values = self.series.steps[begin:], self.series.values[begin:]
        cells = min(CELLS, len(steps))  # two points are no curve of ten
        return Trend(tuple(levels(steps, values, cells)), trend(steps, values))


@dataclass(frozen=True)
class Study:
    """The curves of one run, by name, and the diagnosis over them.

    ``resumed`` holds, for every time the run was resumed, how many points each curve had before.
    ``judged`` is the diagnosis where somebody watched the records as they were read, ``wishes``
    are settings of detectors.
    """

    curves: Mapping[str, Curve]
    roles: Mapping[str, str] = field(default_factory=dict[str, str])
    total_steps: float | None = None
    resumed: Sequence[Mapping[str, int]] = ()
    judged: Diagnosis | None = None
    wishes: Mapping[str, object] = field(default_factory=dict[str, object])

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What is wrong with the run; where it was resumed is a boundary, never a spike."""
        return self.judged if self.judged is not None else lasting(self.watched().finish())

    def watched(self) -> Monitor:
        """Return a monitor that saw all records of the run, curves brought together by step."""
        monitor = monitor_for(self.roles, self.total_steps, self.wishes)
        for stretch in self._stretches():
            for steps, columns in blocks(with_clock(stretch)):
                monitor.extend(steps, columns)
            monitor.restart()
        return monitor

    def _stretches(self) -> Iterator[dict[str, Series]]:
        """Yield the curves between one interruption and the next."""
        for begins, ends in pairwise([{}, *self.resumed, None]):
            yield {
                name: between_places(one.series, begin, end)
                for name, one in self.curves.items()
                if (begin := (begins or {}).get(name, 0))
                < (end := len(one.series) if ends is None else ends.get(name, 0))
            }

    def with_role(self, *wanted: str) -> list[Curve]:
        """Return the curves with one of these roles, in the order of the roles and names.

        The order in which a log holds metrics says nothing: a tracker may shuffle them.
        """
        ordered = sorted(self.curves.values(), key=natural)
        return [one for role in wanted for one in ordered if one.role == role]

    @property
    def first_step(self) -> float | None:
        """The lowest step of any metric."""
        return min((one.first_step for one in self.curves.values()), default=None)

    @property
    def last_step(self) -> float | None:
        """The newest step of any metric."""
        return max((one.last_step for one in self.curves.values()), default=None)


def study(
    series: Mapping[str, Series],
    given: Mapping[str, str] | None = None,
    total_steps: float | None = None,
    resumed: Sequence[Mapping[str, int]] = (),
    wishes: Mapping[str, object] | None = None,
) -> Study:
    """Return series as curves with roles; ``given`` overrides roles by name."""
    filled = {name: one for name, one in series.items() if len(one)}
    found = roles_of(filled, given or {})
    curves = {name: Curve(one, found.get(name, "")) for name, one in filled.items()}
    return Study(curves, found, total_steps, resumed, wishes=wishes or {})


def with_clock(stretch: Mapping[str, Series]) -> dict[str, tuple[array[float], array[float]]]:
    """Return curves as columns, and with them the clock of the densest that has one."""
    columns = {name: (one.steps, one.values) for name, one in stretch.items()}
    clocked = [one for one in stretch.values() if one.times is not None and len(one)]
    if clocked:
        densest = max(clocked, key=len)
        columns[TIME] = densest.steps, densest.times or array("d")
    return columns


def monitor_for(
    given: Mapping[str, str], total_steps: float | None, wishes: Mapping[str, object]
) -> Monitor:
    """Return what looks for trouble as the settings wish."""
    chosen = detectors(wishes) if wishes else None
    return Monitor(chosen, roles=given, total_steps=total_steps)


def roles_of(names: Collection[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the roles of metrics by name, those somebody gave before those their names tell."""
    known = roles.assign([name for name in names if not is_internal(name)])
    told = {name: role for name, role in given.items() if name in names}
    totals = {role for role in told.values() if role in (roles.TRAIN_LOSS, roles.VAL_LOSS)}
    # Where somebody says which loss is the total, what its name makes one is a part of it.
    known = {name: roles.LOSS if role in totals else role for name, role in known.items()}
    return {**known, **told}


def natural(curve: Curve) -> list[tuple[int, str]]:
    """Return a key that sorts ``layer_2`` before ``layer_10``."""
    parts = re.split(r"(\d{1,18})", curve.name)
    return [(int(part) if part.isdecimal() else 0, part) for part in parts]


def is_internal(name: str) -> bool:
    """Say whether a key is the tracker's own: used for step and clock, shown when named."""
    return name.startswith(("_", "wandb"))


def lasting(diagnosis: Diagnosis) -> Diagnosis:
    """Return a diagnosis without what was only worth knowing while it lasted.

    A loss that fell slowly at first and then did not is a healthy run.
    """
    kept = [one for one in diagnosis.findings if one.severity != "info" or _lasts(one)]
    return replace(diagnosis, findings=tuple(kept))


def _lasts(group: Group) -> bool:
    return group.last.status == "open"


def up_to(series: Mapping[str, Series], step: float) -> dict[str, Series]:
    """Return series as they stood at a step: in the newest stretch that has it."""
    found: dict[str, Series] = {}
    for name, one in series.items():
        begin = _newest_stretch(one.steps)
        end = bisect_right(one.steps, step, begin)
        if end == begin and begin:
            end = begin
        times = None if one.times is None else one.times[:end]
        kept = Series(name, one.steps[:end], one.values[:end], times)
        if len(kept):
            found[name] = kept
    return found


def _newest_stretch(steps: array[float]) -> int:
    """Return where the newest stretch begins in which steps only rise."""
    for at in range(len(steps) - 1, 0, -1):
        if steps[at] < steps[at - 1]:
            return at
    return 0


def rhythm(series: Iterable[Series], rows: int = 50) -> float | None:
    """Return the usual seconds between rows, from the newest rows of the densest metric."""
    clocked = [one for one in series if one.times is not None and len(one) > 1]
    if not clocked:
        return None
    densest = max(clocked, key=len)
    times = (densest.times or array("d"))[-rows:]
    gaps = sorted(after - before for before, after in pairwise(times))
    middle = gaps[len(gaps) // 2] if gaps else None
    return middle if middle is not None and isfinite(middle) and middle >= 0 else None


TELLING_ROLES = ("train_loss", "val_loss", "score", "reward", "error", "loss")
"""Roles that say how well training goes, the most telling first."""
MAIN_ROLES = (*TELLING_ROLES, "gradient_norm", "learning_rate")


def ordered(known: Study) -> tuple[list[Curve], list[Curve]]:
    """Return the curves that say most about a run, by role, and the others by name."""
    main = {one.name: one for one in known.with_role(*MAIN_ROLES)}
    others = [one for one in sorted(known.curves.values(), key=natural) if one.name not in main]
    return list(main.values()), others

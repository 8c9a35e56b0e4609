"""The curves of one run, with what is known about each: role, statistics, shape, trouble."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING

from runwise.errors import NoSuchMetric, near, some
from runwise_detect import Diagnosis, analyze, roles
from runwise_format import Trend
from runwise_format.cells import At
from runwise_parsers import Run, Series
from runwise_sampling import Stats, levels, trend

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
        return roles.better(self.name)

    def best(self) -> At | None:
        """Return the best value and its step, ``None`` where no direction is the better one."""
        direction = self.better
        if direction not in ("min", "max") or not self.stats.count:
            return None
        value, at = self.stats.best("min" if direction == "min" else "max")
        return At(value, at)

    def trend(self) -> Trend:
        """Return the shape of the newest stretch in which steps only rise."""
        begin = _newest_stretch(self.series.steps)
        steps, values = self.series.steps[begin:], self.series.values[begin:]
        return Trend(tuple(levels(steps, values, CELLS)), trend(steps, values))


@dataclass(frozen=True)
class Study:
    """The curves of one run, by name, and the diagnosis over them."""

    curves: Mapping[str, Curve]
    roles: Mapping[str, str] = field(default_factory=dict[str, str])
    total_steps: float | None = None

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What is wrong with the run."""
        return analyze(
            {name: (one.series.steps, one.series.values) for name, one in self.curves.items()},
            roles=self.roles,
            total_steps=self.total_steps,
        )

    def with_role(self, *wanted: str) -> list[Curve]:
        """Return the curves with one of these roles, in the order of the roles."""
        return [one for role in wanted for one in self.curves.values() if one.role == role]

    @property
    def first_step(self) -> float | None:
        """The lowest step of any metric."""
        return min((min(one.series.steps) for one in self.curves.values()), default=None)

    @property
    def last_step(self) -> float | None:
        """The newest step of any metric."""
        return max((one.series.steps[-1] for one in self.curves.values()), default=None)


def study(
    series: Mapping[str, Series],
    given: Mapping[str, str] | None = None,
    total_steps: float | None = None,
) -> Study:
    """Return series as curves with roles; ``given`` overrides roles by name."""
    filled = {name: one for name, one in series.items() if len(one)}
    known = roles.assign([name for name in filled if not is_internal(name)])
    found = {**known, **{name: role for name, role in (given or {}).items() if name in filled}}
    curves = {name: Curve(one, found.get(name, "")) for name, one in filled.items()}
    return Study(curves, found, total_steps)


def is_internal(name: str) -> bool:
    """Say whether a key is the tracker's own: used for step and clock, shown when named."""
    return name.startswith(("_", "wandb"))


def read(run: Run, patterns: Sequence[str] = ()) -> dict[str, Series]:
    """Return the series of the metrics that patterns name, of all but internal ones for none.

    Raises ``NoSuchMetric``, which names the nearest, for a pattern that fits no metric.
    """
    if not patterns:
        return {name: one for name, one in run.series().items() if not is_internal(name)}
    plain = [pattern for pattern in patterns if not _is_glob(pattern)]
    if len(plain) == len(patterns):
        found = run.series(plain)
        if len(found) == len(set(plain)):
            return {name: found[name] for name in plain}
    return run.series(pick(patterns, run.metrics()))


def pick(patterns: Iterable[str], names: Sequence[str]) -> list[str]:
    """Return the names that patterns fit, in the order of the patterns.

    >>> pick(["val/*", "lr"], ["lr", "val/acc", "val/loss"])
    ['val/acc', 'val/loss', 'lr']

    Raises ``NoSuchMetric`` for a pattern that fits none.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        exact = [name for name in names if name == pattern]
        fitting = exact or [name for name in names if fnmatchcase(name, pattern)]
        if not fitting:
            raise _unknown(pattern, names)
        found |= dict.fromkeys(fitting)
    return list(found)


def _unknown(name: str, names: Sequence[str]) -> NoSuchMetric:
    shown = [one for one in names if not is_internal(one)]
    if not shown:
        return NoSuchMetric(f"no metric '{name}': the run logged none", "Try: runwise check")
    close = near(name, shown, 3)
    few = f"Near: {some(close)}." if close else f"There are: {some(shown)}."
    return NoSuchMetric(f"no metric '{name}'", f"{few} Try: runwise keys")


def _is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


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
    times = densest.times or array("d")
    gaps = sorted(
        after - before for before, after in zip(times[-rows:-1], times[-rows + 1 :], strict=False)
    )
    middle = gaps[len(gaps) // 2] if gaps else None
    return middle if middle is not None and isfinite(middle) and middle >= 0 else None

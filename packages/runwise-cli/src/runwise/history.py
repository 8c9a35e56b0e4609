"""The history of a run: the metrics somebody asked for, and where the run was resumed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from runwise.curves import is_internal
from runwise.errors import NoPoints, NoSuchMetric, near, short, some
from runwise_parsers.run import gather

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise_parsers import Run, Series


@dataclass(frozen=True, slots=True)
class History:
    """Exact series by name, and for each resumption how many points each had before it."""

    series: Mapping[str, Series]
    resumed: Sequence[Mapping[str, int]]

    def only(self, names: Iterable[str]) -> History:
        """Return this history with these metrics, in this order."""
        return History({name: self.series[name] for name in names}, self.resumed)


def read(run: Run, patterns: Sequence[str] = ()) -> History:
    """Read the metrics that patterns name, all but internal ones for none.

    Raises ``NoSuchMetric``, which names the nearest, for a pattern that fits no metric.
    """
    if not patterns:
        whole = _pass(run)
        return whole.only(name for name in whole.series if not is_internal(name))
    if not any(map(_is_glob, patterns)):
        found = _pass(run, patterns)
        if len(found.series) == len(set(patterns)):
            return found.only(patterns)
    every = _pass(run)  # one pass: asking for the names first would be another
    hidden = [one for one in patterns if is_internal(one) and one not in every.series]
    if hidden:
        every = History({**every.series, **run.series(hidden)}, every.resumed)
    return every.only(pick(patterns, list(every.series)))


def read_system(run: Run, patterns: Sequence[str] = ()) -> History:
    """Read what the tracker measured of the machine; ``steps`` are seconds since the run began.

    Raises ``NoPoints`` where nothing was measured, ``NoSuchMetric`` for a pattern that fits none.
    """
    series = run.system()
    if not series:
        problem = f"of the machine {short(run.info.id)} ran on nothing was measured"
        raise NoPoints(problem, "Ask without --system for its metrics.")
    return History({name: series[name] for name in pick(patterns or ["*"], list(series))}, ())


def _pass(run: Run, names: Sequence[str] | None = None) -> History:
    """Read a run once, from its beginning to its end."""
    pieces: list[Mapping[str, Series]] = []
    points: Counter[str] = Counter()
    resumed: list[Mapping[str, int]] = []
    segment: int | None = None
    for batch in run.batches(names):
        if segment is not None and batch.segment != segment:
            resumed.append(dict(points))
        segment = batch.segment
        points.update({name: len(one) for name, one in batch.columns.items()})
        pieces.append(batch.columns)
    return History(gather(pieces), resumed)


def pick(patterns: Iterable[str], names: Sequence[str]) -> list[str]:
    """Return the names that patterns fit, in the order of the patterns.

    >>> pick(["val/*", "lr"], ["lr", "val/acc", "val/loss"])
    ['val/acc', 'val/loss', 'lr']

    Raises ``NoSuchMetric`` for a pattern that fits none.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        exact = [name for name in names if name == pattern]
        shown = (name for name in names if is_internal(pattern) or not is_internal(name))
        fitting = exact or [name for name in shown if fnmatchcase(name, pattern)]
        if not fitting:
            raise no_metric(pattern, names)
        found |= dict.fromkeys(fitting)
    return list(found)


def no_metric(name: str, names: Sequence[str]) -> NoSuchMetric:
    """Return the error for a metric that is not among those a run has, with the nearest."""
    shown = [one for one in names if not is_internal(one)]
    if not shown:
        remedy = "Ask without -k what is known of it."
        return NoSuchMetric(f"no metric '{short(name)}': the run logged none", remedy)
    close = near(name, shown, 3)
    few = f"Near: {some(close)}." if close else f"There are: {some(shown, 3)}."
    return NoSuchMetric(f"no metric '{short(name)}'", f"{few} Try: runwise keys")


def _is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")

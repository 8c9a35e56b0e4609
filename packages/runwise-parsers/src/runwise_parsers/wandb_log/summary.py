"""The summary of a run, as W&B keeps it: last values, or what ``define_metric`` asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from math import inf, isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runwise_parsers.series import Series


@dataclass(slots=True)
class Tally:
    """What is known of one metric for which ``define_metric`` asked more than the last value."""

    low: float = inf
    high: float = -inf
    total: float = 0.0
    count: int = 0
    first: float | None = None


@dataclass(slots=True)
class Summaries:
    """Keeps last values, and minimum, maximum, mean and first of metrics defined so.

    ``internal`` holds the names of W&B's own keys, which have no place in a summary, ``tallies``
    what is needed beyond last values.
    Values that are not finite do not enter a minimum, maximum or mean.
    """

    last: dict[str, float] = field(default_factory=dict[str, float])
    internal: dict[str, None] = field(default_factory=dict[str, None])
    tallies: dict[str, Tally] = field(default_factory=dict[str, Tally])

    def take(
        self, columns: Mapping[str, Series], aggregates: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Learn from a batch of rows."""
        for name, one in columns.items():
            if not len(one):
                continue
            self.last[name] = one.values[-1]
            if aggregates and _asked(name, aggregates):
                tally = self.tallies.setdefault(name, Tally())
                finite = [value for value in one.values if isfinite(value)]
                if finite:
                    tally.low = min(tally.low, *finite)
                    tally.high = max(tally.high, *finite)
                    tally.total += sum(finite)
                    tally.count += len(finite)
                if tally.first is None:
                    tally.first = one.values[0]

    def values(self, aggregates: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
        """Return name -> last value, or name -> {"min": ...} where that was asked for."""
        found: dict[str, object] = {}
        for name, last in self.last.items():
            asked = _asked(name, aggregates)
            tally = self.tallies.get(name)
            if asked == ("none",):
                continue
            if tally is None or not asked or not tally.count:
                found[name] = last
                continue
            parts = {
                "min": tally.low,
                "max": tally.high,
                "mean": tally.total / tally.count,
                "first": tally.first,
                "last": last,
                "best:min": tally.low,
                "best:max": tally.high,
            }
            found[name] = {part.partition(":")[0]: parts[part] for part in asked if part in parts}
        return found


def _asked(name: str, aggregates: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return what ``define_metric`` asked for a metric, by its name or by a pattern."""
    if name in aggregates:
        return aggregates[name]
    for pattern, asked in aggregates.items():
        if "*" in pattern and fnmatchcase(name, pattern):
            return asked
    return ()

"""Where in a log the rows between two steps lie: by bisection, without reading the log.

Steps rise through a log, so a few probes find the line at which a step is reached. They need not
rise: a run that was resumed falls back and repeats steps, and what was logged twice stands in two
places. So the edges that were found are looked at again from both sides, at distances that grow
by a quarter each: a fall that repeats a step at an edge repeats the bytes between its two places
as well, and of such a stretch two neighbouring probes hold the highest and the lowest step. Where
any two probes fall, the log is to be scanned.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from runwise_parsers.lines import lines_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runwise_parsers.json_log.log import JsonLog

SMALL = 1 << 22
"""Bytes below which a scan costs no more than probing."""
_SPAN = 1 << 17
"""Bytes at an edge that are read anyway, on both sides of it."""
_PROBES = (1 << 12, 1 << 15, 1 << 18)
"""Bytes in which a row with a step of its own is looked for."""
_EVENLY = 32
_GROWTH = 1.25


class Unordered(Exception):  # noqa: N818  no error: a property of the log
    """The steps of a log do not rise from its beginning to its end."""


class Probes:
    """Steps met at places of a log, by the offset of their line."""

    def __init__(self, log: JsonLog) -> None:
        self._log = log
        self.size = log.size()
        self.met: dict[int, float] = {}

    def at(self, offset: int) -> int:
        """Look at a row that begins behind ``offset``; return where its line begins.

        Raises ``Unordered`` where rows have no steps of their own for a long way.
        """
        for size in _PROBES:
            for begin, step in self._steps(max(0, offset), size):
                self.met[begin] = step
                return begin
        raise Unordered

    def ends(self) -> None:
        """Look at all rows near both ends: what stands last may belong elsewhere."""
        for offset in (0, self.size - _SPAN):
            self.met |= dict(self._steps(offset, _SPAN))

    def _steps(self, offset: int, size: int) -> Iterator[tuple[int, float]]:
        """Yield where lines behind an offset begin, and their steps."""
        data, end = lines_at(self._log.path, offset, size)
        begin = end - len(data)
        for line in data.split(b"\n"):
            rows = self._log.rows(line)[0]
            step = self._log.step_at(rows[0]) if rows else None
            if step is not None:
                yield begin, step
            begin += len(line) + 1

    def are_ordered(self) -> bool:
        """Say whether no step met is lower than one before it."""
        steps = [step for _, step in sorted(self.met.items())]
        return all(before <= step for before, step in pairwise(steps))

    def edge(self, is_behind: Callable[[float], bool]) -> tuple[int, int]:
        """Return two offsets close together, between which steps get behind an edge."""
        low, high = 0, self.size
        while high - low > _SPAN:
            at = self.at((low + high) // 2)
            if not low < at < high:
                break
            low, high = (low, at) if is_behind(self.met[at]) else (at, high)
        return low, high


def reach(log: JsonLog, first_step: float, last_step: float) -> tuple[int, int] | None:
    """Return the bytes that hold all rows between two steps, from a line's start on.

    ``None`` where the whole log has to be scanned: it is small, has no step key, or its steps
    do not rise.
    """
    if not log.axes.step or log.size() <= SMALL or not first_step <= last_step:
        return None
    probes = Probes(log)
    probes.ends()
    try:
        begin = probes.edge(lambda step: step >= first_step)[0]
        end = probes.edge(lambda step: step > last_step)[1]
        begin = probes.at(begin - _SPAN) if begin > _SPAN else 0
        end = min(end + _SPAN, probes.size)
        _look_around(probes, begin, end)
    except Unordered:
        return None
    return (begin, end) if probes.are_ordered() else None


def _look_around(probes: Probes, begin: int, end: int) -> None:
    """Probe evenly, and from both edges outwards at growing distances."""
    offsets = {probes.size * place // _EVENLY for place in range(_EVENLY)} | {end}
    distance = float(_SPAN)
    while distance < probes.size:
        offsets |= {int(begin - distance), int(end + distance)}
        distance *= _GROWTH
    for offset in sorted(offsets):
        if 0 <= offset < probes.size - _SPAN:
            probes.at(offset)

"""Which parts of a table may hold certain steps, found by looking at a few rows of it.

Steps are read at evenly spread places. Between two of them lie the steps between theirs, except
where the step falls: a run that was restarted shows some steps twice. So a part is kept if it may
hold the steps asked for, if a fall shows in it, or if it lies beside such a part: a fall that
does not show is smaller than the distance of two places. Kept parts are looked into again, each
time at a finer scale, until they are small: the cost does not depend on the size of the file.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from runwise_parsers.csv_log.axis import finite
from runwise_parsers.csv_log.samples import PLACES
from runwise_parsers.lines import lines_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.csv_log.log import CsvLog

_SMALL = 1 << 20
_LINES = 1 << 12
_GAIN = 0.75
Reach = tuple[int, int]
Seen = tuple[int, float]
"""An offset at which a line begins, and the step there."""


def spans(log: CsvLog, first_step: float, last_step: float) -> list[Reach]:
    """Return the offsets, from a line's start up to another's, between which steps may lie.

    Raises ``LookupError`` where rows are not like the first ones: their step may stand in any
    column.
    """
    return _narrowed(log, (log.begin, log.size()), (first_step, last_step))


def _narrowed(log: CsvLog, reach: Reach, asked: tuple[float, float]) -> list[Reach]:
    begin, end = reach
    if end - begin <= _SMALL:
        return [reach]
    seen = _looked(log, begin, end)
    kept = list(_kept(seen, reach, asked))
    if sum(last - first for first, last in kept) > _GAIN * (end - begin):
        return [reach]
    return [part for each in kept for part in _narrowed(log, each, asked)]


def _looked(log: CsvLog, begin: int, end: int) -> list[Seen]:
    """Return steps at evenly spread places, in the order of the file."""
    seen: list[Seen] = []
    for place in range(1, PLACES):
        offset = begin + (end - begin) * place // PLACES
        data, behind = lines_at(log.path, offset, _LINES)
        at = behind - len(data)
        if at >= end or (seen and at <= seen[-1][0]):  # a line longer than a part
            continue
        step = _first_step(log, data)
        if step is not None:
            seen.append((at, step))
    return seen


def _first_step(log: CsvLog, data: bytes) -> float | None:
    """Return the first step in some lines, ``None`` if there is none."""
    layout = log.layout
    for part in log.parts(data, None, layout, as_texts=True):
        parted = part.split()
        if part.layout.mark != layout.mark or not parted.even:
            raise LookupError(f"{log.path.name} has rows that are not like the first ones")
        steps = finite(parted.block.column(layout.step)) if layout.step is not None else []
        if steps:
            return steps[0]
    return None


def _kept(seen: list[Seen], reach: Reach, asked: tuple[float, float]) -> Iterator[Reach]:
    """Yield the parts that may hold the steps asked for, each with its neighbours."""
    offsets = [reach[0], *(offset for offset, _ in seen), reach[1]]
    steps = [float("nan"), *(step for _, step in seen), float("nan")]
    wanted = [
        _may_hold(steps[place], steps[place + 1], asked) for place in range(len(offsets) - 1)
    ]
    near = [any(wanted[max(0, place - 1) : place + 2]) for place in range(len(wanted))]
    begin: int | None = None
    for place, keep in enumerate([*near, False]):
        if keep and begin is None:
            begin = offsets[place]
        elif not keep and begin is not None:
            yield begin, offsets[place]
            begin = None


def _may_hold(low: float, high: float, asked: tuple[float, float]) -> bool:
    """Say whether steps between two others may be asked for; NaN stands for an open end."""
    first_step, last_step = asked
    if isfinite(low) and isfinite(high) and high < low:
        return True
    return not (low > last_step or high < first_step)

"""What lies between two steps of an event file.

In a file whose steps rise from record to record, as far as a sample tells, the place of a step
is found by bisection. One whose tags count different things is read through, as is a small one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.found import every

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runwise_parsers.tensorboard_log.eventfile import EventFile, Wanted
    from runwise_parsers.tensorboard_log.pieces import Piece

_SMALL = 1 << 24
"""Bytes that are read through: a fifth of a second's work."""
_PLACES = 48
_PROBE = 1 << 14
_FARTHEST = 1 << 24
_MARGIN = 1 << 17
"""Bytes read on either side of what was found: clocks and steps of threads differ a little."""


def pieces_between(
    file: EventFile, first: float, last: float, wanted: Wanted = every
) -> Iterator[Piece]:
    """Yield pieces among which all points from one step to another are."""
    size = file.size()
    if size <= _SMALL or not _rises(file, size):
        yield from file.pieces_from(0, wanted)
        return
    begin = _bisected(file, size, lambda step: step is not None and step < first)[0] - _MARGIN
    end = _bisected(file, size, lambda step: step is None or step <= last)[1] + _MARGIN
    for piece in file.pieces_from(max(0, begin), wanted):
        yield piece
        if piece.end > end:
            return


def _rises(file: EventFile, size: int) -> bool:
    """Say whether steps rise from record to record, wherever one looks."""
    before: float | None = None
    for place in range(_PLACES):
        begin = (size - _PROBE) * place // (_PLACES - 1)
        for piece in file.stretch(begin, begin + _PROBE):
            steps = piece.steps_in_order()
            if before is not None:
                steps.insert(0, before)
            if any(later < step for step, later in pairwise(steps)):
                return False
            before = steps[-1] if steps else before
    return True


def _bisected(
    file: EventFile, size: int, before: Callable[[float | None], bool]
) -> tuple[int, int]:
    """Return two offsets near each other: what comes behind the first is before, not the other's.

    They are the file's ends where nothing, or everything, is before. ``before`` is asked about
    ``None`` where there are no scalars near.
    """
    low, high = 0, size
    while high - low > _PROBE:
        middle = (low + high) // 2
        if before(_first_step(file, middle, high)):
            low = middle
        else:
            high = middle
    return low, high


def _first_step(file: EventFile, begin: int, end: int) -> float | None:
    """Return the step of the first scalar behind an offset, ``None`` if none is near."""
    reach = _PROBE
    while True:
        for piece in file.stretch(begin, min(begin + reach, end)):
            for step in piece.steps_in_order()[:1]:
                return step
        if begin + reach >= end or reach >= _FARTHEST:
            return None
        reach *= 4

"""The clocks of records, without reading what is in them."""

from __future__ import annotations

import struct
from math import isfinite
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.crc import masked
from runwise_parsers.tensorboard_log.framing import FRAME, HEAD, TAIL, size_of
from runwise_parsers.tensorboard_log.shapes import LONGEST

if TYPE_CHECKING:
    from runwise_parsers.tensorboard_log.points import Points
    from runwise_parsers.tensorboard_log.windows import Window

_CLOCK_TAG = 9


def first_clock(window: Window) -> float | None:
    """Return the clock of the first record, Unix seconds."""
    firsts = (some[0] for some in window.places.values())
    return _clock(window, min(firsts, default=0))


def last_clock(window: Window, points: dict[str, Points]) -> float | None:
    """Return the clock of the last record, or of a point if that is damaged."""
    last = max((some[-1] for some in window.places.values()), default=None)
    clock = None if last is None else _clock(window, last)
    clocks = (one.times[-1] for one in points.values())
    return max(filter(isfinite, clocks), default=None) if clock is None else clock


def _clock(window: Window, place: int) -> float | None:
    """Return the clock of the record at a place, ``None`` where it is damaged."""
    size = size_of(window.data[place : place + HEAD])
    record = window.data[place : place + size]
    if size < FRAME + 9 or record[HEAD] != _CLOCK_TAG:
        return None
    if size <= LONGEST and masked(record[HEAD:-TAIL]) != record[-TAIL:]:
        return None
    (clock,) = struct.unpack_from("<d", record, HEAD + 1)
    return clock if isfinite(clock) else None

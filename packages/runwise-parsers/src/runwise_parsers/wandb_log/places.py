"""Places in a W&B log that are reached without reading what stands before them.

Every multiple of 32 KiB is a chunk's start, and steps rise: head and tail are read by
themselves, a step is found by bisection, an overview takes blocks from everywhere. Rows that
hold no step (see ``LogFile.unstepped``) are counted from the beginning, so there is no way past
a whole pass.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from runwise_parsers.leveldb.blockfile import END, LARGEST_END
from runwise_parsers.leveldb.mending import BLOCK, HEADER_SIZE
from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.kinds import CONSOLE, DESCRIPTION, EXIT, STATS
from runwise_parsers.wandb_log.steps import step_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.wandb_log.framing import Record
    from runwise_parsers.wandb_log.logfile import LogFile, Rows

_LONGEST_STRETCH = 64 * BLOCK
_KEPT = 16_384
"""Rows that are held at most while a log is thinned."""


def head(log: LogFile, description: Description) -> Rows:
    """Learn from the beginning; return the rows met there."""
    size, end = log.size(), END
    while True:
        rows, kept = log.between(HEADER_SIZE, end, DESCRIPTION | {STATS})
        probe = Description()
        probe.take(kept)
        if probe.run or end >= min(size, LARGEST_END):
            description.take(kept)
            return rows
        end *= 4


def tail(log: LogFile, description: Description) -> Rows:
    """Learn from the end, which holds the exit record if there is one; return its rows."""
    size, length = log.size(), END
    while True:
        begin = log.end(length)
        rows, kept = log.between(begin, size, DESCRIPTION | CONSOLE | {STATS})
        ended = any(kind == EXIT for kind, _ in kept)
        if rows or ended or begin == HEADER_SIZE or length >= LARGEST_END:
            description.take(kept)
            return rows
        length *= 4


def last_rows(log: LogFile, count: int) -> Rows:
    """Return at least ``count`` rows from the end, all if there are fewer."""
    if log.lacks_steps():
        return list(deque((row for rows in log.rows() for row in rows), maxlen=count))
    size, length = log.size(), END
    while True:
        begin = log.end(length)
        rows = log.between(begin, size)[0]
        if len(rows) >= count or begin == HEADER_SIZE:
            return rows
        length *= 4


def last_console(log: LogFile, wanted: int) -> list[Record]:
    """Return the console records at the end that hold about ``wanted`` lines."""
    size, length = log.size(), END
    while True:
        begin = log.end(length)
        kept = log.between(begin, size, CONSOLE)[1]
        lines = sum(body.count(b"\n") + 1 for _, body in kept)
        if lines > 2 * wanted or begin == HEADER_SIZE or length >= LARGEST_END // 4:
            return kept
        length *= 4


def first_step(log: LogFile) -> float | None:
    """Return the step of the first row, ``None`` where there is no row."""
    row = log.first_row()
    return None if row is None else 0.0 if log.lacks_steps() else step_of(row)


def last_step(log: LogFile) -> float | None:
    """Return the step of the last row, ``None`` where there is no row."""
    rows = last_rows(log, 1)
    return step_of(rows[-1]) if rows else None


def offset_of(log: LogFile, step: float) -> int:
    """Return a chunk's offset before the first row whose step is at least ``step``."""
    low, high = 0, 0 if log.lacks_steps() else max(0, log.size() // BLOCK)
    while high - low > 1:
        middle = (low + high) // 2
        row = log.first_row(middle * BLOCK)
        if row is not None and step_of(row) < step:
            low = middle
        else:
            high = middle
    return max(HEADER_SIZE, low * BLOCK)


def sampled(log: LogFile, places: int) -> Iterator[Rows]:
    """Yield the rows of up to ``places`` evenly spread stretches, first and last included.

    Rows rise from stretch to stretch: none is yielded twice.
    """
    if log.lacks_steps():
        yield from _thinned(log)
        return
    size = log.size()
    if -(-size // BLOCK) <= places:
        yield log.between(HEADER_SIZE, size)[0]
        return
    reached = float("-inf")
    for rows in stretches(log, places):
        reached = step_of(rows[-1])
        yield rows
    yield [row for row in last_rows(log, 1) if step_of(row) > reached]


def stretches(log: LogFile, places: int) -> Iterator[Rows]:
    """Yield the rows of evenly spread stretches as they stand in the log, but for its end."""
    blocks = max(1, -(-log.size() // BLOCK))
    free = 0
    for place in range(places - 1):
        block = round(place * (blocks - 1) / (places - 1))
        if block >= free:
            rows, free = _stretch(log, block)
            if rows:
                yield rows


def _stretch(log: LogFile, block: int) -> tuple[Rows, int]:
    """Return the rows that begin in a block, or in the next ones if none ends in it.

    Also returns the first block that was not read.
    """
    length = BLOCK
    while True:
        rows = log.between(block * BLOCK, block * BLOCK + length)[0]
        if rows or length >= _LONGEST_STRETCH:
            return rows, block + length // BLOCK
        length *= 2


def _thinned(log: LogFile) -> Iterator[Rows]:
    """Yield evenly spread rows of a whole pass, the first and the last included."""
    kept: list[bytes] = []
    last: list[bytes] = []
    seen, stride = 0, 1
    for rows in log.rows():
        kept += rows[-seen % stride :: stride]
        last = rows[-1:] or last
        seen += len(rows)
        while len(kept) > _KEPT:
            kept, stride = kept[::2], 2 * stride
    yield kept if kept[-1:] == last else kept + last

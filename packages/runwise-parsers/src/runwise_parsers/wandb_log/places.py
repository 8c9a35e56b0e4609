"""Places in a W&B log that are reached without reading what stands before them.

Every multiple of 32 KiB is a chunk's start, and steps rise: head and tail are read by
themselves, a step is found by bisection, an overview takes blocks from everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.framing import HEADER_SIZE, Record
from runwise_parsers.wandb_log.kinds import CONSOLE, DESCRIPTION, EXIT, STATS
from runwise_parsers.wandb_log.logfile import END, LARGEST_END, LogFile, Rows
from runwise_parsers.wandb_log.mending import BLOCK
from runwise_parsers.wandb_log.steps import step_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_STRETCH = 64 * BLOCK


def head(log: LogFile, description: Description) -> Rows:
    """Learn from the beginning; return the rows met there."""
    size, end = log.size(), END
    while True:
        rows, kept = log.between(HEADER_SIZE, end, DESCRIPTION)
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
    return _step_behind(log, 0)


def last_step(log: LogFile) -> float | None:
    """Return the step of the last row, ``None`` where there is no row."""
    rows = last_rows(log, 1)
    return step_of(rows[-1]) if rows else None


def offset_of(log: LogFile, step: float) -> int:
    """Return a chunk's offset before the first row whose step is at least ``step``."""
    low, high = 0, max(0, log.size() // BLOCK)
    while high - low > 1:
        middle = (low + high) // 2
        met = _step_behind(log, middle)
        if met is not None and met < step:
            low = middle
        else:
            high = middle
    return max(HEADER_SIZE, low * BLOCK)


def sampled(log: LogFile, places: int) -> Iterator[Rows]:
    """Yield the rows of up to ``places`` evenly spread stretches, first and last included.

    Rows rise from stretch to stretch: none is yielded twice.
    """
    size = log.size()
    blocks = max(1, -(-size // BLOCK))
    if blocks <= places:
        yield log.between(HEADER_SIZE, size)[0]
        return
    free = 0
    newest: Rows = ()
    for place in range(places - 1):
        block = round(place * (blocks - 1) / (places - 1))
        if block < free:
            continue
        newest, free = _stretch(log, block)
        if newest:
            yield newest
    end = last_rows(log, 1)
    reached = step_of(newest[-1]) if newest else float("-inf")
    yield [row for row in end if step_of(row) > reached]


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


def _step_behind(log: LogFile, block: int) -> float | None:
    """Return the step of the first row that begins in or behind a block."""
    size, begin, length = log.size(), block * BLOCK, END
    while begin < size:
        rows = log.between(begin, begin + length)[0]
        if rows:
            return step_of(rows[0])
        if begin + length >= size:
            return None
        length *= 2
    return None

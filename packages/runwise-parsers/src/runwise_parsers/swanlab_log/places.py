"""Places in a SwanLab log that are reached without reading what stands before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.leveldb.blockfile import END, LARGEST_END
from runwise_parsers.leveldb.mending import BLOCK, HEADER_SIZE
from runwise_parsers.swanlab_log.entries import Begin, End, Line
from runwise_parsers.swanlab_log.rows import metrics_in, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.held import HeldRow
    from runwise_parsers.swanlab_log.entries import Entry, Point
    from runwise_parsers.swanlab_log.logfile import SwanFile

_LONGEST_STRETCH = 64 * BLOCK


def head(log: SwanFile) -> list[Entry]:
    """Return what stands at the beginning, as far as the run says there what it is."""
    size, end = log.size(), END
    while True:
        entries = log.between(HEADER_SIZE, end)
        named = any(isinstance(one, Begin) and one.texts.get("name") for one in entries)
        if named or end >= min(size, LARGEST_END):
            return entries
        end *= 4


def tail(log: SwanFile) -> list[Entry]:
    """Return what stands at the end: the last point, and how the run ended if it did."""
    size, length = log.size(), END
    while True:
        begin = log.end(length)
        entries = log.between(begin, size)
        told = metrics_in(entries) or any(isinstance(one, End) for one in entries)
        if told or begin == HEADER_SIZE or length >= LARGEST_END:
            return entries
        length *= 4


def first_point(log: SwanFile) -> Point | None:
    """Return the first point, ``None`` where there is none."""
    for entries, _ in log.entries():
        points = metrics_in(entries)
        if points:
            return points[0]
    return None


def last_rows(log: SwanFile, count: int) -> list[HeldRow]:
    """Return the last ``count`` rows, fewer if there are fewer."""
    size, length = log.size(), END
    while True:
        begin = log.end(length)
        rows = rows_of(metrics_in(log.between(begin, size)))
        if len(rows) > count or begin == HEADER_SIZE:  # the first one may have begun before
            return rows[-count:]
        length *= 4


def last_lines(log: SwanFile, count: int) -> list[str]:
    """Return the last printed lines, and the error that ended the run if one did."""
    size, length = log.size(), END
    while True:
        begin = log.end(length)
        said = (_text_of(one) for one in log.between(begin, size))
        lines = [line for text in said if text is not None for line in text.splitlines() or [""]]
        if len(lines) >= count or begin == HEADER_SIZE or length >= LARGEST_END:
            return lines[-count:]
        length *= 4


def _text_of(entry: Entry) -> str | None:
    if isinstance(entry, Line):
        return entry.text
    return entry.error if isinstance(entry, End) and entry.error else None


def sampled(log: SwanFile, places: int) -> Iterator[list[HeldRow]]:
    """Yield the rows of up to ``places`` evenly spread stretches, first and last row included."""
    size = log.size()
    blocks = max(1, -(-size // BLOCK))
    if blocks <= places:
        yield rows_of(metrics_in(log.between(HEADER_SIZE, size)))
        return
    free = 0
    newest: list[HeldRow] = []
    for place in range(places - 1):
        block = round(place * (blocks - 1) / (places - 1))
        if block >= free:
            rows, free = _stretch(log, block, size)
            newest = rows or newest
            if rows:
                yield rows
    end = last_rows(log, 1)
    if end and (not newest or end[0][:2] != newest[-1][:2]):
        yield end


def _stretch(log: SwanFile, block: int, size: int) -> tuple[list[HeldRow], int]:
    """Return the whole rows in a block, or in the next ones if none ends in it.

    Also returns the first block that was not read.
    """
    length = BLOCK
    while True:
        end = block * BLOCK + length
        rows = rows_of(metrics_in(log.between(block * BLOCK, end)))
        whole = rows[1 if block else 0 : None if end >= size else -1]
        if whole or end >= size or length >= _LONGEST_STRETCH:
            return whole, block + length // BLOCK
        length *= 2

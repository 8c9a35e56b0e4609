"""Samples of a table: rows from evenly spread places, and what stands at its end."""

from __future__ import annotations

from array import array
from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING

from runwise_parsers.csv_log.axis import time_of
from runwise_parsers.csv_log.block import stacked
from runwise_parsers.csv_log.curves import Position, series_of, steps_of
from runwise_parsers.csv_log.number import number_of
from runwise_parsers.csv_log.passing import Odd, Place, passed
from runwise_parsers.lines import WINDOW, last_lines, lines_at
from runwise_parsers.run import gather

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runwise_parsers.csv_log.layout import Layout
    from runwise_parsers.csv_log.log import CsvLog
    from runwise_parsers.series import Series

Row = tuple["Layout", list[str], float]
"""A row: what its cells are, the cells, its step."""
PLACES = 64
SAMPLE = 1 << 14
_FEWEST = 2
_SMALL = 1 << 22


def as_series(rows: list[Row]) -> dict[str, Series]:
    """Return rows as series, in their order."""
    pieces: list[dict[str, Series]] = []
    for _, alike in groupby(rows, key=lambda row: id(row[0])):
        some = list(alike)
        layout = some[0][0]
        block = stacked((cells for _, cells, _ in some), layout.width)
        pieces.append(series_of(block, array("d", (step for _, _, step in some)), layout))
    return gather(pieces)


def seekable(log: CsvLog) -> bool:
    """Say whether rows can be read from anywhere: they have a step, and end where lines do."""
    return log.layout.step is not None and not log.layout.spans


def rows_in(log: CsvLog, data: bytes, *, first: bool, ragged: bool = False) -> list[Row] | None:
    """Return the rows of some lines, ``None`` where it is not sure what their cells are.

    Rows with fewer or more cells than the first ones may stand below a header in between; with
    ``ragged`` they are taken as they are. Unless they are the ``first`` of the file, rows are
    left out whose step stands in a row before them.
    """
    rows: list[Row] = []
    for part in log.parts(data, None, log.layout, as_texts=True):
        parted = part.split() if part.layout.mark == log.layout.mark else None
        if parted is None or not (ragged or parted.even):
            return None
        block, begin = parted.block, 0
        if not (first or part.opens) and part.layout.step is not None:
            own = map(number_of, block.column(part.layout.step))
            begin = next((row for row, step in enumerate(own) if step is not None), block.count)
        steps = steps_of(block, part.layout, Position())
        rows += [(log.layout, block.row(row), steps[row]) for row in range(begin, block.count)]
    return rows


def tail(log: CsvLog, count: int) -> list[Row]:
    """Return the last rows, fewer if there are fewer."""
    length = WINDOW // 4
    while seekable(log):
        data, first = _end_of(log, length)
        rows = rows_in(log, data, first=first)
        if rows is None:
            break
        if first or len(rows) >= count:
            return rows[-count:]
        length *= 4
    return list(deque(_all_rows(log), count))


def _end_of(log: CsvLog, length: int) -> tuple[bytes, bool]:
    """Return whole lines from the end of a table, and whether these are all of its rows."""
    size = log.size()
    first = size - log.begin <= length
    # With the line end before the first row, for that is cut off.
    data = last_lines(log.path, size - log.begin + 1 if first else length)
    whole = data.rfind(b"\n") + 1
    line = log.last_line(data[whole:], size, log.layout)[0] if whole < len(data) else b""
    return data[:whole] + (line or b""), first


def _all_rows(log: CsvLog) -> Iterator[Row]:
    for piece in passed(log, Place(), Odd()):
        for row, step in enumerate(piece.steps):
            yield piece.layout, piece.block.row(row), step


def newest_of(log: CsvLog) -> tuple[float | None, float | None]:
    """Return the newest time and the newest step near the end of a table."""
    layout = log.layout
    data, first = _end_of(log, SAMPLE)
    ragged = log.size() > _SMALL  # what is small is read whole rather than guessed at
    rows = None if layout.spans else rows_in(log, data, first=first, ragged=ragged)
    rows = rows or tail(log, 1)
    clocks = [(one.clock, cells) for one, cells, _ in rows]  # a later header has other columns
    steps = [(one.step, cells) for one, cells, _ in rows]
    return _newest(clocks, time_of), _newest(steps, number_of)


def _newest(
    cells: list[tuple[int | None, list[str]]], read: Callable[[str], float | None]
) -> float | None:
    found = (
        read(row[place])
        for place, row in reversed(cells)
        if place is not None and place < len(row)
    )
    return next((number for number in found if number is not None), None)


def sampled(log: CsvLog, count: int) -> list[Row]:
    """Return about ``count`` rows from evenly spread places, first and last included."""
    places = max(_FEWEST, min(PLACES, count))
    begin, size = log.begin, log.size()
    if size <= PLACES * SAMPLE or not seekable(log):
        return _thinned_pass(log, count)
    rows: list[Row] = []
    reached, each = begin - 1, -(-count // places)  # the line end before the first row
    for place in range(places - 1):
        offset = max(reached, begin - 1 + (size - begin) * place // (places - 1), 0)
        if offset >= size - SAMPLE:
            break
        data, reached = lines_at(log.path, offset, SAMPLE)
        met = rows_in(log, data, first=place == 0)
        if met is None:
            return _thinned_pass(log, count)
        rows += thinned(met, each)
    if reached < size - SAMPLE:
        met = rows_in(log, _end_of(log, SAMPLE)[0], first=False)
        if met is None:
            return _thinned_pass(log, count)
        rows += thinned(met, each)[:-1]
    last = tail(log, 1)
    return rows if rows[-1:] == last else rows + last


def _thinned_pass(log: CsvLog, count: int) -> list[Row]:
    """Return evenly spread rows of a table that has to be read from its beginning."""
    kept: list[Row] = []
    last: Row | None = None
    stride = 1
    for number, row in enumerate(_all_rows(log)):
        last = row
        if number % stride == 0:
            kept.append(row)
            if len(kept) > max(4 * count, SAMPLE):
                kept, stride = kept[::2], stride * 2
    if last is not None and kept[-1] is not last:
        kept.append(last)
    return thinned(kept, count)


def thinned(rows: list[Row], count: int) -> list[Row]:
    """Return ``count`` evenly spread rows, first and last included."""
    if len(rows) <= count or count < 1:
        return rows
    if count == 1:
        return rows[:1]
    return [rows[place * (len(rows) - 1) // (count - 1)] for place in range(count)]

"""Samples of a JSON Lines log: rows from evenly spread places, and what stands at its end."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from runwise_parsers.json_log.columns import Columns
from runwise_parsers.json_log.steps import Position, steps_of
from runwise_parsers.json_log.table import table_of
from runwise_parsers.lines import last_lines, lines_at, windows

if TYPE_CHECKING:
    from runwise_parsers.axes import Axes
    from runwise_parsers.json_log.log import JsonLog, Stepped
    from runwise_parsers.json_log.rows import Row
    from runwise_parsers.series import Series

_PLACES = 64
_SAMPLE = 1 << 14
_FEWEST = 2


def sampled(log: JsonLog, count: int) -> Stepped:
    """Return about ``count`` rows from evenly spread places, first and last included."""
    places = max(_FEWEST, min(_PLACES, count))
    size = log.size()
    if size <= _PLACES * _SAMPLE or not log.axes.step:
        return _thinned_pass(log, count)
    rows: Stepped = []
    reached = 0
    for place in range(places - 1):
        offset = max(reached, size * place // (places - 1))
        if offset >= size - _SAMPLE:
            break
        data, reached = lines_at(log.path, offset, _SAMPLE)
        met = log.rows(data)[0]
        rows += thinned(log.stepped(log.sure(met) if offset else met), -(-count // places))
    if reached < size - _SAMPLE:
        end = log.rows(last_lines(log.path, _SAMPLE))[0]
        rows += thinned(log.stepped(log.sure(end)), -(-count // places))[:-1]
    last = log.tail(1)
    return rows if rows[-1:] == last else rows + last


def _thinned_pass(log: JsonLog, count: int) -> Stepped:
    """Return evenly spread rows of a log that has to be read from its beginning."""
    kept: Stepped = []
    last: Stepped = []
    position, stride = Position(), 1
    for data, _ in windows(log.path):
        rows, first = log.rows(data)[0], position.rows
        steps = steps_of(Columns(rows), log.axes, position)
        pairs = list(zip(rows, steps, strict=True))
        kept += pairs[-first % stride :: stride]
        last = pairs[-1:] or last
        while len(kept) > max(4 * count, _SAMPLE):
            kept, stride = kept[::2], stride * 2
    if last and kept[-1][0] is not last[0][0]:
        kept += last
    return thinned(kept, count)


def newest_rows(log: JsonLog) -> list[Row]:
    """Return rows from the end of a log, the newest first."""
    rows = log.rows(last_lines(log.path, _SAMPLE))[0] or log.last_rows(1)
    return rows[::-1]


def newest_of(log: JsonLog) -> tuple[float | None, float | None]:
    """Return the newest time and the newest step near the end of a log."""
    rows = newest_rows(log)
    return (
        next((clock for clock in map(log.clock_at, rows) if clock is not None), None),
        next((step for step in map(log.step_at, rows) if step is not None), None),
    )


def thinned(rows: Stepped, count: int) -> Stepped:
    """Return ``count`` evenly spread rows, first and last included."""
    if len(rows) <= count or count < 1:
        return rows
    if count == 1:
        return rows[:1]
    return [rows[place * (len(rows) - 1) // (count - 1)] for place in range(count)]


def as_series(rows: Stepped, axes: Axes) -> dict[str, Series]:
    """Return rows with their steps as series."""
    steps = array("d", (step for _, step in rows))
    return table_of(Columns([row for row, _ in rows]), steps, axes).cut(0, len(rows))

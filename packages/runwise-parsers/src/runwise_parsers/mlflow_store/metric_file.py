"""A metric of a file store: a line for each point.

    1795161150727 0.25 3          clock (ms), value, step
    1795161150727 nan             MLflow before 1.0 wrote no step: points are counted
    1795161150727 0.25 3 <run> <data set> <digest>      of a logged model (MLflow 3)

The writer appends whole lines, so one without its end was cut: its step may lack digits.
"""

from __future__ import annotations

from array import array
from itertools import islice
from math import isfinite
from operator import lt
from typing import TYPE_CHECKING

from runwise_parsers.lines import windows
from runwise_parsers.mlflow_store.columns import Column

if TYPE_CHECKING:
    from pathlib import Path

_FIELDS = 3
_TIE = 1e-3
"""Milliseconds between points of one metric that share their clock: what orders them."""


def read_points(path: Path) -> tuple[Column, int, bool]:
    """Return the points of a metric, how many lines are none, and whether the last is cut."""
    column = Column()
    unreadable, torn = 0, False
    for data, _ in windows(path):
        torn = not data.endswith(b"\n")
        lines = data.split(b"\n")
        lines.pop()  # nothing, or what is cut
        unreadable += take(lines, column)
    return column, unreadable, torn


def take(lines: list[bytes], column: Column) -> int:
    """Add the points of some lines to a column, and return how many are none."""
    if all(line.count(b" ") == _FIELDS - 1 for line in lines):
        fields = b" ".join(lines).split(b" ")
        try:
            clocks, values, steps = (
                array("d", map(float, fields[at::_FIELDS])) for at in range(_FIELDS)
            )
        except ValueError:
            return _take_singly(lines, column)
        if isfinite(sum(clocks)) and isfinite(sum(steps)):
            _add(column, clocks, values, steps)
            return 0
    return _take_singly(lines, column)


def _take_singly(lines: list[bytes], column: Column) -> int:
    unreadable = 0
    clocks, values, steps = array("d"), array("d"), array("d")
    for line in lines:
        parts = line.split()
        try:
            clock, value = float(parts[0]), float(parts[1])
            counted = len(column) + len(clocks)
            step = float(parts[2]) if len(parts) >= _FIELDS else float(counted)
        except (ValueError, IndexError):
            unreadable += bool(parts)
            continue
        if isfinite(clock) and isfinite(step):
            clocks.append(clock)
            values.append(value)
            steps.append(step)
        else:
            unreadable += 1
    _add(column, clocks, values, steps)
    return unreadable


def _add(column: Column, clocks: array[float], values: array[float], steps: array[float]) -> None:
    """Add points to a column; clocks that do not rise are moved on a little to order them."""
    last = column.order[-1] if column.order else 0.0
    order = clocks
    if clocks and not (last < clocks[0] and all(map(lt, clocks, islice(clocks, 1, None)))):
        order = array("d")
        for clock in clocks:
            last = max(clock, last + _TIE)
            order.append(last)
    column.order.extend(order)
    column.steps.extend(steps)
    column.values.extend(values)
    column.times.extend(clock / 1000 for clock in clocks)

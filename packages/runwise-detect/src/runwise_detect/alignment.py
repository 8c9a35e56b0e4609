"""Curves side by side: each on its own steps, brought together into records.

A curve may repeat a step, and its step may fall where the run was resumed. Where one falls,
a stretch of training ends, for curves that do not fall too: they give to the stretch what
lies before its last step.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from operator import lt
from typing import Any

from runwise_detect.records import as_list

_BLOCK = 8192  # records brought together at a time

Curves = Mapping[str, tuple[Sequence[float], Sequence[Any]]]
Block = tuple[list[float], dict[str, list[Any]]]


def blocks(curves: Curves) -> Iterator[Block]:
    """Yield aligned records: their steps, and per curve a value or None for each.

    Steps rise within a block; the i-th record of a step holds the i-th value that each curve
    has at that step.

    Raises:
        ValueError: a curve has more steps than values, or fewer.

    >>> list(blocks({"loss": ([1, 2, 3], [3.0, 2.0, 1.0]), "val": ([2], [2.5])}))
    [([1, 2, 3], {'loss': [3.0, 2.0, 1.0], 'val': [None, 2.5, None]})]
    """
    rest = _columns(curves)
    while any(column.left() for column in rest.values()):
        stretches = {name: column.stretch() for name, column in rest.items() if column.left()}
        falls = [rest[n].steps[end - 1] for n, end in stretches.items() if end < rest[n].size]
        limit = max(falls, default=None)
        ends = {
            name: end if limit is None or end < rest[name].size else rest[name].until(limit)
            for name, end in stretches.items()
        }
        while any(rest[name].at < end for name, end in ends.items()):
            yield _next_block(rest, ends)


@dataclass(slots=True)
class _Rest:
    """A curve and how far it has been used; equal steps are one object, to be known again."""

    steps: list[float]
    values: list[Any]
    size: int
    falls: bool
    at: int = 0

    def left(self) -> bool:
        return self.at < self.size

    def stretch(self) -> int:
        """Return where the step falls next, or the end."""
        if not self.falls:
            return self.size
        steps = self.steps
        rows = range(self.at + 1, self.size)
        return next((row for row in rows if steps[row] < steps[row - 1]), self.size)

    def until(self, limit: float) -> int:
        """Return the end of what lies at or before a step; steps rise from here on."""
        return bisect_right(self.steps, limit, self.at)


def _columns(curves: Curves) -> dict[str, _Rest]:
    rest: dict[str, _Rest] = {}
    shared: list[tuple[Sequence[float], list[float], bool]] = []
    for name, (steps, values) in curves.items():
        if len(steps) != len(values):
            raise ValueError(f"{name}: {len(values)} values for {len(steps)} steps")
        own, falls = _shared(shared, steps)
        rest[name] = _Rest(own, as_list(values), len(own), falls)
    return rest


def _shared(
    known: list[tuple[Sequence[float], list[float], bool]], steps: Sequence[float]
) -> tuple[list[float], bool]:
    """Return the steps as a list, the same one for equal steps, and whether they ever fall."""
    for given, own, falls in known:
        if given is steps:
            return own, falls
    listed = as_list(steps)
    for _, own, falls in known:
        if own == listed:
            return own, falls
    known.append((steps, listed, any(map(lt, listed[1:], listed))))
    return known[-1][1:]


def _next_block(rest: dict[str, _Rest], ends: dict[str, int]) -> Block:
    """Take some records off all curves, so many that no step is torn apart."""
    active = {name: rest[name] for name, end in ends.items() if rest[name].at < end}
    full = {name: column.at + _BLOCK for name, column in active.items()}
    last = min(
        (rest[name].steps[end - 1] for name, end in full.items() if end < ends[name]),
        default=math.inf,
    )
    steps: dict[tuple[int, int, int], list[float]] = {}
    taken: dict[str, tuple[tuple[int, int, int], list[Any]]] = {}
    for name, column in active.items():
        end = bisect_right(column.steps, last, column.at, ends[name])
        key = (id(column.steps), column.at, end)
        if key not in steps:
            steps[key] = column.steps[column.at : end]
        taken[name] = key, column.values[column.at : end]
        column.at = end
    if len(steps) == 1:
        return next(iter(steps.values())), {name: values for name, (_, values) in taken.items()}
    return _merged(steps, taken)


def _merged(
    steps: dict[tuple[int, int, int], list[float]],
    taken: dict[str, tuple[tuple[int, int, int], list[Any]]],
) -> Block:
    """Spread the values over the union of the steps."""
    keys = {key: _numbered(own) for key, own in steps.items()}
    union: list[tuple[float, int]] = sorted({pair for own in keys.values() for pair in own})
    columns: dict[str, list[Any]] = {}
    for name, (key, values) in taken.items():
        if len(keys[key]) == len(union):
            columns[name] = values  # its steps are all there are
        else:
            columns[name] = list(map(dict(zip(keys[key], values, strict=True)).get, union))
    return [step for step, _ in union], columns


def _numbered(steps: list[float]) -> list[tuple[float, int]]:
    """Return each step with how often it has occurred before."""
    if len(set(steps)) == len(steps):
        return [(step, 0) for step in steps]
    seen: dict[float, Iterator[int]] = {}
    return [(step, next(seen.setdefault(step, count()))) for step in steps]

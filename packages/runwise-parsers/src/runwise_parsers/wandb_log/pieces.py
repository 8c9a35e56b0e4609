"""History rows as series that share their steps and times."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from runwise_parsers.series import Series
from runwise_parsers.wandb_log.columns import CLOCK, Columns
from runwise_parsers.wandb_log.steps import steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_parsers.wandb_log.cells import Column


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a log: their steps, their columns, and where to go on from.

    ``offset`` is that place, ``seen`` the number of rows before it, as far as they were counted.
    """

    steps: array[float]
    columns: dict[str, Series] = field(default_factory=dict[str, Series])
    offset: int = 0
    seen: int = 0


def piece_of(rows: Sequence[bytes], columns: Columns, offset: int = 0, seen: int = 0) -> Piece:
    """Return rows as series; metrics logged in every row share one column of steps."""
    if not rows:
        return Piece(array("d"), offset=offset, seen=seen)
    steps = steps_of(rows)
    read = columns.read(rows)
    times = read.get(CLOCK)
    if columns.finds:
        read.pop(CLOCK, None)
    dense = times.values if times is not None and times.rows is None else None
    series = {name: _series(name, column, steps, dense) for name, column in read.items()}
    return Piece(steps, series, offset, seen)


def _series(name: str, column: Column, steps: array[float], times: array[float] | None) -> Series:
    if column.rows is None:
        return Series(name, steps, column.values, times)
    return Series(
        name,
        _pick(steps, column.rows),
        column.values,
        None if times is None else _pick(times, column.rows),
    )


def _pick(values: array[float], rows: Sequence[int]) -> array[float]:
    if len(rows) == 1:
        return array("d", [values[rows[0]]])
    return array("d", itemgetter(*rows)(values)) if rows else array("d")

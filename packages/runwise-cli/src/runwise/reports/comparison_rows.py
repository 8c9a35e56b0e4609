"""One metric in several runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, isnan, nan
from typing import TYPE_CHECKING

from runwise_format import Column
from runwise_sampling.correlation import correlation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.reports.sides import Side
    from runwise_format.cells import At, Cell
    from runwise_parsers import Series

IN_FULL = 6
"""Metrics up to which a table has room for all that is known of each."""
SAME = 1e-12


@dataclass(frozen=True, slots=True)
class Row:
    """A metric that all sides have: value and best of each, ``better`` its good end."""

    name: str
    better: str | None
    letters: tuple[str, ...]
    values: tuple[At, ...]
    bests: tuple[At | None, ...]
    correlated: float | None = None
    common: int = 0

    @property
    def delta(self) -> float:
        """The second value less the first."""
        return _number(self.values[1]) - _number(self.values[0])

    @property
    def change(self) -> float | None:
        """The delta as a share of the first value; ``None`` where that is 0 or not finite."""
        first = _number(self.values[0])
        return self.delta / abs(first) if first and isfinite(self.delta) else None

    @property
    def mark(self) -> str:
        """Whether the second of two is ``better`` or ``worse``, empty where nobody can say."""
        if self.leader is None:
            return ""
        return "better" if self.leader == self.letters[1] else "worse"

    @property
    def leader(self) -> str | None:
        """The letter of the side with the best value, ``None`` for a tie or without a good end."""
        if self.better not in ("min", "max"):
            return None
        sign = 1 if self.better == "min" else -1
        ranked = sorted(
            (isnan(_number(at)), sign * _number(at), letter)
            for at, letter in zip(self.values, self.letters, strict=True)
        )
        return None if ranked[0][:2] == ranked[1][:2] or ranked[0][0] else ranked[0][2]

    @property
    def equal(self) -> bool:
        """Whether the values are the same on all sides, so that only one need be said."""
        return len({at.value for at in self.values}) == 1

    def moved(self, percent: float) -> bool:
        """Say whether any side differs from the first by so many percent, or beyond measure."""
        if not percent:
            return True
        first = _number(self.values[0])
        for at in self.values[1:]:
            delta = _number(at) - first
            if delta and (not first or not abs(100 * delta / first) < percent * (1 - SAME)):
                return True
        return False

    def cells(self) -> list[Cell]:
        """Return the row as ``columns`` heads it."""
        pair = len(self.values) == 2
        bests = [None if at is None else at.value for at in self.bests]
        lasts = [at.value for at in self.values]
        before = [None if best == last else best for best, last in zip(bests, lasts, strict=True)]
        return [
            self.name,
            self.better,
            *lasts,
            *([self.change, self.mark or None, self.delta] if pair else [self.leader]),
            *before,
            *bests,
            *(None if at is None else at.step for at in self.bests),
            *(at.step for at in self.values),
            *([self.correlated, self.common or None] if pair else []),
        ]


def columns(sides: Sequence[Side], rows: Sequence[Row]) -> list[Column]:
    """Return the heads of rows; of many metrics readers are told the essential.

    ``before`` is the best value where the last one is not it.
    """
    brief = len(rows) > IN_FULL
    letters = [side.letter for side in sides]
    pair = len(sides) == 2
    judged = [Column("change", role="change"), Column("is"), Column("delta", quiet=brief)]
    return [
        Column("name", role="name"),
        Column("better_end", quiet=True),
        *(Column(f"{letter}_last", letter) for letter in letters),
        *(judged if pair else [Column("leader")]),
        *(Column(f"{letter}_before", f"{letter} best", quiet=not brief) for letter in letters),
        *(Column(f"{letter}_best", f"{letter} best", quiet=brief) for letter in letters),
        *(
            Column(f"{letter}_best_step", f"{letter} at", "step", quiet=brief)
            for letter in letters
        ),
        *(Column(f"{letter}_step", role="step", quiet=True) for letter in letters),
        *(
            [Column("correlation", quiet=brief), Column("common_steps", quiet=True)]
            if pair
            else []
        ),
    ]


def rows_of(sides: Sequence[Side], names: Sequence[str]) -> list[Row]:
    """Return the metrics that all sides have."""
    return [
        _row(sides, name) for name in names if all(name in side.known.curves for side in sides)
    ]


def _row(sides: Sequence[Side], name: str) -> Row:
    found = [side.value(name) for side in sides]
    return Row(
        name=name,
        better=sides[0].known.curves[name].better,
        letters=tuple(side.letter for side in sides),
        values=tuple(at for at in found if at is not None),
        bests=tuple(side.best(name) for side in sides),
    )


def correlated(sides: Sequence[Side], rows: Sequence[Row]) -> list[Row]:
    """Return the rows of two runs with their correlation, where that is worth reading them.

    It takes all points of both curves: of long runs they are read for as many metrics as have
    room to show it, of runs too large to be read for that not at all.
    """
    if len(sides) != 2 or not all(side.is_readable for side in sides):
        return list(rows)
    if len(rows) > IN_FULL and not all(side.is_short for side in sides):
        return list(rows)
    names = [row.name for row in rows]
    one, other = (side.exact(names) for side in sides)
    return [_correlated(row, one.get(row.name), other.get(row.name)) for row in rows]


def _correlated(row: Row, one: Series | None, other: Series | None) -> Row:
    if one is None or other is None:  # the log was replaced since
        return row
    r, count = correlation(one.steps, one.values, other.steps, other.values)
    return replace(row, correlated=None if isnan(r) else r, common=count)


def _number(at: At) -> float:
    return nan if at.value is None else at.value

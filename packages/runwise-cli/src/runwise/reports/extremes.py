"""What means do not show: extremes and what is not finite, with exact steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise.curves import Curve
from runwise_format import Column, Table
from runwise_format.cells import At

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.stretches import Stretch
    from runwise_format.cells import Cell

EXTREMES = 10
"""Lines at most; the curves in which something is not finite come first."""


def extremes(curves: Sequence[Stretch], names: Sequence[str]) -> Table:
    """Return a line for each of at most ten curves."""
    known = [Curve(one[name]) for one in curves for name in names if name in one]
    known.sort(key=lambda one: one.stats.count == one.stats.total)
    odd = any(one.stats.count < one.stats.total for one in known)
    columns = [Column("name", role="name"), Column("min", "min@step"), Column("max", "max@step")]
    columns += [Column("nan"), Column("inf"), Column("first", "first at", "step")] if odd else []
    return Table("extremes", columns, [_ends(one, odd=odd) for one in known[:EXTREMES]], 80)


def _ends(one: Curve, *, odd: bool) -> list[Cell]:
    stats = one.stats
    cells: list[Cell] = [one.name, None, None]
    if stats.count:
        cells[1:] = [At(stats.min, stats.min_step), At(stats.max, stats.max_step)]
    if odd:
        steps = (stats.nan_step, stats.inf_step, stats.neg_inf_step)
        first = min((step for step in steps if step is not None), default=None)
        infinite = stats.inf_count + stats.neg_inf_count
        cells += [stats.nan_count or None, infinite or None, first]
    return cells


def oddest(one: Curve) -> float | None:
    """Return the step worth a look: where it is not finite, or an extreme inside the curve."""
    stats = one.stats
    steps = (stats.nan_step, stats.inf_step, stats.neg_inf_step, stats.max_step, stats.min_step)
    inside = (step for step in steps if step not in (None, one.series.steps[0]))
    return next(inside, None)

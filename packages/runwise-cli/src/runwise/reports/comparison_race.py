"""Which of two runs was sooner at the level where the other one ended."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from runwise import words
from runwise.reach import last_level, reached
from runwise_format import Column, Table
from runwise_format.numbers import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.reports.comparison_rows import Row
    from runwise.reports.sides import Side

MAIN = ("val_loss", "train_loss", "score", "reward", "error", "loss")


def main_row(sides: Sequence[Side], rows: Sequence[Row]) -> Row | None:
    """Return the metric by which runs are judged first, of those in the comparison."""
    judged = {row.name: row for row in rows if row.better in ("min", "max")}
    main = (one.name for one in sides[0].known.with_role(*MAIN) if one.name in judged)
    return next((judged[name] for name in main), None)


def race(sides: Sequence[Side], row: Row | None) -> Table:
    """Return when each of two runs came to the other's last level, for programs."""
    keys = ("name", "run", "level_of", "level", "step", "seconds")
    heads = [Column(key, quiet=True) for key in keys]
    if row is None or len(sides) != 2 or not all(side.is_readable for side in sides):
        return Table("reached", heads, [])
    read = {side.letter: side.exact([row.name]) for side in sides}
    curves = {letter: found[row.name] for letter, found in read.items() if row.name in found}
    if len(curves) < len(sides):  # a log was replaced since
        return Table("reached", heads, [])
    found: list[tuple[str | float | None, ...]] = []
    for side, other in (sides, sides[::-1]):
        level = last_level(curves[other.letter])
        if isfinite(level):
            at = reached(curves[side.letter], level, row.better or "min")
            place = (at.step, at.seconds) if at else (None, None)
            found.append((row.name, side.letter, other.letter, level, *place))
    return Table("reached", heads, found)


def told(table: Table) -> str:
    """Return a race in words."""
    said: list[str] = []
    for _, side, other, level, step, seconds in table.rows:
        goal = f"{other}'s last {short(level) if isinstance(level, float) else level}"
        if not isinstance(step, (int, float)):
            said.append(f"{side} never at {goal}")
            continue
        after = f" ({words.duration(seconds)})" if isinstance(seconds, (int, float)) else ""
        said.append(f"{side} at {goal} by step {words.step(step)}{after}")
    return f"{table.rows[0][0]}: {', '.join(said)}" if said else ""

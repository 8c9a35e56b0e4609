"""Statistics of each metric over all of a run, from what is known of it."""

from __future__ import annotations

from math import ceil, isfinite, log10
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import ordered
from runwise.reports import parts
from runwise.reports.nothing import why_nothing
from runwise.reports.reading import is_short, look, look_over
from runwise.sketched import SketchedCurve
from runwise_format import Column, Document, Fields, Table
from runwise_format.cells import At

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.curves import Curve
    from runwise.workspace import Workspace
    from runwise_format.cells import Cell

LIMIT = 24
DIGITS = 12


def stats(
    workspace: Workspace,
    ref: str = "latest",
    *,
    keys: Sequence[str] = (),
    limit: int = LIMIT,
    system: bool = False,
) -> Document:
    """Return count, extremes, mean, standard deviation, last and best value of each metric.

    Of a long run that is known, no more is read than what is new: then mean and deviation have
    twelve digits; all else is exact.

    They speak of finite values, the standard deviation is that of the population (divided by
    the count), and what is not finite is counted beside them. Up to a point for ``REF@POINT``.
    With ``system``, the metrics are those of the machine, and steps are seconds.

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``.
    """
    if system or is_short(workspace.resolve(ref)[0]):
        seen = look(workspace, ref, keys, system=system)
    else:
        seen = look_over(workspace, ref, keys=keys)
    main, others = ordered(seen.known)
    curves = list(seen.known.curves.values()) if keys else [*main, *others]
    shown = curves if keys else curves[:limit]
    left = len(curves) - len(shown)
    until = "" if seen.at is None else f" up to step {words.step(seen.at)}"
    until += " in a sample" if seen.sampled else ""
    said = f"{parts.label(seen.info)}: {words.count(len(curves), 'metric')}{until}"
    handle = workspace.handle(seen.info)
    return Document(
        kind="stats",
        title=parts.label(seen.info),
        verdict=said if curves else f"{said}, no metric logged",
        blocks=[
            Fields("run", {"id": seen.info.id, "at_step": seen.at}, quiet=True),
            _table(shown, "s" if system else "step"),
            parts.notes(seen.gaps, seen.sample, *seen.remarks, why_nothing(workspace, seen)),
        ],
        more=workspace.command(*(("history", handle) if curves else ("run", handle))),
        dropped=[words.count(left, "metric")] if left else [],
    )


def _table(curves: Sequence[Curve], unit: str) -> Table:
    columns = [
        Column("name", role="name"),
        Column("count"),
        Column("min", f"min@{unit}"),
        Column("max", f"max@{unit}"),
        Column("mean"),
        Column("std"),
        Column("last"),
        Column("best", f"best@{unit}"),
    ]
    odd = any(one.stats.count < one.stats.total for one in curves)
    columns += [Column("nan"), Column("inf")] if odd else []
    return Table("stats", columns, [_row(one, odd=odd) for one in curves], importance=80)


def _row(one: Curve, *, odd: bool) -> list[Cell]:
    stats = one.stats
    low = At(stats.min, stats.min_step) if stats.count else None
    high = At(stats.max, stats.max_step) if stats.count else None
    mean, std = _mean_and_std(one) if stats.count else (None, None)
    row: list[Cell] = [one.name, stats.count, low, high, mean, std, one.last, one.best()]
    return [*row, stats.nan_count, stats.inf_count + stats.neg_inf_count] if odd else row


def _mean_and_std(one: Curve) -> tuple[float, float]:
    """Return both; of a sketch the digits that do not depend on how a history was cut.

    They are twelve, counted from the largest of the values.
    """
    stats = one.stats
    size = max(abs(stats.min), abs(stats.max))
    if not isinstance(one, SketchedCurve) or one.is_lossless or not size:
        return stats.mean, stats.std
    digits = DIGITS - ceil(log10(size))
    return _rounded(stats.mean, digits), _rounded(stats.std, digits)


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) if isfinite(value) else value
